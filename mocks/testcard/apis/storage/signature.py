"""Pre-signed links: AWS Signature Version 4 in the query, made and checked.

What is signed is what the caller sees: method, path (world and proxy prefixes included), every query parameter and the
host. Storage facts S2 to S8.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from testcard.apis.storage.errors import s3_error
from testcard.exchange import Address, Call
from testcard.seed import text
from testcard.world.credentials import Credential
from testcard.world.world import World

__all__ = ["Signer", "access_key", "key_id_of", "signer", "verify"]

_ALGORITHM = "AWS4-HMAC-SHA256"
_PARAMETERS = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders")
_SIGNATURE = "X-Amz-Signature"
_LONGEST_S = 604_800
_KEPT_LINKS = 2048
_KEPT_SIGNERS = 4
_SKEW = timedelta(minutes=15)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


class Signer:
    """Makes links into one bucket for one caller at one second of the world's time, and remembers them."""

    def __init__(
        self, world: World, address: Address, bucket: str, region: str, method: str, expires_s: int, second: int
    ) -> None:
        access = access_key(world)
        parts = urlsplit(_base(address, bucket, region))
        self.second = second
        self.stamp = (_EPOCH + timedelta(seconds=second)).strftime("%Y%m%dT%H%M%SZ")
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._path, self._method, self._headers = parts.path, method, {"host": parts.netloc}
        self._scope = f"{self.stamp[:8]}/{region}/s3/aws4_request"
        self._secret = access.data["secret_key"]
        values = (_ALGORITHM, f"{access.secret}/{self._scope}", self.stamp, str(expires_s), "host")
        self._pairs = list(zip(_PARAMETERS, values, strict=True))
        self._query = _query(self._pairs)
        self._links: dict[str, str] = {}
        self.mark = f"{method} {self._origin}{self._path}?{self._query}"  # what all its links share, and no other's

    def link(self, key: str, query: Mapping[str, str] | None = None) -> str:
        """The link to an object; *query* is signed with it."""
        if query:
            pairs = [*query.items(), *self._pairs]
            return self._signed(key, _query(pairs), _query(sorted(pairs)))
        known = self._links.get(key)
        if known is None:
            if len(self._links) >= _KEPT_LINKS:
                self._links.clear()
            known = self._links[key] = self._signed(key, self._query, self._query)
        return known

    def _signed(self, key: str, query: str, sorted_query: str) -> str:
        path = f"{self._path}/{quote(key, safe='/-_.~')}"
        request = _canonical_request(self._method, path, sorted_query, self._headers)
        signature = _sign(self._secret, self._scope, _string_to_sign(self.stamp, self._scope, request))
        return f"{self._origin}{path}?{query}&{_SIGNATURE}={signature}"


def signer(
    world: World,
    address: Address,
    bucket: str,
    *,
    region: str = "us-east-1",
    method: str = "GET",
    expires_s: int = 3600,
) -> Signer:
    """Return what makes links now; they work for *expires_s* seconds of the world's time, at the caller's address."""
    kept: dict[tuple[Any, ...], Signer] = world.shelf.setdefault("storage/signers", {})
    name, second = (address.root, address.hosted, bucket, region, method, expires_s), world.clock.now_ms() // 1000
    found = kept.get(name)
    if found is None or found.second != second:
        if len(kept) >= _KEPT_SIGNERS:
            kept.clear()
        found = kept[name] = Signer(world, address, bucket, region, method, expires_s, second)
    return found


def key_id_of(query: str) -> str:
    """The access key id that a raw query names, or an empty string."""
    found = re.search(r"(?:^|&)X-Amz-Credential=([A-Za-z0-9]+)", query)
    return found[1] if found else ""


def verify(call: Call, *, method: str) -> None:
    """Check the signature of a request, or raise S3's refusal."""
    pairs = parse_qsl(call.address.query, keep_blank_values=True)
    if "authorization" in call.headers:
        raise _two_ways(call.headers["authorization"], dict(pairs))
    signed = _read(dict(pairs))
    access = call.world.credentials.find("storage", "access-key", signed.key_id)
    if access is None:
        raise s3_error(
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
            AWSAccessKeyId=signed.key_id,
        )
    _check_time(signed, call.now)
    _check_signature(call, method, pairs, signed, access.data["secret_key"])


@dataclass(frozen=True)
class _Signed:
    """What a link says about its signature."""

    key_id: str
    scope: str
    stamp: str
    expires_s: int
    headers: tuple[str, ...]
    signature: str

    @property
    def signed_at(self) -> datetime:
        return datetime.strptime(self.stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)

    @property
    def expires_at(self) -> datetime:
        return self.signed_at + timedelta(seconds=self.expires_s)


def access_key(world: World) -> Credential:
    """The world's key for links, issued when it is first asked for: the same for the same seed and name."""
    key_id = "ASIA" + text(16, world.seed, world.origin, "storage", "key id")
    known = world.credentials.find("storage", "access-key", key_id)
    if known is not None:
        return known
    secret_key = text(40, world.seed, world.origin, "storage", "secret key", alphabet=_LETTERS)
    data = {"secret_key": secret_key}
    return world.credentials.issue(
        Credential("storage", "access-key", key_id, "storage", world.now(), lasting=True, data=data)
    )


