"""``with testcard.intercept():``: to Python's clients the documented hosts are mocks in this process."""

from __future__ import annotations

import asyncio
import http.client
import subprocess
import sys
import textwrap
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aiohttp
import httpx
import pytest
import requests
import urllib3

import testcard
from support import Mock, socket_server
from testcard.errors import UserError
from testcard.reach import HostRefused, Interception, WouldHang

NOW = "2026-03-02T12:00:00Z"
HOST = "https://videocentral.amazon.com"
ACCOUNTS = f"{HOST}/apis/v1/accounts"


def _token(mocks: Interception) -> dict[str, str]:
    return {"Authorization": f"Bearer {mocks.env['TESTCARD_VIDEOCENTRAL_TOKEN']}"}


def _by_requests(url: str, headers: dict[str, str]) -> tuple[int, bytes]:
    answer = requests.get(url, headers=headers, timeout=5)
    return answer.status_code, answer.content


def _by_urllib3(url: str, headers: dict[str, str]) -> tuple[int, bytes]:
    answer = urllib3.PoolManager().request("GET", url, headers=headers)
    return answer.status, answer.data


def _by_httpx(url: str, headers: dict[str, str]) -> tuple[int, bytes]:
    answer = httpx.get(url, headers=headers)
    return answer.status_code, answer.content


def _by_httpx_async(url: str, headers: dict[str, str]) -> tuple[int, bytes]:
    async def talk() -> tuple[int, bytes]:
        async with httpx.AsyncClient() as client:
            answer = await client.get(url, headers=headers)
            return answer.status_code, answer.content

    return asyncio.run(talk())


def _by_aiohttp(url: str, headers: dict[str, str]) -> tuple[int, bytes]:
    async def talk() -> tuple[int, bytes]:
        async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
            return answer.status, await answer.read()

    return asyncio.run(talk())


def _by_urllib(url: str, headers: dict[str, str]) -> tuple[int, bytes]:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=5) as answer:
        return answer.status, answer.read()


CLIENTS = [_by_requests, _by_urllib3, _by_urllib, _by_httpx, _by_httpx_async, _by_aiohttp]
client_of_any_kind = pytest.mark.parametrize("get", CLIENTS, ids=lambda each: each.__name__[4:])


@client_of_any_kind
def test_documented_hosts_are_the_mocks(get: Any) -> None:
    with testcard.intercept(now=NOW) as mocks:
        status, body = get(ACCOUNTS, _token(mocks))

    assert status == 200
    assert f'"next":"{HOST}/apis/v1/accounts?offset=10&limit=10"'.encode() in body


@client_of_any_kind
def test_any_other_host_is_refused_by_name(get: Any) -> None:
    with testcard.intercept() as mocks:
        with pytest.raises(HostRefused, match=r"example\.com: refused, .* name the host in intercept\(allow_hosts"):
            get("https://example.com/", {})

        assert mocks.refused == ["example.com"]


@client_of_any_kind
def test_this_machine_and_allowed_hosts_are_left_alone(get: Any) -> None:
    other = Mock(seed=5)
    with socket_server(other) as url, testcard.intercept(seed=6):
        status, _ = get(f"{url}/_testcard/health", {})
        assert status == 200
        local = get(
            f"{url}/videocentral/apis/v1/accounts", {"Authorization": f"Bearer {other.env('videocentral')['TOKEN']}"}
        )

    assert local[0] == 200
    with testcard.intercept(allow_hosts=["nowhere.invalid"]) as mocks:
        with pytest.raises(Exception, match=r"(?i)nowhere\.invalid|name|resol|address") as failed:
            get("https://nowhere.invalid/", {})
        assert not isinstance(failed.value, HostRefused)
        assert mocks.refused == []


def test_variables_of_hosts_are_heard() -> None:
    with testcard.intercept(now=NOW) as mocks:
        env = mocks.env
        headers = {"x-api-key": env["TESTCARD_VIDEOKIT_API_KEY"], "x-tenant-id": env["TESTCARD_VIDEOKIT_TENANT_ID"]}
        right = requests.get(f"{env['TESTCARD_VIDEOKIT_URL']}/vod/v1/assets", headers=headers, timeout=5)
        wrong = requests.get("https://nobody.api.videokit.cloud/vod/v1/assets", headers=headers, timeout=5)

    assert env["TESTCARD_VIDEOKIT_URL"] == f"https://{env['TESTCARD_VIDEOKIT_TENANT_NAME']}.api.videokit.cloud"
    assert right.status_code == 200, right.text
    assert wrong.status_code != 500


def test_the_environment_has_the_documented_addresses() -> None:
    with testcard.intercept() as mocks:
        env = mocks.env

    assert "TESTCARD_URL" not in env
    assert env["TESTCARD_VIDEOCENTRAL_URL"] == "https://videocentral.amazon.com/apis/v1"
    assert env["TESTCARD_VIDEOCENTRAL_TOKEN_URL"] == "https://api.amazon.com/auth/o2/token"
    assert env["TESTCARD_AMAGI_URL"] == "https://api-analytics.amagi.tv/api/v2"
    assert env["TESTCARD_IBMVIDEO_URL"] == "https://analytics-api.video.ibm.com/v1"
    assert env["TESTCARD_IBMVIDEO_TOKEN_URL"] == "https://video.ibm.com/oauth2/token"


