"""Every exchange of a world: written on arrival, completed with the answer.

Bounded in number and bytes; it says what it dropped. Entries hold what was sent, secrets and all: whoever shows one to
anybody redacts it first (`testcard.control.redaction`).
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic, time

__all__ = ["Entry", "Journal"]


@dataclass(slots=True)
class Entry:
    """One exchange. *status* is None while it is under way; *duration_s* is the mock's own time.

    The sizes are those of the bodies, of which no more may be kept than the beginning; *weight* is nearly the bytes
    that the request takes here.
    """

    id: int
    world_time: datetime
    wall_time: float
    method: str
    url: str
    request_headers: Mapping[str, str]
    request_body: bytes
    request_size: int = 0
    api: str = ""
    operation: str = ""
    holder: str = ""
    status: int | None = None
    response_headers: Mapping[str, str] = field(default_factory=dict)
    response_body: bytes = b""
    response_size: int = 0
    duration_s: float = 0.0
    notes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    refusal: str = ""
    explanation: str = ""
    mock_error: bool = False
    weight: int = 0

    @property
    def matched(self) -> bool:
        """Whether any operation answered."""
        return bool(self.operation)

    @property
    def noted(self) -> bool:
        """Whether there are remarks, such as on a parameter that nobody knows."""
        return bool(self.notes)

    @property
    def verdict(self) -> str:
        """One word: ok, pending, mock-error, faulted, unmatched, auth, contract or refused.

        ``contract`` is a request that its operation's parameters or body do not allow; ``auth`` one refused for its
        credentials; ``refused`` one that the vendor would refuse for what it asks, such as an id that there is not.
        """
        if self.status is None:
            return "pending"
        if self.mock_error:
            return "mock-error"
        if self.faults:
            return "faulted"
        if not self.matched and self.refusal != "invalid-request":
            return "unmatched"
        if self.status in (401, 403):
            return "auth"
        if self.refusal:
            return "contract" if self.refusal in _CONTRACT_REFUSALS else "refused"
        return "ok"


_CONTRACT_REFUSALS = frozenset({"invalid-request", "not-acceptable", "unsupported-media-type", "method-not-allowed"})


class Journal:
    """The latest exchanges of one world, oldest first. *body_limit* is how many bytes of each body are kept.

    *dropped* counts those that its bounds have pushed out, by their verdicts.
    """

    def __init__(self, *, entries: int = 1000, size: int = 16 * 1024 * 1024, body: int = 64 * 1024) -> None:
        self.body_limit = body
        self.entry_limit = entries
        self._size_limit = size
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._waiting = 0
        self._entries: deque[Entry] = deque()
        self._serial = 0
        self._size = 0
        self.dropped: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Entry]:
        with self._lock:
            return iter(list(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def arrive(
        self, now: datetime, method: str, url: str, headers: Mapping[str, str], body: bytes, size: int | None = None
    ) -> Entry:
        """Write down a request as it arrives; *size* is that of a body which is not given."""
        kept = body[: self.body_limit]
        with self._lock:
            self._serial += 1
            entry = Entry(self._serial, now, time(), method, url, headers, kept, len(body) if size is None else size)
            entry.weight = len(url) + sum(map(len, headers.values())) + len(kept)
            self._entries.append(entry)
            self._size += entry.weight
        entry.duration_s = -monotonic()
        return entry

    def complete(
        self, entry: Entry, status: int, headers: Mapping[str, str], body: bytes | None, size: int | None = None
    ) -> None:
        """Write down the answer; *body* is None where it is streamed, and its length then that of its header. *size*
        is that of a body whose beginning alone is given."""
        entry.duration_s += monotonic()
        entry.response_headers = headers
        if size is None:
            size = int(headers.get("Content-Length", 0)) if body is None else len(body)
        entry.response_size = size
        entry.response_body = (body or b"")[: self.body_limit]
        entry.status = status
        with self._lock:
            if self._entries and entry.id >= self._entries[0].id:  # it may have been dropped while under way
                self._size += len(entry.response_body)
            while len(self._entries) > self.entry_limit or self._size > self._size_limit:
                oldest = self._entries.popleft()
                self._size -= oldest.weight + len(oldest.response_body)
                self.dropped[oldest.verdict] += 1
            if self._waiting:
                self._changed.notify_all()

    def clear(self) -> None:
        """Forget all entries; the numbering goes on."""
        with self._lock:
            self._entries.clear()
            self._size = 0
            self.dropped.clear()

    def wait_for(self, wanted: Callable[[list[Entry]], bool], timeout_s: float) -> bool:
        """Wait until the completed entries satisfy *wanted*; False when they do not in time."""

        def satisfied() -> bool:
            return wanted([entry for entry in self._entries if entry.status is not None])

        with self._lock:
            self._waiting += 1
            try:
                return self._changed.wait_for(satisfied, timeout_s)
            finally:
                self._waiting -= 1
