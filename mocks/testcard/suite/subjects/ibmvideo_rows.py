"""What the scenarios of IBM Video Streaming Analytics are about: segments, and steps that ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from testcard.suite.scenario import Scenario, Step

__all__ = [
    "AWKWARD",
    "BEYOND",
    "CLIENTS",
    "CONTENTS",
    "LOS_ANGELES",
    "NOBODYS",
    "NOON",
    "NOW",
    "SAME_NUMBER",
    "VIEWERS",
    "VIEWERS_OF",
    "VIEWS",
    "VIEWS_OF",
    "around_midnight",
    "ask_views",
    "bare",
    "beside_the_edges",
    "beyond_doubles",
    "half_hours",
    "hours",
    "identifier",
    "later",
    "local",
    "many_viewers",
    "many_views",
    "named_awkwardly",
    "on_the_edges",
    "play",
    "running",
    "segment",
    "split_seconds",
    "written",
]

Row = dict[str, Any]

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = "2026-03-02T12:00:00Z"
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
SAME_NUMBER = "218287986"  # a channel and a video: ids are numbers of two series
BEYOND = "9007199254740993"  # what a double cannot tell from its neighbour
NOBODYS = "999999999999"
CONTENTS = (("live", "77569623"), ("live", SAME_NUMBER), ("recorded", SAME_NUMBER), ("recorded", "5"))
CLIENTS = ("13602851710424434669", "8776986273576598258658", "00000000000000000042")
_PLACES = (("Portland", "US"), ("Budapest", "HU"), ("Saint-Étienne", "FR"), ('Quote" & Co', "DE"))
AWKWARD = (
    "ann@example.com", "ANN@example.com", "50% off", "500 off", "a_b", "aXb", 'Comma, "quote"', "Ünïcödé 東京",
    "U\u0308ni\u0308", "<b>&amp;</b>", " blank ", "null", "007", "7", "%2F+%", "a+b c", "a b c", "line\u2028separator",
    "two\r\nlines", "number #1", "👩‍👩‍👧", "",
)  # fmt: skip
VIEWS, VIEWS_OF, VIEWERS, VIEWERS_OF = "list_views", "list_views_of_type", "list_viewers", "list_viewers_of_type"


def segment(number: int, start: datetime, seconds: float | None, **more: Any) -> Row:
    """A segment, complete; identifiers do not run with the numbers."""
    kind, content = CONTENTS[number % len(CONTENTS)]
    city, country = _PLACES[number // 2 % len(_PLACES)]
    mobile = number % 3 == 0
    return {
        "view_id": identifier(number),
        "content_type": kind,
        "content_id": content,
        "started_at": written(start),
        "finished_at": None if seconds is None else written(start + timedelta(seconds=seconds)),
        "from": 0 if kind == "live" else number,
        "to": 0 if kind == "live" else number + int(seconds or 0),
        "viewer_identifier": f"viewer {number % 7}",
        "country": country,
        "city": city,
        "is_mobile_view": mobile,
        "view_type": "onsite" if number % 2 else "offsite",
        "client_id": CLIENTS[number % len(CLIENTS)],
        "view_session_id": f"{number:08x}:8b7aa82c",
        "device_info": _PHONE if mobile else _DESK,
        **more,
    }


_DESK: Row = {
    "browser": {"family": "Chrome", "major": "70", "minor": "0", "patch": "3538"},
    "os": {"family": "Mac OS X", "major": "10", "minor": "14", "patch": "1", "patch_minor": None},
    "device": {"family": "Other", "brand": None, "model": None},
}
_PHONE: Row = {
    "browser": {"family": "Mobile Safari", "major": "17", "minor": "04", "patch": None},
    "os": {"family": "iOS", "major": "17", "minor": "4", "patch": None, "patch_minor": None},
    "device": {"family": "iPhone", "brand": "Apple", "model": "iPhone"},
}


def identifier(number: int) -> str:
    """A UUID; those of neighbours lie far apart."""
    return f"{(number * 2654435761) % (1 << 32):08x}-0000-4000-8000-{number:012x}"


def hours(count: float) -> datetime:
    """So many hours after noon."""
    return NOON + timedelta(hours=count)


def many_views(count: int) -> list[Row]:
    """So many segments within an hour, some of which last beyond it."""
    lasts = (61, 0, 600, 3599, 5400)
    return [segment(at, NOON + timedelta(seconds=14 * at), lasts[at % len(lasts)]) for at in range(count)]


def many_viewers(count: int) -> list[Row]:
    """So many viewers of live and of recorded contents; every eighth has a second segment, of the other kind."""
    order = [*range(count), *range(0, count, 8)]
    return [
        segment(
            at, NOON + timedelta(seconds=30 * at), 600, viewer_identifier=f"viewer {number:03d}@example.com",
            **dict(zip(("content_type", "content_id"), CONTENTS[(number + (at >= count)) % 2 * 2], strict=True)),
        )
        for at, number in enumerate(order)
    ]  # fmt: skip


def on_the_edges() -> list[Row]:
    """Every begin and end on and beside the edges of the hour from one to two; some run on."""
    second = timedelta(seconds=1)
    moments = [hours(0.5), hours(1) - second, hours(1), hours(2), hours(2) + second, hours(2.25)]
    spans = [(one, other) for at, one in enumerate(moments) for other in [*moments[at:], None]]
    return [
        segment(number, one, None if other is None else (other - one).total_seconds())
        for number, (one, other) in enumerate(spans)
    ]


def beside_the_edges() -> list[Row]:
    """Segments of a moment, on and a second beside the edges of the hour from one to two, and in the hours around."""
    starts = (0, 3599, 3600, 3601, 7199, 7200, 7201, 10_800, *range(-36_000, 45_000, 4500))
    return [segment(number, NOON + timedelta(seconds=start), 0) for number, start in enumerate(starts)]


def split_seconds(at: datetime) -> list[Row]:
    """Segments that begin within one second and the next."""
    starts = (0, 1, 499, 500, 501, 999, 1000, 1499, 1500, 1501)
    return [segment(200 + number, at + timedelta(milliseconds=each), 0) for number, each in enumerate(starts)]


def half_hours(midnight: datetime) -> list[Row]:
    """A segment of a minute at every half hour of a day, and a second before."""
    return [
        segment(at, midnight + timedelta(minutes=30 * (at // 2) - 60, seconds=-(at % 2)), 60) for at in range(24)
    ]  # fmt: skip


def around_midnight() -> list[Row]:
    """Segments over the end of a day that is the end of a month."""
    midnight = datetime(2026, 3, 1, tzinfo=UTC)
    starts = (-3600, -1800, -61, -60, -1, 0, 1, 59, 60, 900, 3599, 3600)
    lasts = (120, 3600, 61, 1, 0, 90, 3599, 60, 30, 1200, 1, 5)
    return [segment(at, midnight + timedelta(seconds=start), lasts[at]) for at, start in enumerate(starts)]


def beyond_doubles() -> list[Row]:
    """Segments whose contents and players differ in the last digit of large numbers, or in leading zeros."""
    ids = (BEYOND, "9007199254740992", "999999999999999999")
    clients = ("8776986273576598258658", "8776986273576598258657", "00000000000000000042", "42")
    return [
        segment(at, NOON, 60, content_type="recorded", content_id=ids[at % 3], client_id=clients[at % 4])
        for at in range(12)
    ]


def bare() -> list[Row]:
    """Segments whose device is unknown in every part that may be null, and that have no end."""
    nothing = {
        part: {name: (value if name == "family" else None) for name, value in names.items()}
        for part, names in _DESK.items()
    }
    return [segment(at, NOON, None if at % 2 else 0, device_info=nothing, city="") for at in range(4)]


def named_awkwardly() -> list[Row]:
    """A viewer for each awkward name."""
    return [segment(at, NOON + timedelta(minutes=at), 30, viewer_identifier=name) for at, name in enumerate(AWKWARD)]


def running() -> list[Row]:
    """Around the world's now: what runs, what ends then, and what has not begun."""
    now = datetime.fromisoformat(NOW)
    ends = (None, 3600, 1800, 900, 901, 1)
    starts = (-86_400, -3600, -900, -899, -1, 0, 1, 1700)
    return [
        segment(number, now + timedelta(seconds=start), seconds)
        for number, (start, seconds) in enumerate((start, seconds) for start in starts for seconds in ends)
    ]


