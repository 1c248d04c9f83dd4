"""Take secrets out of whatever is shown: journal, HAR, logs, reports.

Two nets: the names under which secrets travel, and the secrets themselves, wherever a world's own turn up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

__all__ = ["REDACTED", "Redaction"]

REDACTED = "[redacted]"

_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-access-token", "x-api-key"})
_NAMES = (
    "access_token|refresh_token|id_token|client_secret|code|password|token|api_?key|authorization|x-access-token|x-api-key"
    "|x-amz-signature|x-amz-credential|x-amz-security-token"
)
_ESCAPE = re.compile("%[0-9A-F]{2}")
_IN_QUERY = re.compile(rf"(?i)\b({_NAMES})=([^&\s\"']+)")
_IN_JSON = re.compile(rf'(?i)("(?:{_NAMES})"\s*:\s*)"(?:[^"\\]|\\.)*"')


class Redaction:
    """Redacts by name, and every one of *secrets* by value."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        long_enough = {secret for secret in secrets if len(secret) >= 8}
        self._known = sorted({form for secret in long_enough for form in _forms(secret)}, key=len, reverse=True)

    def text(self, text: str) -> str:
        """Redact a URL, a body or a line."""
        for secret in self._known:
            text = text.replace(secret, REDACTED)
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


def _forms(secret: str) -> set[str]:
    """How a secret may be written: as it is, or in a URL."""
    quoted = quote(secret, safe="")
    return {secret, quoted, _ESCAPE.sub(lambda found: found[0].lower(), quoted)}
