"""The storage behind the links does what S3 does: signatures, ranges, conditions, errors in XML."""

from __future__ import annotations

import base64
import hashlib
import io
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from typing import BinaryIO
from urllib.parse import urlsplit

import pytest

from support import ROOT, Answer, Mock
from testcard.apis.storage import Bucket, StoredObject, no_such_upload, register, signer
from testcard.apis.storage import signature as sigv4
from testcard.exchange import Address
from testcard.world.world import World
from videocentral_desk import Desk

BODY = bytes(range(256)) * 4
MODIFIED = datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC)
ETAG = f'"{hashlib.md5(BODY).hexdigest()}"'


class Shelf(Bucket):
    """One object, and one upload that takes parts."""

    region = "eu-west-1"

    def __init__(self) -> None:
        self.parts: dict[int, tuple[bytes, str]] = {}

    def find(self, world: World, key: str) -> StoredObject | None:
        if key not in ("a/b c+d/ü.bin", "empty"):
            return None
        return StoredObject.of(BODY if key != "empty" else b"", "application/x-test", MODIFIED)

    def put_part(self, world: World, key: str, upload_id: str, number: int, body: BinaryIO, etag: str) -> None:
        if upload_id != "open":
            raise no_such_upload(upload_id)
        self.parts[number] = (body.read(), etag)


@pytest.fixture
def shelf() -> Shelf:
    found = Shelf()
    register("shelf", found)
    return found


@pytest.fixture
def mock(shelf: Shelf) -> Mock:
    return Mock("videocentral")


def link(mock: Mock, key: str = "a/b c+d/ü.bin", *, method: str = "GET", root: str = ROOT, **query: str) -> str:
    """A link as a vendor makes it."""
    return signer(mock.world, Address(root), "shelf", method=method, expires_s=600).link(key, query)


def error(answer: Answer) -> tuple[int, str]:
    """Status and code of a refusal, whose XML parses."""
    assert answer.headers["Content-Type"] == "application/xml"
    parsed = ET.fromstring(answer.text)
    assert parsed.tag == "Error"
    assert parsed.findtext("RequestId")
    assert parsed.findtext("HostId")
    return answer.status, parsed.findtext("Code") or ""


def test_the_signature_is_amazons_own() -> None:
    """The worked example of the Amazon S3 manual, Authenticating Requests: Using Query Parameters."""
    scope = "20130524/us-east-1/s3/aws4_request"
    pairs = [
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
        ("X-Amz-Credential", f"AKIAIOSFODNN7EXAMPLE/{scope}"),
        ("X-Amz-Date", "20130524T000000Z"),
        ("X-Amz-Expires", "86400"),
        ("X-Amz-SignedHeaders", "host"),
    ]
    host = {"host": "examplebucket.s3.amazonaws.com"}
    request = sigv4._canonical_request("GET", "/test.txt", sigv4._query(pairs), host)
    to_sign = sigv4._string_to_sign("20130524T000000Z", scope, request)
    signature = sigv4._sign("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", scope, to_sign)

    assert signature == "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"


def test_a_link_opens_its_object_again_and_again(mock: Mock) -> None:
    for _ in range(2):
        answer = mock.get(link(mock))
        assert (answer.status, answer.body) == (200, BODY)

    assert answer.headers["ETag"] == ETAG
    assert answer.headers["Last-Modified"] == "Fri, 02 Jan 2026 03:04:05 GMT"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Type"] == "application/x-test"
    assert answer.headers["Content-Length"] == "1024"


@pytest.mark.parametrize(
    "root", ["http://127.0.0.1:8900", "https://mock.test", "http://mock.test:80/behind/a/proxy", "http://[::1]:8900"]
)
def test_a_link_works_where_it_was_made_for(mock: Mock, root: str) -> None:
    parts = urlsplit(root)
    prefix = {"X-Forwarded-Prefix": parts.path} if parts.path else {}
    made = link(mock, root=root)
    assert made.startswith(root)

    below = made.replace(parts.path, "", 1) if parts.path else made
    assert mock.get(below, headers=prefix).status == 200
    elsewhere = below.replace(parts.netloc, "other.test")
    assert error(mock.get(elsewhere, headers=prefix)) == (403, "SignatureDoesNotMatch")


