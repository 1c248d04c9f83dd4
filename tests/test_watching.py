"""What a running server shows: a line for each exchange, JSON lines, and counters for Prometheus."""

from __future__ import annotations

import json

import pytest

from support import Mock
from testcard.commands import watching

ACCOUNTS = "/videocentral/apis/v1/accounts"


def watched(mock: Mock) -> None:
    token = mock.env("videocentral")["TOKEN"]
    mock.get(f"{ACCOUNTS}?limit=1", headers={"Authorization": f"Bearer {token}"})
    mock.get(f"{ACCOUNTS}?token={token}")


def test_a_line_for_each_exchange_without_secrets_or_colour_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    mock = Mock("videocentral")
    mock.switchboard.watchers.append(watching.log_lines)
    watched(mock)
    ok, refused = capsys.readouterr().out.splitlines()

    assert ok.startswith("ok         200 GET http://mock.test/videocentral/apis/v1/accounts?limit=1")
    assert refused.startswith("auth       401 GET")
    assert mock.env("videocentral")["TOKEN"] not in refused
    assert "\x1b" not in ok


def test_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    mock = Mock("videocentral")
    mock.switchboard.watchers.append(watching.log_json)
    watched(mock)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert [(line["world"], line["operation"], line["verdict"]) for line in lines] == [
        ("default", "list_accounts", "ok"),
        ("default", "list_accounts", "auth"),
    ]


def test_metrics_count_by_operation_status_and_verdict() -> None:
    mock = Mock("videocentral")
    metrics = watching.Metrics()
    mock.switchboard.watchers.append(metrics.watch)
    mock.switchboard.metrics = metrics.render
    watched(mock)
    answer = mock.get("/metrics")
    sample = 'testcard_exchanges_total{api="videocentral",operation="list_accounts",status="401",verdict="auth"} 1.0'

    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert sample in answer.text
    assert "testcard_exchange_seconds_bucket" in answer.text


def test_there_are_no_metrics_unless_asked_for() -> None:
    assert Mock("videocentral").get("/metrics").status == 404
