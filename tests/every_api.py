"""Ways through any API by its contract alone: good requests, bad ones, and where ids come from. Knows no handler."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from support import Answer, Mock
from testcard.apis import APIS
from testcard.contract import Operation, Parameter, contract_names, open_contract
from testcard.data import data_path, load

__all__ = [
    "API_NAMES",
    "OPERATIONS",
    "Asked",
    "Samples",
    "Visitor",
    "credential_headers",
    "operations_of",
    "samples_of",
]

API_NAMES = list(APIS)
NOW = "2026-03-02T12:00:00Z"


def operations_of(api: str) -> list[Operation]:
    """Every operation of an API, in the order of its contracts."""
    return [each for name in contract_names(api) for each in open_contract(name).operations.values()]


OPERATIONS = [(api, operation) for api in API_NAMES for operation in operations_of(api)]

Samples = list[dict[str, Any]]


@cache
def samples_of(api: str) -> Samples:
    """Every sample payload of an API's document."""
    folder = data_path(f"fixtures/{api}")
    files = sorted(path.name for path in folder.glob("*samples.json"))
    return [sample for name in files for sample in load(f"fixtures/{api}/{name}")]


@dataclass
class Asked:
    """A request, in the parts that tests change."""

    operation: Operation
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def url(self, api: str) -> str:
        """The address below the server."""
        path = self.operation.path
        for name, value in self.path.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        return f"/{api}{self.operation.servers[0].base}{path}"


class Visitor:
    """A client of one API with a mock of its own: knows the contract, its samples, and the answers it has had."""

    def __init__(self, api: str, **options: Any) -> None:
        self.api = api
        self.mock = Mock(api, now=NOW, **options)
        self.env = self.mock.env(api)
        self.headers = credential_headers(api, self.env)

    def send(self, asked: Asked) -> Answer:
        """Send a request as it stands."""
        return self.mock.request(
            asked.operation.method,
            asked.url(self.api),
            params=asked.query,
            headers={"Accept-Encoding": "identity", **asked.headers},
            body=asked.body,
        )

    def good(self, operation: Operation) -> Asked:
        """A request that the contract allows, about things that there are."""
        asked = Asked(operation, headers=dict(self.headers) if operation.secured else {})
        asked.path = self.path_arguments(operation)
        asked.query = {each.name: self._query_value(each) for each in operation.parameters if _asked_for(each)}
        asked.query |= _EXTRA_QUERY.get((self.api, operation.id), _no_query)(self)
        media, body = self._body(operation)
        if media:
            asked.headers["content-type"] = media
            asked.body = body
        return asked

    def path_arguments(self, operation: Operation, *, special: bool = True) -> dict[str, str]:
        """A value for each template: a choice of its schema, or the first id of the collection before it.

        Without *special*, whatever state that first thing is in.
        """
        found: dict[str, str] = {}
        for parameter in operation.parameters:
            if parameter.location == "path":
                found[parameter.name] = self._path_value(operation, parameter, found, special)
        return found

    def _path_value(self, operation: Operation, parameter: Parameter, found: Mapping[str, str], special: bool) -> str:
        fixed = self._fixed(operation, parameter, special)
        if fixed is not None:
            return fixed
        prefix = operation.path.partition(f"{{{parameter.name}}}")[0].rstrip("/")
        for name, value in found.items():
            prefix = prefix.replace(f"{{{name}}}", quote(value, safe=""))
        url = f"/{self.api}{operation.servers[0].base}{prefix}"
        answer = self.mock.get(url, headers=self.headers)
        return _first_id(answer.json, parameter.name) if answer.status == 200 else "none"

    def _fixed(self, operation: Operation, parameter: Parameter, special: bool) -> str | None:
        schema = parameter.schema
        if special and (self.api, operation.id, parameter.name) in _PATHS:
            with suppress(LookupError, StopIteration, TypeError, ValueError):  # an empty world has no such thing
                return str(_PATHS[self.api, operation.id, parameter.name](self))
            return "none"
        if schema.get("enum"):
            return str(schema["enum"][0])
        if schema.get("type") == "integer":
            return str(schema.get("minimum", 1))
        return None

    def _query_value(self, parameter: Parameter) -> Any:
        known = {"client_id": self.env.get("CLIENT_ID", ""), "redirect_uri": "https://client.example/back"}
        schema = parameter.schema
        value = known.get(parameter.name) or schema.get("const") or (schema.get("enum") or [None])[0]
        if value is not None:
            return value
        if parameter.name in ("date_time_from", "date_time_to"):
            return "2026-02-01T00:00:00" if parameter.name.endswith("from") else "2026-02-02T00:00:00"
        if "examples" in schema:
            return schema["examples"][0]
        return "1"

    def _body(self, operation: Operation) -> tuple[str, bytes]:
        if operation.body is None:
            return "", b""
        media = next(iter(operation.body.content))
        if media == "application/x-www-form-urlencoded":
            return media, _FORMS[self.api, operation.id](self).encode()
        samples = (each for each in samples_of(self.api) if each["part"] == "request")
        body: Any = next((each["body"] for each in samples if each["operation"] == operation.id), {})
        with suppress(LookupError, StopIteration, TypeError, ValueError):  # as above
            body = _BODIES.get((self.api, operation.id), _as_is)(self, deepcopy(body))
        return media, json.dumps(body).encode()


