"""What is behind a download link: an archive or a plain file, and how many rows (VC-06, VC-35, VC-36)."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from typing import Any

from testcard.live.wire import LARGEST_FILE

__all__ = ["look"]

_ARCHIVE = b"PK\x03\x04"
_MARK = "\ufeff"


def look(body: bytes, listed: int) -> dict[str, Any]:
    """What a file shows, beside the number of rows that is *listed*.

    *form* is ``zip``, ``csv`` or ``other``; *rows* are counted without the header; *mark* is a byte order mark.
    """
    form = "zip" if body.startswith(_ARCHIVE) else "csv"
    try:
        text = (_unpacked(body) if form == "zip" else body).decode()
        table = list(csv.reader(io.StringIO(text.removeprefix(_MARK), newline=""), strict=True))
    except (ValueError, csv.Error, zipfile.BadZipFile, zlib.error, StopIteration):
        return {"form": "other", "listed": listed}
    if len({len(row) for row in table}) != 1 or len(table[0]) == 1:  # a table's rows are alike, and reports are wide
        return {"form": "other", "listed": listed}
    return {"form": form, "listed": listed, "rows": len(table) - 1, "mark": text.startswith(_MARK)}


def _unpacked(archive: bytes) -> bytes:
    """The first CSV file of an archive, and not more of it than a file may have."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        member = next(name for name in opened.namelist() if name.lower().endswith(".csv"))
        with opened.open(member) as file:
            found = file.read(8 * LARGEST_FILE + 1)
    if len(found) > 8 * LARGEST_FILE:
        raise ValueError("longer than we read")
    return found
