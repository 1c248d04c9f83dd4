"""Who may call: the holders of a world and the secrets issued to them.

A *holder* is a user, customer or key owner of one API, with the rights it was granted. A *credential* is one secret
of a holder: a client secret, token, API key. What kinds there are, what a secret looks like and what a right means is
the vendor's business.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

__all__ = ["Credential", "Credentials", "Holder"]


@dataclass(frozen=True)
class Holder:
    """A user or customer of one API; *grants* are its rights, empty for all rights."""

    api: str
    name: str
    grants: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Credential:
    """One secret. *lasting* ones (refresh tokens, client secrets) outlive a mass expiry of an API's tokens."""

    api: str
    kind: str
    secret: str
    holder: str
    issued_at: datetime
    expires_at: datetime | None = None
    revoked: bool = False
    lasting: bool = False
    data: dict[str, Any] = field(default_factory=dict)

    def expired(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and now >= self.expires_at


class Credentials:
    """All holders and credentials of one world, found by their secret.

    *claim* is told each new secret, so that a request which carries it finds this world. *version* changes with every
    secret that comes or goes.
    """

    def __init__(self, claim: Callable[[str, str], None]) -> None:
        self._claim = claim
        self._lock = threading.Lock()
        self._holders: dict[tuple[str, str], Holder] = {}
        self._issued: dict[tuple[str, str, str], Credential] = {}
        self.version = 0

    def add_holder(self, holder: Holder) -> Holder:
        """Know a holder, in place of an earlier one of that API and name."""
        with self._lock:
            self._holders[holder.api, holder.name] = holder
        return holder

    def holder(self, api: str, name: str) -> Holder | None:
        """The holder, or None."""
        return self._holders.get((api, name))

    def holders(self, api: str) -> list[Holder]:
        """The holders of one API, oldest first."""
        return [holder for (owner, _), holder in self._holders.items() if owner == api]

    def issue(self, credential: Credential) -> Credential:
        """Make a credential valid from now on."""
        with self._lock:
            self._issued[credential.api, credential.kind, credential.secret] = credential
            self.version += 1
        self._claim(credential.api, credential.secret)
        return credential

    def find(self, api: str, kind: str, secret: str) -> Credential | None:
        """The credential with that secret, whatever its state, or None when this world never issued it."""
        return self._issued.get((api, kind, secret))

    def forget(self, credential: Credential) -> None:
        """Drop a credential: from now on it was never issued."""
        with self._lock:
            self._issued.pop((credential.api, credential.kind, credential.secret), None)
            self.version += 1

    def of(self, api: str | None = None, kind: str | None = None, holder: str | None = None) -> Iterator[Credential]:
        """The credentials that match all that is given, oldest first."""
        for credential in list(self._issued.values()):
            if (
                api in (None, credential.api)
                and kind in (None, credential.kind)
                and holder in (None, credential.holder)
            ):
                yield credential

    def dump(self) -> dict[str, Any]:
        """Everything, as plain data but for the datetimes."""
        return {
            "holders": [asdict(holder) for holder in self._holders.values()],
            "credentials": [asdict(credential) for credential in self._issued.values()],
        }

    def restore(self, content: Mapping[str, Any]) -> None:
        """Exactly these holders and credentials, in place of all there were."""
        with self._lock:
            self._holders.clear()
            self._issued.clear()
        for holder in content["holders"]:
            self.add_holder(Holder(**holder))
        for credential in content["credentials"]:
            self.issue(Credential(**credential))