def test_a_link_under_a_documented_host_leads_to_the_storages_host(mock: Mock) -> None:
    address = Address("https://videocentral.amazon.com", hosted=True)
    made = signer(mock.world, address, "shelf", region="eu-west-1").link("a/b c+d/ü.bin")

    assert made.startswith("https://shelf.s3.eu-west-1.amazonaws.com/a/b%20c%2Bd/")
    assert mock.get(made).body == BODY


def test_a_link_finds_its_world_by_its_key(mock: Mock) -> None:
    created = mock.post("/_testcard/worlds", json={"now": "2030-01-01T00:00:00Z"}).json
    world = mock.switchboard.worlds.get(created["id"])
    made = signer(world, Address("https://x.amazonaws.com", hosted=True), "shelf").link("a/b c+d/ü.bin")

    assert mock.get(made).status == 200


@pytest.mark.parametrize("hosted", [False, True])
@pytest.mark.parametrize("named", ["default", "w1"])
def test_a_link_outlives_the_server_that_signed_it(mock: Mock, named: str, hosted: bool) -> None:
    """The same recipe and name after a restart: nothing has been signed there yet."""
    again = Mock("videocentral")
    for each in (mock, again):
        each.post("/_testcard/worlds", json={})
    root = "https://x.amazonaws.com" if hosted else ROOT if named == "default" else f"{ROOT}/~{named}"
    made = signer(mock.switchboard.worlds.get(named), Address(root, hosted=hosted), "shelf").link("a/b c+d/ü.bin")

    assert again.get(made).body == BODY


def test_equivalent_encodings_are_one_request(mock: Mock) -> None:
    made = link(mock)
    path, _, query = made.partition("?")

    assert mock.get(f"{path}?{'&'.join(reversed(query.split('&')))}").status == 200
    assert mock.get(made.replace("%2F", "/")).status == 200
    assert mock.get(made.replace("/a/b", "/%61/b")).status == 200


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda url: url.replace("/a/", "/b/"), (403, "SignatureDoesNotMatch")),
        (lambda url: url + "&x=1", (403, "SignatureDoesNotMatch")),
        (lambda url: url[:-1] + ("0" if url[-1] != "0" else "1"), (403, "SignatureDoesNotMatch")),
        (lambda url: url[:-1], (403, "SignatureDoesNotMatch")),
        (lambda url: url + "é", (403, "SignatureDoesNotMatch")),
        (lambda url: url.replace("X-Amz-Expires=600", "X-Amz-Expires=601"), (403, "SignatureDoesNotMatch")),
        (lambda url: url.partition("?")[0], (403, "AccessDenied")),
        (lambda url: url.partition("&X-Amz-Signature")[0], (400, "AuthorizationQueryParametersError")),
        (lambda url: url.replace("X-Amz-Date", "X-Amz-Data"), (400, "AuthorizationQueryParametersError")),
        (lambda url: url.replace("SHA256", "SHA1"), (400, "AuthorizationQueryParametersError")),
        (lambda url: url.replace("Expires=600", "Expires=604801"), (400, "AuthorizationQueryParametersError")),
        (lambda url: url.replace("Expires=600", "Expires=-1"), (400, "AuthorizationQueryParametersError")),
        (lambda url: url.replace("Expires=600", "Expires=ten"), (400, "AuthorizationQueryParametersError")),
        (lambda url: url.replace("T120000Z", "T126100Z"), (400, "AuthorizationQueryParametersError")),
        (lambda url: url.replace("%2Fs3%2F", "%2Fs4%2F"), (400, "AuthorizationQueryParametersError")),
        (lambda url: url.replace("Credential=ASIA", "Credential=AKIA"), (403, "InvalidAccessKeyId")),
        (lambda url: url.replace("T120000Z", "T121600Z"), (403, "AccessDenied")),
    ],
)
def test_a_tampered_link_is_refused(mock: Mock, change: object, expected: tuple[int, str]) -> None:
    assert callable(change)
    assert error(mock.get(change(link(mock)))) == expected


def test_what_was_signed_is_shown_when_it_does_not_match(mock: Mock) -> None:
    parsed = ET.fromstring(mock.get(link(mock) + "0").text)

    assert (parsed.findtext("CanonicalRequest") or "").startswith("GET\n/storage/shelf/a/b%20c%2Bd/%C3%BC.bin\n")
    assert (parsed.findtext("StringToSign") or "").startswith("AWS4-HMAC-SHA256\n20260302T120000Z\n")


