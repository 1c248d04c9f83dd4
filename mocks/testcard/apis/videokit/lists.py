"""Lists of all modules: filters that narrow together, a stable sort, pages that partition.

The order of a list is kept as long as nothing it depends on has changed: no row was written, no row's moment has come,
no reading was switched. So a walk over many pages sorts once.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from testcard.apis.videokit.common import refuse
from testcard.apis.videokit.records import Kind, Row, millis
from testcard.errors import near_miss
from testcard.exchange import Call

__all__ = [
    "Condition",
    "Source",
    "among",
    "attributes_in",
    "date_range",
    "matching",
    "number_range",
    "ordered",
    "page_of",
    "plain_attribute",
    "tags_in",
    "text_in",
    "write_attributes",
]

_KEPT_ORDERS = 8
_ATTRIBUTE = re.compile(r"\[([^\]]*)\](=.*)", re.DOTALL)


class Source(Protocol):
    """Where a list's rows come from: a `Collection`, or several joined."""

    @property
    def kind(self) -> Kind:
        """What the rows are."""

    def state(self, now: int) -> Hashable:
        """What the rows depend on."""

    def rows(self) -> Iterator[Row]:
        """Every row."""


@dataclass(frozen=True)
class Condition:
    """A filter: *key* tells it from all others, *holds* is asked with a row and now in milliseconds."""

    key: Hashable
    holds: Callable[[Row, int], bool]


def among(name: str, wanted: Iterable[str] | None, value: Callable[[Row, int], Any]) -> list[Condition]:
    """Rows whose value (or one of whose values, when it is a list) is one of *wanted*, without case.

    An empty text asks for nothing, so that ``statuses=`` is no filter.
    """
    texts = frozenset(text.casefold() for text in wanted or () if text)
    if not texts:
        return []

    def holds(row: Row, now: int) -> bool:
        found = value(row, now)
        many = found if isinstance(found, list | tuple | set | frozenset) else (found,)
        return any(isinstance(each, str) and each.casefold() in texts for each in many)

    return [Condition((name, texts), holds)]


def matching(name: str, wanted: Any, value: Callable[[Row, int], Any]) -> list[Condition]:
    """Rows whose value is exactly *wanted*; all rows when it is None."""
    if wanted is None:
        return []
    return [Condition((name, wanted), lambda row, now: bool(value(row, now) == wanted))]


def date_range(
    call: Call, name: str, start: datetime | None, end: datetime | None, value: Callable[[Row, int], int | None]
) -> list[Condition]:
    """Rows whose moment (milliseconds) lies in the range (ledger VK-017)."""
    bounds = call.reading("VK-017")
    conditions = []
    if start is not None:
        low, exact = _bound(start)
        first = low if exact and bounds != "exclusive" else low + 1
        conditions.append(Condition((name, "from", first), lambda row, now: (value(row, now) or 0) >= first))
    if end is not None:
        high, exact = _bound(end)
        last = high - 1 if exact and bounds != "inclusive" else high
        conditions.append(Condition((name, "to", last), lambda row, now: _at_most(value(row, now), last)))
    return conditions


def _bound(moment: datetime) -> tuple[int, bool]:
    """The moment in whole milliseconds, and whether it is one exactly."""
    return millis(moment), moment.microsecond % 1000 == 0


def _at_most(found: int | None, last: int) -> bool:
    return found is not None and found <= last


def number_range(
    name: str, low: int | None, high: int | None, value: Callable[[Row, int], int | None]
) -> list[Condition]:
    """Rows whose number lies in the range, both ends included."""
    conditions = []
    if low is not None:
        conditions.append(Condition((name, "from", low), lambda row, now: (value(row, now) or 0) >= low))
    if high is not None:
        conditions.append(Condition((name, "to", high), lambda row, now: _at_most(value(row, now), high)))
    return conditions


def text_in(call: Call, query: str | None, kind: Kind) -> list[Condition]:
    """Rows that contain the text, without case (ledger VK-020)."""
    if not query:
        return []
    where, wanted = call.reading("VK-020"), query.casefold()

    def texts(row: Row) -> Iterator[str | None]:
        yield from (str(value) for value in (row.get("metadata") or {}).values() if value is not None)
        if where != "metadata":
            yield row["id"]
        if where == "everything":
            yield from kind.names(row)

    return [Condition(("text", where, wanted), lambda row, _: any(wanted in (t or "").casefold() for t in texts(row)))]


def tags_in(call: Call, wanted: Sequence[str] | None) -> list[Condition]:
    """Rows with any, or all, of the tags (ledger VK-021)."""
    return _held(call, "tags", wanted)


def attributes_in(call: Call, wanted: Sequence[str] | None) -> list[Condition]:
    """Rows with any, or all, of the attributes, each ``key=value`` or ``[key]=value``."""
    return _held(call, "attributes", None if wanted is None else [plain_attribute(text) for text in wanted])


def _held(call: Call, field: str, given: Sequence[str] | None) -> list[Condition]:
    wanted = [each for each in given or () if each]
    if not wanted:
        return []
    enough = any if call.reading("VK-021") == "any" else all
    key = (field, enough.__name__, tuple(wanted))
    return [Condition(key, lambda row, _: enough(each in (row.get(field) or ()) for each in wanted))]


