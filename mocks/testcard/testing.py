"""What the fixture ``testcard`` gives a test: a server for the session, a world of its own, and a strict eye on it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Self

from testcard.apis import APIS
from testcard.control.client import Control, WorldControl
from testcard.errors import UserError, near_miss

if TYPE_CHECKING:
    import httpx
    import requests

    from testcard.server.serving import Serving
    from testcard.server.switchboard import Switchboard

__all__ = ["Server", "TestWorld"]

_RECIPE = ("seed", "profile", "now", "frozen", "dialect")
_OWN = ("reading", "faults", "weather", "dialects", "weathers")
_UNWANTED = ("unmatched", "contract", "auth", "mock-error")


class Server:
    """A server for worlds: one that runs already, at *url*, or one of our own on a free port."""

    def __init__(self, url: str | None = None, token: str | None = None) -> None:
        self._given = url
        self._token = token
        self.switchboard: Switchboard | None = None
        self._serving: Serving | None = None

    def __enter__(self) -> Self:
        self.control = Control(self._given or self._serve(), self._token)
        self.control.health()
        return self

    def __exit__(self, *_: object) -> None:
        if self._serving is not None:
            self._serving.stop()
            self._thread.join(10)

    @property
    def url(self) -> str:
        """Where it answers."""
        return self.control.url

    def open_world(self, options: Mapping[str, Any]) -> TestWorld:
        """Make a world as a marker asks: recipe, readings, faults and weather."""
        for name in options:
            if name not in (*_RECIPE, *_OWN):
                raise UserError(f"@pytest.mark.testcard({name}=…) is not known{near_miss(name, (*_RECIPE, *_OWN))}")
        recipe = {name: options[name] for name in _RECIPE if name in options}
        if "reading" in options:
            recipe["readings"] = _readings(options["reading"])
        world = TestWorld(self, self.control.create_world(**recipe))
        for fault in options.get("faults", ()):
            world.faults.add(**fault)
        if options.get("weather"):
            world.faults.weather(options["weather"])
        return world

    def _serve(self) -> str:
        from testcard.server.build import build
        from testcard.server.serving import Serving

        self.switchboard = build()
        self._serving = Serving(self.switchboard, host="127.0.0.1", port=0)
        self._thread = threading.Thread(target=self._serving.run, daemon=True)
        self._thread.start()
        return self._serving.wait_until_ready(20)


def _readings(wanted: Any) -> dict[str, str]:
    """``"VC-01=pages"``, several of them, or a mapping."""
    if isinstance(wanted, Mapping):
        return dict(wanted)
    listed = [wanted] if isinstance(wanted, str) else list(wanted)
    return {identity: name for identity, _, name in (each.partition("=") for each in listed)}


class TestWorld(WorldControl):
    """A test's own world. ``testcard.videocentral.url``, ``.token`` and so on are its client's variables."""

    __test__ = False

    def __init__(self, server: Server, world: WorldControl) -> None:
        super().__init__(world.control, world.id, world.url, world.env)
        self._server = server
        self._expected: list[dict[str, Any]] = []
        self._sessions: list[Any] = []
        self._told: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        if name not in APIS:
            raise AttributeError(f"{type(self).__name__} has no {name!r}{near_miss(name, [*APIS, 'clock', 'faults'])}")
        prefix = f"TESTCARD_{name.upper()}_"
        variables = {
            key.removeprefix(prefix).lower(): value for key, value in self.env.items() if key.startswith(prefix)
        }
        return SimpleNamespace(**variables)

    def expect(self, verdict: str | None = None, **wanted: Any) -> None:
        """Allow exchanges that would fail the test: by verdict (unmatched, contract, auth), status or operation."""
        self._expected.append({**({"verdict": verdict} if verdict else {}), **wanted})

    def trouble(self) -> str:
        """What the client sent that it must not, each with its near miss and a curl command; nothing is told twice."""
        found = self.journal.ask(verdict=_UNWANTED)
        lines = [_line(entry) for entry in found["entries"] if not self._allows(entry)]
        lines += [
            f"  {verdict}: {count} more, which the journal has dropped since: it keeps the latest"
            for verdict, count in found["droppedVerdicts"].items()
            if verdict in _UNWANTED and not self._allows({"verdict": verdict})
        ]
        new = [line for line in lines if line not in self._told]
        self._told.update(new)
        return "\n".join(["the client sent what it must not:", *new]) if new else ""

    def check(self) -> None:
        """Fail on any request that matched nothing, broke the contract or was refused for its credentials."""
        __tracebackhide__ = True
        if trouble := self.trouble():
            raise AssertionError(trouble)

    def reset(self) -> None:
        """Give the world its first day back; what the client did wrong until now is not forgotten."""
        self.check()
        super().reset()

    def requests_session(self) -> requests.Session:
        """A requests session that meets this world without a socket."""
        from testcard.reach.requests_link import requests_session

        session = requests_session(self._own_switchboard())
        self._sessions.append(session)
        return session

    def httpx_client(self) -> httpx.Client:
        """An httpx client that meets this world without a socket."""
        import httpx

        from testcard.reach.httpx_link import SwitchTransport

        client = httpx.Client(transport=SwitchTransport(self._own_switchboard()))
        self._sessions.append(client)
        return client

    def intercept(self) -> Any:
        """A context in which the documented hosts lead to this world, without a socket."""
        from testcard.reach.interception import Interception

        return Interception(self._own_switchboard(), self._own_switchboard().worlds.get(self.id))

    def close(self) -> None:
        """Drop the world and what was opened to it."""
        for session in self._sessions:
            session.close()
        self.drop()

    def _own_switchboard(self) -> Switchboard:
        if self._server.switchboard is None:
            raise UserError("this needs a server in the test's own process: unset TESTCARD_URL")
        return self._server.switchboard

    def _allows(self, entry: Mapping[str, Any]) -> bool:
        return any(all(entry.get(name) == value for name, value in wanted.items()) for wanted in self._expected)


def _line(entry: Mapping[str, Any]) -> str:
    head = f"{entry['verdict']}: {entry['method']} {entry['url']} -> {entry['status']}: {entry['explanation']}"
    return f"  {head}\n    {entry['curl']}"
