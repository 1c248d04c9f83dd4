"""Wrong clients with their tokens and secrets."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, ClassVar

import requests

from known_good.ibmvideo import ClientError, _json
from miniatures.ibmvideo.wrong import LONG, VIEWS, Row, Wrong


class Holding(Wrong):
    """Wrong with what it holds."""

    area = "auth"
    scenarios: ClassVar[Sequence[str]] = (VIEWS,)


class Fetching(Holding):
    """Asks for a token in its own way."""

    scenarios: ClassVar[Sequence[str]] = ("no ready token",)

    def ask(self, form: Row, **options: Any) -> str:
        """One call of the token service."""
        self.bug()
        fields = {"grant_type": "client_credentials", "client_id": self._client_id, **form}
        return str(_json(self._send("POST", self._token_url, data=fields, **options))["access_token"])


class OpaqueToken(Fetching):
    """Does not ask for a JWT."""

    def _new_token(self) -> str:
        return self.ask({"client_secret": self._client_secret})


class TokenTypeInTheQuery(Fetching):
    """Asks for a JWT in the query, where it changes nothing."""

    def _new_token(self) -> str:
        return self.ask({"client_secret": self._client_secret}, params={"token_type": "jwt"})


class UsualBasic(Fetching):
    """Proves itself by the pair that Basic usually carries."""

    def _new_token(self) -> str:
        pair = base64.b64encode(f"{self._client_id}:{self._client_secret}".encode()).decode()
        return self.ask({"token_type": "jwt"}, headers={"Authorization": f"Basic {pair}"})


class SecretInTheTokenUrl(Fetching):
    """Sends the secret in the query of the token call."""

    def _new_token(self) -> str:
        secret = {"client_secret": self._client_secret}
        return self.ask({"token_type": "jwt", **secret}, params=secret)


class SecretInTheError(Fetching):
    """Says its secret when it gets no token."""

    scenarios = ("the token service refuses",)

    def _new_token(self) -> str:
        try:
            return super()._new_token()
        except ClientError as error:
            self.bug()
            raise ClientError(f"{error} for {self._client_secret}", error.status) from error


class KeepsItsRefreshToken(Holding):
    """Takes its first refresh token to be good for ever."""

    scenarios = ("tokens end twice",)
    refresh_token = ""

    def _new_token(self) -> str:
        form = {"grant_type": "client_credentials", "client_id": self._client_id, "token_type": "jwt"}
        if self.refresh_token:
            self.bug()
            form |= {"grant_type": "refresh_token", "refresh_token": self.refresh_token}
        answer = _json(self._send("POST", self._token_url, data={**form, "client_secret": self._client_secret}))
        self.refresh_token = self.refresh_token or answer["refresh_token"]
        return str(answer["access_token"])


class BearerToken(Holding):
    """Puts Bearer before the token."""

    def _send(self, method: str, url: str, **options: Any) -> requests.Response:
        if method == "GET":
            self.bug()
            options["headers"] = {"Authorization": f"Bearer {self._token}"}
        return super()._send(method, url, **options)


class TokenForEveryCall(Holding):
    """Fetches a token for every request."""

    scenarios = (LONG,)

    def _get(self, path: str, query: Any) -> Row:
        self.bug()
        self._token = ""
        return super()._get(path, query)


class NeverRenews(Holding):
    """Does not know that tokens end."""

    scenarios = ("the token ends between two calls",)

    def _get(self, path: str, query: Any) -> Row:
        answer = self._send("GET", self._url + path, params=query, headers={"Authorization": self._token})
        if answer.status_code == requests.codes.unauthorized:
            self.bug()
        return _json(answer)


class RenewsForEver(Holding):
    """Fetches a new token as long as the last one is refused."""

    scenarios = ("every token is refused",)

    def _get(self, path: str, query: Any) -> Row:
        for attempt in range(30):
            answer = self._send("GET", self._url + path, params=query, headers={"Authorization": self._token})
            if answer.status_code == requests.codes.ok:
                return _json(answer)
            if attempt > 1:
                self.bug()
            self._token = self._new_token()
        raise ClientError("an end for the tests' sake", 401)


class InsistsOnADeadToken(Holding):
    """Sends the token that was refused again."""

    scenarios = ("the token expires in the middle",)

    def _send(self, method: str, url: str, **options: Any) -> requests.Response:
        answer = super()._send(method, url, **options)
        if answer.status_code == requests.codes.unauthorized:
            self.bug()
            answer = super()._send(method, url, **options)
        return answer


class TokenInTheUrl(Holding):
    """Puts the token into the query too."""

    def _get(self, path: str, query: Any) -> Row:
        self.bug()
        return super()._get(path, {**query, "access_token": self._token})


class PrintsTheToken(Holding):
    """Logs its headers."""

    def _send(self, method: str, url: str, **options: Any) -> requests.Response:
        self.bug()
        print(f"{method} {url} {options.get('headers')}")
        return super()._send(method, url, **options)


class AsksWithoutAToken(Holding):
    """Sends its token once it was refused without."""

    def _get(self, path: str, query: Any) -> Row:
        self.bug()
        requests.get(self._url + path, params=query, timeout=30)
        return super()._get(path, query)
