"""The commands: what they print, what they take from the environment, and with which code they end."""

from __future__ import annotations

import json
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
from click.testing import CliRunner, Result
from openapi_spec_validator import validate

from support import Mock, socket_server
from testcard import __version__
from testcard.apis import APIS
from testcard.cli import main
from testcard.contract import open_ledger, operation_rows
from testcard.errors import MockError, NotReady, UserError


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, list(arguments), env=environment)


def _commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))


COMMANDS = dict(_commands(main))


# Every command


@pytest.mark.parametrize("command", [(), *COMMANDS], ids=" ".join)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_command_explains_itself(command: tuple[str, ...], flag: str) -> None:
    result = run(*command, flag)

    assert result.exit_code == 0
    assert result.output.startswith("Usage: ")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_and_option_has_its_line_of_help(command: tuple[str, ...]) -> None:
    assert COMMANDS[command].help
    for option in COMMANDS[command].params:
        if isinstance(option, click.Option) and not isinstance(option.type, click.Choice):
            assert option.help, option.name


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_option_is_an_environment_variable_too(command: tuple[str, ...]) -> None:
    for option in COMMANDS[command].params:
        if isinstance(option, click.Option):
            flag = max(option.opts, key=len)
            assert option.envvar == "TESTCARD_" + flag.lstrip("-").replace("-", "_").upper()


def test_the_version_is_the_packages() -> None:
    assert run("--version").output == f"testcard, version {__version__}\n"


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["serve", "--nonsense"], ["serve", "--port", "x"], ["env", "--format", "x"]]
)
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UserError("it is so"), 2, "testcard: it is so\n"),
        (NotReady("it is so"), 3, "testcard: it is so\n"),
        (MockError("it is so"), 1, "testcard: this is a bug of testcard: it is so\n"),
    ],
)
def test_errors_are_said_plainly_with_their_code(
    monkeypatch: pytest.MonkeyPatch, error: Exception, code: int, said: str
) -> None:
    def fail(*_arguments: Any, **_options: Any) -> None:
        raise error

    monkeypatch.setattr("testcard.commands.serve.serve_mocks", fail)
    monkeypatch.setattr("testcard.commands.contracts.list_operations", fail)

    for command in (["serve"], ["contracts", "list"]):
        result = run(*command)
        assert (result.exit_code, result.stderr) == (code, said)


def test_help_needs_none_of_what_is_slow() -> None:
    slow = {"flask", "numpy", "requests", "rich", "uvicorn", "yaml"}
    code = f"import sys, testcard.cli; print(sorted({slow} & {{*sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


# serve


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--api", "videocentrl"], "no API named 'videocentrl'; there are: videocentral, amagi"),
        (["--reading", "VC-01"], "--reading 'VC-01': expected ID=NAME, for example VC-01=pages"),
        (["--reading", "VC-99=x"], "no reading 'VC-99'"),
        (["--profile", "smal"], "no profile 'smal'; there are: "),
        (["--now", "noon"], "'noon' is no ISO 8601 instant"),
        (["--host", "0.0.0.0"], "--host 0.0.0.0 opens /_testcard to others: add --control-token TOKEN"),
    ],
)
def test_serving_what_there_is_not_is_exit_code_2(arguments: list[str], said: str) -> None:
    result = run("serve", "--port", "0", *arguments)

    assert result.exit_code == 2
    assert said in result.stderr


def test_a_busy_port_is_exit_code_3_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        result = run("serve", "--port", str(port), "--api", "videocentral")

    assert result.exit_code == 3
    assert f"testcard: 127.0.0.1:{port}: " in result.stderr
    assert "--port N (0 takes any free one)" in result.stderr


def test_an_address_that_is_not_ours_is_exit_code_3() -> None:
    result = run("serve", "--host", "192.0.2.1", "--control-token", "x", "--api", "videocentral")

    assert result.exit_code == 3
    assert "192.0.2.1:8900: " in result.stderr