def test_a_link_expires_on_the_worlds_clock(mock: Mock) -> None:
    made = link(mock)
    mock.world.clock.advance(599)
    assert mock.get(made).status == 200
    mock.world.clock.advance(1)
    answer = mock.get(made)

    assert error(answer) == (403, "AccessDenied")
    parsed = ET.fromstring(answer.text)
    assert parsed.findtext("Message") == "Request has expired"
    assert parsed.findtext("X-Amz-Expires") == "600"
    assert parsed.findtext("Expires") == parsed.findtext("ServerTime") == "2026-03-02T12:10:00Z"


def test_one_credential_is_enough(mock: Mock) -> None:
    answer = mock.get(link(mock), headers={"Authorization": "Bearer Atza|x"})

    assert error(answer) == (400, "InvalidArgument")
    assert ET.fromstring(answer.text).findtext("ArgumentName") == "Authorization"
    without = mock.get("/storage/shelf/empty", headers={"Authorization": "Bearer Atza|x"})
    assert error(without) == (400, "InvalidArgument")


def test_other_credentials_are_no_credentials(mock: Mock) -> None:
    """An API key sent along is ignored, as S3 would; the journal shows it."""
    assert mock.get(link(mock), headers={"X-Api-Key": "secret"}).status == 200


def test_what_is_not_there_is_named(mock: Mock) -> None:
    assert error(mock.get(link(mock, "nothing"))) == (404, "NoSuchKey")
    made = signer(mock.world, Address(ROOT), "no-shelf").link("k")
    assert error(mock.get(made)) == (404, "NoSuchBucket")
    assert error(mock.get("/storage/shelf")) == (404, "NoSuchKey")


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=1000-", 1000, 1023),
        ("bytes=1000-5000", 1000, 1023),
        ("bytes=-24", 1000, 1023),
        ("bytes=-5000", 0, 1023),
        ("bytes=5-5", 5, 5),
    ],
)
def test_a_range_is_a_part(mock: Mock, asked: str, first: int, last: int) -> None:
    answer = mock.get(link(mock), headers={"Range": asked})

    assert (answer.status, answer.body) == (206, BODY[first : last + 1])
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/1024"
    assert answer.headers["Content-Length"] == str(last - first + 1)


@pytest.mark.parametrize("asked", ["bytes=9-5", "bytes=a-b", "items=0-1", "bytes=0-1,4-5", "bytes=-", "0-9"])
def test_a_range_that_makes_no_sense_is_ignored(mock: Mock, asked: str) -> None:
    answer = mock.get(link(mock), headers={"Range": asked})

    assert (answer.status, answer.body) == (200, BODY)


@pytest.mark.parametrize(
    ("key", "asked"), [("a/b c+d/ü.bin", "bytes=1024-"), ("empty", "bytes=0-0"), ("empty", "bytes=-1")]
)
def test_a_range_beyond_the_end_is_refused(mock: Mock, key: str, asked: str) -> None:
    answer = mock.get(link(mock, key), headers={"Range": asked})

    assert error(answer) == (416, "InvalidRange")
    assert ET.fromstring(answer.text).findtext("RangeRequested") == asked


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": ETAG}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-Match": ETAG}, 200),
        ({"If-Match": '"other", ' + ETAG}, 200),
        ({"If-Match": '"other"'}, 412),
        ({"If-Modified-Since": "Fri, 02 Jan 2026 03:04:05 GMT"}, 304),
        ({"If-Modified-Since": "Fri, 02 Jan 2026 03:04:04 GMT"}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-Unmodified-Since": "Fri, 02 Jan 2026 03:04:05 GMT"}, 200),
        ({"If-Unmodified-Since": "Fri, 02 Jan 2026 03:04:04 GMT"}, 412),
        ({"If-Match": ETAG, "If-Unmodified-Since": "Fri, 02 Jan 2026 03:04:04 GMT"}, 200),
        ({"If-None-Match": '"other"', "If-Modified-Since": "Fri, 02 Jan 2026 03:04:05 GMT"}, 200),
    ],
)
def test_conditions_hold_or_not(mock: Mock, headers: dict[str, str], status: int) -> None:
    answer = mock.get(link(mock), headers=headers)

    assert answer.status == status
    if status == 304:
        assert (answer.body, answer.headers["ETag"]) == (b"", ETAG)
    if status == 412:
        assert error(answer) == (412, "PreconditionFailed")


