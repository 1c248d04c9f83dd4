"""Lists put together from their pages, and what holds between lists whatever the truth is. Knows no vendor.

A list is known by what was asked for: its operation, its path and its filters. It does not matter who asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any, TypeVar

from testcard.live.seen import Answer

__all__ = ["Listing", "Paging", "at_any_size", "disjoint", "grouped", "listings", "narrowed", "united", "within_limit"]

T = TypeVar("T")


@dataclass(frozen=True)
class Paging:
    """How a vendor cuts lists: the names of a page's size and position, and what an answer says.

    *following* is the position of the next page, or None at the end; *first* the position of the first page where none
    is named; *total* the length of the whole list where an answer has it; *settled* says whether the list can no longer
    change.
    """

    size: str
    position: str
    rows: Callable[[Answer], Sequence[Any]]
    key: Callable[[Any], Hashable]
    following: Callable[[Answer], str | None]
    first: str = "1"
    total: Callable[[Answer], int] | None = None
    settled: Callable[[Answer], bool] = lambda _: True


@dataclass(frozen=True)
class Listing:
    """The pages of one size of one list, from the first on, without a gap; *complete* where nothing is behind them."""

    operation: str
    path: Mapping[str, str]
    filters: Mapping[str, str]
    size: str
    pages: Sequence[Sequence[Any]]
    keys: Sequence[Hashable]
    complete: bool

    @property
    def rows(self) -> list[Any]:
        """All rows of all pages."""
        return [row for page in self.pages for row in page]

    def beside(self, other: Listing) -> bool:
        """Whether both are lists of the same things, perhaps by other filters."""
        return self.operation == other.operation and self.path == other.path

    def question(self, *but: str) -> Hashable:
        """What was asked for, without some filters and without the size of pages."""
        kept = frozenset((name, value) for name, value in self.filters.items() if name not in but)
        return self.operation, frozenset(self.path.items()), kept


def listings(answers: Iterable[Answer], paging: Paging) -> list[Listing]:
    """Every list that *answers* hold from its first page on."""
    found: dict[Hashable, dict[str, Answer]] = {}
    for answer in answers:
        if answer.ok and paging.settled(answer):
            filters = tuple(sorted(_filters(answer, paging).items()))
            group = (answer.operation, tuple(sorted(answer.path.items())), filters, answer.query.get(paging.size, ""))
            found.setdefault(group, {}).setdefault(answer.query.get(paging.position, paging.first), answer)
    return [_chained(pages, paging) for pages in found.values() if paging.first in pages]


def _filters(answer: Answer, paging: Paging) -> dict[str, str]:
    return {name: value for name, value in answer.query.items() if name not in (paging.size, paging.position)}


def _chained(answers: Mapping[str, Answer], paging: Paging) -> Listing:
    first, left = answers[paging.first], dict(answers)
    pages: list[Sequence[Any]] = []
    following: str | None = paging.first
    while following in left:  # each page once: a link may lead back
        answer = left.pop(following)
        pages.append(paging.rows(answer))
        following = paging.following(answer)
    keys = [paging.key(row) for page in pages for row in page]
    whole = following is None or (paging.total is not None and len(keys) >= paging.total(first))
    filters = _filters(first, paging)
    return Listing(first.operation, first.path, filters, first.query.get(paging.size, ""), pages, keys, whole)


# What holds. Each gives complaints, or None where nothing could be told.


def within_limit(answers: Iterable[Answer], paging: Paging) -> list[str] | None:
    """No page has more rows than were asked for."""
    told = [(each, len(paging.rows(each))) for each in answers if each.ok and each.query.get(paging.size, "").isdigit()]
    wrong = [(each, count) for each, count in told if count > int(each.query[paging.size])]
    return _told(
        told, (f"{each.operation}: {count} rows on a page of {each.query[paging.size]}" for each, count in wrong)
    )


def disjoint(lists: Iterable[Listing], paging: Paging) -> list[str] | None:
    """No page repeats rows of the one before."""
    told = [each for each in lists if len(each.pages) > 1 and each.pages[1]]
    return _told(
        told, (f"{each.operation}: {count} rows stand on two pages" for each in told if (count := _twice(each, paging)))
    )


def _twice(listing: Listing, paging: Paging) -> int:
    pages = [{paging.key(row) for row in page} for page in listing.pages]
    return sum(len(one & other) for one, other in pairwise(pages))


def at_any_size(lists: Iterable[Listing]) -> list[str] | None:
    """Small pages hold what a large one begins with."""
    alike = grouped((each for each in lists if each.keys), lambda each: each.question())
    told = [pair for group in alike for pair in combinations(group, 2)]
    wrong = [(one, other) for one, other in told if not _agree(one, other)]
    texts = (f"{one.operation}: pages of {one.size or 'no size'} and of {other.size or 'no size'} hold other rows"
             for one, other in wrong)  # fmt: skip
    return _told(told, texts)


def _agree(one: Listing, other: Listing) -> bool:
    shorter, longer = sorted((one, other), key=lambda each: len(each.keys))
    as_long = len(shorter.keys) == len(longer.keys)
    return longer.keys[: len(shorter.keys)] == shorter.keys and (as_long or not shorter.complete)


def narrowed(lists: Sequence[Listing], names: Collection[str]) -> list[str] | None:
    """What is listed under one more filter is listed without it; *names* are the filters that only take away."""
    wide = {each.question(): set(each.keys) for each in lists if each.complete}
    told = [
        (each, len(set(each.keys) - wide[question]))
        for each in lists
        for more in _some(sorted(set(names) & each.filters.keys()))
        if (question := each.question(*more)) in wide
    ]
    return _told(
        told, (f"{each.operation}: {lost} rows under a filter are not there without it" for each, lost in told if lost)
    )


def _some(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for count in range(1, len(names) + 1):
        yield from combinations(names, count)


def united(
    lists: Sequence[Listing], begin: str, end: str, *, once: bool, order: Callable[[str], Any] = str
) -> list[str] | None:
    """Two adjacent windows together are the window of both; *once* where no row may be in two windows.

    *order* makes of a window's edge something that can be compared.
    """
    whole = [each for each in lists if each.complete and each.filters.keys() >= {begin, end}]
    told = list(_windows(whole, begin, end, order))
    return _told(told, (complaint for whole, parts in told if (complaint := _not_whole(whole, parts, once=once))))


def _windows(
    lists: Sequence[Listing], begin: str, end: str, order: Callable[[str], Any]
) -> Iterator[tuple[Listing, tuple[Listing, Listing]]]:
    """Every list with two others whose windows make up its own."""
    for group in grouped(lists, lambda each: each.question(begin, end)):
        windows = {(each.filters[begin], each.filters[end]): each for each in group}
        beginning = {first: [each for each in windows if each[0] == first] for first, _ in windows}
        for first, middle in windows:
            for _, last in beginning.get(middle, ()):
                if (first, last) in windows and order(first) < order(middle) < order(last):
                    yield windows[first, last], (windows[first, middle], windows[middle, last])


def _not_whole(whole: Listing, parts: tuple[Listing, Listing], *, once: bool) -> str:
    found = [key for part in parts for key in part.keys]
    lost, gained = len(set(whole.keys) - set(found)), len(set(found) - set(whole.keys))
    twice = len(found) - len(set(found)) if once else 0
    if not (lost or gained or twice):
        return ""
    return f"{whole.operation}: two windows lack {lost} rows of both together, add {gained}, have {twice} twice"


def grouped(items: Iterable[T], key: Callable[[T], Hashable]) -> list[list[T]]:
    """Those that have their *key* in common, in order."""
    found: dict[Hashable, list[T]] = {}
    for each in items:
        found.setdefault(key(each), []).append(each)
    return list(found.values())


def _told(told: Sequence[Any], complaints: Iterable[str]) -> list[str] | None:
    return list(complaints) if told else None