# Steps.


def play(name: str, rows: Sequence[Row], *steps: Step, now: str = NOW, faults: Sequence[Row] = ()) -> Scenario:
    """A scenario over segments."""
    return Scenario(name, "ibmvideo", list(steps), {"segments": list(rows)}, list(faults), now)


def ask_views(first: datetime | str = NOON, last: datetime | str = NOON + timedelta(hours=1), **more: Any) -> Step:
    """Ask for the views of a period, here from noon to one o'clock."""
    bounds = [each if isinstance(each, str) else written(each) for each in (first, last)]
    period = dict(zip(("date_time_from", "date_time_to"), bounds, strict=True))
    return Step(VIEWS_OF if "content_type" in more else VIEWS, {**period, **more})


def later(step: Step, seconds: float) -> Step:
    """The step, so many seconds after the one before."""
    return Step(step.operation, step.arguments, advance_s=seconds)


def written(moment: datetime, *, hours: float = 0) -> str:
    """An instant in the offset of so many hours, with milliseconds where there are any."""
    moved = moment.astimezone(UTC) + timedelta(hours=hours)
    text = moved.replace(tzinfo=None).isoformat(timespec="milliseconds" if moment.microsecond else "seconds")
    minutes = int(abs(hours) * 60)
    return f"{text}{'-' if hours < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"


def local(moment: datetime) -> str:
    """Los Angeles time without its offset."""
    return moment.astimezone(LOS_ANGELES).replace(tzinfo=None).isoformat()
