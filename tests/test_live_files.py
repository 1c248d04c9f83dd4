"""Files behind links are read without credentials, from storage hosts only, and only so much of them."""

from __future__ import annotations

import pytest

from independent.base import serving
from independent.videocentral import VideoCentral
from test_live import judged
from testcard.errors import UserError
from testcard.live.addresses import Addresses
from testcard.live.subject import open_subject
from testcard.live.subjects.videocentral.files import look
from testcard.live.wire import Wire

STORED = [
    ("https://packaged-report-v2-prod.s3.us-east-1.amazonaws.com/a.zip?X-Amz-Signature=x", True),
    ("https://s3.eu-west-1.amazonaws.com/bucket/a.zip", True),
    ("http://b.s3.us-east-1.amazonaws.com/a.zip", False),
    ("https://b.s3.us-east-1.amazonaws.com.example/a.zip", False),
    ("https://example/?b.s3.us-east-1.amazonaws.com", False),
    ("https://me@b.s3.us-east-1.amazonaws.com/", False),
    ("https://example\\.s3.us-east-1.amazonaws.com/", False),
    ("https://videocentral.amazon.com/apis/v1/accounts", False),
    ("", False),
]


@pytest.mark.parametrize(("link", "is_stored"), STORED)
def test_only_storage_hosts_are_read(link: str, is_stored: bool) -> None:
    subject = open_subject("videocentral")
    wire = Wire(["videocentral.amazon.com"], 9, storage=Addresses(subject, {}).storage)

    assert wire.stores(link) == is_stored
    if not is_stored:
        with pytest.raises(UserError, match="nothing was sent to it"):
            wire.fetch(link)
    assert wire.sent == 0


def test_a_link_that_leads_elsewhere_is_not_followed() -> None:
    service = VideoCentral()
    with serving(VideoCentral()) as elsewhere, serving(service):
        service.storage = elsewhere.url
        report = judged(service, "videocentral")

    assert elsewhere.log == []
    assert any("file: its link leads to 127.0.0.1:" in text for text in report.not_checked)
    assert (report.violations, report.relations["files"]) == ([], None)


def test_no_more_of_a_file_is_read_than_the_bound() -> None:
    with serving(VideoCentral({"VC-06": "csv"}, "huge-file")) as service:
        report = judged(service, "videocentral")

    assert [text for text in report.not_checked if text.startswith("file")] == ["file: longer than 8 MiB"] * 2
    assert report.violations == []


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (b"a,b\r\n1,2\r\n", "csv"),
        ("\ufeffa,b\r\n1,2\r\n".encode(), "csv"),
        (b'a,b\r\n"1\r\n1",2\r\n', "csv"),
        (b"", "other"),
        (b"<Error/>", "other"),
        (b"a,b\r\n1\r\n", "other"),
        (b'a,b\r\n"1,2', "other"),
        (b"\xff\xfe,\x00", "other"),
        (b"PK\x03\x04 and nothing", "other"),
    ],
)
def test_a_file_is_known_by_what_is_in_it(body: bytes, form: str) -> None:
    found = look(body, 1)

    assert (found["form"], found["listed"]) == (form, 1)
    assert form == "other" or found["rows"] == 1
