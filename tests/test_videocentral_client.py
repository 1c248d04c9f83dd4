"""A careful client gets exactly what a world has, over a real socket, whatever is read into the document."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from known_good.videocentral import Client, ClientError
from support import socket_server
from videocentral_desk import Desk

Row = dict[str, Any]

KINDS = [("t/1 ü", "Content Usage", "Weekly"), ("t2", "Content Usage", "Monthly")]
CHANNELS = [("c1", "Same Name"), ("c2", "Same Name"), ("c3", "Other")]
PERIODS = [("2019-01-07", "2019-01-13"), ("2019-01-14", "2019-01-20"), ("2019-01-21", "2019-01-27")]


def model() -> list[Row]:
    """The rows of a small world: two types of three channels of one group of two accounts, three reports each."""
    return [
        {
            "accountId": account,
            "reportGroupId": "channelsPremium",
            "channelId": channel,
            "reportTypeId": kind,
            "name": name,
            "cadence": cadence,
            "reportDateBegin": begin,
            "reportDateEnd": end,
            "modifiedDate": f"{end}T23:59:59.999Z",
            "records": [{"Title": f'{account} "{channel}",\n{kind}', "Minutes": f"{n}.50"} for n in range(count)],
        }
        for account in ("0071", "B/ C")
        for channel, _ in CHANNELS
        for kind, name, cadence in KINDS
        for count, (begin, end) in enumerate(PERIODS)
    ]


def put_model(desk: Desk) -> None:
    parents = {(row["accountId"], row["channelId"]) for row in model()}
    names = dict(CHANNELS)
    desk.put("accounts", *({"id": account, "name": "Halyard"} for account in ("0071", "B/ C")))
    desk.put("reportGroups", *({"accountId": account, "id": "channelsPremium"} for account in ("0071", "B/ C")))
    ids = [{"accountId": a, "reportGroupId": "channelsPremium", "channelId": c} for a, c in sorted(parents)]
    channels = [{"accountId": each["accountId"], "reportGroupId": "channelsPremium"} for each in ids]
    desk.put(
        "channels",
        *(
            {**parent, "id": each["channelId"], "name": names[each["channelId"]], "territory": "US"}
            for parent, each in zip(channels, ids, strict=True)
        ),
    )
    kinds = [{"id": kind, "name": name, "cadence": cadence} for kind, name, cadence in KINDS]
    desk.put("reportTypes", *({**each, **kind} for each in ids for kind in kinds))
    desk.put("reports", *model())


@contextmanager
def at_the_socket(desk: Desk, **options: Any) -> Iterator[Client]:
    """A client of the desk's mock, served."""
    with socket_server(desk.mock) as url:
        root = "http://mock.test"
        env = {name: value.replace(root, url) for name, value in desk.env.items()}
        with Client(
            env["URL"],
            env["TOKEN_URL"],
            env["CLIENT_ID"],
            env["CLIENT_SECRET"],
            env["REFRESH_TOKEN"],
            sleep=lambda _: None,
            **options,
        ) as client:
            yield client


def seen(client: Client, **filters: str) -> list[tuple[Any, ...]]:
    """What a walk brings, in a form that compares."""
    return sorted(
        (
            item.account["id"],
            item.channel["id"],
            item.report["name"],
            item.report["cadence"],
            item.report["reportDateBegin"],
            item.report["modifiedDate"],
            tuple(tuple(record.items()) for record in item.records),
        )
        for item in client.walk(**filters)
    )


def expected(**filters: str) -> list[tuple[Any, ...]]:
    """What the model says that it brings."""
    since = filters.get("modifiedDateGte", "")
    return sorted(
        (
            row["accountId"],
            row["channelId"],
            row["name"],
            row["cadence"],
            row["reportDateBegin"],
            row["modifiedDate"],
            tuple(tuple(record.items()) for record in row["records"]),
        )
        for row in model()
        if row["modifiedDate"] >= since
    )


READINGS = [
    {},
    {"VC-01": "pages"},
    {"VC-02": "report-type-id"},
    {"VC-02": "mixed"},
    {"VC-04": "singular"},
    {"VC-05": "missing", "VC-07": "stays"},
    {"VC-05": "empty", "VC-08": "revoked"},
    {"VC-06": "csv"},
    {"VC-09": "full-page", "VC-10": "absent"},
    {"VC-11": "newest-first", "VC-12": "exclusive"},
    {"VC-14": "clamped", "VC-15": "refused"},
]


@pytest.mark.parametrize("readings", READINGS, ids=lambda each: "+".join(each.values()) or "documented")
@pytest.mark.parametrize("page_size", [1, 3])
def test_the_walk_ends_with_exactly_the_models_rows(readings: dict[str, str], page_size: int) -> None:
    desk = Desk(profile="empty", readings=readings)
    put_model(desk)

    with at_the_socket(desk, page_size=page_size) as client:
        assert seen(client) == expected()


def test_the_walk_is_the_same_under_observation_and_filters() -> None:
    desk = Desk(profile="empty", dialect="observed")
    put_model(desk)

    with at_the_socket(desk) as client:
        since = "2019-01-20T23:59:59.999Z"
        assert seen(client, modifiedDateGte=since) == expected(modifiedDateGte=since) != expected()


@pytest.mark.parametrize("old_token", ["stays-valid", "revoked"])
def test_tokens_and_links_that_die_under_way_are_renewed(old_token: str) -> None:
    desk = Desk(profile="empty", readings={"VC-08": old_token})
    put_model(desk)
    found = []

    with at_the_socket(desk, page_size=2) as client:
        for item in client.walk():
            found.append((item.account["id"], item.channel["id"], item.report["name"], len(item.records)))
            desk.advance(seconds=3601)

    assert len(found) == len(model()) == 36
    assert len(set(found)) == 2 * 3 * 3, "both types have one name"


def test_the_walk_of_a_default_world_is_its_table_of_reports() -> None:
    desk = Desk(now="2018-01-12T00:00:00Z")
    reports: list[Row] = []
    link = "/rows/videocentral/reports?limit=1000"
    while link:
        page = desk.control("GET", link)
        reports += page["rows"]
        link = (page["next"] or "").partition("/worlds/default")[2]

    with at_the_socket(desk) as client:
        walked = [
            (item.account["id"], item.channel["id"], item.report_type["id"], item.report["reportDateBegin"])
            for item in client.walk()
        ]
    rows = [(row["accountId"], row["channelId"], row["reportTypeId"], row["reportDateBegin"]) for row in reports]
    assert walked == rows
    assert len(rows) > 100


def test_a_client_without_rights_raises() -> None:
    desk = Desk()
    desk.control("POST", "/tokens/revoke", {"token": desk.env["REFRESH_TOKEN"]})

    with at_the_socket(desk) as client, pytest.raises(ClientError, match="no access token: 400"):
        client.accounts()
