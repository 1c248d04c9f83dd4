"""Wrong clients with their token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import requests

from miniatures.amagi.wrong import DAY, Wrong


class Holding(Wrong):
    """Wrong with its token."""

    area = "auth"
    scenarios: ClassVar[Sequence[str]] = (DAY,)


class InsistsOnADeadToken(Holding):
    """Sends a refused token again."""

    scenarios = ("every token is refused",)

    def _patiently(self, link: str, params: dict[str, str]) -> requests.Response:
        answer = super()._patiently(link, params)
        if answer.status_code in (requests.codes.unauthorized, requests.codes.forbidden):
            self.bug()
            return super()._patiently(link, params)
        return answer


class TokenInTheUrl(Holding):
    """Puts the token into the query too."""

    def _patiently(self, link: str, params: dict[str, str]) -> requests.Response:
        self.bug()
        return super()._patiently(link, {**params, "access_token": str(self._session.headers["x-access-token"])})


class PrintsTheToken(Holding):
    """Logs its headers."""

    def _patiently(self, link: str, params: dict[str, str]) -> requests.Response:
        self.bug()
        print(f"GET {link} {self._session.headers}")
        return super()._patiently(link, params)


class AsksWithoutAToken(Holding):
    """Sends its token once it was refused without."""

    def _patiently(self, link: str, params: dict[str, str]) -> requests.Response:
        self.bug()
        requests.get(link, params=params, timeout=30)
        return super()._patiently(link, params)
