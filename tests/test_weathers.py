"""Each named weather does what it says, and the same in every run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from support import Mock
from testcard.control.room import weather
from testcard.errors import UserError
from testcard.reach.requests_link import requests_session

URL = "http://mock.test/videocentral/apis/v1"
NAMES = ("calm", "flaky", "storm", "maintenance")
LOST = requests.ConnectionError


class Client:
    """A client that tells what happens to each of its calls."""

    def __init__(self, name: str) -> None:
        self.mock = Mock("videocentral")
        for spec in weather(name):
            self.mock.world.faults.add(spec)
        self._session = requests_session(self.mock.switchboard)
        self._token = self.mock.env("videocentral")["TOKEN"]

    def ask(self, path: str = "/accounts?limit=2") -> int | str:
        """The status of an answer, or what keeps it from being one."""
        try:
            answer = self.get(f"{URL}{path}")
            answer.json()
        except (requests.RequestException, ValueError) as error:
            return type(error).__name__
        return answer.status_code

    def get(self, url: str) -> requests.Response:
        return self._session.get(url, headers={"Authorization": f"Bearer {self._token}"}, timeout=5)

    def again(self, url: str) -> requests.Response:
        """Ask until there is an answer that is meant to be one; waits as long as no server would mind here."""
        for _ in range(5):
            try:
                answer = self.get(url)
            except requests.ConnectionError:
                continue
            if answer.status_code not in (429, 502, 503):
                return answer
        raise AssertionError(f"five times nothing: {url}")

    def names(self, limit: int) -> Iterator[str]:
        """Every account, page by page."""
        page = f"{URL}/accounts?limit={limit}"
        while page:
            content = self.again(page).json()
            yield from (row["name"] for row in content["data"])
            page = content["next"]


JUNK, CUT, RESET = "JSONDecodeError", "ChunkedEncodingError", "ConnectionError"
MET: dict[str, list[int | str]] = {
    "calm": [200] * 24,
    "flaky": [200, 200, 200, 429, 200, 200, JUNK, 200, 200, 200, RESET, 200,
              200, JUNK, 200, 200, 200, 200, 200, 200, JUNK, 200, 200, 200],
    "storm": [200, 200, 200, 500, 401, CUT, JUNK, 500, JUNK, RESET, 429, CUT,
              401, 401, 401, 500, 401, CUT, 401, RESET, 401, 429, 401, CUT],
    "maintenance": [503] * 24,
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_weather_meets_the_same_calls_in_every_run(name: str) -> None:
    runs = [[client.ask() for _ in range(24)] for client in (Client(name), Client(name))]

    assert runs[0] == runs[1] == MET[name]


def test_every_fault_of_a_weather_takes_effect() -> None:
    for name in NAMES:
        client = Client(name)
        for _ in range(24):
            client.ask()
        assert [fault.kind for fault in client.mock.world.faults if not fault.hits] == [], name


def test_every_weather_is_here_and_says_what_it_is() -> None:
    weathers = Mock("videocentral").get("/_testcard/faults/kinds").json["weathers"]

    assert set(weathers) == set(NAMES) == set(MET)
    assert all(each["says"].endswith(".") for each in weathers.values())
    assert [weathers[name]["faults"] for name in NAMES] == [weather(name) for name in NAMES]


@pytest.mark.parametrize("limit", [1, 5])
def test_a_client_that_asks_again_gets_over_a_flaky_day(limit: int) -> None:
    assert list(Client("flaky").names(limit)) == list(Client("calm").names(limit))


def test_the_words_of_a_flaky_day_hold() -> None:
    client = Client("flaky")
    answers = [client.get(f"{URL}/accounts") for _ in range(10)]

    assert answers[3].headers["Retry-After"] == "1"
    assert answers[6].headers["Content-Type"] == "text/html"
    with pytest.raises(LOST):
        client.get(f"{URL}/accounts")


def test_in_a_storm_a_new_token_is_good_again() -> None:
    client = Client("storm")
    met = [client.ask() for _ in range(14)]
    client._token = client.mock.env("videocentral")["TOKEN"]

    assert met[-1] == 401
    assert client.ask() == 200


def test_maintenance_is_everywhere_until_it_is_cleared() -> None:
    client = Client("maintenance")
    mock = client.mock
    paths = ["/videocentral/apis/v1/accounts", "/storage/packaged-report-v2-prod/x"]
    answers = [mock.get(path) for path in paths] + [mock.post("/videocentral/auth/o2/token", form={})]

    assert [(each.status, each.headers["Retry-After"]) for each in answers] == [(503, "60")] * 3
    mock.world.faults.clear()
    assert client.ask() == 200


def test_an_unknown_weather_names_the_near_miss() -> None:
    with pytest.raises(UserError, match=r"no weather 'strom'; there are: calm, .*; did you mean 'storm'\?"):
        weather("strom")