def credential_headers(api: str, env: Mapping[str, str]) -> dict[str, str]:
    """The headers that say who calls, as the contract's first security scheme wants them."""
    schemes = open_contract(contract_names(api)[0]).document["components"]["securitySchemes"]
    scheme = next(iter(schemes.values()))
    secret = env.get("API_KEY") or env["TOKEN"]
    if scheme["type"] == "http":
        return {"Authorization": f"Bearer {secret}"}
    tenant = {"X-Tenant-Id": env["TENANT_ID"]} if "TENANT_ID" in env else {}
    return {scheme["name"]: secret, **tenant}


def _asked_for(parameter: Parameter) -> bool:
    return parameter.location == "query" and parameter.required


def _first_id(data: Any, name: str) -> str:
    """The id of the first item of the first list in an answer."""
    for rows in _lists(data):
        for row in rows:
            if isinstance(row, dict):
                for key in ("id", name, "reportTypeId", "Id"):
                    if key in row:
                        return str(row[key])
    return "none"


def _lists(data: Any) -> Iterator[list[Any]]:
    if isinstance(data, list):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from _lists(value)


def _no_query(_visitor: Visitor) -> dict[str, Any]:
    return {}


def _as_is(_visitor: Visitor, body: Any) -> Any:
    return body


def _token_form(visitor: Visitor, **fields: str) -> str:
    env = visitor.env
    return urlencode({"client_id": env["CLIENT_ID"], "client_secret": env["CLIENT_SECRET"], **fields})


def _first(visitor: Visitor, path: str, *steps: Any) -> Any:
    """What stands at *steps* in the answer to a GET below the API."""
    found = visitor.mock.get(f"/{visitor.api}{path}", headers=visitor.headers).json
    for step in steps:
        found = next(iter(found)) if step is next else found[step]
    return found


def _own_path(identity: str, name: str) -> Callable[[Visitor], str]:
    """The same as another operation of the API takes."""

    def value(visitor: Visitor) -> str:
        operation = next(each for each in operations_of(visitor.api) if each.id == identity)
        return visitor.path_arguments(operation)[name]

    return value


def _made(visitor: Visitor, path: str, body: Any, *steps: Any) -> Any:
    """What stands at *steps* in the answer to a POST below the API."""
    answer = visitor.mock.post(f"/{visitor.api}{path}", headers=visitor.headers, json=body)
    found: Any = answer.json if steps else None
    for step in steps:
        found = found[step]
    return found


def _asset(visitor: Visitor) -> str:
    return str(_first(visitor, "/streaming/v1/assets", "items", 0, "id"))


def _chapter(visitor: Visitor) -> str:
    chapters = {"chapters": [{"title": "one", "startSecond": 1, "endSecond": 5}]}
    _made(visitor, f"/streaming/v1/assets/{_asset(visitor)}/chapters", chapters)
    return str(_first(visitor, f"/streaming/v1/assets/{_asset(visitor)}", "chapters", 0, "id"))


def _tag(visitor: Visitor) -> str:
    _made(visitor, f"/streaming/v1/assets/{_asset(visitor)}/tags", {"tags": [{"name": "comedy"}]})
    return "comedy"


def _image_key(visitor: Visitor) -> str:
    images = {"images": {"poster": {"Id": "guid", "Name": "a.jpg", "Url": "https://domain.example/a.jpg"}}}
    _made(visitor, f"/streaming/v1/assets/{_asset(visitor)}/images", images)
    return "poster"


def _image(visitor: Visitor) -> str:
    path = f"/streaming/v1/assets/{_asset(visitor)}/images/uploaded"
    return str(_made(visitor, f"{path}/start", {"name": "a.jpg", "fileSize": 4}, "fileId"))


def _upload(visitor: Visitor) -> str:
    return str(_made(visitor, "/vod/v1/files/start", {"name": "a.mp4", "friendlyName": "A", "fileSize": 4}, "fileId"))


def _completed(visitor: Visitor, identity: str, path: str) -> dict[str, Any]:
    """The body that ends an upload, whose one part is sent before."""
    link = _first(visitor, f"{path}/{identity}/part/1", "url")
    etag = visitor.mock.request("PUT", link, body=b"four").headers["ETag"]
    return {"fileId": identity, "parts": [{"partNumber": 1, "eTag": etag}]}


def _idle_channel(visitor: Visitor) -> str:
    """The first channel, stopped and given the time to stop."""
    channel = _channel(visitor)
    visitor.mock.post(f"/videokit/live/v1/channels/{channel}/stop", headers=visitor.headers)
    visitor.mock.world.clock.advance(3600)
    return channel


def _media(visitor: Visitor) -> tuple[str, str]:
    url = _first(visitor, f"/streaming/v1/assets/{_asset(visitor)}", "outputs", 0, "endpoints", 0, "url")
    token, _, key = str(url).partition("/media/")[2].partition("/")
    return token, key


