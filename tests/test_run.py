"""Real commands with the vendors' real hosts in them, run by `testcard run`: curl, Python, Node and Java."""

from __future__ import annotations

import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from cryptography import x509

from testcard.reach.authority import Authority
from testcard.reach.hosts import HostRefused, Hosts, documented_hosts
from testcard.reach.surroundings import surroundings

ACCOUNTS = "https://videocentral.amazon.com/apis/v1/accounts"
RUN = [str(Path(sys.executable).with_name("testcard")), "run", "--now", "2026-03-02T12:00:00Z"]


def run(
    *command: str, options: tuple[str, ...] = (), env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command by `testcard run`."""
    surrounding = {**os.environ, **(env or {})}
    return subprocess.run([*RUN, "--", *command], capture_output=True, text=True, timeout=120, env=surrounding)


def shell(script: str) -> subprocess.CompletedProcess[str]:
    """The same with a script of the shell."""
    return run("sh", "-c", script)


def need(program: str) -> None:
    """Skip loudly where a runtime is missing: it was not checked."""
    if shutil.which(program) is None:
        warnings.warn(pytest.PytestWarning(f"not checked: {program} is not installed"), stacklevel=2)
        pytest.skip(f"not checked: {program} is not installed")


@pytest.mark.filterwarnings("default::pytest.PytestWarning")
def test_curl_meets_the_mocks_under_the_documented_hosts() -> None:
    need("curl")
    ran = shell(
        'set -e; curl -sSf -H "Authorization: Bearer $TESTCARD_VIDEOCENTRAL_TOKEN" https://videocentral.amazon.com/apis/v1/accounts;'
        'curl -sS -o /dev/null -w " amagi %{http_code} %{http_version}" https://api-analytics.amagi.tv/api/v2;'
        'curl -sS -o /dev/null -w " kit %{http_code}" https://anyone.api.videokit.cloud/vod/v1/assets;'
        'curl -sS -o /dev/null -w " ibm %{http_code}" https://analytics-api.video.ibm.com/v1/views;'
        'curl -sS -o /dev/null -w " plain %{http_code}" http://videocentral.amazon.com/apis/v1/accounts'
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert '"next":"https://videocentral.amazon.com/apis/v1/accounts?offset=10&limit=10"' in ran.stdout
    assert ran.stdout.endswith(" amagi 401 1.1 kit 401 ibm 401 plain 401")


@pytest.mark.filterwarnings("default::pytest.PytestWarning")
def test_wget_meets_them_and_keeps_its_settings(tmp_path: Path) -> None:
    need("wget")
    (tmp_path / "rc").write_text("header = X-Own: kept\n")
    script = 'wget -qO- --header "Authorization: Bearer $TESTCARD_VIDEOCENTRAL_TOKEN" "$0"; cat $WGETRC'

    ran = run("sh", "-c", script, ACCOUNTS, env={"WGETRC": str(tmp_path / "rc")})

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith('{"total":')
    assert "header = X-Own: kept" in ran.stdout


PYTHON = """
import asyncio, http.client, os, urllib.request
import aiohttp, httpx, requests, urllib3
url = "https://videocentral.amazon.com/apis/v1/accounts"
headers = {"Authorization": "Bearer " + os.environ["TESTCARD_VIDEOCENTRAL_TOKEN"]}
print("requests", requests.get(url, headers=headers).status_code)
print("httpx", httpx.get(url, headers=headers).status_code)
print("urllib", urllib.request.urlopen(urllib.request.Request(url, headers=headers)).status)
print("urllib3", urllib3.PoolManager().request("GET", url, headers=headers).status)
connection = http.client.HTTPSConnection("videocentral.amazon.com")
connection.request("GET", "/apis/v1/accounts", headers=headers)
print("http.client", connection.getresponse().status)
connection.close()
async def main():
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        print("aiohttp", answer.status)
    async with httpx.AsyncClient() as client:
        print("httpx async", (await client.get(url, headers=headers)).status_code)
asyncio.run(main())
"""


def test_python_meets_them_whatever_the_library() -> None:
    ran = run(sys.executable, "-c", PYTHON)

    assert (ran.returncode, ran.stderr) == (0, "")
    libraries = ["requests", "httpx", "urllib", "urllib3", "http.client", "aiohttp", "httpx async"]
    assert ran.stdout.split("\n") == [f"{library} 200" for library in libraries] + [""]


NODE = """
const url = "https://videocentral.amazon.com/apis/v1/accounts";
const headers = {Authorization: "Bearer " + process.env.TESTCARD_VIDEOCENTRAL_TOKEN};
(async () => {
  const answer = await fetch(url, {headers});
  console.log("fetch", answer.status, (await answer.json()).data.length);
  require("https").get(url, {headers}, (reply) => {
    console.log("https", reply.statusCode);
    reply.resume();
    const agent = new (require("https").Agent)({keepAlive: false});
    require("https").get(url, {headers, agent}, (other) => { console.log("agent", other.statusCode); other.resume(); });
  });
})();
"""


@pytest.mark.filterwarnings("default::pytest.PytestWarning")
def test_node_meets_them_by_fetch_and_by_https() -> None:
    need("node")
    ran = run("node", "-e", NODE)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == "fetch 200 10\nhttps 200\nagent 200\n"


@pytest.mark.filterwarnings("default::pytest.PytestWarning")
def test_node_modules_are_met_too_and_options_are_kept(tmp_path: Path) -> None:
    need("node")
    module = tmp_path / "main.mjs"
    module.write_text(
        "const answer = await fetch('https://video.ibm.com/oauth2/token', {method: 'POST'});\n"
        "console.log(answer.status, process.env.NODE_OPTIONS.startsWith('--no-deprecation --require'));\n"
    )

    ran = run("node", str(module), env={"NODE_OPTIONS": "--no-deprecation"})

    assert (ran.stdout, ran.returncode) == ("400 true\n", 0)


JAVA = """
import java.net.*; import java.net.http.*;
public class Client { public static void main(String[] arguments) throws Exception {
  var url = "https://videocentral.amazon.com/apis/v1/accounts";
  var token = "Bearer " + System.getenv("TESTCARD_VIDEOCENTRAL_TOKEN");
  var request = HttpRequest.newBuilder(URI.create(url)).header("Authorization", token).build();
  var answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  System.out.println("HttpClient " + answer.statusCode());
  var connection = (HttpURLConnection) new URL(url).openConnection();
  connection.setRequestProperty("Authorization", token);
  System.out.println("URLConnection " + connection.getResponseCode());
  try { new URL("https://example.com").openStream(); } catch (Exception error) { System.out.println(error); }
}}
"""


@pytest.mark.filterwarnings("default::pytest.PytestWarning")
def test_java_meets_them_and_hears_the_refusal(tmp_path: Path) -> None:
    need("javac")
    source = tmp_path / "Client.java"
    source.write_text(JAVA)

    ran = run("java", str(source))

    assert ran.stdout.startswith("HttpClient 200\nURLConnection 200\n")
    assert "502 testcard run refuses example.com: neither documented nor allowed" in ran.stdout
    assert ran.returncode == 1


@pytest.mark.filterwarnings("default::pytest.PytestWarning")
def test_every_other_host_is_refused_and_fails_the_run() -> None:
    need("curl")
    ran = shell(
        "curl -s https://example.com; echo $?; curl -s -o /dev/null -w '%{http_code}\n' http://example.org/; exit 0"
    )

    assert ran.returncode == 1
    assert ran.stdout == "56\n502\n"
    assert "testcard run: example.com: refused, and nothing was sent to it" in ran.stderr
    assert "example.org: refused 1 time; --allow-host example.org would let it through" in ran.stderr


def test_a_host_that_goes_round_the_proxy_is_refused_too() -> None:
    script = """
import socket, urllib3
print(urllib3.PoolManager(retries=False).request("GET", "https://example.com/").status)
print(urllib3.PoolManager(retries=False).request("GET", "http://93.184.216.34/").status)
"""
    ran = run(sys.executable, "-c", script)

    assert (ran.stdout, ran.returncode) == ("502\n502\n", 1)
    assert "example.com: refused 1 time" in ran.stderr


@pytest.mark.filterwarnings("default::pytest.PytestWarning")
def test_a_near_miss_of_a_documented_host_is_named() -> None:
    need("curl")
    ran = shell("curl -s https://videocentral.amazon.co; exit 0")

    assert "did you mean 'videocentral.amazon.com'?" in ran.stderr


class _Local(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = f"{self.path} {self.headers.get('Proxy-Connection')} {self.headers['Connection']}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def local() -> Iterator[str]:
    """A server on this machine that is not ours."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Local)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.filterwarnings("default::pytest.PytestWarning")
def test_this_machine_is_left_alone_directly_and_through_the_proxy(local: str) -> None:
    need("curl")
    ran = shell(
        f"curl -sS {local}/direct; echo; curl -sS --noproxy '' {local}/proxied?a=1; echo;"
        f"curl -sS --noproxy '' --proxytunnel {local}/tunnelled; echo; curl -sS $TESTCARD_URL/_testcard/health"
    )

    assert ran.stdout.split("\n")[:3] == ["/direct None None", "/proxied?a=1 None close", "/tunnelled None None"]
    assert '"status":"ok"' in ran.stdout
    assert ran.returncode == 0
    assert "no request reached the mocks" in ran.stderr


@pytest.mark.filterwarnings("default::pytest.PytestWarning")
def test_faults_misbehave_truly_behind_tls() -> None:
    need("curl")
    ran = shell(
        "curl -sS -o /dev/null -X POST -H 'Content-Type: application/json'"
        ' -d \'{"kind": "truncate", "when": {"first": 1}}\' $TESTCARD_URL/_testcard/worlds/default/faults;'
        'for n in 1 2; do curl -sS -o /dev/null -H "Authorization: Bearer $TESTCARD_VIDEOCENTRAL_TOKEN"'
        f" {ACCOUNTS}; echo $?; done"
    )

    assert ran.stdout == "18\n0\n"  # 18: the transfer was partial


def test_a_body_that_is_too_large_is_refused_in_so_many_words_behind_tls() -> None:
    script = """
import requests
for _ in range(2):
    answer = requests.post("https://api.amazon.com/auth/o2/token", data=b"x" * 20_000_000)
    print(answer.status_code)
"""
    ran = run(sys.executable, "-c", script)

    assert (ran.stdout, ran.stderr, ran.returncode) == ("413\n413\n", "", 0)


@pytest.mark.parametrize(("command", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137)])
def test_the_commands_own_exit_code_is_passed_on(command: str, code: int) -> None:
    assert shell(command).returncode == code


