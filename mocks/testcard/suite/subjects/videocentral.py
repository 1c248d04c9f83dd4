"""Amazon Video Central as a subject: its operations, its scenarios, and the truth by the plain model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from hypothesis import strategies as st

from testcard.suite.oracles.videocentral import Model
from testcard.suite.scenario import Scenario, Step
from testcard.suite.stage import Take
from testcard.suite.subject import ANY, Judged, Page, Subject, Truth, read_json
from testcard.suite.subjects.ingredients import AWKWARD, drawn_faults, page_faults
from testcard.world.journal import Entry

__all__ = ["VideoCentral"]

_PATH = {
    "account_id": "0071304265",
    "reports_group_id": "channelsPremium",
    "channel_id": "5fb81476-88ca-370e-b158-7e3d04e0a75e",
    "report_type_id": "amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007",
}
_COLUMNS = ("accountId", "reportGroupId", "channelId", "reportTypeId")
_DEPTH = {"list_accounts": 0, "list_report_groups": 1, "list_channels": 2, "list_report_types": 3, "list_reports": 4}
_TABLES = ("accounts", "reportGroups", "channels", "reportTypes", "reports")


class VideoCentral(Subject):
    """Five lists and the files behind the reports."""

    api = "videocentral"
    judged: ClassVar = {
        name: Judged(
            name, sentence, frozenset({name} | ({"list_reports_singular"} if name == "list_reports" else set()))
        )
        for name, sentence in {
            "list_accounts": "every account",
            "list_report_groups": "every report group of an account",
            "list_channels": "every channel or studio of a group",
            "list_report_types": "every report type of a channel",
            "list_reports": "every report of a type that passes the filters",
        }.items()
    } | {
        "download_report": Judged(
            "download_report",
            "the records of the report of a type that begins on a day (`reportDateBegin`)",
            frozenset({"list_reports", "list_reports_singular"}),
        )
    }
    paging: ClassVar = frozenset({"limit", "offset"})
    token_operations: ClassVar = frozenset({"request_token"})
    probes_end = True
    follows_links = True

    def named(self) -> Sequence[Scenario]:
        """The deterministic scenarios."""
        return _named()

    def scenarios(self, operations: frozenset[str], page_size: int) -> st.SearchStrategy[Scenario]:
        """Lists of sizes around the page, windows around the reports' begins, faults of every kind."""
        return _scenarios(sorted(operations & set(self.judged)), page_size)

    def truth(self, take: Take) -> Truth | Sequence[Truth]:
        """By the plain model."""
        model = Model(take.rows, take.readings, take.now)
        place = [take.step.arguments[name] for name in _PATH if name in take.step.arguments]
        if "accounts" in take.grants:
            model = Model({**take.rows, "accounts": _granted(take)}, take.readings, take.now)
            refusal = _refusal(take, place)
            if refusal:
                return Truth(fails=frozenset({refusal}))
        match take.step.operation:
            case "list_accounts":
                rows: list[dict[str, Any]] | None = model.accounts()
            case "list_report_groups":
                rows = model.report_groups(*place)
            case "list_channels":
                rows = model.channels(*place)
            case "list_report_types":
                rows = model.report_types(*place)
            case "list_reports":
                rows = model.reports(place, take.step.arguments)
                rows = rows and [_shown(row, take.readings) for row in rows]
            case _:
                return _download(model, place, take)
        if rows is None:
            return Truth(fails=frozenset({"not-found"}))
        return Truth(rows=rows, totals={"total": len(rows)})

    def same_argument(self, operation: str, name: str, asked: Any, sent: Sequence[Any]) -> bool:
        """Several windows may tile the range that was asked for."""
        told = [value for value in sent if value is not None]
        if name == "reportDateBeginGte" and told:
            return len(told) == len(sent) and min(told, key=_moment) == asked
        if name == "reportDateBeginLt" and told:
            return len(told) == len(sent) and max(told, key=_moment) == asked
        return super().same_argument(operation, name, asked, sent)

    def page(self, entry: Entry) -> Page | None:
        """Offset and limit of the query, total and rows of the answer."""
        if entry.status != 200 or (entry.operation not in _DEPTH and entry.operation != "list_reports_singular"):
            return None
        try:
            body = read_json(entry)
            query = parse_qs(urlsplit(entry.url).query)
            limit, offset = (int(query.get(name, [default])[0]) for name, default in (("limit", "10"), ("offset", "0")))
            return Page(offset, limit, len(body["data"]), not body.get("next"))
        except (ValueError, KeyError, TypeError):
            return None


