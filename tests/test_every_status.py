"""Every status that a contract lists for an operation can be had from the mock, by one way or another.

The ways are the same for every API: good requests and bad ones, no rights and few, what is there and what is not,
once and again, under each reading of the ledger, and a world's faults for what only a broken service answers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from every_api import API_NAMES, Asked, Visitor, credential_headers, operations_of, samples_of
from testcard.contract import Operation, Parameter, open_ledger
from testcard.exchange import Request

Way = Callable[[Visitor, Asked], Iterator[int]]

NOWHERE = ("none", "00000000-0000-4000-8000-000000000000", "0", "2026-02-30", "%")
JUNK = ("junk", "-1", "", "99999999999999999999", "2026-02-30")
BODIES = (b"", b"{", b"{}", b"[]", b"null", b'{"x": 1}')
TRANSPORT = {"404", "405", "406", "413", "415"}  # what HTTP itself may answer to anything
OTHERS: dict[str, list[dict[str, Any]]] = {
    "videocentral": [{"accounts": ["ANOTHER"]}],
    "amagi": [{"channels": ["another"]}],
    "videokit": [{"role": "Viewer"}, {"tenants": "all"}],
    "ibmvideo": [],
}


def _good(visitor: Visitor, asked: Asked) -> Iterator[int]:
    for _ in range(2):  # what has been done cannot always be done again
        yield visitor.send(asked).status


def _nobody(visitor: Visitor, asked: Asked) -> Iterator[int]:
    yield visitor.send(replace(asked, headers=_without(asked, visitor))).status
    for name in visitor.headers:
        yield visitor.send(
            replace(asked, headers={each: asked.headers[each] for each in asked.headers if each != name})
        ).status
        for value in ("junk", "Bearer junk", "Bearer "):
            yield visitor.send(replace(asked, headers={**asked.headers, name: value})).status


def _without(asked: Asked, visitor: Visitor) -> dict[str, str]:
    return {name: value for name, value in asked.headers.items() if name not in visitor.headers}


def _any_state(visitor: Visitor, asked: Asked) -> Iterator[int]:
    yield visitor.send(replace(asked, path=visitor.path_arguments(asked.operation, special=False))).status


def _nowhere(visitor: Visitor, asked: Asked) -> Iterator[int]:
    for value in NOWHERE:
        yield visitor.send(replace(asked, path=dict.fromkeys(asked.path, value))).status
        for name in asked.path:
            yield visitor.send(replace(asked, path={**asked.path, name: value})).status


def _bad_query(visitor: Visitor, asked: Asked) -> Iterator[int]:
    for parameter in asked.operation.parameters:
        if parameter.location == "query":
            yield from (visitor.send(each).status for each in _bad_values(asked, parameter))


def _bad_values(asked: Asked, parameter: Parameter) -> Iterator[Asked]:
    yield replace(asked, query={name: value for name, value in asked.query.items() if name != parameter.name})
    for junk in JUNK:
        yield replace(asked, query={**asked.query, parameter.name: junk})


def _bad_body(visitor: Visitor, asked: Asked) -> Iterator[int]:
    if asked.operation.body is not None:
        yield from (visitor.send(replace(asked, body=body)).status for body in _bad_forms(asked.body.decode()))
        for body in (*_strange_bodies(visitor, asked), *BODIES):
            yield visitor.send(replace(asked, body=body)).status
        yield visitor.send(replace(asked, headers={**asked.headers, "content-type": "text/x-none"}, body=b"x")).status
        yield _too_large(visitor, asked)


def _bad_forms(text: str) -> Iterator[bytes]:
    """A form with each field wrong, empty or missing."""
    fields = dict(parse_qsl(text))
    for name in fields:
        for value in ("junk", ""):
            yield urlencode({**fields, name: value}).encode()
        yield urlencode({each: value for each, value in fields.items() if each != name}).encode()


def _strange_bodies(visitor: Visitor, asked: Asked) -> Iterator[bytes]:
    """The document's own sample, about things that there are not; and a good body with each text another."""
    if asked.headers.get("content-type") == "application/json":
        mine = [each for each in samples_of(visitor.api) if each["operation"] == asked.operation.id]
        yield from (json.dumps(each["body"]).encode() for each in mine if each["part"] == "request")
        for text in dict.fromkeys(re.findall(rb'"[^"]*"', asked.body)):
            yield asked.body.replace(b": " + text, b': "none"')