def test_options_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr("testcard.commands.serve.serve_mocks", lambda **options: given.update(options))
    result = run(
        "serve",
        "--seed",
        "3",
        TESTCARD_PORT="1234",
        TESTCARD_SEED="2",
        TESTCARD_API="amagi videocentral",
        TESTCARD_READING="VC-01=pages",
        TESTCARD_CONTROL_TOKEN="secret",
        TESTCARD_WITHOUT_EXTENSIONS="1",
    )

    assert result.exit_code == 0, result.output
    assert (given["port"], given["seed"], given["control_token"]) == (1234, 3, "secret")
    assert given["apis"] == ("amagi", "videocentral")
    assert given["readings"] == ("VC-01=pages",)
    assert given["without_extensions"] is True


# env


@pytest.fixture(scope="module")
def mock() -> Mock:
    return Mock("videocentral")


@pytest.fixture(scope="module")
def url(mock: Mock) -> Iterator[str]:
    with socket_server(mock) as address:
        yield address


def test_the_environment_is_printed_in_three_formats(url: str) -> None:
    shell, dotenv, as_json = (run("env", "--url", url, "--format", form).output for form in ("shell", "dotenv", "json"))
    variables = json.loads(as_json)

    assert variables["TESTCARD_VIDEOCENTRAL_URL"] == f"{url}/videocentral/apis/v1"
    assert {"TOKEN_URL", "CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN", "TOKEN"} <= {
        name.removeprefix("TESTCARD_VIDEOCENTRAL_") for name in variables
    }
    lines = [line.partition("=") for line in dotenv.splitlines()]
    assert {name: json.loads(value) for name, _, value in lines} == variables
    exports = [line.removeprefix("export ").partition("=") for line in shell.splitlines()]
    assert {name: shlex.split(value)[0] for name, _, value in exports} == variables


def test_a_shell_takes_the_environment_as_it_is(url: str) -> None:
    printed = run("env", "--url", url).output
    script = f'{printed}\nprintf "%s" "$TESTCARD_VIDEOCENTRAL_TOKEN"'
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.startswith("Atza|")


@pytest.mark.parametrize("how", ["option", "url"])
def test_the_environment_of_a_world(mock: Mock, url: str, how: str) -> None:
    world = mock.switchboard.worlds.create(mock.switchboard.worlds.recipe)
    arguments = ["--url", url, "--world", world.id] if how == "option" else ["--url", f"{url}/~{world.id}/"]
    variables = json.loads(run("env", *arguments, "--format", "json").output)

    assert variables["TESTCARD_URL"] == f"{url}/~{world.id}"
    assert variables["TESTCARD_VIDEOCENTRAL_URL"] == f"{url}/~{world.id}/videocentral/apis/v1"


def test_an_unknown_world_is_exit_code_3(url: str) -> None:
    result = run("env", "--url", url, "--world", "w99")

    assert result.exit_code == 3
    assert "world 'w99' is not known here" in result.stderr


def test_where_nothing_answers_is_exit_code_3() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closing:
        port = closing.getsockname()[1]
    result = run("env", "--url", f"http://127.0.0.1:{port}")

    assert result.exit_code == 3
    assert result.stderr.startswith(f"testcard: http://127.0.0.1:{port}: no mocks answer there")
    assert "start them with: testcard serve" in result.stderr


def test_a_control_token_opens_the_environment() -> None:
    from testcard.server.build import build

    guarded = Mock("videocentral")
    guarded.switchboard = build(["videocentral"], control_token="secret")
    with socket_server(guarded) as address:
        refused = run("env", "--url", address)
        given = run("env", "--url", address, "--control-token", "secret")

    assert refused.exit_code == 3
    assert "control token" in refused.stderr
    assert given.exit_code == 0
    assert "TESTCARD_VIDEOCENTRAL_TOKEN=" in given.output


# contracts


