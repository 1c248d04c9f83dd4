"""The environment in which a command's traffic meets the gate: proxies, trust and credentials, for every runtime.

Each line says who reads it. Nothing is changed outside the command's own environment and the run's temporary folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from testcard.reach.authority import TRUST_STORE_PASSWORD, Authority, trusted_before

__all__ = ["surroundings"]

_HERE = Path(__file__).parent
_LOCAL = ("localhost", "127.0.0.1", "::1")
_CERTIFICATE_VARIABLES = (
    "SSL_CERT_FILE",  # OpenSSL's default: Python's ssl, httpx, aiohttp, Ruby, Go, .NET on Linux, Rust
    "CURL_CA_BUNDLE",  # curl and libcurl's tools
    "REQUESTS_CA_BUNDLE",  # requests
    "AWS_CA_BUNDLE",  # boto3 and the AWS command
    "NODE_EXTRA_CA_CERTS",  # Node
    "DENO_CERT",  # Deno
    "GIT_SSL_CAINFO",  # git
    "HTTPLIB2_CA_CERTS",  # httplib2, and Google's client
    "PERL_LWP_SSL_CA_FILE",  # Perl's LWP
    "NIX_SSL_CERT_FILE",  # programs of Nix
)


def surroundings(
    before: Mapping[str, str], url: str, folder: Path, authority: Authority, allowed: Iterable[str]
) -> dict[str, str]:
    """The variables that differ from *before*; *url* is the gate's, and certificates are written into *folder*."""
    trusted = trusted_before(before.get("SSL_CERT_FILE") or before.get("REQUESTS_CA_BUNDLE"))
    bundle, store = folder / "trusted.pem", folder / "trusted.p12"
    authority.write_certificate(bundle, trusted)
    authority.write_trust_store(store, trusted)
    found = {**_proxies(url), **dict.fromkeys(_CERTIFICATE_VARIABLES, str(bundle))}
    port = url.rpartition(":")[2]
    found["TESTCARD_REACH_PORT"] = port
    found["TESTCARD_REACH_ALLOW"] = ",".join(allowed)
    found["NODE_OPTIONS"] = _after(before, "NODE_OPTIONS", f'--require "{_HERE / "preload" / "node.cjs"}"', " ")
    found["PYTHONPATH"] = ":".join(filter(None, [str(_HERE / "preload" / "python"), before.get("PYTHONPATH", "")]))
    found["PHP_INI_SCAN_DIR"] = f"{before.get('PHP_INI_SCAN_DIR', '')}:{_php(folder, bundle)}"
    found["WGETRC"] = str(_wgetrc(before, folder, bundle))
    found["JAVA_TOOL_OPTIONS"] = _after(before, "JAVA_TOOL_OPTIONS", _java(port, store), " ")
    return found


def _proxies(url: str) -> dict[str, str]:
    """Read by nearly everything; Node's fetch reads them where NODE_USE_ENV_PROXY is known and set."""
    found = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), url)
    found["NO_PROXY"] = ",".join(_LOCAL)
    return {**found, **{name.lower(): value for name, value in found.items()}, "NODE_USE_ENV_PROXY": "1"}


def _java(port: str, store: Path) -> str:
    """The system properties that a Java virtual machine takes proxies and trust from."""
    properties = {
        "http.proxyHost": "127.0.0.1",
        "http.proxyPort": port,
        "https.proxyHost": "127.0.0.1",
        "https.proxyPort": port,
        "http.nonProxyHosts": "localhost|127.*|[::1]",
        "javax.net.ssl.trustStore": str(store),
        "javax.net.ssl.trustStoreType": "PKCS12",
        "javax.net.ssl.trustStorePassword": TRUST_STORE_PASSWORD,
    }
    return " ".join(f"-D{name}={value}" for name, value in properties.items())


def _php(folder: Path, bundle: Path) -> Path:
    """PHP takes its authorities from settings alone; a folder of them may come after the installation's own."""
    (folder / "php.ini").write_text(f"curl.cainfo={bundle}\nopenssl.cafile={bundle}\n", encoding="utf-8")
    return folder


def _wgetrc(before: Mapping[str, str], folder: Path, bundle: Path) -> Path:
    """wget takes its authorities from its start-up file alone; what was in that stays in it."""
    own = Path(before["WGETRC"]) if "WGETRC" in before else Path(before.get("HOME", "/"), ".wgetrc")
    text = own.read_text(encoding="utf-8", errors="replace") if own.is_file() else ""
    path = folder / "wgetrc"
    path.write_text(f"{text}\nca_certificate = {bundle}\n", encoding="utf-8")
    return path


def _after(before: Mapping[str, str], name: str, value: str, between: str) -> str:
    return between.join(filter(None, [before.get(name, ""), value]))
