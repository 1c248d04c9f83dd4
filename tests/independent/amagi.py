"""A small Amagi Analytics of our own: two channels, an hour's figures from the hour alone, four contents and more."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

from independent.base import Got, Out, Service

__all__ = ["Amagi"]

Row = dict[str, Any]
_CHANNELS = {"amg00001-one": "One", "amg00001-two": "Two"}


class _Refused(Exception):
    """A 422 that names a parameter."""


class Amagi(Service):
    """Readings AM-…; planted drifts and faults by name."""

    def __init__(self, now: datetime, readings: dict[str, str] | None = None, *planted: str) -> None:
        super().__init__(readings, *planted)
        self._now = now

    def answer(self, got: Got) -> Out:
        if got.headers.get("x-access-token") != "0b8e5a5e-0000-4000-8000-000000000000":
            return Out(401, _refusal(401, "token"))
        if got.path[:3] == ["api", "v1", "download-reports"]:
            return self._report(got.path[3], date.fromisoformat(got.path[4]))
        try:
            kinds = {
                "channelList": self._channels,
                "viewershipAnalytics": self._viewership,
                "contentAnalytics": self._contents,
                "adAnalytics": self._ads,
                "adContentAnalytics": self._ad_contents,
                "uniqueViewersAnalytics": self._unique,
                "concurrentUsers": self._concurrent,
            }
            return Out(200, kinds[got.query["type"]](got.query))
        except _Refused as refused:
            return Out(422, _refusal(422, str(refused)))

    def _report(self, schedule: str, first: date) -> Out:
        """Scheduled: a daily report, and a weekly one whose period begins on a Monday."""
        if schedule not in ("daily-1", "weekly-2") or (schedule == "weekly-2" and first.weekday()):
            status = 422 if self.reads("AM-73", "unprocessable") else 404
            return Out(status, _refusal(status, "from_date"))
        if self.has("no-activity"):
            return Out(200, b"View Date,Channel Name" if self.reads("AM-76", "header-only") else b"", media="text/csv")
        names = ["View Date", "Channel Name", "Content Id", "Content Name", "Series", "Device", "Country"]
        names += ["Session Count", "Total Viewership Minutes", "Unique Viewers", "A", "B", "C"]
        if self.reads("AM-78", "snake-case"):
            names = [name.lower().replace(" ", "_") for name in names]
        lines = [names]
        for i in range(1 if schedule == "daily-1" else 7):
            day = first + timedelta(i + (40 if self.has("other-days") else 0))
            lines += [self._line(day, name, channel) for channel, name in enumerate(_CHANNELS.values())]
        file = io.StringIO(newline="")
        csv.writer(file).writerows(lines)
        return Out(200, file.getvalue().encode(), media="text/csv")

    def _line(self, day: date, name: str, channel: int) -> list[str]:
        """Half of what the API says of both channels, and the rest of it."""
        zone = "Universal" if self.reads("AM-72", "universal") else "US/Pacific"
        asked = {"startDate": str(day), "endDate": str(day), "interval": "DAILY", "timezone": zone}
        row = Amagi(self._now)._viewership(asked)["viewershipAnalytics"][0]
        sessions, minutes = (
            row[key] // 2 + channel * (row[key] % 2) for key in ("numberOfSession", "viewershipMinutes")
        )
        minutes += 5000 if self.has("report-high") else 0
        average = minutes / sessions * (3 if self.has("odd-average") else 1)
        shown = f"{minutes:,}" if self.reads("AM-77", "thousands") else str(minutes)
        return [
            str(day),
            name,
            "C001",
            "Title",
            "",
            "Roku",
            "US",
            str(sessions),
            shown,
            "9",
            "1",
            f"{average:.2f}",
            "1",
        ]

    def _channels(self, query: dict[str, str]) -> Any:
        rows = [{"channelName": name, "channelId": identity} for identity, name in _CHANNELS.items()]
        if self.has("absent"):
            del rows[0]["channelName"]
        ads = [*rows[:1], *([{"channelName": "Odd", "channelId": "odd"}] if self.has("odd-channel") else [])]
        return {"viewershipChannels": rows, "adAnalyticsChannels": ads}

    def _asked(self, query: dict[str, str]) -> tuple[date, date, int]:
        """The days, and how many channels are meant."""
        first, last = (date.fromisoformat(query[name]) for name in ("startDate", "endDate"))
        if first > last and not self.reads("AM-34", "empty"):
            raise _Refused("endDate")
        named = query["channelId"].split(",") if "channelId" in query else []
        if not named and self.reads("AM-10", "one-required"):
            raise _Refused("channelId, customerId")
        if len(named) > 1 and self.reads("AM-13", "one"):
            raise _Refused("channelId")
        return first, last, 3 if self.has("filter-widens") and named else len(named) or 2

    def _viewership(self, query: dict[str, str]) -> Any:
        first, last, channels = self._asked(query)
        hourly = query["interval"] == "HOURLY"
        if hourly and "startTime" not in query and self.reads("AM-29", "required"):
            raise _Refused("startTime")
        hours = list(self._hours(query, first, last))
        keys = [f"{day} {hour:02}:00:00" if hourly else f"{day} 00:00:00" for day, hour in hours]
        rows: dict[str, Row] = {}
        name = "numberOfViewers" if self.reads("AM-38", "number-of-viewers") else "uniqueViewers"
        for key, (day, hour) in zip(keys, hours, strict=True):
            sessions = (day.day * 7 + hour * 3) % 11 * channels + 1
            sessions += query.get("timezone") != "Universal" and hour == 3  # another day elsewhere
            row = rows.setdefault(key, {"time": key, name: 0, "numberOfSession": 0, "viewershipMinutes": 0})
            row[name] += max(1, sessions - 1)
            row["numberOfSession"] += sessions
            row["viewershipMinutes"] += sessions * 9 + hour
        return self._summed(query, list(rows.values()), name, hourly=hourly)

    def _hours(self, query: dict[str, str], first: date, last: date) -> Any:
        start, end = int(query.get("startTime", "00")[:2]), int(query.get("endTime", "23")[:2])
        timed = query["interval"] == "HOURLY" or self.reads("AM-32", "applied")
        if self.reads("AM-30", "excluded") and "endTime" in query:
            end -= 1
        for i in range((last - first).days + 1):
            day = first + timedelta(i)
            each = self.reads("AM-31", "each-day")
            low = start if timed and (each or i == 0) else 0
            high = end if timed and (each or day == last) else 23
            yield from ((day, hour) for hour in range(low, high + 1))

    def _summed(self, query: dict[str, str], rows: list[Row], name: str, *, hourly: bool) -> Any:
        if self.has("union-broken") and len(rows) == 4:
            rows = rows[1:]
        if self.has("outside") and rows:
            rows[0]["time"] = "2020-01-01 00:00:00"
        if self.has("bad-time") and rows:
            rows[0]["time"] = "noon"
        if self.has("new-field") and rows:
            rows[0]["bouncedSessions"] = 1
        sessions, minutes = (sum(row[field] for row in rows) for field in ("numberOfSession", "viewershipMinutes"))
        viewers = sum(row[name] for row in rows)
        if self.reads("AM-41", "distinct"):
            viewers = max((row[name] for row in rows), default=0)
        word = "hourly" if hourly and not self.reads("AM-40", "daily") else "daily"
        digits = 0 if self.reads("AM-43", "whole") else 2
        averages = (("NumberOfViewers", viewers), ("SessionCount", sessions), ("ViewershipMinutes", minutes))
        return {
            "dateRange": {
                "startDate": query["startDate"],
                "endDate": query["endDate"],
                "interval": "FORTNIGHTLY" if self.has("new-value") else query["interval"],
                "startTime": query.get("startTime", "00:00"),
                "endTime": query.get("endTime", "23:00"),
            },
            "viewershipAnalytics": rows,
            "totalSessions": sessions + (5 if self.has("wrong-total") else 0),
            "totalViewershipMinutes": int(minutes),
            "aggregatedViewers": viewers,
            **{f"{word}Average{label}": round(value / max(1, len(rows)), digits) for label, value in averages},
            "avgSessionDuration": round(minutes / max(1, sessions), 2) + (1 if self.has("bad-ratio") else 0),
            "avgSessionPerViewer": round(sessions / max(1, viewers), 2),
        }

    def _cut(self, query: dict[str, str], rows: list[Row]) -> list[Row]:
        page = int(query.get("page", 1))
        if page == 0 and not self.reads("AM-25", "zero-based"):
            raise _Refused("page")
        if "limit" not in query:
            return rows[:10] if self.reads("AM-26", "ten") else rows
        limit, number = int(query["limit"]), page if self.reads("AM-25", "zero-based") else page - 1
        start = number * limit - (1 if self.has("overlap") and number else 0)
        return rows[start : start + limit + (1 if self.has("over-limit") else 0)]

    def _contents(self, query: dict[str, str]) -> Any:
        first, _, _ = self._asked(query)
        rows: list[Row] = [
            {
                "date": str(first),
                "contentId": f"C{i:03}",
                "contentName": f"Title {i}",
                "studioName": "Studio" if self.reads("AM-48", "own-studio") else "",
                "seriesName": "Series" if self.reads("AM-49", "own-series") else "",
                "uniqueViewers": i,
                "totalSessions": i + 1,
                "viewershipMinutes": i * 5,
            }
            for i in range(17)
        ]
        cut = self._cut(query, rows)
        return {"contentData": cut, "contentCount": len(cut) if self.reads("AM-27", "on-this-page") else len(rows)}

    def _rate(self, shown: int, assets: int, opportunities: int) -> float:
        below = opportunities if self.reads("AM-59", "of-opportunities") else assets
        rate = 100 * shown / below
        return round(rate, 2) if self.reads("AM-60", "two-decimals") else rate

    def _ads(self, query: dict[str, str]) -> Any:
        first, last, _ = self._asked(query)
        rows: list[Row] = []
        for i in range((last - first).days + 1):
            shown, assets, opportunities = 97 + i, 131 + i, 211 + 3 * i
            rate = self._rate(shown, assets, opportunities)
            counts = _funnel(opportunities, assets, shown)
            rows.append({"time": f"{first + timedelta(i)} 00:00:00", **counts, "conversionRate": rate})
        names = [name for name in rows[0] if name not in ("time", "conversionRate")]
        totals = {f"total{name[0].upper()}{name[1:]}": sum(row[name] for row in rows) for name in names}
        rate = self._rate(
            totals["totalImpressionsRecorded"], totals["totalAdAssetsReceived"], totals["totalAdOpportunitiesDetected"]
        )
        if self.has("wrong-ad-total"):
            totals["totalAdRequestsSent"] += 1
        dates = {"startDate": str(first), "endDate": str(last), "interval": "DAILY"}
        window = {**dates, "startTime": "00:00", "endTime": "23:00"}
        return {"dateRange": window, "adAnalytics": rows, **totals, "totalConversionRate": rate}

    def _ad_contents(self, query: dict[str, str]) -> Any:
        first, _, _ = self._asked(query)
        rows = []
        for i in range(4):
            opportunities = 50 + i if self.reads("AM-61", "own") else 200
            counts = _funnel(opportunities, 30 + i, 20 + i)
            named = {f"total{name[0].upper()}{name[1:]}": value for name, value in counts.items()}
            rate = self._rate(20 + i, 30 + i, opportunities)
            content = {"date": str(first), "contentId": f"C{i:03}", "contentName": f"Title {i}", "studioName": ""}
            rows.append({**content, **named, "totalConversionRate": rate})
        return {"adContentData": rows, "adContentCount": len(rows)}

    def _unique(self, query: dict[str, str]) -> Any:
        first, _, _ = self._asked(query)
        hours = range(1 if self.reads("AM-63", "as-asked") else 24)
        rows = [
            {
                "time": f"{first} {hour:02}:00:00",
                "uniqueViewers": 3,
                "sessionPerViewer": 1,
                "sessionDurationPerViewer": 2.5,
            }
            for hour in hours
        ]
        key = "uniqueViewersAnalytics" if self.reads("AM-62", "plural") else "uniqueViewerAnalytics"
        figures = {"dailyUniqueViewers": 60, "dailyAvgSessionPerViewer": 1.2, "dailyAvgSessionDurationPerViewer": 3}
        return {key: rows, **figures}

    def _concurrent(self, query: dict[str, str]) -> Any:
        hours = int(query["hoursLimit"])
        if hours not in (1, 12, 24) and not self.reads("AM-52", "up-to-24"):
            raise _Refused("hoursLimit")
        end = self._now.replace(second=0, microsecond=0, tzinfo=UTC)
        times = [end - timedelta(minutes=i) for i in range(hours * 60, 0, -1)]
        points = [(time, 0 if time.minute % 10 == 0 else 4) for time in times]
        zeros = self.reads("AM-54", "zero")
        return [
            {"time": f"{time:%Y-%m-%dT%H:%M}:00.000Z", "viewerCount": count} for time, count in points if count or zeros
        ]


def _funnel(opportunities: int, assets: int, shown: int) -> dict[str, int]:
    return {
        "adOpportunitiesDetected": opportunities,
        "adRequestsSent": opportunities - 1,
        "adResponsesReceived": opportunities - 2,
        "adAssetsReceived": assets,
        "impressionsRecorded": shown,
    }


def _refusal(status: int, name: str) -> Row:
    return {"statusCode": status, "error": "No", "message": f"'{name}' is not right"}
