"""Core as a state machine: keys made, changed, used and deleted, tokens that run out; server and plain model agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from kit import Kit

KEYS, TOKEN, WRITE = "/core/v1/api-key", "/oauth/token", "/vod/v1/files/start"
NOW = "2026-03-02T12:00:00Z"
HOUR = 3600
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
UPLOAD = {"name": "a.mp4", "friendlyName": "A", "fileSize": 1}
ROLES = {"role-admin": "Admin", "role-editor": "Editor", "role-viewer": "Viewer"}

names = st.sampled_from(["Robot", "ärmel", "robot", "Editor's"])
roles = st.sampled_from([*ROLES, "role-owner"])


@dataclass
class Key:
    """What a key is; a deleted one is gone."""

    id: str
    name: str
    role: str
    created: datetime
    gone: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        """What a text query looks at."""
        return self.id, self.name, ROLES[self.role]


class CoreMachine(RuleBasedStateMachine):
    """Operations of core in any order, by the tenant's first key, and calls by every other one."""

    keys: Bundle[str] = Bundle("keys")
    tokens: Bundle[str] = Bundle("tokens")
    new_kit: ClassVar[Callable[..., Kit]] = Kit

    def __init__(self) -> None:
        super().__init__()
        self.kit = self.new_kit(now=NOW, profile="empty")
        self.now = datetime.fromisoformat(NOW)
        listed = self.kit.get(KEYS).json["items"]
        self.model = {
            row["id"]: Key(row["id"], row["name"], row["roleId"], datetime.fromisoformat(row["createdAt"]))
            for row in listed
        }
        self.issued: dict[str, tuple[str, datetime]] = {}

    @rule(target=keys, name=names, role=st.sampled_from([*ROLES]))
    def create(self, name: str, role: str) -> str:
        made = self.kit.post(KEYS, {"name": name, "roleId": role})
        key = Key(made.json["id"], name, role, self.now)
        assert made.json == {"id": key.id, "name": name, "roleId": role}
        assert key.id not in self.model
        self.model[key.id] = key
        return key.id

    @rule(key=keys, name=names, role=roles)
    def change(self, key: str, name: str, role: str) -> None:
        changed, known = self.kit.call("PUT", f"{KEYS}/{key}", json={"name": name, "roleId": role}), self.model[key]
        if known.gone or role not in ROLES:
            assert changed.status == 404
            return
        known.name, known.role = name, role
        assert changed.json == {"id": key, "name": name, "roleId": role}

    @rule(key=keys)
    def delete(self, key: str) -> None:
        assert self.kit.delete(f"{KEYS}/{key}").status == (404 if self.model[key].gone else 204)
        self.model[key].gone = True

    @rule(key=keys)
    def use(self, key: str) -> None:
        """By default the id of a new key is its value (ledger VK-088)."""
        known = self.model[key]
        self._may(known.role if not known.gone else None, {"X-Api-Key": key})

    @rule(target=tokens, key=keys, secret=st.sampled_from(["right", "wrong"]))
    def issue(self, key: str, secret: str) -> str:
        form = {
            "client_id": key,
            "client_secret": key if secret == "right" else "x",
            "grant_type": "client_credentials",
        }
        answer = self.kit.send("POST", f"/videokit{TOKEN}", body=urlencode(form).encode(), headers=FORM)
        if self.model[key].gone or secret == "wrong":
            assert (answer.status, answer.json["error"]) == (401, "invalid_client")
            return "no token"
        self.issued[answer.json["access_token"]] = (key, self.now + timedelta(seconds=HOUR))
        assert answer.json["expires_in"] == HOUR
        return str(answer.json["access_token"])

    @rule(token=tokens)
    def use_token(self, token: str) -> None:
        key, ends = self.issued.get(token, ("", self.now))
        lives = self.now < ends and not self.model[key].gone
        self._may(self.model[key].role if lives else None, {"Authorization": f"Bearer {token}"})

    @rule(token=tokens)
    def wait_for_its_end(self, token: str) -> None:
        """A token works to its last second, and not a second longer."""
        _, ends = self.issued.get(token, ("", self.now))
        left = int((ends - self.now).total_seconds())
        if left > 0:
            self.advance(left - 1)
            self.use_token(token)
            self.advance(1)
        self.use_token(token)

    def _may(self, role: str | None, headers: dict[str, str]) -> None:
        """Everybody reads, a viewer writes nothing, and only an admin sees keys; who has no role is unknown."""
        read, write, manage = (
            self.kit.send(method, f"/videokit{path}", headers=headers, json=body).status
            for method, path, body in (("GET", "/vod/v1/languages", None), ("POST", WRITE, UPLOAD), ("GET", KEYS, None))
        )
        may = {None: (401, 401, 401), "role-admin": (200, 200, 200), "role-editor": (200, 200, 403)}
        assert (read, write, manage) == may.get(role, (200, 403, 403))

    @rule(seconds=st.sampled_from([1, 60, HOUR - 1, HOUR]))
    def advance(self, seconds: int) -> None:
        self.kit.advance(seconds)
        self.now += timedelta(seconds=seconds)

    @rule(
        call=st.sampled_from(
            [
                ("POST", KEYS, {"name": "x"}, 400),
                ("POST", KEYS, {"name": "", "roleId": "role-admin"}, 400),
                ("POST", KEYS, {"name": "x", "roleId": "role-owner"}, 404),
                ("PUT", f"{KEYS}/nobody", {"name": "x", "roleId": "role-admin"}, 404),
                ("GET", f"{KEYS}/nobody", None, 404),
                ("GET", f"{KEYS}?Sort=colour", None, 400),
                ("GET", f"{KEYS}?Limit=0", None, 400),
                ("PATCH", KEYS, {}, 405),
                ("GET", "/core/v1/settings/tenant/nobody/status", None, 404),
            ]
        )
    )
    def call_badly(self, call: tuple[str, str, Any, int]) -> None:
        method, path, body, expected = call
        answer = self.kit.call(method, path, json=body)
        assert (answer.status, answer.json["success"]) == (expected, False)

    @rule(
        query=st.sampled_from(["", "ROBOT", "edit", "zzz"]),
        sort=st.sampled_from([None, "Name", "ROLENAME", "createdAt"]),
        desc=st.booleans(),
        limit=st.integers(1, 4),
    )
    def walk(self, query: str, sort: str | None, desc: bool, limit: int) -> None:
        rows = [key for key in self._there() if any(query.lower() in text.lower() for text in key.texts)]
        by: dict[str | None, Callable[[Key], Any]] = {
            "Name": lambda key: key.name.casefold(),
            "ROLENAME": lambda key: ROLES[key.role].casefold(),
            "createdAt": lambda key: key.created,
        }
        if sort:
            rows.sort(key=by[sort], reverse=desc)
        elif desc:
            rows.reverse()
        asked = {"Query": query, "Desc": str(desc).lower(), "Limit": limit, **({"Sort": sort} if sort else {})}
        found, number = [], 0
        while number * limit < max(len(rows), 1):
            number += 1
            page = self.kit.get(KEYS, params={**asked, "Page": number}).json
            assert (page["totalCount"], page["pageNumber"]) == (len(rows), number)
            found += [row["id"] for row in page["items"]]
        assert found == [key.id for key in rows]

    def _there(self) -> list[Key]:
        return [key for key in self.model.values() if not key.gone]

    @invariant()
    def keys_are_the_models(self) -> None:
        listed = self.kit.get(KEYS).json["items"]
        assert [self._key(row) for row in listed] == self._there()
        assert [row["roleName"] for row in listed] == [ROLES[key.role] for key in self._there()]
        for key in self.model.values():
            shown = self.kit.get(f"{KEYS}/{key.id}")
            plain = {"id": key.id, "name": key.name, "roleId": key.role}
            assert shown.status == 404 if key.gone else shown.json == plain

    @staticmethod
    def _key(row: dict[str, Any]) -> Key:
        return Key(row["id"], row["name"], row["roleId"], datetime.fromisoformat(row["createdAt"]))


CoreMachine.TestCase.settings = settings(max_examples=20, stateful_step_count=20)
TestCore = CoreMachine.TestCase
