"""Which rows of a list are asked for, and in which order. Document 002, the lists of all modules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from testcard.suite.oracles.videokit.moments import Reads, Row, millis

__all__ = ["Kind", "chosen", "plain_attribute", "shown_attributes"]

Value = Callable[[Row, int], Any]

_NO_FILTERS = frozenset({"page", "limit", "sort", "desc", "includeAwsData"})
_PAIRS = {"channelId": "channels", "status": "statuses", "type": "types"}
_DATES = {"createDate": "createdate", "lastModificationDate": "lastmodificationdate"}
_UNIT = {"milliseconds": 1, "seconds": 1000}


@dataclass(frozen=True)
class Kind:
    """What a list looks at in a row: *sorts* by property in small letters, *filters* by argument, *texts* of a query.

    *pairs* says that a filter may come in the singular and the plural at once; *span* is the time a row is about.
    """

    sorts: Mapping[str, Value]
    filters: Mapping[str, Value] = field(default_factory=dict)
    texts: Callable[[Row], Iterable[str | None]] = lambda _row: ()
    span: Callable[[Row, Reads], tuple[int, int]] = lambda row, _reads: (row["created"], row["created"])
    pairs: bool = False


def chosen(rows: Iterable[Row], asked: Mapping[str, Any], kind: Kind, reads: Reads, now: int) -> list[Row] | None:
    """The rows that pass every filter, in order; None where the question is refused."""
    value = None
    if sort := asked.get("sort"):
        value = _sort_value(sort, kind, reads)
        if value is None and reads["VK-014"] == "refused":
            return None
    filters = _filters(asked, kind, reads)
    kept = [
        row
        for row in rows
        if row["created"] <= now
        and all(_passes(row, name, wanted, kind, reads, now) for name, wanted in filters.items())
    ]
    return _sorted(kept, value, reads["VK-015"], now, descending=bool(asked.get("desc")))


def _filters(asked: Mapping[str, Any], kind: Kind, reads: Reads) -> Mapping[str, Any]:
    """Filters that say something; the singular and the plural may be one (ledger VK-138)."""
    wanted = {name: value for name, value in asked.items() if name not in _NO_FILTERS}
    for one, several in _PAIRS.items():
        if kind.pairs and one in wanted and several in wanted and reads["VK-138"] == "either":
            wanted[several] = [wanted.pop(one), *wanted[several]]
    return wanted


def _passes(row: Row, name: str, wanted: Any, kind: Kind, reads: Reads, now: int) -> bool:
    if name == "query":
        return not wanted or any(wanted.casefold() in text.casefold() for text in _texts(row, kind, reads["VK-020"]))
    if name in ("tags", "attributes"):
        return _holds(row[name], name, wanted, reads)
    if name in ("searchStart", "searchEnd"):
        first, last = kind.span(row, reads)
        return last >= millis(wanted) if name == "searchStart" else first <= millis(wanted)
    if name.startswith("duration"):
        length, bound = kind.sorts["durationmilliseconds"](row, now), wanted * _UNIT[reads["VK-039"]]
        return (length or 0) >= bound if name == "durationFrom" else length is not None and length <= bound
    for prefix, known in _DATES.items():
        if name.startswith(prefix):
            return _within(kind.sorts[known](row, now), wanted, reads["VK-017"], start=name.endswith("Start"))
    if name == "source" and reads["VK-199"] == "ignored":
        return True
    return _among(kind.filters[name](row, now), wanted)


def _within(moment: int, bound: str, ends: str, *, start: bool) -> bool:
    """Whether a moment is on the right side of a bound (ledger VK-017), which may lie between milliseconds."""
    exact = datetime.fromisoformat(bound)
    at, between = millis(exact), exact.microsecond % 1000 != 0
    if start:
        return moment > at or (moment == at and not between and ends != "exclusive")
    return moment < at or (moment == at and (between or ends == "inclusive"))


def _among(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, bool):
        return bool(found is wanted)
    texts = {text.casefold() for text in ([wanted] if isinstance(wanted, str) else wanted) if text}
    have = found if isinstance(found, list) else [found]
    return not texts or any(isinstance(each, str) and each.casefold() in texts for each in have)


def _holds(have: Sequence[str], name: str, wanted: Sequence[str], reads: Reads) -> bool:
    """Any of them, or all (ledger VK-021)."""
    plain = [plain_attribute(each) if name == "attributes" else each for each in wanted if each]
    enough = any if reads["VK-021"] == "any" else all
    return not plain or enough(each in have for each in plain)


def plain_attribute(text: str) -> str:
    """``[key]=value`` is ``key=value``."""
    if text.startswith("[") and "]=" in text:
        key, _, value = text[1:].partition("]=")
        return f"{key}={value}"
    return text


def shown_attributes(attributes: Sequence[str], reads: Reads) -> list[str]:
    """Attributes as answers write them (ledger VK-022)."""
    if reads["VK-022"] == "plain":
        return list(attributes)
    return ["[{}]={}".format(*each.split("=", 1)) for each in attributes]


def _texts(row: Row, kind: Kind, where: str) -> Iterator[str]:
    """Where a text query looks (ledger VK-020)."""
    yield from (str(value) for value in row["metadata"].values() if value is not None)
    if where != "metadata" and isinstance(row["id"], str):
        yield row["id"]
    if where == "everything":
        yield from filter(None, kind.texts(row))


def _sort_value(sort: str, kind: Kind, reads: Reads) -> Value | None:
    """What a sort name means (ledger VK-013); None where it means nothing."""
    name = sort.lower()
    if reads["VK-013"] == "as-listed" and any(piece[:1].islower() for piece in sort.split(".")):
        return None
    if name in kind.sorts or not name.startswith("metadata."):
        return kind.sorts.get(name)
    key = name.removeprefix("metadata.")
    return lambda row, _now: next((value for each, value in row["metadata"].items() if each.lower() == key), None)


def _sorted(rows: list[Row], value: Value | None, order: str, now: int, *, descending: bool) -> list[Row]:
    """In the order asked for; ties in the usual one (ledger VK-015), what has no value last (VK-016)."""
    rows = sorted(rows, key=lambda row: str(row["id"]) if order == "id" else row["created"])
    if order == "newest":
        rows.reverse()
    if value is None:
        return rows[::-1] if descending else rows
    have = [row for row in rows if value(row, now) is not None]
    have.sort(key=lambda row: _key(value(row, now)), reverse=descending)
    return have + [row for row in rows if value(row, now) is None]


def _key(value: Any) -> tuple[int, Any]:
    return (0, value) if isinstance(value, int | float) else (1, str(value).casefold())