@pytest.mark.filterwarnings("default::pytest.PytestWarning")
def test_a_failing_command_keeps_its_code_where_a_host_was_refused() -> None:
    need("curl")
    assert shell("curl -s https://example.com; exit 5").returncode == 5


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1])
def test_signals_are_passed_on(number: signal.Signals) -> None:
    child = (
        "import signal, sys\n"
        f"signal.signal({int(number)}, lambda *_: sys.exit(40))\n"
        "print('ready', flush=True)\n"
        "signal.pause()\n"
    )
    process = subprocess.Popen(
        [*RUN, "--", sys.executable, "-c", child], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.wait(60) == 40


def test_a_command_that_is_none_is_a_matter_of_usage() -> None:
    ran = run("no-such-command")

    assert ran.returncode == 2
    assert "no command 'no-such-command'" in ran.stderr


def test_options_behind_the_command_are_its_own() -> None:
    ran = subprocess.run([*RUN, "echo", "--seed", "x"], capture_output=True, text=True, timeout=120)

    assert ran.stdout == "--seed x\n"


@pytest.mark.filterwarnings("default::pytest.PytestWarning")
def test_a_client_that_trusts_others_is_told_where_the_certificate_is() -> None:
    need("curl")
    ran = shell(f"env -u SSL_CERT_FILE -u CURL_CA_BUNDLE curl -s {ACCOUNTS}; echo $?")

    assert ran.stdout == "60\n"  # 60: the certificate is not trusted
    assert "testcard run: videocentral.amazon.com: the client broke off the TLS handshake" in ran.stderr
    assert "$SSL_CERT_FILE" in ran.stderr


def test_only_certificates_are_written_down_and_they_go_with_the_run() -> None:
    script = "cd $(dirname $SSL_CERT_FILE); pwd; ls; grep -c 'PRIVATE KEY' *"
    ran = shell(script)
    folder, *lines = ran.stdout.split()

    files = ["php.ini", "trusted.p12", "trusted.pem", "wgetrc"]
    assert lines == [*files, *(f"{name}:0" for name in files)]
    assert not Path(folder).exists()


def test_the_authoritys_key_is_never_written_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Only this property makes a text of it, and a file takes nothing else."""
    asked: list[str] = []
    authority = Authority()
    monkeypatch.setattr(trustme.CA, "private_key_pem", property(lambda _: asked.append("pem")))

    surroundings({}, "http://127.0.0.1:1", tmp_path, authority, ())
    authority.context("videocentral.amazon.com")

    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert asked == []
    assert b"PRIVATE KEY" not in written


def test_what_was_trusted_before_still_is(tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(Authority().certificate)

    found = surroundings({"SSL_CERT_FILE": str(other)}, "http://127.0.0.1:1", tmp_path, Authority(), ())

    certificates = x509.load_pem_x509_certificates(Path(found["SSL_CERT_FILE"]).read_bytes())
    assert len(certificates) == 2
    assert x509.load_pem_x509_certificate(other.read_bytes()) in certificates


def test_variables_that_were_there_are_added_to(tmp_path: Path) -> None:
    before = {"NODE_OPTIONS": "--trace-warnings", "PYTHONPATH": "/own", "JAVA_TOOL_OPTIONS": "-Xmx1g"}

    found = surroundings(before, "http://127.0.0.1:1", tmp_path, Authority(), ("a.test", "*.b.test"))

    assert found["NODE_OPTIONS"].startswith("--trace-warnings --require ")
    assert found["PYTHONPATH"].endswith(":/own")
    assert found["JAVA_TOOL_OPTIONS"].startswith("-Xmx1g -Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=1 ")
    assert found["TESTCARD_REACH_ALLOW"] == "a.test,*.b.test"
    assert found["https_proxy"] == found["HTTPS_PROXY"] == "http://127.0.0.1:1"


def test_a_machines_own_sitecustomize_still_runs(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import builtins\nbuiltins.own = 'here'\n")

    ran = run(sys.executable, "-c", "print(own)", env={"PYTHONPATH": str(tmp_path)})

    assert ran.stdout == "here\n"


SORTED = [
    ("videocentral.amazon.com", True, False),
    ("VideoCentral.Amazon.com.", True, False),
    ("tenant.api.videokit.cloud", True, False),
    ("a.b.api.videokit.cloud", False, False),
    ("localhost", False, True),
    ("app.localhost", False, True),
    ("127.1.2.3", False, True),
    ("::1", False, True),
    ("db.example.org", False, True),
    ("example.org", False, False),
    ("video.ibm.com", False, True),  # allowed by name: the real one is meant
    ("videocentral.amazon.com.evil.test", False, False),
]


@pytest.mark.parametrize(("host", "mocked", "passed"), SORTED)
def test_hosts_are_sorted(host: str, mocked: bool, passed: bool) -> None:
    hosts = Hosts(["*.example.org", "Video.IBM.com"], remedy="allow it")

    assert (hosts.mocked(host), hosts.passed(host)) == (mocked, passed)


def test_a_refusal_says_what_to_do() -> None:
    refusal = Hosts(remedy="allow it").refusal("example.com")

    assert isinstance(refusal, HostRefused)
    assert str(refusal).startswith("example.com: refused, and nothing was sent to it: expected a documented host (")
    assert str(refusal).endswith("if the request is meant to leave this machine, allow it")
    assert "api.amazon.co.jp" in documented_hosts()


@pytest.mark.filterwarnings("default::pytest.PytestWarning")
@pytest.mark.parametrize(
    ("query", "code", "said"),
    [("limit=5", 0, "against videocentral: good"), ("limt=5", 1, "'limt' is not a parameter of this operation")],
)
def test_judging_ends_with_the_verdict_on_the_traffic(query: str, code: int, said: str) -> None:
    need("curl")
    script = (
        f'curl -sS -o /dev/null -H "Authorization: Bearer $TESTCARD_VIDEOCENTRAL_TOKEN" "{ACCOUNTS}?{query}"; echo mine'
    )

    ran = subprocess.run([*RUN, "--judge", "--", "sh", "-c", script], capture_output=True, text=True, timeout=120)

    assert (ran.stdout, ran.returncode) == ("mine\n", code), ran.stderr
    assert said in ran.stderr


def test_a_verdict_is_reported_as_verify_reports_it(tmp_path: Path) -> None:
    need("curl")
    script = f'curl -sS -o /dev/null -H "Authorization: Bearer $TESTCARD_VIDEOCENTRAL_TOKEN" "{ACCOUNTS}?limt=5"'
    options = ["--judge", "--json", "--report", f"junit={tmp_path / 'verdict.xml'}"]

    ran = subprocess.run([*RUN, *options, "--", "sh", "-c", script], capture_output=True, text=True, timeout=120)

    assert json.loads(ran.stdout)["verdicts"][0]["violations"][0]["rule"] == "TRA-01"
    assert "TRA-01" in (tmp_path / "verdict.xml").read_text()
    assert ran.returncode == 1


@pytest.mark.parametrize("options", [["--json"], ["--report", "html=x"], ["--judge", "--report", "pdf=x"]])
def test_a_report_that_there_cannot_be_is_refused(options: list[str]) -> None:
    ran = subprocess.run([*RUN, *options, "--", "true"], capture_output=True, text=True, timeout=120)

    assert ran.returncode == 2
    assert "--report" in ran.stderr


def test_nothing_judged_is_not_green() -> None:
    ran = subprocess.run([*RUN, "--judge", "--", "true"], capture_output=True, text=True, timeout=120)

    assert ran.returncode == 4
    assert "no request reached the mocks" in ran.stderr