def _granted(take: Take) -> list[Mapping[str, Any]]:
    """The accounts that the user has a right to."""
    return [row for row in take.rows["accounts"] if row["id"] in take.grants["accounts"]]


def _refusal(take: Take, place: Sequence[str]) -> str:
    """How the service refuses what there is and the user has no right to; empty where it does not."""
    if not place:
        return "forbidden" if take.readings["VC-17"] == "forbidden" and not _granted(take) else ""
    there = any(row["id"] == place[0] for row in take.rows["accounts"])
    if not there or place[0] in take.grants["accounts"]:
        return ""
    return take.readings["VC-16"]


def _moment(value: Any) -> int:
    """Where a bound lies, in milliseconds; a text that is no moment lies before all."""
    return value if isinstance(value, int) else 0


def _shown(row: Mapping[str, Any], readings: Mapping[str, str]) -> dict[str, Any]:
    """A report as the API shows it; where its file lies is the server's to say."""
    shown = {
        name: row[name] for name in ("numRows", "reportDateBegin", "reportDateEnd", "modifiedDate", "name", "cadence")
    }
    if row["numRows"] or readings["VC-05"] == "link":
        shown["downloadUrl"] = ANY
    elif readings["VC-05"] == "empty":
        shown["downloadUrl"] = ""
    if readings["VC-12"] == "exclusive":
        shown["reportDateEnd"] = str(date.fromisoformat(row["reportDateEnd"]) + timedelta(days=1))
    return shown


def _download(model: Model, place: Sequence[str], take: Take) -> Truth:
    reports = model.reports(place, {})
    wanted = take.step.arguments["reportDateBegin"]
    found = [row for row in reports or () if row["reportDateBegin"] == wanted]
    if not found:
        return Truth(fails=frozenset({"not-found", "other", "invalid"}))
    records = found[0].get("records", [])
    return Truth(rows=[{name: "" if value is None else str(value) for name, value in row.items()} for row in records])