def _too_large(visitor: Visitor, asked: Asked) -> int:
    headers = {"host": "mock.test", **{name.lower(): value for name, value in asked.headers.items()}}
    request = Request(asked.operation.method, asked.url(visitor.api), "", headers)
    board = visitor.mock.switchboard
    return board.too_large(board.plan(request)).status or 0


def _bad_accept(visitor: Visitor, asked: Asked) -> Iterator[int]:
    yield visitor.send(replace(asked, headers={**asked.headers, "accept": "image/x-none"})).status


def _others(visitor: Visitor, asked: Asked) -> Iterator[int]:
    """Users with other rights, who say no more than who they are."""
    for grants in OTHERS[visitor.api] if asked.operation.secured else ():
        body = {"api": visitor.api, "grants": grants}
        granted = visitor.mock.post("/_testcard/worlds/default/credentials", json=body)
        assert granted.status == 201, granted.text
        prefix = f"TESTCARD_{visitor.api.upper()}_"
        env = {name.removeprefix(prefix): value for name, value in granted.json.items()}
        name, value = next(iter(credential_headers(visitor.api, env).items()))
        yield visitor.send(replace(asked, headers={**_without(asked, visitor), name: value})).status


def _faults(visitor: Visitor, asked: Asked) -> Iterator[int]:
    for status in asked.operation.responses:
        if status == "429" or status.startswith("5"):
            fault = {"kind": "status", "status": int(status), "when": {"first": 1}}
            made = visitor.mock.post("/_testcard/worlds/default/faults", json=fault)
            assert made.status == 201, made.text
            yield visitor.send(asked).status
            visitor.mock.request("DELETE", "/_testcard/worlds/default/faults")


WAYS: tuple[Way, ...] = (
    _nobody, _any_state, _nowhere, _bad_query, _bad_body, _bad_accept, _others, _faults, _good,
)  # fmt: skip


def _statuses(visitor: Visitor, operation: Operation) -> set[str]:
    asked = visitor.good(operation)
    return {str(status) for way in WAYS for status in way(visitor, asked)}


def _missing(api: str, operation: Operation, visitor: Visitor) -> set[str]:
    seen = _statuses(visitor, operation)
    undocumented = {status for status in seen if operation.response(int(status)) is None} - TRANSPORT
    assert not undocumented, f"{operation.id} answered {undocumented}"
    return set(operation.responses) - seen


def _other_readings(api: str, statuses: set[str]) -> Iterator[dict[str, str]]:
    """The readings of entries that speak of one of *statuses*."""
    for entry in open_ledger((api,)):
        spoken = " ".join([entry.question, *entry.readings, *entry.readings.values()])
        if entry.switchable and any(status in spoken for status in statuses):
            yield from ({entry.id: name} for name in entry.readings if name != entry.documented)


# What none of these ways reaches, and why. An entry that has become reachable is an error too.
ELSEWHERE: dict[str, dict[str, set[str]]] = {
    "ibmvideo": {
        key: {"404"}
        for key in (
            "list_viewers",
            "list_views",
            "list_views_of_channels",
            "get_total_views_summary",
            "list_total_views",
            "get_unique_devices_summary",
            "list_unique_devices",
            "get_authenticated_viewers_summary",
            "list_authenticated_viewers",
            "list_peak_viewer_numbers",
            "list_peak_viewer_numbers_of_channels",
            "list_viewer_seconds",
            "list_viewer_seconds_of_channels",
        )
    },
    "videokit": {
        # states that take several steps; the API's own tests take them
        **{
            key: {"409"}
            for key in (
                "update_channel",
                "update_event",
                "create_recording",
                "update_recording",
                "get_image_part_url",
                "delete_image",
                "create_vod_asset",
                "get_file_preview_url",
                "detect_file_tracks",
            )
        },
        **{key: {"406", "409"} for key in ("delete_event", "delete_recording", "delete_recording_output")},
    },
}


@pytest.mark.parametrize("api", API_NAMES)
def test_every_documented_status_can_be_had(api: str) -> None:
    missing = {each.id: _missing(api, each, Visitor(api, profile="small")) for each in operations_of(api)}
    for operation in operations_of(api):
        known = ELSEWHERE.get(api, {}).get(operation.id, set())
        for readings in _other_readings(api, missing[operation.id] - known):
            missing[operation.id] -= _statuses(Visitor(api, profile="small", readings=readings), operation)

    assert {identity: gone for identity, gone in missing.items() if gone} == ELSEWHERE.get(api, {})
