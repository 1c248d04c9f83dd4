"""A careful client of Cloud Video Kit's streaming and its analytics, as a user would write it with requests."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import requests

from known_good.videokit import Client, ClientError

__all__ = ["StreamingClient"]

Row = dict[str, Any]
BASE = "/streaming/v1"
ROWS = 200  # the most that one answer of analytics holds


class StreamingClient(Client):
    """Assets, images, domains and analytics of one tenant; shapes that samples show differently are made alike."""

    def list_streaming_assets(self, **filters: Any) -> list[Row]:
        """All assets that satisfy the filters."""
        return [_asset(row) for row in self.walk(f"{BASE}/assets", **filters)]

    def get_streaming_asset(self, asset: str) -> Row:
        """One asset."""
        return _asset(self.call("GET", _path(asset)))

    def update_streaming_asset(self, asset: str, **changes: Any) -> Row:
        """Change what is named."""
        return _asset(self.call("PATCH", _path(asset), json=changes))

    def update_streaming_asset_settings(self, asset: str, **settings: str) -> Row:
        """Change how the player treats an asset."""
        return _asset(self.call("PATCH", f"{_path(asset)}/settings", json=settings))

    def add_asset_tags(self, asset: str, names: Sequence[str]) -> None:
        """Put tags on an asset."""
        self.call("POST", f"{_path(asset)}/tags", json={"tags": [{"name": name} for name in names]})

    def delete_asset_tag(self, asset: str, name: str) -> None:
        """Take a tag off, by its name."""
        self.call("DELETE", f"{_path(asset)}/tags/{quote(name, safe='')}")

    def create_asset_chapters(self, asset: str, chapters: Sequence[Row]) -> list[Row]:
        """Give an asset chapters; returns all it has."""
        self.call("POST", f"{_path(asset)}/chapters", json={"chapters": list(chapters)})
        return list(self.get_streaming_asset(asset)["chapters"])

    def delete_asset_chapter(self, asset: str, chapter: str) -> None:
        """Delete one chapter."""
        self.call("DELETE", f"{_path(asset)}/chapters/{quote(chapter, safe='')}")

    def create_asset_images(self, asset: str, images: Mapping[str, Row]) -> None:
        """Give an asset images by key."""
        self.call("POST", f"{_path(asset)}/images", json={"images": dict(images)})

    def delete_asset_image(self, asset: str, key: str) -> None:
        """Take one image off an asset."""
        self.call("DELETE", f"{_path(asset)}/images/{quote(key, safe='')}")

    def start_image_upload(self, asset: str, name: str, size: int) -> Row:
        """Begin an upload."""
        body = {"name": name, "fileSize": size}
        return dict(self.call("POST", f"{_path(asset)}/images/uploaded/start", json=body))

    def get_image_part_url(self, asset: str, file: str, number: int) -> str:
        """Where a part goes."""
        return str(self.call("GET", f"{_path(asset)}/images/uploaded/{file}/part/{number}")["url"])

    def complete_image_upload(self, asset: str, file: str, parts: Sequence[Row]) -> Row:
        """Finish an upload."""
        body = {"fileId": file, "parts": list(parts)}
        return dict(self.call("POST", f"{_path(asset)}/images/uploaded/complete", json=body))

    def upload_image(self, asset: str, name: str, content: bytes) -> Row:
        """Upload an image in as many parts as are asked for; returns its file with the address."""
        started = self.start_image_upload(asset, name, len(content))
        size, count = started["partSize"], started["partsCount"]
        if size * (count - 1) + started["lastPartSize"] != len(content):
            raise ClientError(f"the parts of {name} do not add up: {started}")
        parts = []
        for number in range(1, count + 1):
            links = started["multipartUrls"]
            file = started["fileId"]
            link = links[number - 1] if number <= len(links) else self.get_image_part_url(asset, file, number)
            body = content[(number - 1) * size : number * size]
            sent = requests.put(link, data=body, headers={"Content-Type": "application/octet-stream"}, timeout=30)
            if not sent.ok:
                raise ClientError(f"part {number} of {name}: {sent.status_code} {sent.text[:200]}")
            parts.append({"partNumber": number, "eTag": sent.headers["ETag"]})
        return self.complete_image_upload(asset, started["fileId"], parts)

    def list_images(self, asset: str, **filters: Any) -> list[Row]:
        """All image files of an asset."""
        return self.walk(f"{_path(asset)}/images/uploaded", **filters)

    def get_image(self, asset: str, file: str) -> Row:
        """One image file."""
        return dict(self.call("GET", f"{_path(asset)}/images/uploaded/{quote(file, safe='')}"))

    def delete_image(self, asset: str, file: str) -> str:
        """Delete one image file; returns its key."""
        return str(self.call("DELETE", f"{_path(asset)}/images/uploaded/{quote(file, safe='')}")["deletedFileKey"])

    def delete_images(self, asset: str, files: Sequence[str]) -> None:
        """Delete several, or raise `NotDone`."""
        self._delete_many(f"{_path(asset)}/images/uploaded/deletemany", files)

    def list_image_frames(self, asset: str) -> list[Row]:
        """The stills of an asset, whether they come by id or as items."""
        answer = self.call("GET", f"{_path(asset)}/images/frames")
        return list(answer["items"] if isinstance(answer.get("items"), list) else answer.values())

    def list_domains(self) -> list[Row]:
        """The domains the player may run on."""
        return list(self.call("GET", f"{BASE}/domains"))

    def add_domain(self, url: str) -> Row:
        """Let the player run on one more domain."""
        return dict(self.call("POST", f"{BASE}/domains", json={"url": url}))

    def delete_domain(self, domain: Row) -> None:
        """Take a domain off the list, by both its ids."""
        params = {name: domain[name] for name in ("playerDomainId", "analyticsDomainId")}
        self.call("DELETE", f"{BASE}/domains", params=params)

    def get_streaming_settings(self) -> Row:
        """How the player is set up."""
        return dict(self.call("GET", f"{BASE}/settings"))

    def get_qr_code(self, asset: str, **flags: bool) -> bytes:
        """A picture that leads to the player."""
        params = {name: str(value).lower() for name, value in flags.items()}
        url = f"{self._url}{BASE}/qrcode/{quote(asset, safe='')}"
        answer = self._patiently(self._session, "GET", url, headers=self._headers, params=params)
        if not answer.ok or not answer.headers["Content-Type"].startswith("image/"):
            raise ClientError(f"{url}: {answer.status_code} {answer.headers['Content-Type']}")
        return answer.content

    def get_queries_count(self, dimension: str, start: datetime, end: datetime, **more: Any) -> list[list[Any]]:
        """All rows of a count."""
        return self._rows("queries/count", start, end, dimension=dimension, **more)

    def get_queries_sum(self, dimension: str, start: datetime, end: datetime, **more: Any) -> list[list[Any]]:
        """All rows of a sum."""
        return self._rows("queries/sum", start, end, dimension=dimension, **more)

    def get_queries_avg(self, dimension: str, start: datetime, end: datetime, **more: Any) -> list[list[Any]]:
        """All rows of an average."""
        return self._rows("queries/avg", start, end, dimension=dimension, **more)

    def get_queries_median(self, dimension: str, start: datetime, end: datetime, **more: Any) -> list[list[Any]]:
        """All rows of a median."""
        return self._rows("queries/median", start, end, dimension=dimension, **more)

    def get_ads_count(self, dimension: str, start: datetime, end: datetime, **more: Any) -> list[list[Any]]:
        """All rows of a count of ads."""
        return self._rows("ads/queries/count", start, end, dimension=dimension, **more)

    def get_ads_sum(self, dimension: str, start: datetime, end: datetime, **more: Any) -> list[list[Any]]:
        """All rows of a sum over ads."""
        return self._rows("ads/queries/sum", start, end, dimension=dimension, **more)

    def get_ads_avg(self, dimension: str, start: datetime, end: datetime, **more: Any) -> list[list[Any]]:
        """All rows of an average over ads."""
        return self._rows("ads/queries/avg", start, end, dimension=dimension, **more)

    def get_max_concurrent_viewers(self, start: datetime, end: datetime, **more: Any) -> list[list[Any]]:
        """All rows of the most viewers at once."""
        return self._rows("metrics/max_concurrentviewers", start, end, **more)

    def list_impressions(self, start: datetime, end: datetime, **more: Any) -> list[str]:
        """Ids of sessions; raises where there may be more than one answer holds."""
        body = {"start": start.isoformat(), "end": end.isoformat(), "limit": ROWS, **more}
        found = self.call("POST", f"{BASE}/analytics/impressions", json=body, repeatable=True)["impressions"]
        if len(found) >= body["limit"]:
            raise ClientError("perhaps more sessions than one answer holds; ask for less time")
        return [each["impressionId"] for each in found]

    def _rows(self, path: str, start: datetime, end: datetime, **query: Any) -> list[list[Any]]:
        """All rows, in the order asked for and then in one that leaves no ties; each without what follows the value."""
        interval, groups = query.get("interval"), list(query.get("groupBy", ()))
        columns = (1 if interval else 0) + len(groups) + 1
        order = list(query.get("orderBy", ()))
        asked = [each["name"] for each in order]
        order += [{"name": name, "order": "ASC"} for name in filter(None, [interval, *groups]) if name not in asked]
        body = {"start": start.isoformat(), "end": end.isoformat(), "limit": ROWS, **query}
        if order:
            body["orderBy"] = order
        rows: list[list[Any]] = []
        for offset in itertools.count(0, ROWS):
            link, json = f"{BASE}/analytics/{path}", {**body, "offset": offset}
            part = self.call("POST", link, json=json, repeatable=True)["rows"]
            rows += [row[:columns] for row in part]
            if len(part) < ROWS:
                return rows
        raise AssertionError("an endless count ends")


def _path(asset: str) -> str:
    return f"{BASE}/assets/{quote(asset, safe='')}"


def _asset(row: Row) -> Row:
    """An asset with tags by name, images in small letters and chapters in seconds."""
    made = dict(row)
    made["tags"] = [tag["name"] if isinstance(tag, dict) else tag for tag in row.get("tags", [])]
    images = row.get("images", {})
    made["images"] = {key: {name.lower(): value for name, value in each.items()} for key, each in images.items()}
    made["chapters"] = [_chapter(each) for each in row.get("chapters", [])]
    return made


def _chapter(row: Row) -> Row:
    start = row["startSecond"] if "startSecond" in row else row["start"]
    end = row["endSecond"] if "endSecond" in row else row.get("end")
    return {"id": row.get("id"), "title": row["title"], "start": start, "end": end}
