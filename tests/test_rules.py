"""Each rule fires on the case that it is about, and not on its neighbour."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, ClassVar
from urllib.parse import urlsplit

import orjson
import pytest

from testcard.exchange import Exchange
from testcard.server.build import build
from testcard.suite.protocol import Asked, Outcome
from testcard.suite.rules import RULES, judge
from testcard.suite.scenario import Scenario, Step
from testcard.suite.stage import Play, Take
from testcard.suite.subjects.videocentral import VideoCentral
from testcard.world.journal import Entry

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
BASE = "/videocentral/apis/v1"
LIST = f"{BASE}/accounts"
GROUPS = f"{BASE}/accounts/0071"
REPORTS = f"{BASE}/accounts/a/g/c/reportTypes/t/reports"
TOKEN_URL = "/videocentral/auth/o2/token"
ENV = {"TESTCARD_VIDEOCENTRAL_TOKEN": "Atza|the-token", "TESTCARD_VIDEOCENTRAL_CLIENT_SECRET": "the-client-secret"}
ACCOUNTS = [{"id": str(number), "name": f"Account {number}"} for number in range(5)]
PLACE = {"account_id": "a", "reports_group_id": "g", "channel_id": "c", "report_type_id": "t"}
serial = itertools.count(1)


@cache
def exchange() -> Exchange:
    return build(["videocentral"]).exchange("videocentral")


def sent(url: str, status: int = 200, *, at: float = 0.0, took: float = 0.01, **fields: Any) -> Entry:
    """One exchange; the operation is what the path says."""
    method = fields.pop("method", "GET")
    headers = fields.pop("headers", {"authorization": "Bearer Atza|the-token"})
    body, answer = fields.pop("body", b""), fields.pop("answer", None)
    path = urlsplit(url).path
    operation = "request_token" if path == TOKEN_URL else "list_accounts" if path == LIST else ""
    operation = operation or ("list_reports" if path == REPORTS else "list_report_groups" if path == GROUPS else "")
    known = {"api": "" if path.startswith("/storage") else "videocentral", "operation": operation, **fields}
    entry = Entry(next(serial), NOW, at, method, url, headers, body, status=status, duration_s=took, **known)
    entry.response_body = orjson.dumps(answer) if answer is not None else b""
    return entry


def page(offset: int, *, limit: int = 2, total: int = 5, url: str = LIST, query: str = "", **fields: Any) -> Entry:
    """A page of accounts."""
    rows = ACCOUNTS[offset : offset + limit]
    link = "next" if offset + limit < total else None
    return sent(
        f"{url}?limit={limit}&offset={offset}{query}", answer={"data": rows, "total": total, "next": link}, **fields
    )


def token(**fields: Any) -> Entry:
    return sent(TOKEN_URL, method="POST", headers={}, answer={"access_token": "Atza|fetched"}, **fields)


def told_to_wait(seconds: int) -> Entry:
    return sent(LIST, 503, faults=("away",), response_headers={"Retry-After": f"{seconds}"})


WALK = [page(0), page(2), page(4)]
OK = Outcome("ok", rows=ACCOUNTS, totals={"total": 5})
FAILED = Outcome("failed", failure="server", status=500, message="500")


class Shop(VideoCentral):
    """A subject with what Video Central has not: things that are begun and ended, a largest page, links of no use."""

    max_limit = 100
    probes_end = False
    endings: ClassVar[Mapping[str, frozenset[str]]] = {"start_upload": frozenset({"complete_upload", "cancel_upload"})}

    def shortfall(self, take: Take) -> str:
        """What was completed has been stored before."""
        done = [each.operation or each.method for each in take.traffic]
        return "nothing was stored" if "complete_upload" in done and "PUT" not in done else ""


def told(
    traffic: Sequence[Entry],
    outcome: Outcome = OK,
    *,
    step: Step | None = None,
    faults: Mapping[str, Mapping[str, Any]] | None = None,
    rows: Mapping[str, Any] | None = None,
    said: str = "",
    seconds: float = 0.1,
) -> dict[str, str]:
    """The rules that a take breaks, with what is said."""
    step = step or Step("list_accounts", fresh=True)
    readings = dict.fromkeys(("VC-02", "VC-05", "VC-11", "VC-12"), "")
    specs = {name: dict(spec) for name, spec in (faults or {}).items()}
    scenario = Scenario("a case", "videocentral", [step], rows or {"accounts": ACCOUNTS}, list(specs.values()))
    asked = Asked(step.operation, step.arguments, ENV, fresh=True)
    take = Take(step, asked, outcome, traffic, scenario.rows, readings, NOW, seconds, said, specs)
    return {each.rule: each.message for each in judge(Play(scenario, [take]), Shop(), exchange())}


def broken(traffic: Sequence[Entry], outcome: Outcome = OK, **more: Any) -> set[str]:
    """The rules that a take breaks."""
    return set(told(traffic, outcome, **more))


def window(**bounds: str) -> Step:
    return Step("list_reports", {**PLACE, **bounds}, fresh=True)


NOTHING: dict[str, Any] = {
    "reports": [],
    **{table: [] for table in ("accounts", "reportGroups", "channels", "reportTypes")},
}
UNKNOWN_NOTE = ("list_accounts: query 'limt' is not a parameter of this operation; did you mean 'limit'?",)
MADE: dict[str, Any] = {"operation": "make", "method": "POST", "body": b"{}"}
AWAY: dict[str, Any] = {"f": {"kind": "status", "status": 503, "retry_after": 2, "when": {"first": 1}}}
REFUSED: dict[str, Any] = {"answer": None, "refusal": "no-such-account"}
WAIT: dict[str, Any] = {"response_headers": {"Retry-After": "2"}, "faults": ("f",)}
LATE: dict[str, Any] = {"response_headers": {"Retry-After": "Mon, 02 Mar 2026 12:00:05 GMT"}, "faults": ("f",)}
GTE, LT = "reportDateBeginGte", "reportDateBeginLt"
DAYS = window(**{GTE: "2026-02-01", LT: "2026-02-20"})
UPLOAD = [sent("/u", operation="start_upload", method="POST"), sent("/u/1", method="PUT", api="storage", headers={})]


def days(low: str, high: str, offset: int = 0, more: bool = False) -> Entry:
    answer = {"data": [], "total": 0, "next": "next" if more else None}
    return sent(f"{REPORTS}?{GTE}={low}&{LT}={high}&limit=50&offset={offset}", answer=answer)


# rule -> the arguments of `broken` that break it, and those of neighbours that do not
CASES: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "TRA-01": ({"traffic": [page(0, limit=5, notes=UNKNOWN_NOTE)]}, [{"traffic": WALK}]),
    "TRA-02": (
        {"traffic": [sent(f"{LIST}?limit=0", 400, refusal="invalid-request")], "outcome": FAILED},
        [{"traffic": [sent(f"{LIST}?limit=0", 400, faults=("f",))], "outcome": FAILED, "faults": AWAY}],
    ),
    "TRA-03": (
        {"traffic": [sent("/videocentral/acounts", 404, api="")], "outcome": FAILED},
        [{"traffic": [sent(GROUPS, 404, **REFUSED)], "outcome": FAILED}],
    ),
    "TRA-04": (
        {"traffic": WALK[:2]},
        [{"traffic": WALK}, {"traffic": WALK[::-1]}, {"traffic": WALK[:2], "outcome": FAILED, "faults": AWAY}],
    ),
    "TRA-05": ({"traffic": [*WALK, page(6)]}, [{"traffic": WALK}, {"traffic": [*WALK, *WALK]}]),
    "TRA-06": (
        {"traffic": [page(0)] * 4},
        [{"traffic": WALK * 3}, {"traffic": [page(0, faults=("f",))] * 5}],
    ),
    "TRA-07": (
        {"traffic": [sent(LIST, 429, **WAIT), sent(LIST, at=1.0)], "faults": AWAY},
        [
            {"traffic": [sent(LIST, 429, **WAIT), sent(LIST, at=2.02)], "faults": AWAY},
            {"traffic": [sent(LIST, 429, **WAIT), sent(LIST, at=60.0)], "faults": AWAY},
            {  # pages fetched in parallel
                "traffic": [sent(LIST, 429, took=0.5, **WAIT), page(2, at=0.4, took=0.3), page(4, at=0.9)],
                "faults": AWAY,
            },
            {"traffic": [sent(LIST, 429, **LATE), sent(LIST, at=5.0)], "faults": AWAY},
        ],
    ),
    "TRA-08": (
        {"traffic": [sent(LIST, 500, faults=("f",), at=n) for n in range(11)], "outcome": FAILED},
        [
            {"traffic": [sent(LIST, 500, faults=("f",), at=n) for n in range(8)], "outcome": FAILED},
            {"traffic": [sent(LIST, 302, faults=("f",)) for _ in range(31)], "outcome": FAILED},  # as requests follows
        ],
    ),
    "TRA-09": (
        {"traffic": [sent(GROUPS, 404, **REFUSED), sent(GROUPS, 404, **REFUSED)], "outcome": FAILED},
        [
            {"traffic": [sent(GROUPS, 404, **REFUSED), sent(f"{GROUPS}?limit=9", 404, **REFUSED)], "outcome": FAILED},
            {"traffic": [sent(GROUPS, 401), token(), sent(GROUPS, headers={"authorization": "Bearer Atza|fetched"})]},
            {"traffic": [  # client authentication in the second documented way
                sent(TOKEN_URL, 401, method="POST", headers={"authorization": "Basic eDp5"}), token(), *WALK]},
            {"traffic": [token(), *WALK]},
            {"traffic": [page(0, status=401, faults=("f",)), *WALK], "faults": {"f": {"kind": "truncate"}}},
        ],
    ),
    "TRA-10": (
        {"traffic": [token(), WALK[0], token(), WALK[1], token(), WALK[2]]},
        [{"traffic": [token(), *WALK]}, {"traffic": [token(), WALK[0], sent(LIST, 401), token(), *WALK[1:]]}],
    ),
    "TRA-11": (
        {"traffic": [sent(f"{TOKEN_URL}?client_secret=the-client-secret", method="POST", headers={}), *WALK]},
        [{"traffic": [sent(TOKEN_URL, method="POST", headers={}, body=b"client_secret=the-client-secret"), *WALK]}],
    ),
    "TRA-12": (
        {"traffic": [*WALK, sent("/storage/file", api="storage")]},
        [{"traffic": [*WALK, sent("/storage/file?X-Amz-Signature=1", api="storage", headers={})]}],
    ),
    "TRA-13": ({"traffic": [page(0, limit=101)]}, [{"traffic": [page(0, limit=100)]}]),
    "TRA-14": (
        {"traffic": [sent(LIST, 401, headers={}), *WALK]},
        [{"traffic": [sent(LIST, 401), *WALK]}, {"traffic": [sent(LIST, 401, headers={}, faults=("f",)), *WALK]}],
    ),
    "TRA-15": (
        {"traffic": [sent("/m", 502, **MADE), sent("/m", **MADE), *WALK]},
        [
            {"traffic": [sent("/m", 503, **MADE), sent("/m", **MADE), *WALK]},
            {"traffic": [sent("/m", 502, **{**MADE, "method": "PUT"}), sent("/m", **{**MADE, "method": "PUT"}), *WALK]},
            {"traffic": [sent("/m", 502, **MADE), sent("/m", **{**MADE, "body": b"{2}"}), *WALK]},
            {"traffic": [sent(TOKEN_URL, 502, method="POST", headers={}), token(), *WALK]},
        ],
    ),
    "TRA-16": (
        {"traffic": [*UPLOAD, *WALK]},
        [
            {"traffic": [*UPLOAD, sent("/u", operation="complete_upload", method="POST"), *WALK]},
            {"traffic": [*UPLOAD, sent("/u", operation="cancel_upload", method="POST")], "outcome": FAILED},
            {"traffic": [*UPLOAD, sent("/u", 409, operation="cancel_upload", method="POST")], "outcome": FAILED},
        ],
    ),
    "SEC-01": (
        {"traffic": WALK, "said": "DEBUG Authorization: Bearer Atza|the-token"},
        [{"traffic": WALK, "said": "DEBUG Authorization: Bearer ***"}],
    ),
    "INT-01": (
        {"traffic": [days("2026-02-01", "2026-02-21")], "step": DAYS, "rows": NOTHING, "outcome": FAILED},
        [
            {"traffic": [days("2026-02-01", "2026-02-20")], "step": DAYS, "rows": NOTHING, "outcome": FAILED},
            {  # windows that tile the range
                "traffic": [days("2026-02-01", "2026-02-10"), days("2026-02-10", "2026-02-20")],
                "step": DAYS, "rows": NOTHING, "outcome": FAILED,
            },
        ],
    ),
    "INT-02": (
        {
            "traffic": [days("2026-02-01", "2026-02-20", more=True), sent(f"{REPORTS}?limit=50&offset=50", answer={
                "data": [], "total": 0, "next": None})],
            "step": DAYS, "rows": NOTHING, "outcome": FAILED,
        },
        [{
            "traffic": [days("2026-02-01", "2026-02-20", more=True), days("2026-02-01", "2026-02-20", 50)],
            "step": DAYS, "rows": NOTHING, "outcome": FAILED,
        }],
    ),
    "INT-03": (
        {"traffic": [sent(LIST, body=b'{"title":"A"}')], "step": Step("list_accounts", {"body": {"title": "B"}})},
        [{"traffic": [sent(LIST, body=b'{"title":"B","limit":9}')],
          "step": Step("list_accounts", {"body": {"title": "B"}})}],
    ),
    "OUT-01": (
        {"traffic": WALK, "outcome": Outcome("ok", rows=ACCOUNTS[:4])},
        [{"traffic": WALK}, {"traffic": WALK, "outcome": FAILED, "faults": AWAY}],
    ),
    "OUT-02": (
        {"traffic": WALK, "outcome": FAILED},
        [{"traffic": WALK, "outcome": FAILED, "faults": {"f": {"kind": "reset"}}}],
    ),
    "OUT-03": (
        {"traffic": [sent(GROUPS, 404, **REFUSED)], "step": Step("list_report_groups", {"account_id": "x"}),
         "outcome": Outcome("ok", rows=[])},
        [{"traffic": [sent(GROUPS, 404, **REFUSED)], "step": Step("list_report_groups", {"account_id": "x"}),
          "outcome": Outcome("failed", failure="not-found", status=404)}],
    ),
    "OUT-04": (
        {"traffic": WALK, "outcome": FAILED, "faults": {"f": {"kind": "status", "status": 403}}},
        [
            {"traffic": WALK, "outcome": FAILED, "faults": {"f": {"kind": "status", "status": 502, "body": "gateway"}}},
            {"traffic": [*WALK, sent(LIST, 500)], "outcome": FAILED, "faults": {"f": {"kind": "truncate"}}},
        ],
    ),
    "OUT-05": (
        {"traffic": WALK, "outcome": Outcome("ok", rows=ACCOUNTS, totals={"total": 4})},
        [{"traffic": WALK}, {"traffic": WALK, "outcome": Outcome("ok", rows=ACCOUNTS)}],
    ),
    "OUT-06": (
        {"traffic": WALK, "outcome": FAILED, "faults": AWAY},
        [{"traffic": WALK, "outcome": FAILED, "faults": {"f": {"kind": "status", "status": 503}}}],
    ),
    "OUT-07": (
        {"traffic": WALK, "outcome": FAILED, "faults": {"f": {"kind": "unknown-field"}}},
        [{"traffic": WALK, "outcome": FAILED, "faults": {"f": {"kind": "malformed-json"}}}],
    ),
    "OUT-08": (
        {"traffic": [UPLOAD[0], sent("/u", operation="complete_upload", method="POST"), *WALK]},
        [{"traffic": [*UPLOAD, sent("/u", operation="complete_upload", method="POST"), *WALK]}],
    ),
    "RES-01": (
        {"traffic": [page(0), told_to_wait(1)], "outcome": Outcome("hung"), "seconds": 10},
        [
            {"traffic": WALK},
            {"traffic": [page(0), told_to_wait(60)], "outcome": Outcome("hung"), "seconds": 10},
        ],
    ),
    "RES-02": ({"traffic": WALK, "outcome": Outcome("crashed")}, [{"traffic": WALK}]),
    "RES-03": (
        {"traffic": [sent(f"{LIST}?offset={n}") for n in range(501)]},
        [{"traffic": [sent(f"{LIST}?offset={n}") for n in range(400)]}],
    ),
}  # fmt: skip

NEIGHBOURS = [(rule, number) for rule, (_, neighbours) in CASES.items() for number in range(len(neighbours))]


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_fires_on_its_case(rule: str) -> None:
    assert rule in broken(**CASES[rule][0])


@pytest.mark.parametrize(("rule", "number"), NEIGHBOURS)
def test_a_rule_leaves_its_neighbours_alone(rule: str, number: int) -> None:
    assert rule not in broken(**CASES[rule][1][number])


def test_what_was_sent_is_told_as_it_was_sent() -> None:
    message = told(**CASES["INT-01"][0])["INT-01"]

    assert message.startswith(f"asked for {LT}='2026-02-20', and request ")
    assert f" has '2026-02-21': GET {REPORTS}" in message


def test_a_loop_of_redirects_is_not_followed_for_ever() -> None:
    assert "TRA-08" in broken([sent(LIST, 302, faults=("f",)) for _ in range(51)], FAILED)


def test_every_rule_has_a_case() -> None:
    assert set(CASES) == set(RULES)


def test_a_careful_walk_breaks_no_rule() -> None:
    assert broken([token(), *WALK]) == set()


def test_rows_that_move_leave_two_truths() -> None:
    more = {"id": "9", "name": "Late"}
    moved = {"f": {"kind": "rows-changed", "table": "videocentral/accounts", "insert": [more]}}

    assert "OUT-01" not in broken(WALK, Outcome("ok", rows=ACCOUNTS), faults=moved)
    assert "OUT-01" not in broken(WALK, Outcome("ok", rows=[*ACCOUNTS, more]), faults=moved)
    assert "OUT-01" in broken(WALK, Outcome("ok", rows=[*ACCOUNTS[1:], more]), faults=moved)


def test_a_secret_in_an_error_is_told() -> None:
    assert "SEC-01" in broken(WALK, Outcome("failed", failure="auth", message="no: the-client-secret"))


def test_a_token_that_nobody_was_given_is_told() -> None:
    assert "TRA-14" in broken([sent(LIST, 401, headers={"authorization": "Bearer undefined"}), *WALK])


def test_what_the_driver_could_not_do_is_not_judged() -> None:
    assert broken(WALK[:1], Outcome("skipped")) == broken(WALK[:1], Outcome("errored")) == set()


def test_an_ending_that_was_refused_ends_nothing() -> None:
    refused = sent("/u", 400, operation="complete_upload", method="POST", refusal="InvalidPart")

    assert "TRA-16" in broken([*UPLOAD, refused], FAILED)


def test_an_ending_that_fails_leaves_another_to_be_tried() -> None:
    failed: dict[str, Any] = {"method": "POST", "faults": ("f",)}
    complete = sent("/u", 500, operation="complete_upload", **failed)
    cancel = sent("/u", 503, operation="cancel_upload", **failed)
    lost = sent("/u", 200, operation="complete_upload", **failed)

    assert "TRA-16" in broken([*UPLOAD, complete, complete], FAILED, faults=AWAY)
    assert "TRA-16" not in broken([*UPLOAD, complete, cancel], FAILED, faults=AWAY)
    assert "TRA-16" not in broken([*UPLOAD, lost], FAILED, faults=AWAY)
