"""Take secrets out of whatever is shown: journal, HAR, logs, reports.

Two nets: the names under which secrets travel, and the secrets themselves, wherever a world's own turn up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

__all__ = ["REDACTED", "Redaction"]

REDACTED = "[redacted]"

_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-access-token", "x-api-key"})
_NAMES = (
    "access_token|refresh_token|id_token|client_secret|code|password|token|api_?key|x-access-token|x-api-key"
    "|x-amz-signature|x-amz-credential|x-amz-security-token"
)
_IN_QUERY = re.compile(rf"(?i)\b({_NAMES})=([^&\s\"']+)")
_IN_JSON = re.compile(rf'(?i)("(?:{_NAMES})"\s*:\s*)"(?:[^"\\]|\\.)*"')


class Redaction:
    """Redacts by name, and every one of *secrets* by value."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = sorted({secret for secret in secrets if len(secret) >= 8}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def text(self, text: str) -> str:
        """Redact a URL, a body or a line."""
        if self._known is not None:
            text = self._known.sub(REDACTED, text)
        return _IN_JSON.sub(rf'\1"{REDACTED}"', _IN_QUERY.sub(rf"\1={REDACTED}", text))

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Redact the headers that carry credentials; the scheme before a token is shown."""
        return {
            name: self._credential(value) if name.lower() in _HEADERS else self.text(value)
            for name, value in headers.items()
        }

    def _credential(self, value: str) -> str:
        scheme, blank, rest = value.partition(" ")
        return f"{scheme} {REDACTED}" if blank and rest and scheme.isalpha() else REDACTED
