"""The traffic of walks through lists: to the end, not beyond it, not in circles."""

from __future__ import annotations

from collections.abc import Iterator

from testcard.suite.rules.evidence import data_calls, walks_of
from testcard.suite.rules.registry import Case, rule

__all__: list[str] = []


@rule(
    "TRA-04",
    "A walk through a list ends at its last page, when its rows are returned as all there are.",
    clause="the list operation's paging",
    severity="must",
    channel="traffic",
)
def _abandoned(case: Case) -> Iterator[str]:
    if case.take.outcome.kind != "ok":
        return
    for name, pages in walks_of(case).items():
        if pages and not any(page.last for _, page in pages):
            entry, page = pages[-1]
            yield f"{name}: request {entry.id} brought {page.rows} rows from item {page.start} on, and more follow"


@rule(
    "TRA-05",
    "A walk ends at the last page.",
    clause="the list operation's paging",
    severity="should",
    channel="traffic",
)
def _continued(case: Case) -> Iterator[str]:
    for name, pages in walks_of(case).items():
        ends = [page.start + page.rows for _, page in pages if page.last and page.rows]
        beyond = [entry for entry, page in pages if ends and page.start >= max(ends) and not page.rows]
        if len(beyond) > (1 if case.subject.probes_end else 0):
            yield f"{name}: request {beyond[-1].id} asks for what is behind the last page"


@rule(
    "TRA-06",
    "A page that was answered is not fetched again and again.",
    clause="the list operation's paging",
    severity="must",
    channel="traffic",
)
def _loop(case: Case) -> Iterator[str]:
    answered: dict[str, int] = {}
    for entry in data_calls(case):
        if entry.method == "GET" and entry.status == 200 and not entry.faults:
            answered[entry.url] = answered.get(entry.url, 0) + 1
            if answered[entry.url] == 4:
                yield f"request {entry.id}: {entry.method} {entry.url} was answered three times before"
                return


@rule(
    "TRA-13",
    "No page is larger than the API allows.",
    clause="the list operation's limit",
    severity="must",
    channel="traffic",
)
def _over_limit(case: Case) -> Iterator[str]:
    most = case.subject.max_limit
    for entry in data_calls(case):
        page = case.subject.page(entry)
        if most is not None and page is not None and page.limit > most:
            yield f"request {entry.id} asks for {page.limit} rows a page; the most is {most}"
            return