def test_links_are_followed_across_hosts() -> None:
    """A report is downloaded from the storage's own documented host."""
    with testcard.intercept(now=NOW) as mocks, requests.Session() as session:
        session.headers.update(_token(mocks))
        path = "accounts"
        for further in ("", "", "/reportTypes", "/reports"):
            first = session.get(f"{HOST}/apis/v1/{path}", timeout=5).json()["data"][0]
            path = f"{path}/{first['id']}{further}"
        reports = session.get(f"{HOST}/apis/v1/{path}", timeout=5).json()["data"]
        link = reports[0]["downloadUrl"]
        del session.headers["Authorization"]
        report = session.get(link, timeout=5)

    assert link.startswith("https://packaged-report-v2-prod.s3.us-east-1.amazonaws.com/")
    assert report.status_code == 200, report.text


def test_sessions_older_and_younger_than_it_are_served_and_forget_it() -> None:
    mock = Mock()
    with socket_server(mock) as url, requests.Session() as old, httpx.Client() as old_httpx:
        assert old.get(f"{url}/_testcard/health", timeout=5).status_code == 200
        with testcard.intercept(now=NOW) as mocks:
            assert old.get(ACCOUNTS, headers=_token(mocks), timeout=5).status_code == 200
            assert old_httpx.get(ACCOUNTS, headers=_token(mocks)).status_code == 200
            young = requests.Session()
            assert young.get(ACCOUNTS, headers=_token(mocks), timeout=5).status_code == 200
        assert old.get(f"{url}/_testcard/health", timeout=5).status_code == 200
        for pool in _pools(young):
            assert pool.num_connections == 0, "a connection of the interception outlived it"
        young.close()


def _pools(session: requests.Session) -> list[Any]:
    manager: Any = session.get_adapter(HOST).poolmanager  # type: ignore[attr-defined]
    return [manager.pools[key] for key in manager.pools.keys()]  # noqa: SIM118 - a container of its own


def test_an_aiohttp_session_outlives_it() -> None:
    async def talk(url: str) -> list[int]:
        statuses = []
        async with aiohttp.ClientSession() as session:
            with testcard.intercept(now=NOW) as mocks:
                for _ in range(2):
                    async with session.get(ACCOUNTS, headers=_token(mocks)) as answer:
                        statuses.append(answer.status)
            async with session.get(f"{url}/_testcard/health") as answer:
                statuses.append(answer.status)
        return statuses

    with socket_server(Mock()) as url:
        assert asyncio.run(talk(url)) == [200, 200, 200]


def _patched() -> list[Any]:
    return [
        http.client.HTTPConnection.connect,
        http.client.HTTPSConnection.connect,
        urllib3.HTTPConnectionPool.urlopen,
        httpx.HTTPTransport.handle_request,
        httpx.AsyncHTTPTransport.handle_async_request,
        aiohttp.BaseConnector.connect,
        *sys.meta_path,
    ]


def test_everything_is_put_back() -> None:
    before = _patched()
    with testcard.intercept():
        assert _patched() != before
    assert _patched() == before

    with pytest.raises(KeyError), testcard.intercept():
        raise KeyError

    assert _patched() == before


def test_the_innermost_answers() -> None:
    with testcard.intercept(seed=1, now=NOW) as outer:
        with testcard.intercept(seed=2, now=NOW) as inner:
            assert _by_requests(ACCOUNTS, _token(inner))[0] == 200
            assert _by_requests(ACCOUNTS, _token(outer))[0] == 401
        assert _by_requests(ACCOUNTS, _token(outer))[0] == 200


def test_it_may_end_in_any_order() -> None:
    before = _patched()
    first, second = testcard.intercept(seed=1), testcard.intercept(seed=2)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)

    assert _by_requests(ACCOUNTS, _token(second))[0] == 200
    second.__exit__(None, None, None)
    assert _patched() == before


def test_one_is_entered_once_at_a_time() -> None:
    with testcard.intercept() as mocks:
        with pytest.raises(UserError, match="entered already"), mocks:
            pass
        assert _by_requests(ACCOUNTS, _token(mocks))[0] == 200


def test_threads_share_it() -> None:
    with testcard.intercept(now=NOW) as mocks, requests.Session() as session, httpx.Client() as client:
        headers = _token(mocks)

        def talk(number: int) -> tuple[int, int]:
            mine = session.get(ACCOUNTS, params={"limit": str(number % 10 + 1)}, headers=headers, timeout=5)
            other = client.get(ACCOUNTS, params={"limit": str(number % 10 + 1)}, headers=headers)
            return len(mine.json()["data"]), len(other.json()["data"])

        with ThreadPoolExecutor(8) as pool:
            counts = list(pool.map(talk, range(80)))

    assert counts == [(number % 10 + 1, number % 10 + 1) for number in range(80)]


