"""The lists and figures of Cloud Video Kit are those of the suite's plain model, whatever is asked for."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kit import Kit
from testcard.suite.oracles.videokit import Kit as Model
from testcard.suite.subjects.videokit.drawn import ORDER, filters, known_filters
from testcard.suite.subjects.videokit.figures import DAY
from testcard.suite.subjects.videokit.worlds import NOW, Row, Tables, kit, sessions

PATHS = {
    "list_vod_assets": "/vod/v1/assets",
    "list_files": "/vod/v1/files",
    "list_channels": "/live/v1/channels",
    "list_events": "/live/v1/events",
    "list_recordings": "/cvr/v1/recordings",
    "list_streaming_assets": "/streaming/v1/assets",
}
NOW_MS = round(datetime.fromisoformat(NOW).timestamp() * 1000)
ROWS = kit(assets=14, files=14, channels=8, events=14, recordings=14)
QUERIES = ("queries/count", "queries/sum", "metrics/max_concurrentviewers")


@cache
def service() -> Kit:
    """A kit with the rows of all tables."""
    made = Kit(profile="empty", now=NOW)
    for table, rows in ROWS.items():
        made.rows(table, *rows)
    return made


def model(made: Kit, tables: Tables) -> Model:
    """The plain model of the same rows."""
    return Model(tables, made.mock.world.readings())


def query(asked: Row) -> Row:
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in asked.items()}


lists = st.sampled_from(list(PATHS)).flatmap(lambda operation: st.tuples(st.just(operation), filters(operation)))
everything = st.fixed_dictionaries(
    {operation: st.fixed_dictionaries({**known_filters(operation), **ORDER}) for operation in PATHS}
)


@settings(max_examples=15, deadline=None)
@given(everything)
def test_filters_are_the_plain_models(drawn: dict[str, Row]) -> None:
    for operation, asked in drawn.items():
        order = {name: asked.pop(name) for name in ORDER}
        for question in [*({name: value} for name, value in asked.items()), order]:
            answer = service().get(PATHS[operation], params=query(question)).json
            rows = getattr(model(service(), ROWS), operation)(question, NOW_MS)

            assert [row["id"] for row in answer["items"]] == [row["id"] for row in rows]
            assert answer["totalCount"] == len(rows)


@settings(max_examples=80, deadline=None)
@given(lists, st.integers(1, 9))
def test_pages_partition_the_list(drawn: tuple[str, Row], limit: int) -> None:
    operation, asked = drawn
    rows = getattr(model(service(), ROWS), operation)(asked, NOW_MS)
    count = -(-len(rows) // limit)
    found: list[str] = []
    for page in range(1, count + 1):
        answer = service().get(PATHS[operation], params={**query(asked), "limit": limit, "page": page}).json
        found += [row["id"] for row in answer["items"]]
        assert (answer["pageCount"], answer["hasMore"]) == (count, page < count)

    assert found == [row["id"] for row in rows]


moments = st.builds(
    lambda day, by: DAY + timedelta(days=day, milliseconds=by),
    st.integers(0, 1),
    st.sampled_from([-3_600_000, -1, 0, 1, 59_999, 60_000, 3_600_000]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(moments, max_size=12), st.sampled_from(QUERIES), st.sampled_from([None, "MINUTE", "HOUR", "DAY"]))
def test_figures_are_the_plain_models(begun: list[datetime], path: str, interval: str | None) -> None:
    tables = sessions(begun, [1, 60_000, 3_600_000])
    service().rows("playback", *tables["playback"])
    body: dict[str, Any] = {"start": "2026-03-01T00:00:00Z", "end": "2026-03-02T00:00:00Z"}
    body |= {"interval": interval, "orderBy": [{"name": interval, "order": "DESC"}]} if interval else {}
    body |= {} if "metrics" in path else {"dimension": "PLAYED" if "sum" in path else "IMPRESSION_ID"}
    answer = service().post(f"/streaming/v1/analytics/{path}", body).json
    operation = "get_max_concurrent_viewers" if "metrics" in path else f"get_{path.replace('/', '_')}"

    assert answer["rows"] == getattr(model(service(), tables), operation)({"body": body}, NOW_MS)
