"""The only place that sends anything to a real service, and only what it was told is safe.

One connection at a time, a pause between requests, a hard budget; `Retry-After` is honoured, redirects are not
followed, no host but the given ones is ever contacted, and nothing of the user's environment (proxies, .netrc) takes
part. A file is read without any credential, from storage hosts only, and never more of it than a bound.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from testcard.errors import NotReady, UserError

__all__ = ["LARGEST_FILE", "LONGEST_WAIT_S", "Received", "Spent", "TooLarge", "Wire"]

LONGEST_WAIT_S = 300.0
_AGAIN = (429, 503)
_TRIES = 3
_LONGEST_BODY = 64 * 1024 * 1024
LARGEST_FILE = 8 * 1024 * 1024


class TooLarge(Exception):
    """A file is longer than we read."""


class Spent(Exception):
    """The budget of requests is used up."""


@dataclass(frozen=True)
class Received:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Wire:
    """Sends GET to the hosts (with their ports) in *hosts*, and else only what *others* name: methods with addresses,
    in which a ``{name}`` is any one segment. *storage* are patterns of origins whose files may be read. *sent* counts
    every request; the last *reserved* ones of the budget are kept for who sets it to 0."""

    hosts: Collection[str]
    budget: int
    delay_s: float = 1.0
    others: Collection[tuple[str, str]] = ()
    ca_file: str | None = None
    storage: Collection[str] = ()
    sleep: Callable[[float], None] = time.sleep
    sent: int = 0
    reserved: int = 0
    _session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self._session.trust_env = False
        self._session.headers["User-Agent"] = "testcard-live"

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        *,
        form: Mapping[str, str] | None = None,
        json: Any = None,
    ) -> Received:
        """Send one request, again where the service asks to wait. `NotReady` when there is no answer."""
        self._guard(method, url)
        for attempt in range(_TRIES):
            received = self._once(method, url, headers, form, json)
            if received.status not in _AGAIN or attempt == _TRIES - 1:
                return received
            self.sleep(_wait(url, received.headers.get("retry-after", ""), 2.0 ** (attempt + 1)))
        raise AssertionError("a loop that returns")

    def stores(self, url: str) -> bool:
        """Whether a link leads to a storage host."""
        parts = urlsplit(url)
        plain = re.fullmatch(r"[A-Za-z0-9.:-]+", parts.netloc) is not None
        return plain and any(fnmatchcase(f"{parts.scheme}://{parts.netloc}", each) for each in self.storage)

    def fetch(self, url: str) -> Received:
        """Read a file without credentials. `TooLarge` when it is longer than `LARGEST_FILE`."""
        if not self.stores(url):
            raise UserError(f"{urlsplit(url).netloc}: not one of {', '.join(self.storage)}; nothing was sent to it")
        received = self._once("GET", url, {}, None, None, LARGEST_FILE + 1)
        if len(received.body) > LARGEST_FILE:
            raise TooLarge
        return received

    @property
    def left(self) -> int:
        """How many requests the budget still allows."""
        return self.budget - self.sent - self.reserved

    def _guard(self, method: str, url: str) -> None:
        host = urlsplit(url).netloc
        if host not in self.hosts:
            raise UserError(f"{host}: not one of {', '.join(self.hosts)}; nothing was sent to it")
        if method != "GET" and not any(method == each and _fits(url, address) for each, address in self.others):
            raise UserError(f"{method} {url.partition('?')[0]}: only reads are sent")

    def _once(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        form: Mapping[str, str] | None,
        json: Any,
        longest: int = _LONGEST_BODY,
    ) -> Received:
        if self.left <= 0:
            raise Spent
        if self.sent and self.delay_s:
            self.sleep(self.delay_s)
        self.sent += 1
        where = f"{method} {url.partition('?')[0]}"
        try:
            answer = self._session.request(
                method,
                url,
                headers=dict(headers),
                data=form,
                json=json,
                timeout=(10, 60),
                allow_redirects=False,
                stream=True,
                verify=self.ca_file or True,
            )
            with answer:
                body = answer.raw.read(longest, decode_content=True)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise NotReady(f"{where}: no answer: {type(error).__name__}") from None
        return Received(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, body)


def _fits(url: str, address: str) -> bool:
    """Whether an address is one of a template's."""
    pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(address))
    return re.fullmatch(pattern, url.partition("?")[0]) is not None


def _wait(url: str, asked: str, otherwise: float) -> float:
    """How long the service asks to wait, in seconds or by a date."""
    wait = otherwise
    if asked.strip().isdigit():
        wait = float(asked)
    elif asked:
        try:
            wait = max(0.0, parsedate_to_datetime(asked).timestamp() - time.time())
        except ValueError:
            wait = otherwise
    if wait > LONGEST_WAIT_S:
        raise NotReady(f"{url.partition('?')[0]}: asks to wait {wait:.0f} s; come back then")
    return wait
