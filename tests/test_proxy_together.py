"""What the answers that pass a proxy say together is judged as a walk's are: by what was asked, whoever asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
import requests

from independent.base import Service, serving
from independent.planted import VIOLATIONS
from independent.videocentral import VideoCentral
from test_live import CREDENTIALS, GIVEN, NOW, service_of
from test_proxy import TOKEN, proxied
from testcard.live.addresses import Addresses
from testcard.live.recording import Recording, replay, snapshots
from testcard.live.report import Report
from testcard.live.subject import open_subject
from testcard.live.traffic import Judge
from testcard.live.walking import judge_service, open_wire
from testcard.world.journal import Entry

REPORTS = "/apis/v1/accounts/0042/channels/c1/reportTypes/amzn1.weekly/reports"
WALKED = {"files", "viewers-two-page-sizes", "viewers-disjoint"}


def walked_through(service: Service, api: str) -> tuple[Report, Report]:
    """A walk whose calls all pass a proxy: the walk's report, and the proxy's."""
    subject = open_subject(api)
    with serving(service), proxied(service.url, api) as (proxy, url):
        addresses = Addresses(subject, {}, url)
        wire = open_wire(subject, addresses, budget=100, delay_s=0)
        report = judge_service(subject, wire, addresses, CREDENTIALS[api], NOW, given=GIVEN)
    return report, proxy.judge.finish()


@pytest.mark.parametrize("api", CREDENTIALS)
def test_traffic_tells_what_a_walk_of_the_same_calls_tells(api: str) -> None:
    """But for what needs to know why something was asked, or the files that do not pass."""
    walk, traffic = walked_through(service_of(api), api)

    assert traffic.violations == traffic.drift == []
    told = {name for name, held in walk.relations.items() if held}
    assert {name for name, held in traffic.relations.items() if held} >= told - WALKED - {
        "viewers-two-page-sizes",
        "viewers-disjoint",
    }
    assert traffic.readings.items() <= walk.readings.items()
    assert len(traffic.readings) >= len(walk.readings) - 5


TOGETHER = [
    ("videocentral", "overlap"),
    ("videocentral", "union-broken"),
    ("videocentral", "modified-exclusive"),
    ("videocentral", "filter-ignored"),
    ("ibmvideo", "union-broken"),
    ("ibmvideo", "overlap"),
    ("ibmvideo", "content-ignored"),
    ("ibmvideo", "parts-differ"),
    ("amagi", "union-broken"),
    ("amagi", "overlap"),
    ("amagi", "filter-widens"),
    ("amagi", "report-high"),
    ("videokit", "overlap"),
    ("videokit", "lost-part"),
    ("videokit", "window-gap"),
    ("videokit", "filter-off"),
]


@pytest.mark.parametrize(("api", "planted"), TOGETHER)
def test_what_cannot_be_is_found_in_traffic(api: str, planted: str) -> None:
    _, traffic = walked_through(service_of(api, None, planted), api)

    assert VIOLATIONS[api, planted] - {"viewers-disjoint"} <= {each.rule for each in traffic.violations}
    assert traffic.exit_code() == 1


def ask(url: str, query: str = "", token: Mapping[str, str] = TOKEN) -> None:
    requests.get(f"{url}{REPORTS}?{query}", headers=dict(token), timeout=10)


def test_a_client_that_pages_meets_the_overlap() -> None:
    with serving(VideoCentral({}, "overlap")) as service, proxied(service.url) as (proxy, url):
        ask(url, "limit=5&offset=0")
        ask(url, "limit=5&offset=5")
        report = proxy.judge.finish()

    assert {each.rule for each in report.violations} == {"disjoint-pages"}
    assert report.relations["disjoint-pages"] is False
    assert report.relations["union"] is None


def test_requests_that_broke_the_contract_prove_nothing() -> None:
    """A 400 for a bad parameter is no reading of another one."""
    with serving(VideoCentral({"VC-15": "refused"})) as service, proxied(service.url) as (proxy, url):
        ask(url, "limit=5&offset=0")
        ask(url, "limit=5&offset=5000&reportDateBeginGte=soon")
        report = proxy.judge.finish()

    assert "VC-15" not in report.readings
    assert [each.rule for each in report.violations] == ["request"]


def test_a_compression_that_we_cannot_undo_is_not_judged() -> None:
    judge = Judge("videocentral", "")
    entry = exchange("/apis/v1/accounts", NOW)
    found = judge.exchange(entry, {"content-type": "application/json", "content-encoding": "br"}, b"\x8b\x02\x80")

    assert (found, judge.report.answers) == ([], 0)


def exchange(target: str, at: datetime, method: str = "GET", **headers: str) -> Entry:
    entry = Entry(1, at, 0.0, method, target, headers, b"")
    entry.status = 200
    return entry


def page(*numbers: int, total: int) -> bytes:
    rows = [
        {"numRows": number, "reportDateBegin": f"2026-01-{number:02}", "reportDateEnd": f"2026-01-{number:02}",
         "cadence": "Daily", "modifiedDate": "2026-02-01T00:00:00.000Z", "name": "Days", "downloadUrl": "https://x.example/"}
        for number in numbers
    ]  # fmt: skip
    following = f"https://h{REPORTS}?offset={len(rows)}&limit=2" if len(rows) < total else None
    return orjson.dumps({"total": total, "next": following, "data": rows})


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("later", "token", "told"),
    [(timedelta(minutes=2), "a", False), (timedelta(minutes=11), "a", None), (timedelta(minutes=2), "b", None)],
)
def test_only_answers_close_together_to_one_caller_are_compared(
    later: timedelta, token: str, told: bool | None
) -> None:
    judge = Judge("videocentral", "")
    first = f"{REPORTS}?limit=2&offset=0"
    judge.exchange(exchange(first, NOW, authorization="Bearer a"), JSON, page(1, 2, total=3))
    second = f"{REPORTS}?limit=3&offset=0"
    judge.exchange(exchange(second, NOW + later, authorization=f"Bearer {token}"), JSON, page(4, 5, 6, total=3))

    assert judge.finish().relations["two-page-sizes"] is told


def videokit_page(count: int) -> bytes:
    times = {"createDate": "2026-01-01T00:00:00Z", "lastModificationDate": "2026-01-01T00:00:00Z"}
    rows = [{"id": f"a-{i}", "status": "Available", "outputs": [], **times} for i in range(count)]
    about = {"pageCount": 1, "pageSize": 9, "totalCount": count, "pageNumber": 1, "hasMore": False}
    return orjson.dumps({"items": rows, **about})


@pytest.mark.parametrize(("write", "told"), [(False, False), (True, None)])
def test_what_a_write_lies_between_is_not_compared(write: bool, told: bool | None) -> None:
    """The list has become longer: by the client's own doing it may."""
    judge = Judge("videokit", "")
    judge.exchange(exchange("/vod/v1/assets?limit=50&page=1", NOW), JSON, videokit_page(1))
    if write:
        judge.exchange(exchange("/vod/v1/assets/a-1", NOW, "DELETE"), JSON, b"")
    judge.exchange(exchange("/vod/v1/assets?limit=9&page=1", NOW), JSON, videokit_page(2))

    assert judge.finish().relations["two-page-sizes"] is told


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[tuple[Report, Report]]:
    """What a proxy found, and what its recording says again."""
    recording = Recording(tmp_path, open_subject("videocentral"), datetime(2026, 3, 2, tzinfo=UTC), key=b"for the test")
    readings = {"VC-11": "newest-first", "VC-07": "stays"}
    with serving(VideoCentral(readings, "overlap", "new-field")) as service, proxied(service.url) as (proxy, url):
        proxy.judge.heard = recording.add
        form = {"grant_type": "refresh_token", "client_id": "c", "client_secret": "hush", "refresh_token": "Atzr|old"}
        requests.post(f"{url}/auth/o2/token", data=form, timeout=10)
        requests.get(f"{url}/apis/v1/accounts", headers=TOKEN, timeout=10)
        ask(url, "limit=5&offset=0")
        ask(url, "limit=5&offset=5")
        ask(url, "limit=5&offset=0&reportDateBeginGte=private-word")
        report = proxy.judge.finish()
    recording.finish(report)
    yield report, replay(snapshots(tmp_path)["videocentral"][-1])
    kept = "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file())
    assert not [word for word in ("private-word", "Atz", "hush", "0042", "amzn1.weekly") if word in kept]


def test_a_recording_of_traffic_is_judged_as_the_traffic_was(recorded: tuple[Report, Report]) -> None:
    live, again = recorded

    assert (
        {each.rule for each in live.violations}
        == {each.rule for each in again.violations}
        == {"request", "disjoint-pages"}
    )
    assert [str(each) for each in again.drift] == [str(each) for each in live.drift] != []
    assert (again.relations, again.readings) == (live.relations, live.readings)
    assert (again.readings["VC-11"], again.readings["VC-07"]) == ("newest-first", "stays")
    assert (again.exit_code(), live.exit_code()) == (1, 1)


def test_a_request_that_was_wrong_is_told_again_without_what_was_sent(recorded: tuple[Report, Report]) -> None:
    live, again = recorded
    told = [str(each) for each in again.violations if each.rule == "request"]

    assert "private-word" in str([str(each) for each in live.violations])
    assert told == ["list_reports: query 'reportDateBeginGte' is not as documented; what was sent is not kept"]