def test_tasks_share_it() -> None:
    async def talk(headers: dict[str, str]) -> list[int]:
        async with httpx.AsyncClient() as client, aiohttp.ClientSession() as session:

            async def by_aiohttp() -> int:
                async with session.get(ACCOUNTS, headers=headers) as answer:
                    return answer.status

            async def by_httpx() -> int:
                return (await client.get(ACCOUNTS, headers=headers)).status_code

            return await asyncio.gather(*(by_aiohttp() for _ in range(20)), *(by_httpx() for _ in range(20)))

    with testcard.intercept(now=NOW) as mocks:
        assert asyncio.run(talk(_token(mocks))) == [200] * 40


def test_a_thread_that_began_before_it_meets_it() -> None:
    begun, statuses = threading.Event(), []

    def talk() -> None:
        begun.wait(10)
        statuses.append(requests.get(ACCOUNTS, timeout=5).status_code)

    thread = threading.Thread(target=talk)
    thread.start()
    with testcard.intercept():
        begun.set()
        thread.join()

    assert statuses == [401]


def test_faults_raise_the_librarys_own_exceptions_at_once() -> None:
    with testcard.intercept(now=NOW) as mocks:
        mocks.world.faults.add({"kind": "stall", "when": {"first": 2}})
        with pytest.raises(requests.ReadTimeout):
            requests.get(ACCOUNTS, headers=_token(mocks), timeout=60)
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(ACCOUNTS, headers=_token(mocks), timeout=60)
        assert requests.get(ACCOUNTS, headers=_token(mocks), timeout=60).status_code == 200
        mocks.world.faults.add({"kind": "stall"})
        with pytest.raises(WouldHang):
            requests.get(ACCOUNTS, headers=_token(mocks))


def test_a_redirect_elsewhere_is_refused() -> None:
    with testcard.intercept(now=NOW) as mocks:
        mocks.world.faults.add({"kind": "redirect", "to": "foreign"})
        with pytest.raises(HostRefused, match="elsewhere"):
            requests.get(ACCOUNTS, headers=_token(mocks), timeout=5)


def test_proxies_of_the_environment_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with testcard.intercept(now=NOW) as mocks:
        for url in (ACCOUNTS, ACCOUNTS.replace("https:", "http:")):
            for get in (_by_requests, _by_httpx):
                assert get(url, _token(mocks))[0] == 200, (url, get)


def test_options_make_the_world() -> None:
    with testcard.intercept(seed=7, profile="empty", now=NOW, dialect="observed", readings={"VC-01": "pages"}) as mocks:
        world = mocks.world

    assert (world.seed, world.profile, world.recipe.dialect, world.reading("VC-01")) == (
        7,
        "empty",
        "observed",
        "pages",
    )
    assert f"{world.now():%FT%TZ}" == NOW
    with pytest.raises(UserError, match="no dialect"):
        testcard.intercept(dialect="observd")
    with pytest.raises(UserError, match="belongs to a switchboard"):
        testcard.intercept(world=world)


def test_a_world_of_a_server_that_there_is_can_answer() -> None:
    mock = Mock()
    world = mock.switchboard.worlds.create(mock.switchboard.worlds.recipe)
    with testcard.intercept(switchboard=mock.switchboard, world=world) as mocks:
        assert _by_requests(ACCOUNTS, _token(mocks))[0] == 200
        assert _by_requests(ACCOUNTS, {})[0] == 401

    assert [entry.status for entry in world.journal] == [200, 401]
    assert not list(mock.world.journal)
    assert mocks.env["TESTCARD_VIDEOCENTRAL_TOKEN"] != mock.env("videocentral")["TOKEN"]
    assert mocks.env["TESTCARD_VIDEOCENTRAL_URL"] == f"{HOST}/apis/v1"


IMPORTED_INSIDE = """
    import sys
    import testcard

    assert not {"urllib3", "requests", "httpx", "aiohttp"} & set(sys.modules), "testcard imported a client"
    with testcard.intercept() as mocks:
        mocks.env
        assert not {"httpx", "aiohttp"} & set(sys.modules), "intercepting imported an optional client"
        from urllib3 import PoolManager
        from requests import get
        from httpx import Client, HTTPTransport
        from aiohttp import ClientSession
        import asyncio

        url = "https://videocentral.amazon.com/apis/v1/accounts"
        async def by_aiohttp():
            async with ClientSession() as session, session.get(url) as answer:
                return answer.status
        with Client() as client:
            print(get(url).status_code, PoolManager().request("GET", url).status, client.get(url).status_code,
                  asyncio.run(by_aiohttp()))
        patched = HTTPTransport.handle_request
    assert HTTPTransport.handle_request is not patched
    assert HTTPTransport.handle_request.__module__ == "httpx._transports.default"
"""


def test_libraries_may_be_imported_inside() -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(IMPORTED_INSIDE)], capture_output=True, text=True
    )

    assert (ran.stdout, ran.stderr) == ("401 401 401 401\n", "")
