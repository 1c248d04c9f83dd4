"""Schemathesis against the mocks: it knows a contract and nothing else, and must find nothing.

In-process over the ASGI face, deterministic: the coverage phase for every contract, the stateful phase where there are
writes; and once over a real socket.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from every_api import API_NAMES, credential_headers
from support import Mock, socket_server
from testcard.contract import contract_names, open_contract
from testcard.server.asgi import AsgiFace

schemathesis.openapi.format(
    "ibm-date-time", st.sampled_from(["2026-02-01T00:00:00+00:00", "2018-07-16T19:20:30+01:00"])
)
schemathesis.openapi.format("date-or-date-time", st.sampled_from(["2026-02-01", "2026-02-01T00:00:00Z"]))

CONTRACTS = [name for api in API_NAMES for name in contract_names(api)]
WRITTEN = [name for name in CONTRACTS if name.startswith("videokit/") and name != "videokit/transcoder"]
LOCAL = "http://localhost"

# Refusals of requests that fit their schema, because a schema cannot say what is asked: that an id is known, that an
# end lies behind its start, that a column is one of this very answer.
BEYOND_SCHEMAS = {
    "videocentral": [r"invalid parameter : client_id"],
    "amagi": [
        r"is not a channel of this token",
        r"is not the customer of this token",
        r"lies before startDate",
        r"is not one of 1, 12, 24",  # under another reading it may be any
        r"is not in the list of the document",  # as here
    ],
    "ibmvideo": [r"the client is not known", r"no client has the id", r"client_id is missing"],  # it may stand in Basic
    "videokit": [
        r"is no column of this answer",
        r"is not a property of this list",
        r"must be after the start",
        r"lies before the start",
        r"lies after 'end'",
        r"ask for less",
        r"is not client_credentials",
        r"is not a multiple of 60",
        r"it was not uploaded",
        r"query 'attributes': \\\"\\\" does not match",  # a list of nothing, as its one empty item
    ],
}


def _flat(name: str) -> dict[str, Any]:
    """The contract with its servers' paths in its own paths, as one server that is ours."""
    contract = open_contract(name)
    document = copy.deepcopy(dict(contract.document))
    paths = {}
    for path, item in document["paths"].items():
        servers = item.pop("servers", document["servers"])
        paths[f"/{contract.api}{urlsplit(servers[0]['url']).path.rstrip('/')}{path}"] = item
    return {**document, "paths": paths, "servers": [{"url": LOCAL}]}


def _config(headers: dict[str, str], url: str, phase: str) -> SchemathesisConfig:
    phases = {each: {"enabled": each == phase} for each in ("examples", "coverage", "fuzzing", "stateful")}
    return SchemathesisConfig.from_dict(
        {
            "base-url": url,
            "headers": {**headers, "Accept-Encoding": "identity"},
            "workers": 1,
            "continue-on-failure": True,
            "request-timeout": 60,
            "generation": {"deterministic": True, "database": "none", "max-examples": 5},
            "phases": phases,
            # A literal path may also be reached as another path's template, whose methods Allow then names too.
            "checks": {"allow_header_conformance": {"enabled": False}},
        }
    )


class Run:
    """One run of the engine: how many cases it made, and what it found."""

    def __init__(
        self, name: str, phase: str, *, url: str = LOCAL, mock: Mock | None = None, only: str | None = None
    ) -> None:
        api = name.partition("/")[0]
        mock = mock or Mock(api, profile="empty" if name == "videokit/streaming" else "small")  # else years of views
        config = _config(credential_headers(api, mock.env(api)), url, phase)
        whole = schemathesis.openapi.from_dict(_flat(name), config=config)
        schema = whole if only is None else whole.include(path=only)
        if url == LOCAL:
            schema.app = AsgiFace(mock.switchboard)
        self._beyond = re.compile("|".join(BEYOND_SCHEMAS[api]))
        self.cases = 0
        self.statuses: set[int] = set()
        self.findings = [finding for event in from_schema(schema).execute() for finding in self._look(event)]

    def _look(self, event: Any) -> Iterator[str]:
        if isinstance(event, events.NonFatalError | events.FatalError):
            yield f"{getattr(event, 'label', 'run')}: {getattr(event, 'info', None) or getattr(event, 'exception', '')}"
        if not isinstance(event, events.ScenarioFinished):
            return
        for case, checks in event.recorder.checks.items():
            self.cases += 1
            interaction = event.recorder.interactions.get(case)
            answer = interaction.response if interaction else None
            if answer is not None:
                self.statuses.add(answer.status_code)
            for check in checks:
                if check.failure_info is not None and not self._is_beyond(check.name, answer):
                    said = check.failure_info.failure.message[:300]
                    asked = interaction and f"{interaction.request.method} {interaction.request.uri[:300]}"
                    got = answer and f"{answer.status_code} {answer.content[:300]!r}"
                    yield f"{event.label}: {check.name}: {said}\n    {asked}\n    {got}"

    def _is_beyond(self, check: str, answer: Any) -> bool:
        return check == "positive_data_acceptance" and bool(self._beyond.search(answer.content.decode()))


def _report(findings: list[str]) -> str:
    return f"{len(findings)} findings, the first of them:\n" + "\n".join(findings[:5])


@pytest.mark.parametrize("name", CONTRACTS)
def test_coverage_of_every_contract_finds_nothing(name: str) -> None:
    run = Run(name, "coverage")

    assert not run.findings, _report(run.findings)
    assert run.cases >= 10 * len(open_contract(name).operations)
    assert 200 in run.statuses
    assert {400, 422} & run.statuses


@pytest.mark.parametrize("name", WRITTEN)
def test_sequences_of_calls_find_nothing(name: str) -> None:
    run = Run(name, "stateful")

    assert not run.findings, _report(run.findings)
    assert run.cases


def test_coverage_over_a_real_socket_finds_nothing() -> None:
    mock = Mock("videocentral", profile="small")
    with socket_server(mock) as url:
        run = Run("videocentral", "coverage", url=url, mock=mock)

    assert not run.findings, _report(run.findings)
    assert {200, 400, 401, 404, 405} <= run.statuses


def test_a_mock_that_breaks_its_contract_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate can fail: an API whose limits nobody checks, and one that takes any token."""
    monkeypatch.setattr("testcard.exchange.exchange.check", lambda *_: None)
    mock = Mock("videocentral", profile="small")
    accounts = mock.switchboard.exchange("videocentral").parts[0]
    monkeypatch.setattr(accounts, "authenticate", lambda call: call.world.credentials.holders("videocentral")[0])
    run = Run("videocentral", "coverage", mock=mock, only="/videocentral/apis/v1/accounts")

    assert any("ignored_auth" in finding for finding in run.findings)
