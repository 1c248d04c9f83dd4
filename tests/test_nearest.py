"""A request that matches nothing says which operation was closest, what differs, and what to send instead."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support import Mock
from testcard.exchange.nearest import nearest

TEMPLATES = [
    ("GET", "/v1/accounts", "list_accounts"),
    ("GET", "/v1/accounts/{id}", "get_account"),
    ("GET", "/v1/accounts/{id}/reportTypes/{type}/reports", "list_reports"),
    ("POST", "/v1/accounts/{id}/reports", "make_report"),
    ("GET", "/v1/accounts/{id}/reposts", "list_reposts"),
]


@pytest.mark.parametrize(
    ("method", "path", "operation", "differences", "suggested"),
    [
        ("GET", "/v1/acounts", "list_accounts", ["'acounts' is not 'accounts'"], "/v1/accounts"),
        ("GET", "/v1/Accounts/a%20b", "get_account", ["'Accounts' is not 'accounts'"], "/v1/accounts/a%20b"),
        ("GET", "/accounts", "list_accounts", ["'v1' is missing"], "/v1/accounts"),
        ("GET", "/v1/accounts/", "list_accounts", ["a slash is too much"], "/v1/accounts"),
        ("GET", "/v1//accounts", "list_accounts", ["a slash is too much"], "/v1/accounts"),
        ("GET", "/v1/v1/accounts/7", "get_account", ["'v1' is too much"], "/v1/accounts/7"),
        (
            "GET",
            "/v1/accounts/7/reportTypes/reports",
            "list_reports",
            ["'{type}' is missing"],
            "/v1/accounts/7/reportTypes/{type}/reports",
        ),
        ("GET", "/v1/accounts/7/repost", "list_reposts", ["'repost' is not 'reposts'"], "/v1/accounts/7/reposts"),
        ("POST", "/v1/accounts/7/repors", "make_report", ["'repors' is not 'reports'"], "/v1/accounts/7/reports"),
        (
            "GET",
            "/account/7",
            "get_account",
            ["'v1' is missing", "'account' is not 'accounts'"],
            "/v1/accounts/7",
        ),
    ],
)
def test_the_closest_operation_and_what_differs(
    method: str, path: str, operation: str, differences: list[str], suggested: str
) -> None:
    assert nearest(method, path, TEMPLATES) == (operation, suggested, differences)


@pytest.mark.parametrize("path", ["/", "/zzz", "/quite/another/thing", "/v1/" + "accounts" * 100, "/" + "a/" * 200])
def test_nothing_is_close_to_what_is_far(path: str) -> None:
    assert nearest("GET", path, TEMPLATES) is None


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/apis/v1/accounts", "did you mean '/videocentral/apis/v1/accounts'?"),
        ("/v1/views/live", "did you mean '/ibmvideo/v1/views/live'?"),
        ("/vod/v1/assets", "did you mean '/videokit/vod/v1/assets'?"),
        ("/vidokit/vod/v1/assets", "did you mean 'videokit'?"),
        ("/metrics", "serve with --metrics to have them"),
    ],
)
def test_a_path_without_its_prefix_is_told_the_prefix(path: str, hint: str) -> None:
    assert hint in Mock().get(path).json["error"]


def _misspelt(path: str) -> Iterator[str]:
    segments = path.split("/")
    for at in range(1, len(segments)):
        before, segment, after = segments[:at], segments[at], segments[at + 1 :]
        yield "/".join([*before, segment + "x", *after])
        yield "/".join([*before, *after])


@pytest.mark.parametrize("api", ["videocentral", "amagi", "videokit", "ibmvideo", "storage"])
def test_no_misspelt_path_is_our_fault(api: str) -> None:
    """Whatever stands in a path, an operation answers or it is refused in the vendor's words."""
    mock = Mock(*([] if api == "storage" else [api]))
    bound = mock.switchboard.exchange(api).operations.values()
    paths = {f"/{api}{server.base}{each.operation.path}" for each in bound for server in each.operation.servers}
    told = {
        path: answer.text
        for known in sorted(paths)
        for path in _misspelt(known.partition("#")[0])
        if (answer := mock.get(path)).status >= 500
    }

    assert told == {}
