"""A world's time: the machine's, or set, frozen and moved; and how instants are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testcard.errors import UserError
from testcard.world import clock as clock_module
from testcard.world.clock import Clock, parse_instant, write_instant

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The machine's clock, as a list whose only item is its time."""
    time = [datetime(2026, 1, 1, tzinfo=UTC)]
    epoch, microsecond = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
    monkeypatch.setattr(clock_module, "_machine_us", lambda: (time[0] - epoch) // microsecond)
    return time


def test_a_new_clock_is_the_machines(machine: list[datetime]) -> None:
    clock = Clock()

    assert clock.real
    assert not clock.frozen
    assert clock.now() == machine[0]
    machine[0] += timedelta(seconds=1)
    assert clock.now() == machine[0]


def test_a_clock_that_is_given_an_instant_stands_still_there(machine: list[datetime]) -> None:
    clock = Clock(NOON)
    machine[0] += timedelta(days=1)

    assert clock.now() == NOON
    assert clock.frozen
    assert not clock.real


def test_a_clock_may_run_on_from_an_instant(machine: list[datetime]) -> None:
    clock = Clock(NOON, frozen=False)
    machine[0] += timedelta(hours=1)

    assert clock.now() == NOON + timedelta(hours=1)
    assert not clock.frozen
    assert not clock.real


def test_a_released_clock_runs_on_from_where_it_stood(machine: list[datetime]) -> None:
    clock = Clock(NOON)
    machine[0] += timedelta(days=1)
    clock.set(clock.now(), frozen=False)
    machine[0] += timedelta(minutes=1)

    assert clock.now() == NOON + timedelta(minutes=1)


@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize("seconds", [3600, 0.5, -86400])
def test_advancing_moves_and_changes_nothing_else(machine: list[datetime], frozen: bool, seconds: float) -> None:
    clock = Clock(NOON, frozen=frozen)

    assert clock.advance(seconds) == NOON + timedelta(seconds=seconds)
    assert clock.now() == NOON + timedelta(seconds=seconds)
    assert clock.frozen is frozen


@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize("seconds", [3.2e11, -3.2e11, 1e18])
def test_a_step_out_of_the_calendar_moves_nothing(machine: list[datetime], frozen: bool, seconds: float) -> None:
    clock = Clock(NOON, frozen=frozen)

    with pytest.raises(OverflowError):
        clock.advance(seconds)

    assert clock.now() == NOON
    clock.set(clock.now(), frozen=False)
    assert clock.now() == NOON


def test_milliseconds_are_counted_exactly() -> None:
    assert Clock(datetime(2026, 3, 2, 12, 0, 0, 123999, tzinfo=UTC)).now_ms() == 1772452800123


def test_a_clock_shows_its_time() -> None:
    assert Clock(NOON).as_json() == {"now": "2026-03-02T12:00:00Z", "frozen": True}


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-02", "2026-03-02T00:00:00Z"),
        ("2026-03-02T12:00:00Z", "2026-03-02T12:00:00Z"),
        ("2026-03-02T12:00:00.5+01:00", "2026-03-02T11:00:00.500000Z"),
        ("20260302T120000Z", "2026-03-02T12:00:00Z"),
    ],
)
def test_instants_are_read_in_any_offset_and_written_in_utc(text: str, instant: str) -> None:
    assert write_instant(parse_instant(text)) == instant


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("yesterday", "'yesterday' is no ISO 8601 instant; expected for example 2026-03-01T12:00:00Z"),
        ("2026-02-29", "'2026-02-29' is no ISO 8601 instant"),
        ("", "'' is no ISO 8601 instant"),
        ("2026-03-02T12:00:00", "'2026-03-02T12:00:00' has no offset; add Z or for example"),
        ("0001-01-01T00:00:00+14:00", "'0001-01-01T00:00:00.14:00' is no ISO 8601 instant"),
        ("9999-12-31T23:59:59-01:00", "is no ISO 8601 instant"),
    ],
)
def test_what_is_no_instant_is_refused(text: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        parse_instant(text)


@given(
    st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31)),  # noqa: DTZ001 - given their offset next
    st.integers(-14 * 60, 14 * 60),
)
def test_what_is_written_is_read_back(naive: datetime, minutes: int) -> None:
    instant = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))

    assert parse_instant(write_instant(instant)) == instant
