"""The command that judges a service: over HTTPS, with its exit codes, its dry run and its manual."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from independent.base import Service, serving
from test_live import APIS, CREDENTIALS, service_of
from testcard.cli import main
from testcard.contract import Checker


def command(service: Service, *options: str, api: str = "videocentral", token: str = "Atzr|old") -> Any:
    names = {"CLIENT_ID": "client-1", "CLIENT_SECRET": "hush-hush", "REFRESH_TOKEN": token}
    env = {f"TESTCARD_VIDEOCENTRAL_{name}": value for name, value in names.items()}
    arguments = ["live", "--api", api, "--base-url", service.url, "--delay", "0", *options]
    return CliRunner().invoke(main, arguments, env=env)


def test_the_command_judges_over_https_and_shows_no_secret(tmp_path: Path) -> None:
    with serving(service_of("videocentral", {"VC-01": "pages"}, "new-field"), tmp_path) as service:
        ca_file = str(tmp_path / "ca.pem")
        ran = command(service, "--ca-file", ca_file)
        failed = command(service, "--ca-file", ca_file, "--fail-on", "drift", "--json")
        distrusted = command(service)

    assert ran.exit_code == 0, ran.output
    assert "this service answers VC-01=pages  (documented: items)" in ran.output
    assert "drift  new-field  list_accounts /data/*/tier: is not documented (string)" in ran.output
    assert "GET " + service.url + "/apis/v1/accounts  list_accounts (read)" in ran.output
    assert not any(secret in ran.output for secret in ("hush-hush", "Atzr|", "Atza|", "X-Amz-Signature"))
    assert failed.exit_code == 1
    schema = orjson.loads((Path(__file__).parent.parent / "contracts/schemas/live.json").read_bytes())
    assert Checker(schema, schema).complaints(orjson.loads(failed.stdout)) == []
    assert (distrusted.exit_code, "SSLError" in distrusted.output) == (3, True)


def test_exit_codes_say_what_happened() -> None:
    with serving(service_of("videocentral", None, "overlap")) as service:
        assert command(service).exit_code == 1
        assert command(service, token="stale").exit_code == 3
        assert command(service, "--budget", "1").exit_code == 4  # a token, and nothing of the API
        assert command(service, "--budget", "2").exit_code == 0
        assert command(service, api="videocental").exit_code == 2
    with serving(service_of("videocentral", None, "server-error")) as service:
        assert command(service).exit_code == 3
    assert command(service).exit_code == 3
    bare = CliRunner().invoke(main, ["live", "--api", "ibmvideo"], env={"TESTCARD_IBMVIDEO_TOKEN": None})
    assert (bare.exit_code, "no credentials; set TESTCARD_IBMVIDEO_TOKEN" in bare.output) == (2, True)


@pytest.mark.parametrize("api", APIS)
def test_a_dry_run_needs_no_credentials_sends_nothing_and_is_in_the_manual(api: str) -> None:
    manual = (Path(__file__).parent.parent / "docs" / "live.md").read_text(encoding="utf-8")
    env: dict[str, str | None] = {f"TESTCARD_{api.upper()}_{name}": None for name in CREDENTIALS[api]}
    env["TESTCARD_VIDEOKIT_TENANT_NAME"] = "your-tenant"
    with serving(service_of(api)) as service:
        here = CliRunner().invoke(main, ["live", "--api", api, "--dry-run", "--base-url", service.url], env=env)
    there = CliRunner().invoke(main, ["live", "--api", api, "--dry-run"], env=env)

    assert (here.exit_code, service.log) == (0, [])
    _, _, listing = there.output.partition("every call that the walk may make:\n")
    assert f"```text\n{listing}```" in manual


def test_credentials_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "credentials.env"
    file.write_text(
        "# mine\nexport TESTCARD_IBMVIDEO_CLIENT_ID='client-1'\nTESTCARD_IBMVIDEO_CLIENT_SECRET=s3cret-s3cret\n"
    )
    with serving(service_of("ibmvideo")) as service:
        options = ["--base-url", service.url, "--delay", "0", "--credentials", str(file)]
        ran = CliRunner().invoke(main, ["live", "--api", "ibmvideo", *options])

    assert "this service answers IB-55=one-day" in ran.output
    assert "s3cret" not in ran.output


@pytest.mark.parametrize("api", APIS)
def test_each_command_asks_over_https_and_trusts_nobody_else(api: str, tmp_path: Path) -> None:
    env = {f"TESTCARD_{api.upper()}_{name}": value for name, value in CREDENTIALS[api].items()}
    with serving(service_of(api), tmp_path) as service:
        arguments = ["live", "--api", api, "--base-url", service.url, "--delay", "0", "--budget", "4"]
        trusted = CliRunner().invoke(main, [*arguments, "--ca-file", str(tmp_path / "ca.pem")], env=env)
        asked = len(service.log)
        distrusted = CliRunner().invoke(main, arguments, env=env)

    assert trusted.exit_code == 0, trusted.output
    assert "ended early: the budget of 4 requests is used up" in trusted.output
    assert not any(value in trusted.output for value in CREDENTIALS[api].values() if len(value) > 3)
    assert (distrusted.exit_code, asked, len(service.log)) == (3, 4, 4)
    assert "SSLError" in distrusted.output