def test_operations_are_listed_as_lines_with_tabs() -> None:
    lines = [line.split("\t") for line in run("contracts", "list", "--api", "videocentral").output.splitlines()]

    assert lines[0] == ["api", "operationId", "method", "path", "evidence"]
    assert ["videocentral", "list_accounts", "GET", "/apis/v1/accounts", "documented: 000 Accounts"] in lines
    assert len(lines) == 1 + len(operation_rows("videocentral"))


def test_operations_of_all_apis_are_listed_for_programs() -> None:
    rows = json.loads(run("contracts", "list", "--json").output)

    assert list(dict.fromkeys(row["api"] for row in rows)) == list(APIS)
    assert len(rows) == sum(len(operation_rows(api)) for api in APIS)
    assert all(row["evidence"] for row in rows)


def test_an_operation_is_shown_with_all_that_is_known_of_it() -> None:
    shown = run("contracts", "show", "list_reports").output

    assert shown.startswith("list_reports  GET /apis/v1/accounts/{account_id}/")
    assert "reportDateBeginGte\tquery\t" in shown
    assert "200\tapplication/json\tdocumented: 000 Reports" in shown
    named = {
        entry.id
        for entry in open_ledger(("videocentral",))
        if any(at.partition(".")[0] == "list_reports" for at in entry.where)
    }
    assert named
    for identity in named:
        assert identity in shown


@pytest.mark.parametrize(
    ("api", "identity", "method"),
    [(api, *row[:2]) for api in APIS for row in operation_rows(api)],
    ids=lambda name: name,
)
def test_every_operation_can_be_shown(api: str, identity: str, method: str) -> None:
    shown = run("contracts", "show", f"{api}.{identity}").output

    assert shown.startswith(f"{identity}  {method} ")
    assert shown.splitlines()[0].endswith(f"  ({api})")


def test_operations_that_share_a_name_are_all_shown() -> None:
    shown = run("contracts", "show", "list_channels").output

    assert re.findall(r"^list_channels  .*\((\w+)\)$", shown, re.MULTILINE) == ["videocentral", "amagi", "videokit"]


def test_an_unknown_operation_names_the_near_miss() -> None:
    result = run("contracts", "show", "list_account")

    assert result.exit_code == 2
    assert result.stderr == "testcard: no operation 'list_account'; did you mean 'list_accounts'?\n"


def test_contracts_are_exported_for_other_tools(tmp_path: Path) -> None:
    result = run("contracts", "export", str(tmp_path), "--api", "videocentral", "--url", "http://127.0.0.1:8900")
    document = json.loads((tmp_path / "videocentral.json").read_text())
    schema = json.loads((tmp_path / "videocentral" / "schemas" / "Account.json").read_text())

    assert result.output == f"{tmp_path}/videocentral.json: {len(operation_rows('videocentral'))} operations\n"
    validate(document)
    assert document["servers"] == [{"url": "http://127.0.0.1:8900/videocentral/apis/v1"}]
    assert jsonschema.Draft202012Validator(schema).is_valid({"id": "a", "name": "b"})
    assert not jsonschema.Draft202012Validator(schema).is_valid({})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["videocentral", "videocentral.json"]


def test_the_ledger_is_listed_for_people_and_programs() -> None:
    printed = run("contracts", "readings", "--api", "videocentral").output
    entries = json.loads(run("contracts", "readings", "--api", "videocentral", "--json").output)

    switchable = sum(entry["class"] == "switchable" for entry in entries)
    assert printed.endswith(f"{len(entries)} entries, {switchable} of them switchable\n")
    assert len(entries) >= 25
    for entry in entries:
        assert f"{entry['id']}  {entry['question']}" in printed
        assert all(f"- {name}" in printed for name in entry["readings"])


@pytest.mark.parametrize("command", [["list"], ["readings"], ["export", "nowhere"]])
def test_an_unknown_api_names_the_near_miss(command: list[str]) -> None:
    result = run("contracts", *command, "--api", "alpah")

    assert result.exit_code == 2
    assert result.stderr == "testcard: no API named 'alpah'; there are: videocentral, amagi, videokit, ibmvideo\n"