def plain_attribute(text: str) -> str:
    """An attribute without brackets around its key."""
    shape = _ATTRIBUTE.fullmatch(text)
    return shape[1] + shape[2] if shape else text


def write_attributes(call: Call, attributes: Sequence[str]) -> list[str]:
    """Attributes as answers write them (ledger VK-022)."""
    if call.reading("VK-022") == "plain":
        return list(attributes)
    return ["[{}]={}".format(*text.split("=", 1)) for text in attributes]


def ordered(call: Call, source: Source, conditions: Sequence[Condition], sort: str | None, desc: bool) -> list[Row]:
    """All rows that satisfy every condition, in order. Do not change the list: it is kept."""
    now = call.world.clock.now_ms()
    value = _sort_value(call, source.kind, sort) if sort else None
    key = (
        source.kind.name,
        source.state(now),
        frozenset(condition.key for condition in conditions),
        sort.lower() if sort and value else None,
        desc,
        call.reading("VK-015"),
    )
    shelf: OrderedDict[Hashable, list[Row]] = call.world.shelf.setdefault("videokit/orders", OrderedDict())
    found = shelf.get(key)
    if found is None:
        tests = [condition.holds for condition in conditions]
        rows = [row for row in source.rows() if row["created"] <= now and all(test(row, now) for test in tests)]
        found = shelf[key] = _in_order(rows, value, desc, call.reading("VK-015"), now)
        while len(shelf) > _KEPT_ORDERS:
            shelf.popitem(last=False)
    shelf.move_to_end(key)
    return found


def _in_order(rows: list[Row], value: Callable[[Row, int], Any] | None, desc: bool, rule: str, now: int) -> list[Row]:
    if rule == "id":
        rows.sort(key=lambda row: row["id"])
    else:
        rows.sort(key=lambda row: row["created"])  # rows of one moment stay as they were put
    if rule == "newest":
        rows.reverse()
    if value is None:
        return rows[::-1] if desc else rows
    keyed = [(value(row, now), row) for row in rows]
    present = [(_comparable(found), row) for found, row in keyed if found is not None]
    present.sort(key=lambda pair: pair[0], reverse=desc)
    return [row for _, row in present] + [row for found, row in keyed if found is None]


def _comparable(value: Any) -> tuple[int, Any]:
    """Numbers before texts, texts without case; so that any two values can be compared."""
    if isinstance(value, int | float):
        return (0, value)
    return (1, str(value).casefold())


def _sort_value(call: Call, kind: Kind, sort: str) -> Callable[[Row, int], Any] | None:
    """What a sort name stands for (ledger VK-013, VK-014); None when it is unknown and ignored."""
    exact = call.reading("VK-013") == "as-listed"
    name = sort.lower()
    known = name in kind.sorts or name.startswith("metadata.")
    if known and not (exact and any(piece[:1] != piece[:1].upper() for piece in sort.split("."))):
        return kind.sorts.get(name) or _metadata(name.removeprefix("metadata."))
    complaint = f"sort {sort!r} is not a property of this list{near_miss(sort, kind.sorts)}"
    if call.reading("VK-014") != "ignored":
        refuse(400, f"query {complaint}")
    call.note(f"{complaint}; it was ignored")
    return None


def _metadata(name: str) -> Callable[[Row, int], Any]:
    """The metadata value under a key, in any case."""

    def value(row: Row, _now: int) -> Any:
        metadata: Mapping[str, Any] = row.get("metadata") or {}
        return next((found for key, found in metadata.items() if key.lower() == name), None)

    return value


def page_of(
    call: Call, rows: Sequence[Row], limit: int, page: int, view: Callable[[Row], Any], *, worded: str = "more-pages"
) -> dict[str, Any]:
    """One page of a list in its envelope. *worded* is what this list's page says of hasMore (ledger VK-007)."""
    size = _page_size(call, limit)
    total = len(rows)
    pages = call.page_count(total, size)
    page = _existing_page(call, page, max(pages, 1))
    start, stop = call.window(page, size)
    items = [view(row) for row in rows[start:stop]]
    meaning = call.reading("VK-007")
    more = (worded if meaning == "as-worded" else meaning) == "more-pages" and stop < total
    return {
        "items": items,
        "pageCount": pages,
        "pageSize": len(items) if call.reading("VK-008") == "items" else size,
        "totalCount": total,
        "pageNumber": page,
        "hasMore": more,
    }


def _existing_page(call: Call, page: int, last: int) -> int:
    """What is answered for a page past the last one (ledger VK-010)."""
    past = call.reading("VK-010")
    if page > last and past == "not-found":
        refuse(404, f"query 'page': {page} is past the last page, {last}")
    return last if page > last and past == "last" else page


def _page_size(call: Call, limit: int) -> int:
    rule = call.reading("VK-009")
    if limit > 100 and rule == "refused":
        refuse(400, f"query 'limit': {limit} is more than 100")
    return min(limit, 100) if rule == "capped" else limit
