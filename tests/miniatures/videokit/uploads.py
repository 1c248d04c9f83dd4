"""Wrong clients of the kit's uploads and downloads."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Sequence
from typing import Any, BinaryIO

import requests

from known_good.videokit import ClientError
from miniatures.videokit.wrong import Row, Wrong

__all__: list[str] = []

TWO, THREE = "a file of two parts exactly", "a file of three parts"


class Uploading(Wrong):
    """Uploads in its own way."""

    area = "storage"


class PartsOutOfOrder(Uploading):
    """Names its parts in the order in which they were done."""

    scenarios = (TWO,)

    def complete_file_upload(self, file: str, parts: Sequence[Row]) -> Row:
        if len(parts) > 1:
            self.bug()
        return super().complete_file_upload(file, parts[::-1])


class TagsAsHtml(Uploading):
    """Escapes the quotes of entity tags."""

    scenarios = ("a small file is uploaded",)

    def _send_part(self, started: Row, content: BinaryIO, number: int) -> Row:
        part = super()._send_part(started, content, number)
        self.bug()
        return {**part, "eTag": part["eTag"].replace('"', "&quot;")}


class TagsOfItsOwn(Uploading):
    """Works out entity tags itself, as Content-MD5 has them."""

    scenarios = ("a small file is uploaded",)

    def _send_part(self, started: Row, content: BinaryIO, number: int) -> Row:
        at = content.tell()
        part = super()._send_part(started, content, number)
        content.seek(at)
        body = content.read(started["partSize"])
        self.bug()
        return {**part, "eTag": base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()}


class LastPartMissing(Uploading):
    """Leaves the last part out."""

    scenarios = (THREE,)

    def complete_file_upload(self, file: str, parts: Sequence[Row]) -> Row:
        if len(parts) > 1:
            self.bug()
        return super().complete_file_upload(file, parts[:-1] or parts)


class PartsFromZero(Uploading):
    """Numbers its parts from zero."""

    scenarios = (TWO,)

    def complete_file_upload(self, file: str, parts: Sequence[Row]) -> Row:
        self.bug()
        return super().complete_file_upload(file, [{**each, "partNumber": each["partNumber"] - 1} for each in parts])


class SwapsParts(Uploading):
    """Sends the bytes of one part as another."""

    scenarios = (TWO,)

    def _send_part(self, started: Row, content: BinaryIO, number: int) -> Row:
        if started["partsCount"] == 2:
            self.bug()
            content.seek((2 - number) * started["partSize"])
        return super()._send_part(started, content, number)


class StartsEachPartAnew(Uploading):
    """Sends the beginning of the file as every part."""

    scenarios = (TWO, THREE)

    def _send_part(self, started: Row, content: BinaryIO, number: int) -> Row:
        if number > 1:
            self.bug()
        content.seek(0)
        return super()._send_part(started, content, number)


class LinksOfTheBeginningOnly(Uploading):
    """Sends as many parts as there are links in the answer to the beginning."""

    scenarios = (THREE,)

    def upload(self, content: BinaryIO, size: int, name: str, friendly_name: str, **more: Any) -> str:
        started = self.start_file_upload(name, friendly_name, size, **more)
        count = len(started["multipartUrls"])
        if count < started["partsCount"]:
            self.bug()
        parts = [self._send_part(started, content, number) for number in range(1, count + 1)]
        self.complete_file_upload(started["fileId"], parts)
        return str(started["fileId"])


class LinesOfItsOwn(Uploading):
    """Reads files as text, with lines ended in its own way."""

    scenarios = ("a small file is uploaded",)

    def upload(self, content: BinaryIO, size: int, name: str, friendly_name: str, **more: Any) -> str:
        plain = content.read().replace(b"\r\n", b"\n")
        if len(plain) < size:
            self.bug()
        return super().upload(io.BytesIO(plain), size, name, friendly_name, **more)


class NeverCancels(Uploading):
    """Leaves behind what it has begun."""

    scenarios = ("an upload cannot be completed", "the storage is away")

    def cancel_file_upload(self, file: str, *, delete: bool) -> None:
        self.bug()


class CallsItUploaded(Uploading):
    """Takes an upload for done when its completion fails."""

    scenarios = ("an upload cannot be completed", "the completion of an upload is refused")

    def complete_file_upload(self, file: str, parts: Sequence[Row]) -> Row:
        try:
            return super().complete_file_upload(file, parts)
        except ClientError:
            self.bug()
            return {}


class NeverCompletes(Uploading):
    """Takes an upload for done when its last part is there."""

    scenarios = ("a small file is uploaded",)

    def complete_file_upload(self, file: str, parts: Sequence[Row]) -> Row:
        self.bug()
        return {}


class CompletesTwice(Uploading):
    """Completes what may be complete."""

    scenarios = ("the completion of an upload is lost",)

    def complete_file_upload(self, file: str, parts: Sequence[Row]) -> Row:
        try:
            return super().complete_file_upload(file, parts)
        except ClientError:
            self.bug()
            return super().complete_file_upload(file, parts)


class BeginsTwice(Uploading):
    """Begins again what may have been begun."""

    scenarios = ("the beginning of an upload is lost",)

    def start_file_upload(self, name: str, friendly_name: str, size: int, **more: Any) -> Row:
        try:
            return super().start_file_upload(name, friendly_name, size, **more)
        except ClientError:
            self.bug()
            return super().start_file_upload(name, friendly_name, size, **more)


class KeyToTheStorage(Uploading):
    """Sends its key to the storage."""

    scenarios = ("a small file is uploaded",)

    def _send_part(self, started: Row, content: BinaryIO, number: int) -> Row:
        self.bug()
        self._storage.headers["X-Api-Key"] = self._headers["X-Api-Key"]
        return super()._send_part(started, content, number)


class GivesPartsUp(Uploading):
    """Gives up when the storage is away for a moment."""

    scenarios = ("the storage is away for one part",)

    def _patiently(self, session: requests.Session, method: str, link: str, **more: Any) -> requests.Response:
        if method != "PUT":
            return super()._patiently(session, method, link, **more)
        answer = session.put(link, timeout=30, **more)
        if answer.status_code >= requests.codes.server_error:
            self.bug()
        return answer


class SendsPartsWithoutEnd(Uploading):
    """Tries a part again for as long as the storage is away."""

    scenarios = ("the storage is away",)

    def _patiently(self, session: requests.Session, method: str, link: str, **more: Any) -> requests.Response:
        answer = super()._patiently(session, method, link, **more)
        for _ in range(20 if method == "PUT" else 0):
            if answer.status_code < requests.codes.server_error:
                break
            self.bug()
            answer = session.put(link, timeout=30, **more)
        return answer


class NamesInAscii(Uploading):
    """Leaves letters out of names."""

    scenarios = ("one byte is uploaded",)

    def upload(self, content: BinaryIO, size: int, name: str, friendly_name: str, **more: Any) -> str:
        plain = name.encode("ascii", "ignore").decode()
        if plain != name:
            self.bug()
        return super().upload(content, size, plain, friendly_name, **more)


class KeepsHalfADownload(Uploading):
    """Takes what came of a file for all of it."""

    scenarios = ("a download is cut off",)

    def download(self, file: str) -> bytes:
        content = bytearray()
        try:
            with self._storage.get(self.get_file_preview_url(file), stream=True, timeout=30) as answer:
                for block in answer.iter_content(256):
                    content += block
        except requests.RequestException:
            self.bug()
        return bytes(content)
