"""Wrong keeping: of tokens, secrets and answers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import requests

from known_good.videocentral import ClientError
from miniatures.videocentral.wrong import LONG, TWO_PAGES, Row, Wrong

__all__ = ["Holding"]


class Holding(Wrong):
    """Wrong with what it holds."""

    area = "auth"
    scenarios = (TWO_PAGES,)


class TokenForEveryCall(Holding):
    """Fetches a token for every request."""

    scenarios = (LONG,)

    def _with_token(self, link: str, params: dict[str, str] | None) -> requests.Response:
        self.bug()
        self._access_token = ""
        return super()._with_token(link, params)


class NeverRenews(Holding):
    """Does not know that tokens end."""

    scenarios = ("the token ends between two calls",)

    def _get_json(self, link: str, params: dict[str, str] | None) -> Any:
        answer = self._with_token(link, params)
        if answer.status_code != requests.codes.ok:
            self.bug()
            raise ClientError(f"{answer.status_code}", answer.status_code)
        return answer.json()


class RenewsForEver(Holding):
    """Fetches a new token as long as the last one is refused."""

    scenarios = ("every token is refused",)

    def _get_json(self, link: str, params: dict[str, str] | None) -> Any:
        for attempt in range(30):
            answer = self._with_token(link, params)
            if answer.status_code == requests.codes.ok:
                return answer.json()
            if attempt > 1:
                self.bug()
            self._access_token = ""
        raise ClientError("an end for the tests' sake", 401)


class InsistsOnADeadToken(Holding):
    """Sends the token that was refused again."""

    scenarios = ("the token expires in the middle",)

    def _get_json(self, link: str, params: dict[str, str] | None) -> Any:
        answer = self._with_token(link, params)
        if answer.status_code == requests.codes.unauthorized:
            self.bug()
            self._with_token(link, params)
            return super()._get_json(link, params)
        return answer.json()


class TokenInTheUrl(Holding):
    """Puts the token into the query."""

    def _with_token(self, link: str, params: dict[str, str] | None) -> requests.Response:
        if not self._access_token:
            self._renew()
        self.bug()
        return super()._with_token(link, {**(params or {}), "access_token": self._access_token})


class SecretInTheTokenUrl(Holding):
    """Sends the client's secret in the query of the token call."""

    scenarios = ("no ready token",)

    def _renew(self) -> None:
        self.bug()
        form = {"grant_type": "refresh_token", "refresh_token": self.refresh_token, **self._client}
        kept, self._token_url = self._token_url, f"{self._token_url}?{urlencode(form)}"
        try:
            super()._renew()
        finally:
            self._token_url = kept


class TokenToStorage(Holding):
    """Sends the token wherever a link leads."""

    area = "storage"
    scenarios = ("files with awkward cells",)

    def _download(self, link: str) -> bytes:
        self.bug()
        return self._patiently("GET", link, headers={"Authorization": f"Bearer {self._access_token}"}).content


class PrintsTheToken(Holding):
    """Logs its headers."""

    def _with_token(self, link: str, params: dict[str, str] | None) -> requests.Response:
        self.bug()
        print(f"GET {link} Authorization: Bearer {self._access_token}")
        return super()._with_token(link, params)


class SecretInTheError(Holding):
    """Says its refresh token when it cannot refresh."""

    scenarios = ("the token service refuses",)

    def _renew(self) -> None:
        try:
            super()._renew()
        except ClientError as error:
            self.bug()
            raise ClientError(f"{error} for {self.refresh_token}", error.status) from error


class NoCredential(Holding):
    """Sends its first request without a token."""

    def _get_json(self, link: str, params: dict[str, str] | None) -> Any:
        self.bug()
        self._session.get(link, params=params, timeout=30)
        return super()._get_json(link, params)


class KeepsLinks(Holding):
    """Keeps download links for longer than they last."""

    area = "storage"
    scenarios = ("a download two hours after another",)
    links: Row

    def records(self, report: Row) -> list[dict[str, str]]:
        if not hasattr(self, "links"):
            self.links = {}
        key = report["reportDateBegin"]
        if key in self.links:
            self.bug()
        report = self.links.setdefault(key, report)
        return super().records(report)


class KeepsLists(Holding):
    """Keeps what it once read."""

    area = "values"
    scenarios = ("a list that grew since the last call",)
    lists: Row

    def _all(self, path: str, **filters: str) -> list[Row]:
        if not hasattr(self, "lists"):
            self.lists = {}
        key = f"{path} {filters}"
        if key in self.lists:
            self.bug()
        else:
            self.lists[key] = super()._all(path, **filters)
        found: list[Row] = self.lists[key]
        return found
