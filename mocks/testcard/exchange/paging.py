"""How many rows a page carries when a fault shortens it, so that nothing is lost: what is left out follows.

A list counted in items keeps its rows at their offsets, and the page is merely cut. A list counted in pages moves the
rows that were left out to the pages behind, so its shortened pages are remembered while the fault lasts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from testcard.world.faults import Fault

__all__ = ["Paging"]


@dataclass(frozen=True)
class Paging:
    """The faults that concern one call to one list. *known* are all faults of the world, *hit* counts one."""

    due: Sequence[Fault]
    known: Iterable[Fault]
    hit: Callable[[Fault], None]
    list_name: str
    query: str

    def cut(self, page: int, limit: int) -> int:
        """The size of page number *page* of a list counted in items.

        What follows a shortened page still begins on it, so a fault that waits for a page strikes at one offset only;
        and an empty page comes once, else nobody could pass it.
        """
        size = limit
        for fault in self.due:
            wanted = _size(fault, limit)
            struck = [name for name in fault.cuts if name.startswith(f"{self.list_name}?")]
            here = f"{self.list_name}?{self.query}"
            elsewhere = "page" in fault.option("when", {}) and struck and here not in struck
            if wanted >= size or elsewhere or (wanted == 0 and here in struck):
                continue
            fault.cuts[here] = size = wanted
            self.hit(fault)
        return size

    def window(self, page: int, limit: int) -> tuple[int, int]:
        """The first row of a page and the row behind its last, of a list counted in pages."""
        limit = self._capped(limit, counting=True)
        for fault in self.due:
            size = _size(fault, limit)
            if size < limit:
                fault.cuts[f"{self.list_name} {limit} {page}"] = size
                self.hit(fault)
        cuts = self._cuts(limit)
        start = (page - 1) * limit - sum(limit - size for at, size in cuts.items() if at < page)
        return start, start + cuts.get(page, limit)

    def count(self, total: int, limit: int) -> int:
        """How many pages a list counted in pages has."""
        limit = self._capped(limit, counting=False)
        pages, left_out = -(-total // limit), 0
        for at, size in sorted(self._cuts(limit).items()):
            if at <= pages:
                left_out += limit - size
                pages = -(-(total + left_out) // limit)
        return pages

    def _capped(self, limit: int, *, counting: bool) -> int:
        for fault in self.due:
            if fault.kind == "capped-limit" and fault.spec["limit"] < limit:
                limit = int(fault.spec["limit"])
                if counting:
                    self.hit(fault)
        return limit

    def _cuts(self, limit: int) -> dict[int, int]:
        """The sizes of this list's shortened pages, for one page size."""
        prefix = f"{self.list_name} {limit} "
        cuts = ((key, size) for fault in self.known for key, size in fault.cuts.items() if key.startswith(prefix))
        return {int(key.removeprefix(prefix)): size for key, size in cuts}


def _size(fault: Fault, limit: int) -> int:
    match fault.kind:
        case "short-page":
            return min(limit, int(fault.spec["rows"]))
        case "empty-page":
            return 0
        case "capped-limit":
            return min(limit, int(fault.spec["limit"]))
    return limit
