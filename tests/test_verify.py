"""A verdict is deterministic, blames the right party, and is never green when nothing was checked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import orjson
import pytest
from click.testing import CliRunner

from adapters.videocentral import Adapter
from known_good.videocentral import Client
from miniatures.registry import miniatures
from testcard.cli import main
from testcard.data import load
from testcard.suite.budget import BUDGETS, Budget
from testcard.suite.drivers import AdapterDriver
from testcard.suite.rules import RULES
from testcard.suite.scenario import Scenario
from testcard.suite.subjects import SUBJECTS, open_subject
from testcard.suite.subjects.videocentral import VideoCentral
from testcard.suite.verify import verify

SHORT = Budget(examples=15, matrix=False, seconds=300)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few named scenarios, so that a verdict is quick."""
    named = VideoCentral().named()
    monkeypatch.setattr(VideoCentral, "named", lambda self: [each for each in named if not each.faults][:8])


def wrong(name: str) -> AdapterDriver:
    return next(each.open() for each in miniatures("videocentral") if each.name == name)  # type: ignore[return-value]


@pytest.mark.usefixtures("few")
def test_a_right_client_is_robust_under_every_reading() -> None:
    verdict = verify(AdapterDriver(Adapter()), "videocentral", replace(SHORT, matrix=True))

    assert [f"{each.rule} {each.scenario.name}: {each.message}" for each in verdict.violations] == []
    assert set(verdict.matrix.values()) == {"robust"}
    assert {"VC-02=mixed", "VC-10=absent", "VC-11=newest-first", "dialect=observed"} <= set(verdict.matrix)
    assert verdict.coverage["readings"]["VC-45=refused"] == 0
    assert verdict.exit_code == 0
    assert verdict.not_checked == {}


@pytest.mark.usefixtures("few")
def test_a_wrong_client_is_found_out_and_shrunk() -> None:
    verdict = verify(wrong("first-page-only"), "videocentral", SHORT)

    assert verdict.exit_code == 1
    assert {"TRA-04", "OUT-01"} <= set(verdict.by_rule)
    assert verdict.by_rule["OUT-01"][0].take.traffic


@pytest.mark.usefixtures("few")
def test_the_same_client_gets_the_same_verdict() -> None:
    one, two = (verify(wrong("exclusive-begin"), "videocentral", replace(SHORT, seed=7)).as_json() for _ in "12")

    def plain(verdict: dict[str, Any]) -> list[tuple[Any, ...]]:
        return [(each["rule"], each["scenario"]["name"], each["step"]) for each in verdict["violations"]]

    assert plain(one) == plain(two) != []


class OldKey(Client):
    """Knows one name for the id of a report type, and the order of the document."""

    def report_types(self, account: str, group: str, channel: str) -> list[dict[str, Any]]:
        return [row | {"id": row["id"]} for row in super().report_types(account, group, channel)]


class KnowsOneKey(Adapter):
    client_class = OldKey

    def classify(self, error: Exception) -> tuple[str, int | None]:
        return ("protocol", None) if isinstance(error, KeyError) else super().classify(error)


def test_what_only_a_reading_breaks_is_the_documents_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    named = VideoCentral().named()
    monkeypatch.setattr(
        VideoCentral, "named", lambda self: [each for each in named if "list_report_types" in each.name]
    )
    verdict = verify(AdapterDriver(KnowsOneKey()), "videocentral", replace(SHORT, matrix=True, examples=0))

    assert verdict.violations == []
    assert verdict.exit_code == 0
    assert set(verdict.only_under()) == {"VC-02=report-type-id", "VC-02=mixed"}


class Part(Adapter):
    """Has one operation, and one that nobody knows."""

    operations: ClassVar = frozenset({"list_accounts", "fetch_everything"})


@pytest.mark.usefixtures("few")
def test_a_part_of_an_api_is_judged_and_the_rest_is_listed() -> None:
    verdict = verify(AdapterDriver(Part()), "videocentral", replace(SHORT, examples=3))

    assert set(verdict.checked) == {"list_accounts"}
    assert verdict.not_checked["list_reports"] == "the client does not have it"
    assert verdict.not_checked["fetch_everything"] == "the suite does not judge it"


class Nothing(Adapter):
    operations: ClassVar = frozenset({"fetch_everything"})


def test_nothing_checked_is_not_green() -> None:
    assert verify(AdapterDriver(Nothing()), "videocentral", SHORT).exit_code == 4


@pytest.mark.usefixtures("few")
def test_no_time_is_told() -> None:
    verdict = verify(AdapterDriver(Adapter()), "videocentral", replace(SHORT, seconds=0.0))

    assert "out of time" in verdict.not_checked["named scenarios"]


@pytest.mark.usefixtures("few")
def test_the_run_says_what_it_never_exercised() -> None:
    verdict = verify(AdapterDriver(Adapter()), "videocentral", SHORT)

    assert verdict.coverage["operations"]["list_reports"] > 0
    assert verdict.coverage["statuses"]["list_accounts 403"] == 0
    assert verdict.coverage["parameters"]["list_reports.limit"] > 0
    assert verdict.coverage["pages"]["last, short"] > 0


def test_budgets_are_in_order() -> None:
    assert BUDGETS["quick"].examples < BUDGETS["default"].examples < BUDGETS["deep"].examples


def test_every_rule_is_listed_with_its_clause() -> None:
    listed = CliRunner().invoke(main, ["verify", "--list"]).output

    for rule in RULES.values():
        assert f"{rule.id}  {rule.channel}, {rule.severity}  {rule.sentence}  [{rule.clause}]" in listed
    assert "videocentral  list_reports: every report of a type that passes the filters" in listed
    assert "videokit  upload_file: the id of a file" in listed
    assert "videokit  not judged: get_qr_code, a picture" in listed


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--driver", "a", "--adapter", "b:c"],
        ["--adapter", "nothing"],
        ["--adapter", "json:loads", "--report", "pdf=x"],
        ["--adapter", "adapters.videocentral:Adapter", "--api", "nobody"],
    ],
)
def test_bad_usage_is_told(options: list[str]) -> None:
    assert CliRunner().invoke(main, ["verify", *options]).exit_code == 2


@pytest.mark.parametrize("api", SUBJECTS)
def test_a_scenario_is_plain_data(api: str) -> None:
    for scenario in open_subject(api).named():
        written = orjson.dumps(scenario.as_json())
        assert orjson.dumps(Scenario.of(orjson.loads(written)).as_json()) == written


# Kinds that scenarios leave out: rows have nulls by themselves, and no scenario needs a refresh token twice; tokens of
# Amagi and keys of Cloud Video Kit last, and their pages have numbers where others have links.
LEFT_OUT = {
    "videocentral": {"null-field", "refresh-token-revoked"},
    "ibmvideo": {"null-field", "refresh-token-revoked"},
    "amagi": {"null-field", "refresh-token-revoked", "token-expired", "next-repeats", "next-cycles"},
    "videokit": {"null-field", "refresh-token-revoked", "token-expired", "next-repeats", "next-cycles"},
}


@pytest.mark.parametrize("api", SUBJECTS)
def test_every_kind_of_fault_is_in_a_scenario(api: str) -> None:
    struck = {fault["kind"] for scenario in open_subject(api).named() for fault in scenario.faults}

    assert set(load("contracts/schemas/fault.json")["$defs"]["kinds"]) - struck == LEFT_OUT[api]
