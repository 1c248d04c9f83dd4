"""A certificate authority for one run: its key stays in this process, and nobody is asked to trust it but one command.

Only the certificate, alone and together with the authorities trusted before, is ever written down, in the run's own
temporary folder. (The key of a host's own certificate passes through a private file for a moment: OpenSSL takes it from
nowhere else.)
"""

from __future__ import annotations

import contextlib
import re
import ssl
import threading
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import certifi
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.utils import CryptographyDeprecationWarning

__all__ = ["TRUST_STORE_PASSWORD", "Authority", "trusted_before"]

TRUST_STORE_PASSWORD = "changeit"  # noqa: S105 - Java asks for one; there are certificates in it and no keys
_DAYS = 30
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


class Authority:
    """Vouches for any host."""

    def __init__(self) -> None:
        self._authority = trustme.CA(organization_name="testcard run", organization_unit_name="trusted in one run only")
        self._lock = threading.Lock()
        self._contexts: dict[str, ssl.SSLContext] = {}

    @property
    def certificate(self) -> bytes:
        """The authority's own certificate, in PEM."""
        return self._authority.cert_pem.bytes()

    def context(self, host: str) -> ssl.SSLContext:
        """The server's side of TLS as *host*; a client that names another host meets that one."""
        with self._lock:
            found = self._contexts.get(host)
            if found is None:
                self._contexts[host] = found = self._issue(host)
            return found

    def _issue(self, host: str) -> ssl.SSLContext:
        now = datetime.now(UTC)
        leaf = self._authority.issue_cert(
            host, not_before=now - timedelta(days=_DAYS), not_after=now + timedelta(days=_DAYS)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        context.sni_callback = self._named
        leaf.configure_cert(context)
        return context

    def _named(self, connection: ssl.SSLObject, host: str | None, _context: ssl.SSLContext) -> None:
        if host:
            connection.context = self.context(host)

    def write_certificate(self, path: Path, trusted: bytes) -> None:
        """Write the certificate, and what is *trusted* beside it."""
        path.write_bytes(self.certificate + b"\n" + trusted)

    def write_trust_store(self, path: Path, trusted: bytes) -> None:
        """Write the same as a PKCS #12 store, as Java reads it."""
        certificates = [*_certificates(self.certificate), *_certificates(trusted)]
        entries = [pkcs12.PKCS12Certificate(each, f"c{number}".encode()) for number, each in enumerate(certificates)]
        protection = serialization.BestAvailableEncryption(TRUST_STORE_PASSWORD.encode())
        path.write_bytes(pkcs12.serialize_java_truststore(entries, protection))


def _certificates(text: bytes) -> Iterator[x509.Certificate]:
    """The certificates in a PEM file that hold to the standard; some old authorities' do not."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", CryptographyDeprecationWarning)
        for block in _PEM.findall(text):
            with contextlib.suppress(ValueError, CryptographyDeprecationWarning):
                yield x509.load_pem_x509_certificate(block)


def trusted_before(named: str | None) -> bytes:
    """The authorities a command would have trusted: of the file its environment names, or the usual ones."""
    path = Path(named) if named else Path(certifi.where())
    return path.read_bytes() if path.is_file() else Path(certifi.where()).read_bytes()
