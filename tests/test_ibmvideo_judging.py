"""What a careful client of IBM Video Streaming may do is not held against it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from adapters.ibmvideo import Adapter
from kill_matrix import accusation, accusations, dialects
from known_good.ibmvideo import Bound, Client, Row
from testcard.suite.drivers import AdapterDriver
from testcard.suite.scenario import Scenario
from testcard.suite.stage import Stage
from testcard.suite.subjects import open_subject

PLAIN = [each for each in open_subject("ibmvideo").named() if not each.faults]
NAIVE = [each for each in PLAIN if "no offset" in each.name or "without" in each.name or "no time" in each.name]


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage("ibmvideo") as stage:
        yield stage


class OneIdAtATime(Client):
    """Asks for contents one by one."""

    def _all(self, path: str, query: Any, key: str = "") -> list[Row]:
        ids = str(query.get("content_id", "")).split(",")
        if len(ids) < 2 or key != "view_id":
            return super()._all(path, query, key)
        lists = [Client._all(self, path, {**query, "content_id": each}, key) for each in ids]
        return [row for rows in lists for row in rows]


class SaysWhatItMeans(Client):
    """Writes the offset of Los Angeles behind times that have none."""

    def _all(self, path: str, query: Any, key: str = "") -> list[Row]:
        plain = {name: _plain(value) if name.startswith("date_time") else value for name, value in query.items()}
        return super()._all(path, plain, key)


def _plain(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return text if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("America/Los_Angeles")).isoformat()


class DeclinesNaiveTimes(Client):
    """Does not ask for a period of which it is not said where."""

    def views(self, first: Bound, last: Bound, *place: Any, **flags: Any) -> list[Row]:
        if any(datetime.fromisoformat(str(each)).tzinfo is None for each in (first, last)):
            raise ValueError("a time without an offset")
        return super().views(first, last, *place, **flags)


class LargestPages(Client):
    """Asks for as much at once as there may be."""

    def __init__(self, *place: str, **more: Any) -> None:
        super().__init__(*place, **{**more, "page_size": 10_000})


class ProbesTheEnd(Client):
    """Looks behind the last page, once."""

    def _pages(self, path: str, query: Any) -> Iterator[Row]:
        number = 0
        for number, page in enumerate(super()._pages(path, query), 1):  # noqa: B007 - the last one counts
            yield page
        yield self._get(path, {**query, "_limit": self._page_size, "_page": number + 1})


class WholeRows(Adapter):
    """Returns rows as the service has them."""

    client_class = Client

    def call(self, *asked: Any) -> dict[str, Any]:
        kind = "Viewer" if "viewers" in asked[0] else "View"
        return {"rows": [{"type": kind, "attributes": row} for row in super().call(*asked)["rows"]]}


def adapter_of(client: type[Client]) -> Adapter:
    made = Adapter()
    made.client_class = client
    return made


def accused(stage: Stage, adapter: Adapter, scenarios: Sequence[Scenario]) -> list[str]:
    return list(map(accusation, accusations(AdapterDriver(adapter), stage, scenarios)))


@pytest.mark.parametrize("client", [OneIdAtATime, SaysWhatItMeans, DeclinesNaiveTimes, LargestPages, ProbesTheEnd])
def test_a_careful_way_is_not_accused(stage: Stage, client: type[Client]) -> None:
    assert accused(stage, adapter_of(client), dialects(PLAIN)) == []


@pytest.mark.parametrize("reading", ["utc", "refused"])
@pytest.mark.parametrize("client", [Client, SaysWhatItMeans, DeclinesNaiveTimes])
def test_nobody_is_to_blame_for_what_a_naive_time_is(stage: Stage, client: type[Client], reading: str) -> None:
    scenarios = [replace(each, readings={"IB-16": reading}) for each in NAIVE]

    assert len(scenarios) > 3
    assert accused(stage, adapter_of(client), scenarios) == []


def test_rows_may_be_given_whole(stage: Stage) -> None:
    lists = [each for each in PLAIN if {step.operation[:9] for step in each.steps} <= {"list_view", "list_views"}]

    assert accused(stage, WholeRows(), [each for each in lists if "seconds" not in each.name]) == []