def _base(address: Address, bucket: str, region: str) -> str:
    """Where a bucket is for this caller: below our address, or at the host of the documented storage."""
    if not address.hosted:
        return f"{address.root}/storage/{quote(bucket, safe='-_.~')}"
    root = urlsplit(address.root)
    port = f":{root.port}" if root.port else ""
    return f"{root.scheme}://{bucket}.s3.{region}.amazonaws.com{port}{root.path}"


def _read(sent: Mapping[str, str]) -> _Signed:
    missing = [name for name in (*_PARAMETERS, _SIGNATURE) if name not in sent]
    if len(missing) > len(_PARAMETERS):
        raise s3_error("AccessDenied", "Access Denied")
    if missing:
        raise _bad_query(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature,"
            " X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
        )
    if sent["X-Amz-Algorithm"] != _ALGORITHM:
        raise _bad_query(f'X-Amz-Algorithm only supports "{_ALGORITHM} and AWS4-ECDSA-P256-SHA256"')
    key_id, _, scope = sent["X-Amz-Credential"].partition("/")
    headers = tuple(sent["X-Amz-SignedHeaders"].split(";"))
    signed = _Signed(key_id, scope, sent["X-Amz-Date"], _expires(sent), headers, sent[_SIGNATURE])
    _check_date(signed)
    if not re.fullmatch(r"[0-9]{8}/[a-z0-9-]+/s3/aws4_request", scope) or scope[:8] != signed.stamp[:8]:
        raise _bad_query(
            "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting"
            ' "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'
        )
    return signed


def _expires(sent: Mapping[str, str]) -> int:
    value = sent["X-Amz-Expires"]
    if not re.fullmatch(r"-?[0-9]{1,18}", value, re.ASCII):
        raise _bad_query("X-Amz-Expires should be a number")
    if value.startswith("-"):
        raise _bad_query("X-Amz-Expires must be non-negative")
    if int(value) > _LONGEST_S:
        raise _bad_query(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than"
            f" {_LONGEST_S} seconds"
        )
    return int(value)


def _check_date(signed: _Signed) -> None:
    try:
        signed.signed_at  # noqa: B018 - reading it is the check
    except ValueError:
        raise _bad_query("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"") from None


def _bad_query(message: str) -> Exception:
    return s3_error("AuthorizationQueryParametersError", message)


def _two_ways(header: str, sent: Mapping[str, str]) -> Exception:
    """A credential in the header: beside a signature it is one too many, alone it is of no kind that S3 knows."""
    message = (
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter"
        " or the Authorization header should be specified"
        if _SIGNATURE in sent or "X-Amz-Algorithm" in sent
        else "Unsupported Authorization Type"
    )
    return s3_error("InvalidArgument", message, ArgumentName="Authorization", ArgumentValue=header)


def _check_time(signed: _Signed, now: datetime) -> None:
    server_time = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    if now + _SKEW < signed.signed_at:
        raise s3_error("AccessDenied", "Request is not yet valid", ServerTime=server_time)
    if now >= signed.expires_at:
        raise s3_error(
            "AccessDenied",
            "Request has expired",
            **{"X-Amz-Expires": signed.expires_s},
            Expires=signed.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            ServerTime=server_time,
        )


def _check_signature(call: Call, method: str, pairs: list[tuple[str, str]], signed: _Signed, secret: str) -> None:
    seen = urlsplit(call.address.base + call.address.path)
    headers = {name: call.headers.get(name, "") for name in signed.headers} | {"host": seen.netloc}
    unsigned = [(name, value) for name, value in pairs if name != _SIGNATURE]
    path = "/".join(quote(unquote(segment), safe="-_.~") for segment in seen.path.split("/"))
    request = _canonical_request(method, path, _query(sorted(unsigned)), headers)
    to_sign = _string_to_sign(signed.stamp, signed.scope, request)
    if not hmac.compare_digest(_sign(secret, signed.scope, to_sign).encode(), signed.signature.encode()):
        raise s3_error(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided."
            " Check your key and signing method.",
            AWSAccessKeyId=signed.key_id,
            StringToSign=to_sign,
            SignatureProvided=signed.signature,
            StringToSignBytes=to_sign.encode().hex(" "),
            CanonicalRequest=request,
            CanonicalRequestBytes=request.encode().hex(" "),
        )


def _canonical_request(method: str, path: str, query: str, headers: Mapping[str, str]) -> str:
    """The request as both sides write it: path and query encoded in one way, the query sorted, headers trimmed."""
    names = sorted(headers)
    lines = [f"{name}:{' '.join(headers[name].split())}" for name in names]
    return "\n".join(
        [method, path, query, *lines, "", ";".join(names), "UNSIGNED-PAYLOAD"],
    )


def _query(pairs: list[tuple[str, str]]) -> str:
    return "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs)


def _string_to_sign(stamp: str, scope: str, request: str) -> str:
    return "\n".join([_ALGORITHM, stamp, scope, hashlib.sha256(request.encode()).hexdigest()])


def _sign(secret: str, scope: str, to_sign: str) -> str:
    return hmac.new(_signing_key(secret, scope), to_sign.encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=1024)
def _signing_key(secret: str, scope: str) -> bytes:
    """The key of a day, region and service."""
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
