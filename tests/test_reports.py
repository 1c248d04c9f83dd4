"""Every report of a verdict with violations is what its readers expect; none tells a secret."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from rich.console import Console

from example_reports import FILES, FOLDER
from miniatures.registry import miniatures
from support import Mock, socket_server
from testcard.data import load
from testcard.suite.reports import FORMATS, write_report
from testcard.suite.reports.terminal import print_verdict
from testcard.suite.rules import RULES, judge
from testcard.suite.scenario import Scenario
from testcard.suite.stage import Stage
from testcard.suite.subjects import open_subject
from testcard.suite.verdict import Verdict

WRONG = ("first-page-only", "strips-cells", "prints-the-token", "looks-beyond-the-end", "secret-in-the-token-url")


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    """What a few wrong clients come to."""
    subject = open_subject("videocentral")
    scenarios = {scenario.name: scenario for scenario in subject.named()}
    found: dict[str, Verdict] = {}
    with Stage("videocentral") as stage:
        for miniature in miniatures("videocentral"):
            if miniature.name in WRONG:
                with miniature.open() as driver:
                    play = stage.play(scenarios[miniature.scenarios[0]], driver, timeout_s=10)
                violations = list(judge(play, subject, stage.exchange))
                checked = Counter(take.step.operation for take in play.takes)
                found[miniature.name] = Verdict("videocentral", miniature.name, violations, checked)
    return found


@pytest.fixture(scope="module")
def verdict(verdicts: dict[str, Verdict]) -> Verdict:
    """All of them, as if they were one client."""
    found = Verdict("videocentral", "wrong <b>in many ways</b>", not_checked={"live": "the client does not have it"})
    for each in verdicts.values():
        found.violations += each.violations
        found.checked += each.checked
    found.matrix = {"VC-01=pages": "robust", "VC-09=full-page": "OUT-01"}
    found.coverage = {"operations": {"list_accounts": 0, "list_reports": 3}}
    return found


@pytest.fixture
def secrets(verdict: Verdict) -> list[str]:
    envs = [violation.take.asked.env for violation in verdict.violations]
    return [value for env in envs for name, value in env.items() if name.endswith(("TOKEN", "SECRET"))]


def written(verdict: Verdict, form: str, folder: Path) -> str:
    path = folder / "report"
    write_report(form, [verdict], path)
    return path.read_text(encoding="utf-8")


def test_json_is_of_its_schema(verdict: Verdict, tmp_path: Path) -> None:
    report = json.loads(written(verdict, "json", tmp_path))

    jsonschema.Draft202012Validator(load("contracts/schemas/verdict.json")).validate(report)
    assert report["verdicts"][0]["exitCode"] == 1
    assert {each["rule"] for each in report["verdicts"][0]["violations"]} >= {"TRA-04", "OUT-01", "SEC-01", "TRA-11"}


def test_a_scenario_can_be_read_back(verdict: Verdict, tmp_path: Path) -> None:
    report = json.loads(written(verdict, "json", tmp_path))

    first = report["verdicts"][0]["violations"][0]["scenario"]
    assert json.loads(json.dumps(Scenario.of(first).as_json())) == first


def test_junit_parses_and_counts(verdict: Verdict, tmp_path: Path) -> None:
    root = ET.fromstring(written(verdict, "junit", tmp_path))

    suite = root.find("testsuite")
    assert suite is not None
    assert len(suite.findall("testcase")) == int(suite.attrib["tests"])
    assert len(suite.findall("testcase/failure")) == int(suite.attrib["failures"]) >= 4
    assert len(suite.findall("testcase/skipped")) == int(suite.attrib["skipped"]) == 1


def test_sarif_is_of_its_schema(verdict: Verdict, tmp_path: Path) -> None:
    report = json.loads(written(verdict, "sarif", tmp_path))
    schema = json.loads((Path(__file__).parent / "data" / "sarif-2.1.0-rtm.5.json").read_text())

    jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker()).validate(report)
    run = report["runs"][0]
    assert {each["id"] for each in run["tool"]["driver"]["rules"]} == set(RULES)
    assert len(run["results"]) == len(verdict.violations)
    assert {each["ruleId"] for each in run["results"]} <= set(RULES)


class Page(HTMLParser):
    """What a page loads, and whether its elements end."""

    VOID = frozenset({"meta", "br", "link", "img", "hr", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.open: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        beyond = [
            value for name, value in attrs if name in ("src", "href", "srcset") and not f"{value}".startswith("#")
        ]
        self.loads += [f"{tag} {value}" for value in beyond]
        self.open[tag] += tag not in self.VOID

    def handle_endtag(self, tag: str) -> None:
        self.open[tag] -= 1


def test_html_is_whole_and_self_contained(verdict: Verdict, tmp_path: Path) -> None:
    text = written(verdict, "html", tmp_path)
    page = Page()
    page.feed(text)

    anchors = set(re.findall(r"href='#([^']+)'", text))
    assert page.loads == []
    assert anchors == {f"videocentral-{rule}" for rule in verdict.by_rule}
    assert all(f"id='{anchor}'" in text for anchor in anchors)
    assert {tag: count for tag, count in page.open.items() if count} == {}
    assert "url(" not in text
    assert "<b>in many ways</b>" not in text


def test_github_has_an_annotation_for_each_rule(verdict: Verdict, tmp_path: Path) -> None:
    lines = written(verdict, "github", tmp_path).splitlines()

    assert len(lines) == len(verdict.by_rule)
    assert all(line.startswith(("::error title=", "::warning title=", "::notice title=")) for line in lines)


def test_no_report_tells_a_secret(verdict: Verdict, secrets: list[str], tmp_path: Path) -> None:
    for form in FORMATS:
        write_report(form, [verdict], tmp_path / form)
    console = Console(record=True, width=200, file=(tmp_path / "terminal").open("w"))
    print_verdict(verdict, console)
    console.file.close()

    texts = {path.name: path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    assert len(texts) >= len(FORMATS)
    told = {name for name, text in texts.items() for secret in secrets if secret in text}
    assert told == set()


def test_requests_that_a_finding_names_stand_out(verdict: Verdict, tmp_path: Path) -> None:
    named = [each for each in verdict.violations if "request " in each.message]

    assert named
    assert written(verdict, "html", tmp_path).count("<li class='hit'>") >= len({each.rule for each in named})


def test_bodies_are_cut_for_readers(verdict: Verdict, tmp_path: Path) -> None:
    report = json.loads(written(verdict, "json", tmp_path))
    entries = [entry for each in report["verdicts"][0]["violations"] for entry in each["evidence"]["traffic"]]
    bodies = [entry["response"]["body"] for entry in entries]

    assert max(map(len, bodies)) < 2100
    assert any(body.endswith(" more characters") for body in bodies)


EXAMPLES = {path.name: path for path in FOLDER.iterdir() if path.is_file()}


def headings(page: str) -> list[str]:
    return re.findall(r"<h2>(.*?)</h2>", page)


def test_the_example_reports_are_not_stale(verdict: Verdict, tmp_path: Path) -> None:
    """In structure: `make example-reports` writes them anew."""
    report = json.loads(EXAMPLES["verdict.json"].read_text())
    sarif = json.loads(EXAMPLES["verdict.sarif"].read_text())
    junit = ET.fromstring(EXAMPLES["verdict.junit.xml"].read_text())
    page, fresh = EXAMPLES["verdict.html"].read_text(), written(verdict, "html", tmp_path)
    broken = {each["rule"]: each["sentence"] for each in report["verdicts"][0]["violations"]}

    jsonschema.Draft202012Validator(load("contracts/schemas/verdict.json")).validate(report)
    assert len(broken) >= 5
    assert {rule: RULES[rule].sentence for rule in broken} == broken
    assert {each["id"] for each in sarif["runs"][0]["tool"]["driver"]["rules"]} == set(RULES)
    assert {case.attrib["name"][:6] for case in junit.iter("testcase")} - {"not ch"} == set(RULES)
    assert page.partition("</style>")[0] == fresh.partition("</style>")[0]
    assert headings(page) == headings(fresh)
    assert all(rule in EXAMPLES["annotations.txt"].read_text() for rule in broken)
    assert all(rule in EXAMPLES["terminal.txt"].read_text() for rule in broken)


def test_every_example_report_is_written_by_its_command() -> None:
    assert {*EXAMPLES, "violations"} == {*FILES.values(), "terminal.txt"}


FILLED = """
    import sys
    sys.path[:0] = {path!r}
    from adapters.videocentral import Adapter
    from miniatures.registry import miniatures
    wrong = next(each for each in miniatures("videocentral") if each.name == {name!r}).open()._adapter
    adapter = wrong if {wrong} else Adapter()
    return adapter.call(operation, dict(arguments), env, True)[{part!r}]