def _world(**sizes: int) -> dict[str, list[dict[str, Any]]]:
    """Tables with one branch of the tree, and as many rows at some level as asked for."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for level, (table, name) in enumerate(zip(_TABLES[:4], _PATH, strict=True)):
        parents = dict(zip(_COLUMNS[:level], _PATH.values(), strict=False))
        ids = [_PATH[name], *(f"{_PATH[name][:-4]}{number + 1000:04d}" for number in range(1, sizes.get(table, 1)))]
        tables[table] = [
            {**parents, **_node(table, identity, at)} for at, identity in enumerate(ids[: sizes.get(table, 1)])
        ]
    tables["reports"] = [_report(number) for number in range(sizes.get("reports", 0))]
    return tables


def _node(table: str, identity: str, at: int) -> dict[str, Any]:
    row: dict[str, Any] = {"id": identity, "name": f"{table} {at} {AWKWARD[at % len(AWKWARD)]}"}
    if table == "channels":
        row["territory"] = ("US", "DE", "JP")[at % 3]
    if table == "reportTypes":
        row["cadence"] = ("Daily", "Weekly", "Monthly")[at % 3]
    return row


def _report(number: int, records: Sequence[Mapping[str, Any]] | None = None, **fields: Any) -> dict[str, Any]:
    begin = date(2026, 2, 26) - timedelta(days=number)
    row = {
        **dict(zip(_COLUMNS, _PATH.values(), strict=True)),
        "name": "First and Last VOD Title",
        "cadence": "Daily",
        "reportDateBegin": str(begin),
        "reportDateEnd": str(begin),
        "modifiedDate": f"{begin + timedelta(days=1)}T0{number % 10}:00:00.{number % 1000:03d}Z",
        "records": list(records if records is not None else _records(number % 4)),
        **fields,
    }
    return {**row, "numRows": len(row["records"])}


def _records(count: int) -> list[dict[str, Any]]:
    return [
        {
            "Title": AWKWARD[at % len(AWKWARD)],
            "Title ID": f"00{at}",
            "Minutes Streamed": "12.50",
            "Royalty Amount": "0.10",
        }
        for at in range(count)
    ]


def _place(operation: str) -> dict[str, str]:
    depth = _DEPTH.get(operation, 4)
    return dict(list(_PATH.items())[:depth])


def _step(operation: str, **options: Any) -> Step:
    filters = options.pop("filters", {})
    return Step(operation, {**_place(operation), **filters}, **options)


def _named() -> list[Scenario]:
    """The simplest first: a client that fails here is told so in the plainest way."""
    plenty = _world(accounts=23, reportGroups=12, channels=21, reportTypes=11, reports=25)
    lists = [
        Scenario(f"a list of two pages and a bit: {operation}", "videocentral", [_step(operation)], plenty)
        for operation in _DEPTH
    ]
    return [
        *lists,
        *(
            Scenario(f"{size} reports", "videocentral", [_step("list_reports")], _world(reports=size))
            for size in (0, 1, 10, 20, 50, 51, 100, 101)
        ),
        Scenario("a window of days", "videocentral", [_step("list_reports", filters={
            "reportDateBeginGte": "2026-02-10", "reportDateBeginLt": "2026-02-20"})], plenty),
        Scenario("what changed since an instant", "videocentral", [_step("list_reports", filters={
            "modifiedDateGte": "2026-02-15T02:00:00.012Z"})], plenty),
        Scenario("an instant with an offset", "videocentral", [_step("list_reports", filters={
            "modifiedDateGte": "2026-02-15T04:00:00.012+02:00"})], plenty),
        Scenario("an account that there is not", "videocentral", [
            Step("list_report_groups", {"account_id": "nobody/here"})], plenty),
        Scenario("some of the accounts", "videocentral", [
            _step("list_accounts"), _step("list_channels")], plenty, grants={"accounts": [_PATH["account_id"]]}),
        Scenario("an account of somebody else", "videocentral", [
            Step("list_report_groups", {"account_id": plenty["accounts"][1]["id"]})], plenty, grants={
                "accounts": [_PATH["account_id"]]}),
        Scenario("a user without accounts", "videocentral", [_step("list_accounts")], plenty, grants={"accounts": []}),
        Scenario("files with awkward cells", "videocentral", [
            _step("download_report", filters={"reportDateBegin": "2026-02-23"})], plenty),
        Scenario("a file with every awkward cell", "videocentral", [
            _step("download_report", filters={"reportDateBegin": "2026-02-17"})], {
                **plenty, "reports": [_report(9, _records(len(AWKWARD))), _report(10)]}),
        Scenario("a report without rows", "videocentral", [
            _step("download_report", filters={"reportDateBegin": "2026-02-26"})], plenty),
        Scenario("bounds on a report's very day", "videocentral", [_step("list_reports", filters={
            "reportDateBeginGte": "2026-02-15", "reportDateBeginLt": "2026-02-16"})], plenty),
        Scenario("reports modified in one second", "videocentral", [_step("list_reports", filters={
            "modifiedDateGte": "2026-02-20T06:00:00.500Z"})], _second()),
        Scenario("awkward ids", "videocentral", [
            Step("list_report_types", dict(zip(list(_PATH)[:3], _AWKWARD_IDS, strict=True)))], _awkward_tree()),
        Scenario("reports under awkward ids", "videocentral", [
            Step("list_reports", dict(zip(_PATH, _AWKWARD_IDS, strict=False)) | {
                "report_type_id": "t/1+ü %2F", "reportDateBeginLt": "2026-02-20"})], _awkward_tree()),
        Scenario("a channel without territory", "videocentral", [_step("list_channels")], _without_territory()),
        Scenario("two reports that differ in their end alone", "videocentral", [_step("list_reports")], {
            **_world(), "reports": [_report(5), _report(5, reportDateEnd="2026-02-27"), _report(6)]}),
        Scenario("a window without reports", "videocentral", [_step("list_reports", filters={
            "reportDateBeginGte": "2027-01-01"})], plenty),
        Scenario("a window of several pages", "videocentral", [_step("list_reports", filters={
            "reportDateBeginGte": "2025-10-31", "reportDateBeginLt": "2026-02-26",
            "modifiedDateGte": "2025-11-01"})], _world(reports=125)),
        Scenario("leap day", "videocentral", [_step("list_reports", filters={
            "reportDateBeginGte": "2024-02-29", "reportDateBeginLt": "2024-03-01"})], _leap()),
        Scenario("a download of a day without a report", "videocentral", [
            _step("download_report", filters={"reportDateBegin": "2027-01-01"})], plenty),
        Scenario("a download two hours after another", "videocentral", [
            _step("download_report", filters={"reportDateBegin": "2026-02-23"}),
            _step("download_report", filters={"reportDateBegin": "2026-02-23"}, advance_s=7200)], plenty),
        Scenario("a list that grew since the last call", "videocentral", [
            _step("list_reports"),
            _step("list_reports", rows=_world(reports=57))], plenty),
        Scenario("no ready token", "videocentral", [
            _step("list_accounts", token=False), _step("list_channels", token=False)], plenty),
        Scenario("the token ends between two calls", "videocentral", [
            _step("list_accounts"), _step("list_reports", advance_s=3700)], plenty, now="2026-03-02T12:00:00Z"),
        Scenario("tokens end twice", "videocentral", [
            _step("list_accounts", token=False), _step("list_channels", token=False, advance_s=3700)], plenty),
        *_faulted(plenty),
    ]  # fmt: skip


def _faulted(plenty: Mapping[str, Any]) -> list[Scenario]:
    paged = {**plenty, **_world(reports=120)}
    here = {"id": "fault", "api": "videocentral", "operation": "list_reports"}
    cases = {**page_faults(), "fewer rows a page than asked": {"kind": "capped-limit", "limit": 4}}
    scenarios = [
        Scenario(name, "videocentral", [_step("list_reports")], paged, [{**here, **fault}])
        for name, fault in cases.items()
    ]
    token = {"id": "fault", "api": "videocentral", "token": True}
    fetched = [_step("list_reports", token=False)]
    storage = {"id": "fault", "api": "storage"}
    download = [_step("download_report", filters={"reportDateBegin": "2026-02-23"})]
    wait = {**here, "kind": "status", "status": 429, "retry_after": 2, "retry_after_form": "date"}
    away = {"kind": "status", "status": 503}
    return [
        *scenarios,
        Scenario("told to wait until a date", "videocentral", [_step("list_reports")], paged, [
            {**wait, "when": {"calls": [2, 2]}}], now=""),
        Scenario("rows come while the list is read", "videocentral", [_step("list_reports")], paged, [
            {**here, "kind": "rows-changed", "table": "videocentral/reports", "insert": [_report(200)],
             "when": {"calls": [1, 1]}}]),
        Scenario("rows go while the list is read", "videocentral", [_step("list_reports")], paged, [
            {**here, "kind": "rows-changed", "table": "videocentral/reports", "delete": [119],
             "when": {"calls": [1, 1]}}]),
        Scenario("the token service refuses", "videocentral", fetched, paged, [
            {**token, "kind": "status", "status": 400}]),
        Scenario("the token service is away once", "videocentral", fetched, paged, [
            {**token, **away, "when": {"first": 1}}]),
        Scenario("the token service answers no JSON", "videocentral", fetched, paged, [
            {**token, "kind": "malformed-json"}]),
        Scenario("a download is cut off", "videocentral", download, paged, [
            {**storage, "kind": "truncate", "after_bytes": 40, "when": {"first": 1}}]),
        Scenario("the storage is away", "videocentral", download, paged, [{**storage, **away}]),
        Scenario("the storage refuses", "videocentral", download, paged, [
            {**storage, "kind": "status", "status": 403}]),
    ]  # fmt: skip


def _second() -> dict[str, list[dict[str, Any]]]:
    """Reports whose generations lie in one second, on both sides of its middle."""
    tables = _world()
    instants = ["06:00:00.000", "06:00:00.499", "06:00:00.500", "06:00:00.501", "06:00:00.999", "06:00:01.000"]
    tables["reports"] = [_report(at + 9, modifiedDate=f"2026-02-20T{each}Z") for at, each in enumerate(instants)]
    return tables


_AWKWARD_IDS = ("00 71/ü", "channels+%2B", "a&b=c#d?e;f")


def _awkward_tree() -> dict[str, list[dict[str, Any]]]:
    """Ids that have to be encoded; and a type beside it whose id a careless decoder would make of the first."""
    account, group, channel = _AWKWARD_IDS
    parents = [{}, {"accountId": account}, {"accountId": account, "reportGroupId": group}]
    tables: dict[str, list[dict[str, Any]]] = {
        table: [{**parent, "id": each, "name": "Awkward"}]
        for table, parent, each in zip(_TABLES[:3], parents, _AWKWARD_IDS, strict=True)
    }
    place = {**parents[2], "channelId": channel}
    types = ("t/1+ü %2F", "t/1 ü /")
    tables["reportTypes"] = [{**place, **_node("reportTypes", each, at)} for at, each in enumerate(types)]
    tables["reports"] = [
        {**_report(number), **place, "reportTypeId": types[number % 3 == 0], "name": tables["reportTypes"][0]["name"]}
        for number in range(15)
    ]
    return tables


def _without_territory() -> dict[str, list[dict[str, Any]]]:
    tables = _world(channels=3)
    tables["channels"] = [
        {name: value for name, value in row.items() if at != 1 or name != "territory"}
        for at, row in enumerate(tables["channels"])
    ]
    return tables


def _leap() -> dict[str, list[dict[str, Any]]]:
    days = ("2024-02-28", "2024-02-29", "2024-03-01")
    return {
        **_world(),
        "reports": [
            _report(at, reportDateBegin=day, reportDateEnd=day, modifiedDate=f"{day}T23:00:00.000Z")
            for at, day in enumerate(days)
        ],
    }


def _scenarios(operations: Sequence[str], page_size: int) -> st.SearchStrategy[Scenario]:
    edges = sorted(
        {size for pages in (0, 1, 2, 3) for size in (pages * page_size + d for d in (-1, 0, 1)) if size >= 0}
    )
    sizes = st.sampled_from([size for size in edges if size <= 330]) | st.integers(0, 25)
    days = st.integers(0, 40).map(lambda back: str(date(2026, 2, 27) - timedelta(days=back)))
    instants = st.builds(
        "{}T0{}:00:00.{:03d}{}".format,
        days,
        st.integers(0, 9),
        st.integers(0, 12),
        st.sampled_from(["Z", "+00:00", "-08:00"]),
    )
    filters = st.fixed_dictionaries(
        {}, optional={"reportDateBeginGte": days, "reportDateBeginLt": days, "modifiedDateGte": instants | days}
    )

    @st.composite
    def build(draw: st.DrawFn) -> Scenario:
        operation = draw(st.sampled_from(operations))
        table = _TABLES[_DEPTH.get(operation, 4)]
        rows = _world(**{table: draw(sizes) or (1 if table != "reports" else 0)})
        chosen: dict[str, str] = {}
        if operation == "list_reports":
            chosen = draw(filters)
        elif operation == "download_report":
            chosen = {"reportDateBegin": draw(days)}
        step = _step(operation, filters=chosen, token=draw(st.booleans()))
        return Scenario(f"drawn: {operation}", "videocentral", [step], rows, draw(drawn_faults("videocentral")))

    return build()