def test_head_describes_what_get_would_bring(mock: Mock) -> None:
    answer = mock.request("HEAD", link(mock))

    assert (answer.status, answer.body) == (200, b"")
    assert (answer.headers["Content-Length"], answer.headers["ETag"]) == ("1024", ETAG)


def test_head_needs_a_link_of_its_own_under_another_reading(shelf: Shelf) -> None:
    mock = Mock("videocentral", readings={"VC-45": "refused"})

    assert mock.request("HEAD", link(mock)).status == 403
    assert mock.request("HEAD", link(mock, method="HEAD")).status == 200


def test_a_link_is_for_its_method(mock: Mock) -> None:
    assert error(mock.get(link(mock, method="PUT"))) == (403, "SignatureDoesNotMatch")
    answer = mock.request("DELETE", link(mock))
    assert error(answer) == (405, "MethodNotAllowed")
    assert "PUT" in answer.headers["Allow"]


def put(mock: Mock, body: bytes, url: str, **headers: str) -> Answer:
    """Send a part."""
    return mock.request(
        "PUT", url, body=body, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


def test_a_part_is_kept_and_answered_with_its_tag(mock: Mock, shelf: Shelf) -> None:
    digest = base64.b64encode(hashlib.md5(BODY).digest()).decode()
    answer = put(mock, BODY, link(mock, "up.bin", method="PUT", uploadId="open", partNumber="7"), Content_MD5=digest)

    assert (answer.status, answer.headers["ETag"], answer.body) == (200, ETAG, b"")
    assert shelf.parts == {7: (BODY, ETAG.strip('"'))}


@pytest.mark.parametrize(
    ("query", "headers", "expected"),
    [
        ({"uploadId": "closed", "partNumber": "1"}, {}, (404, "NoSuchUpload")),
        ({"uploadId": "open", "partNumber": "0"}, {}, (400, "InvalidArgument")),
        ({"uploadId": "open", "partNumber": "10001"}, {}, (400, "InvalidArgument")),
        ({"uploadId": "open", "partNumber": "one"}, {}, (400, "InvalidArgument")),
        ({"uploadId": "open"}, {}, (400, "InvalidArgument")),
        ({}, {}, (403, "AccessDenied")),
        ({"uploadId": "open", "partNumber": "1"}, {"Content_MD5": "x"}, (400, "InvalidDigest")),
        ({"uploadId": "open", "partNumber": "1"}, {"Content_MD5": "A" * 22 + "=="}, (400, "BadDigest")),
    ],
)
def test_a_part_that_is_none_is_refused(
    mock: Mock, query: dict[str, str], headers: dict[str, str], expected: tuple[int, str]
) -> None:
    answer = put(mock, b"part", link(mock, "up.bin", method="PUT", **query), **headers)

    assert error(answer) == expected


def test_a_part_needs_its_signature(mock: Mock, shelf: Shelf) -> None:
    url = link(mock, "up.bin", method="PUT", uploadId="open", partNumber="1")

    assert error(put(mock, b"x", url.replace("partNumber=1", "partNumber=2"))) == (403, "SignatureDoesNotMatch")
    assert shelf.parts == {}


def test_names_that_xml_cannot_hold_are_written_so_that_it_can(mock: Mock) -> None:
    answer = mock.get(link(mock, "a\x00<&>b"))

    assert error(answer) == (404, "NoSuchKey")


def test_an_unregistered_vendor_takes_no_parts(mock: Mock) -> None:
    with pytest.raises(Exception, match="NoSuchUpload"):
        Bucket().put_part(mock.world, "k", "u", 1, io.BytesIO(), "e")
    assert Bucket().find(mock.world, "k") is None


def test_a_reports_link_has_its_own_bucket_and_lasts_an_hour() -> None:
    desk = Desk()
    (report,) = desk.data(desk.reports_path("Content Usage", "Weekly"), limit=1)

    assert urlsplit(report["downloadUrl"]).path.startswith("/storage/packaged-report-v2-prod/")
    desk.advance(seconds=3599)
    assert desk.mock.get(report["downloadUrl"]).status == 200
    desk.advance(seconds=1)
    assert error(desk.mock.get(report["downloadUrl"])) == (403, "AccessDenied")
