"""The upload as a machine of its own: parts sent, sent again, spoiled, forgotten, completed, cancelled.

The model keeps the bytes it believes to be there. Parts are of five mebibytes, so an upload here has one to three.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule

from kit import Kit

Row = dict[str, Any]
FILES = "/vod/v1/files"
PART = 5 << 20
BLOCKS = {letter: letter.encode() * PART for letter in "ab"}


@dataclass
class Upload:
    """An upload as the model sees it: what was sent for each part, and what it was started with."""

    size: int
    links: list[str]
    count: int
    parts: dict[int, bytes] = field(default_factory=dict)
    content: bytes | None = None
    state: str = "Uploading"

    def part_size(self, number: int) -> int:
        return PART if number < self.count else self.size - PART * (self.count - 1)

    def verdict(self, numbers: list[int], tags: dict[int, str]) -> str:
        """What a completion with these parts is answered: a code, or nothing when it succeeds."""
        for number in numbers:
            if number not in self.parts or tags.get(number, _md5(self.parts[number])) != _md5(self.parts[number]):
                return "InvalidPart"
        if numbers != sorted(set(numbers)):
            return "InvalidPartOrder"
        if any(len(self.parts[number]) < PART for number in numbers[:-1]):
            return "EntityTooSmall"
        return "" if sum(len(self.parts[number]) for number in numbers) == self.size else "bad_request"


def _md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


class UploadMachine(RuleBasedStateMachine):
    """Rules are what clients do to uploads, well and badly."""

    uploads: Bundle[str] = Bundle("uploads")

    new_kit: ClassVar[Callable[..., Kit]] = Kit

    def __init__(self) -> None:
        super().__init__()
        self.kit = self.new_kit(readings={"VK-069": "five-mebibytes"})
        self.model: dict[str, Upload] = {}

    @rule(target=uploads, size=st.sampled_from([1, 100, PART, PART + 1, 2 * PART + 3]))
    def start(self, size: int) -> str:
        started = self.kit.start(size)
        count = -(-size // PART)
        assert started["partsCount"] == count
        assert len(started["multipartUrls"]) == min(2, count)
        self.model[started["fileId"]] = Upload(size, started["multipartUrls"], count)
        return str(started["fileId"])

    @rule(key=uploads, number=st.integers(1, 3), letter=st.sampled_from(["a", "b"]), short=st.booleans())
    def send(self, key: str, number: int, letter: str, short: bool) -> None:
        upload = self.model[key]
        if number > upload.count:
            return
        link = self._link(key, number)
        if link is None:
            return
        content = BLOCKS[letter][: 10 if short else upload.part_size(number)]
        answer = self.kit.put(link, content)
        if upload.state == "Uploading":
            assert (answer.status, answer.headers["ETag"]) == (200, f'"{_md5(content)}"')
            upload.parts[number] = content
        else:
            assert (answer.status, "NoSuchUpload" in answer.text) == (404, True)

    def _link(self, key: str, number: int) -> str | None:
        """A part's link, from the start or asked for; the end of an upload refuses new ones."""
        upload = self.model[key]
        if number <= len(upload.links):
            return upload.links[number - 1]
        answer = self.kit.get(f"{FILES}/{key}/part/{number}")
        if upload.state == "Uploading":
            return str(answer.json["url"])
        assert answer.status == (404 if upload.state == "Deleted" else 409)
        return None

    @rule(key=uploads, letter=st.sampled_from(["a", "b"]))
    def send_all(self, key: str, letter: str) -> None:
        for number in range(1, self.model[key].count + 1):
            self.send(key, number, letter, short=False)

    @rule(
        key=uploads,
        numbers=st.none() | st.lists(st.integers(1, 3), max_size=3),
        spoilt=st.none() | st.integers(1, 3),
        quoted=st.booleans(),
    )
    def complete(self, key: str, numbers: list[int] | None, spoilt: int | None, quoted: bool) -> None:
        upload = self.model[key]
        named = list(range(1, upload.count + 1)) if numbers is None else numbers
        tags = {number: "0" * 32 for number in named if number == spoilt}
        sent = {number: tags.get(number, _md5(upload.parts.get(number, b""))) for number in named}
        parts = [{"partNumber": number, "eTag": f'"{sent[number]}"' if quoted else sent[number]} for number in named]
        answer = self.kit.post(f"{FILES}/complete", {"fileId": key, "parts": parts})
        if upload.state != "Uploading":
            assert answer.status == (404 if upload.state == "Deleted" else 409)
            return
        verdict = upload.verdict(named, tags)
        if verdict:
            assert (answer.status, answer.json["status"]["code"]) == (400, verdict)
            return
        assert answer.status == 200, answer.text
        upload.content = b"".join(upload.parts[number] for number in named)
        upload.state = "Completed"

    @rule(key=uploads, delete=st.booleans())
    def cancel(self, key: str, delete: bool) -> None:
        upload = self.model[key]
        answer = self.kit.post(f"{FILES}/{key}/cancel", {"delete": delete})
        if upload.state == "Uploading":
            assert answer.status == 204
            upload.state, upload.parts = ("Deleted" if delete else "Error"), {}
        else:
            assert answer.status == (404 if upload.state == "Deleted" else 409)

    @rule(key=uploads)
    def delete(self, key: str) -> None:
        answer = self.kit.delete(f"{FILES}/{key}")
        assert answer.status == (404 if self.model[key].state == "Deleted" else 200)
        self.model[key].state, self.model[key].content, self.model[key].parts = "Deleted", None, {}

    @rule(key=uploads, letter=st.sampled_from(["a", "b"]), then=st.sampled_from(["look", "delete", "again"]))
    def see_through(self, key: str, letter: str, then: str) -> None:
        """Do all that a good client does, and one thing more."""
        self.send_all(key, letter)
        self.complete(key, None, None, quoted=True)
        if then == "again":
            self.complete(key, None, None, quoted=True)
        elif then == "delete":
            self.delete(key)
        self.look(key)

    @rule(key=uploads)
    def look(self, key: str) -> None:
        upload, answer = self.model[key], self.kit.get(f"{FILES}/{key}")
        if upload.state == "Deleted":
            assert answer.status == 404
            return
        assert (answer.json["status"], answer.json["fileSize"]) == (upload.state, upload.size)
        preview = self.kit.get(f"{FILES}/{key}/preview")
        if upload.content is None:
            assert preview.status == 409
        else:
            assert self.kit.send("GET", preview.json["link"]).body == upload.content

    def teardown(self) -> None:
        """On disk there is exactly what the model believes, and nothing when the world is gone."""
        held = [piece for upload in self.model.values() for piece in self._pieces(upload)]
        folder = self.kit.place
        assert sorted(path.stat().st_size for path in folder.iterdir()) == sorted(map(len, held))
        self.kit.close()
        assert not folder.exists()

    def _pieces(self, upload: Upload) -> list[bytes]:
        if upload.content is None:
            return list(upload.parts.values())
        return [upload.content[at : at + PART] for at in range(0, len(upload.content), PART)]


TestUploadMachine = UploadMachine.TestCase
TestUploadMachine.settings = settings(max_examples=10, stateful_step_count=15)
