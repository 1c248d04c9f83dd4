"""The careful client meets Amagi over a real socket, and ends with the model's figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from known_good.amagi import Client, ClientError, NotYet
from support import Mock, socket_server
from testcard.control.client import Control
from testcard.suite.oracles import amagi as model
from testcard.suite.oracles.amagi import Asked

NOW = "2024-06-16T12:00:30Z"
FIRST, LAST = date(2024, 6, 10), date(2024, 6, 13)
FILTERS = {"country": "United States,Germany", "deviceType": "Smart TV"}


@pytest.fixture(params=["documented", "observed"])
def mock(request: pytest.FixtureRequest) -> Mock:
    """A world with a story, under each dialect."""
    return Mock("amagi", profile="default", now=NOW, dialect=request.param)


@pytest.fixture
def client(mock: Mock) -> Iterator[Client]:
    """A client of that world."""
    with socket_server(mock) as url, Client(f"{url}/amagi/api/v2", mock.env("amagi")["TOKEN"], page_size=7) as made:
        yield made


@pytest.fixture
def mine(client: Client) -> dict[str, str]:
    """The filter that every question of the 2022 service needed."""
    return {"channelId": ",".join(each["channelId"] for each in client.channels()[0])}


def rows(mock: Mock, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    begin = f"&from={FIRST - timedelta(days=1)}T00:00:00Z" if table in ("sessions", "adEvents") else ""
    path: str | None = f"/_testcard/worlds/default/rows/amagi/{table}?limit=10000{begin}"
    while path:
        page = mock.get(path).json
        found += page["rows"]
        path = page["next"]
    return found


def asked(mock: Mock, filters: dict[str, str]) -> Asked:
    return Asked(FIRST, LAST, "US/Pacific", filters, mock.world.now())


def names(mock: Mock) -> dict[str, str]:
    return {row["contentId"]: row["contentName"] for row in rows(mock, "contents")}


@pytest.mark.parametrize("interval", ["DAILY", "HOURLY"])
def test_viewership(mock: Mock, client: Client, mine: dict[str, str], interval: str) -> None:
    answer = client.viewership(FIRST, LAST, interval, **mine, **FILTERS)
    answer.pop("dateRange")

    assert answer == model.viewership(rows(mock, "sessions"), asked(mock, FILTERS), interval)


def test_contents_of_all_pages(mock: Mock, client: Client, mine: dict[str, str]) -> None:
    found = client.contents(FIRST, LAST, **mine, **FILTERS)

    assert found == model.contents(rows(mock, "sessions"), asked(mock, FILTERS), names(mock))
    assert len(found) > 7


def test_ads(mock: Mock, client: Client, mine: dict[str, str]) -> None:
    events = rows(mock, "adEvents")
    answer = client.ads(FIRST, LAST, **mine, **FILTERS)
    answer.pop("dateRange")

    assert answer == model.ads(events, asked(mock, FILTERS))
    assert client.ad_contents(FIRST, LAST, **mine) == model.ad_content(events, asked(mock, {}), names(mock))


@pytest.mark.parametrize("interval", ["DAILY", "WEEKLY"])
def test_unique_viewers(mock: Mock, client: Client, mine: dict[str, str], interval: str) -> None:
    answer = client.unique_viewers(FIRST, LAST, interval, **mine)
    expected = model.unique_viewers(rows(mock, "sessions"), asked(mock, {}), interval)

    assert answer.pop("rows") == expected.pop("uniqueViewerAnalytics")
    assert answer == expected


def test_concurrent_users(mock: Mock, client: Client, mine: dict[str, str]) -> None:
    now = mock.world.now()
    if mock.world.reading("AM-51") == "quarter-hour-lag":
        now = datetime.fromisoformat("2024-06-16T12:00:00Z")

    assert client.concurrent_users(12, **mine) == model.concurrent(rows(mock, "sessions"), now, 12, {})


def test_reports(mock: Mock, client: Client, mine: dict[str, str]) -> None:
    records = client.report("20412", date(2024, 6, 3))
    answer = client.viewership(date(2024, 6, 3), date(2024, 6, 9), **mine)

    total = sum(int(record["Total Viewership Minutes"].replace(",", "")) for record in records)
    assert total == answer["totalViewershipMinutes"]
    with pytest.raises(NotYet):
        client.report("20412", date(2024, 6, 10))
    mock.world.clock.advance(timedelta(days=2).total_seconds())
    assert client.report("20412", date(2024, 6, 10))


def test_a_bad_token_is_a_loud_failure(mock: Mock, client: Client) -> None:
    mock.post("/_testcard/worlds/default/tokens/revoke", json={"api": "amagi"})

    with pytest.raises(ClientError, match=r"40[13]"):
        client.channels()


def test_a_stretch_of_a_table_is_read_from_python(mock: Mock) -> None:
    since, until = datetime(2024, 6, 13, 20, tzinfo=UTC), datetime(2024, 6, 14, 4, tzinfo=UTC)
    with socket_server(mock) as url:
        table = Control(url).world().rows["amagi/sessions"]
        found = [row["start"] for row in table.read(since=since, until=until)]
        after = next(table.read(since=until))["start"]

    assert found == sorted(found)
    assert "2024-06-13T20" <= found[0] < found[-1] < "2024-06-14T04:00" <= after