"""


def fill_in(file: Path, name: str, *, wrong: bool) -> None:
    """Put a client where the file has none."""
    part = "totals" if "and return the totals" in file.read_text() else "rows"
    client = FILLED.format(path=[str(Path(__file__).parent)], name=name, wrong=wrong, part=part)
    file.write_text(file.read_text().replace('    pytest.skip("fill in your client")', client))


@pytest.mark.parametrize("wrong", [True, False])
def test_the_pytest_files_tell_wrong_from_right(verdicts: dict[str, Verdict], tmp_path: Path, *, wrong: bool) -> None:
    for name, verdict in verdicts.items():
        write_report("pytest", [verdict], tmp_path / name)
        for file in (tmp_path / name).iterdir():
            fill_in(file, name, wrong=wrong)
    with socket_server(Mock("videocentral")) as url:
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:testcard", "-p", "no:cacheprovider", "."],
            env={**os.environ, "TESTCARD_URL": url},
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
        )
    files = sum(len(each.by_rule) for each in verdicts.values())

    assert files >= 8
    assert f"{files} {'failed' if wrong else 'passed'} in" in ran.stdout, ran.stdout + ran.stderr


def test_an_empty_file_is_a_skipped_test(verdict: Verdict, tmp_path: Path) -> None:
    write_report("pytest", [verdict], tmp_path)

    for path in tmp_path.glob("test_*.py"):
        compile(path.read_text(), path, "exec")
        assert 'pytest.skip("fill in your client")' in path.read_text()
