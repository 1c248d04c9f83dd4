"""Wrong clients that make something else of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from miniatures.ibmvideo.wrong import VIEWS, Row, Wrong


class Reading(Wrong):
    """Makes something else of an answer."""

    area = "values"
    scenarios: ClassVar[Sequence[str]] = (VIEWS,)

    def change(self, row: Row) -> Row:
        """What is returned for a row."""
        return row

    def _all(self, path: str, query: Any, key: str = "") -> list[Row]:
        rows = super()._all(path, query, key)
        changed = [self.change(row) for row in rows]
        if changed != rows:
            self.bug()
        return changed


class ClientsAsNumbers(Reading):
    """Takes the id of a player for a number, by way of a float."""

    def change(self, row: Row) -> Row:
        return row | ({"client_id": f"{float(row['client_id']):.0f}"} if "client_id" in row else {})


class LosesLeadingZeros(Reading):
    """Takes the id of a player for a whole number."""

    scenarios = ("ids beyond what a double tells apart",)

    def change(self, row: Row) -> Row:
        return row | ({"client_id": str(int(row["client_id"]))} if "client_id" in row else {})


class ContentsAsNumbers(Reading):
    """Makes numbers of the ids of contents, as the table has them."""

    def change(self, row: Row) -> Row:
        return row | ({"content_id": int(row["content_id"])} if "view_id" in row else {})


class RoundsContents(Reading):
    """Reads the ids of contents as a double holds them."""

    scenarios = ("ids beyond what a double tells apart",)

    def change(self, row: Row) -> Row:
        return {
            **row,
            "segments": [{**each, "content_id": int(float(each["content_id"]))} for each in row.get("segments", ())],
        } if "segments" in row else row  # fmt: skip


class RunningEndsNow(Reading):
    """Gives an end to what still runs."""

    scenarios = ("views that still run",)

    def change(self, row: Row) -> Row:
        return {**row, "finished_at": row["finished_at"] or row["started_at"]} if "finished_at" in row else row


class DropsNulls(Reading):
    """Drops what is null."""

    scenarios = ("null wherever it may be",)

    def change(self, row: Row) -> Row:
        return {name: value for name, value in row.items() if value is not None}


class EmptyForNull(Reading):
    """Has an empty text where the device is not known."""

    scenarios = ("null wherever it may be",)

    def change(self, row: Row) -> Row:
        if "device_info" not in row:
            return row
        info = {part: {n: v or "" for n, v in names.items()} for part, names in row["device_info"].items()}
        return {**row, "device_info": info}


class OwnTimes(Reading):
    """Writes instants in its own way."""

    def change(self, row: Row) -> Row:
        text = row.get("started_at", "")
        return {**row, "started_at": text.replace("+00:00", ".000Z")} if text else row


class PacificTimes(Reading):
    """Shows times by the clock of Los Angeles, and leaves the offset as it was."""

    def change(self, row: Row) -> Row:
        if "started_at" not in row:
            return row
        moment = datetime.fromisoformat(row["started_at"]).astimezone(ZoneInfo("America/Los_Angeles"))
        return {**row, "started_at": moment.replace(tzinfo=UTC).isoformat()}


class MillisecondsForSeconds(Reading):
    """Takes positions for seconds and returns milliseconds."""

    def change(self, row: Row) -> Row:
        return {**row, "from": row["from"] * 1000, "to": row["to"] * 1000} if "from" in row else row


class StripsNames(Reading):
    """Trims what it reads."""

    scenarios = ("awkward names",)

    def change(self, row: Row) -> Row:
        return {**row, "viewer_identifier": row["viewer_identifier"].strip()} if "viewer_identifier" in row else row


class WatchesFromSegments(Reading):
    """Counts segments where the service counts contents."""

    scenarios = ("views that still run",)

    def change(self, row: Row) -> Row:
        return {**row, "videos_watched": len(row["segments"])} if "segments" in row else row


class MergesCapitals(Reading):
    """Takes viewers whose names differ in capitals for one."""

    scenarios = ("awkward names",)

    def viewers(self, *place: Any, **more: Any) -> list[Row]:
        rows = super().viewers(*place, **more)
        unique = list({row["viewer_identifier"].lower(): row for row in rows}.values())
        if len(unique) < len(rows):
            self.bug()
        return unique


class MergesNumbers(Reading):
    """Takes a channel and a video of one number for one content."""

    scenarios = ("viewer_seconds by the step",)

    def over_time(self, *place: Any, **more: Any) -> list[Row]:
        rows = super().over_time(*place, **more)
        unique = list({(row["content_id"], row["time"]): row for row in rows}.values())
        if len(unique) < len(rows):
            self.bug()
        return unique


class AddsDevicesUp(Reading):
    """Adds the places' devices up to the devices of all places."""

    scenarios = ("unique_devices of a period",)

    def numbers(self, metric: str, by: str, *place: Any, **more: Any) -> list[Row]:
        rows = super().numbers(metric, by, *place, **more)
        if by == "summary" and metric != "total-views":
            self.bug()
            rows[0]["value"] = sum(row["value"] for row in super().numbers(metric, "country", *place, **more))
        return rows


class KeepsLists(Reading):
    """Keeps what it once read."""

    scenarios = ("a list that grew since the last call", "a view that ends between two calls")
    lists: Row

    def _all(self, path: str, query: Any, key: str = "") -> list[Row]:
        if not hasattr(self, "lists"):
            self.lists = {}
        name = f"{path} {query}"
        if name in self.lists:
            self.bug()
        else:
            self.lists[name] = super()._all(path, query, key)
        found: list[Row] = self.lists[name]
        return found