def _with(**fields: Any) -> Callable[[Visitor, Any], Any]:
    """The sample with some fields of our own; a function is asked for its value."""

    def change(visitor: Visitor, body: Any) -> Any:
        return {**body, **{name: value(visitor) if callable(value) else value for name, value in fields.items()}}

    return change


def _channel(visitor: Visitor) -> str:
    return str(_first(visitor, "/live/v1/channels", "items", 0, "id"))


def _recording(visitor: Visitor, body: Any) -> Any:
    body["source"]["liveChannelDetails"] = {
        "channelId": _channel(visitor),
        "start": "2026-03-03T08:00:00+00:00",
        "end": "2026-03-03T08:05:00+00:00",
    }
    return body


def _vod_asset(visitor: Visitor, body: Any) -> Any:
    files = [each["id"] for each in _first(visitor, "/vod/v1/files", "items") if each["status"] == "Completed"]
    body["transcodedSources"][0]["fileId"] = files[0]
    preset = _first(visitor, "/transcoder/v1/presets")
    known = preset["items"] if isinstance(preset, dict) else preset
    return {**body, "preset": known[0].get("name", known[0].get("id"))}


# What the rules above do not find. Each is a way through the API itself.
_EXTRA_QUERY: dict[tuple[str, str], Callable[[Visitor], dict[str, Any]]] = {
    ("videokit", "delete_domain"): lambda visitor: {
        "playerDomainId": _first(visitor, "/streaming/v1/domains", 0, "playerDomainId")
    },
}
_PATHS: dict[tuple[str, str, str], Callable[[Visitor], Any]] = {
    ("videocentral", "list_reports_singular", "report_type_id"): _own_path("list_reports", "report_type_id"),
    ("amagi", "download_report", "scheduleId"): lambda visitor: "20411",
    ("amagi", "download_report", "from_date"): lambda visitor: "2026-02-26",
    ("videokit", "get_tenant_status", "id"): lambda visitor: visitor.env["TENANT_ID"],
    ("videokit", "start_channel", "id"): _idle_channel,
    ("videokit", "delete_channel", "id"): _idle_channel,
    ("videokit", "delete_asset_chapter", "chapterId"): _chapter,
    ("videokit", "delete_asset_tag", "tag"): _tag,
    ("videokit", "delete_asset_image", "imageKey"): _image_key,
    ("videokit", "get_image", "fileId"): _image,
    ("videokit", "delete_image", "fileId"): _image,
    ("videokit", "get_image_part_url", "fileId"): _image,
    ("videokit", "get_qr_code", "id"): _asset,
    ("videokit", "get_media", "token"): lambda visitor: _media(visitor)[0],
    ("videokit", "get_media", "key"): lambda visitor: _media(visitor)[1],
    ("videokit", "delete_file", "id"): _upload,
    ("videokit", "get_file_part_url", "id"): _upload,
    ("videokit", "cancel_file_upload", "id"): _upload,
    ("videokit", "remove_vod_output", "outputId"): lambda visitor: _first(
        visitor, f"/vod/v1/assets/{_first(visitor, '/vod/v1/assets', 'items', 0, 'id')}", "outputs", 0, "id"
    ),
    ("videokit", "delete_recording_output", "id"): lambda visitor: _first(
        visitor, f"/cvr/v1/recordings/{_first(visitor, '/cvr/v1/recordings', 'items', 0, 'id')}", "outputs", 0, "id"
    ),
}
_FORMS: dict[tuple[str, str], Callable[[Visitor], str]] = {
    ("videocentral", "request_token"): lambda visitor: _token_form(
        visitor, grant_type="refresh_token", refresh_token=visitor.env["REFRESH_TOKEN"]
    ),
    ("ibmvideo", "request_token"): lambda visitor: _token_form(visitor, grant_type="client_credentials"),
    ("ibmvideo", "revoke_token"): lambda visitor: urlencode({"token": visitor.env["TOKEN"]}),
    ("videokit", "issue_token"): lambda visitor: urlencode(
        {
            "grant_type": "client_credentials",
            "client_id": _first(visitor, "/core/v1/api-key", "items", 0, "id"),
            "client_secret": visitor.env["API_KEY"],
        }
    ),
}
_BODIES: dict[tuple[str, str], Callable[[Visitor, Any], Any]] = {
    ("videokit", "create_api_key"): _with(roleId="role-editor"),
    ("videokit", "update_api_key"): _with(roleId="role-editor"),
    ("videokit", "create_event"): _with(
        channelId=_channel, start="2026-03-03T11:00:00+00:00", end="2026-03-03T11:05:00+00:00"
    ),
    ("videokit", "create_recording"): _recording,
    ("videokit", "create_vod_asset"): _vod_asset,
    ("videokit", "complete_image_upload"): lambda visitor, _: _completed(
        visitor, _image(visitor), f"/streaming/v1/assets/{_asset(visitor)}/images/uploaded"
    ),
    ("videokit", "complete_file_upload"): lambda visitor, _: _completed(visitor, _upload(visitor), "/vod/v1/files"),
}
