"""From an OpenAPI document to operations, and what a contract must have before it is one."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from testcard import data
from testcard.contract import (
    Checker,
    Contract,
    Server,
    contract_names,
    documented_servers,
    export_api,
    export_schema,
    open_contract,
    operation_rows,
)
from testcard.contract.operation import snake_case
from testcard.errors import ContractError, UserError
from toy import DOCUMENT, toy_contract

CITED = """
openapi: 3.1.0
info: {title: One operation, version: '1'}
servers: [{url: https://api.example/v1}]
paths:
  /things:
    get:
      operationId: list_things
      x-evidence: {documented: 000 Accounts}
      parameters:
        - {name: limit, in: query, schema: {type: integer}, x-evidence: {inferred: Everybody has a limit.}}
      responses:
        '200': {description: Things., x-evidence: {observed: A13}}
        '404': {$ref: '#/components/responses/NotFound'}
components:
  responses:
    NotFound: {description: Nothing., x-evidence: {documented: 000 Accounts, observed: "A13, A14"}}
"""


def cited(**_: Any) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(CITED)
    return document


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("limit", "limit"),
        ("_page", "page"),
        ("reportDateBeginGte", "report_date_begin_gte"),
        ("X-Tenant-Id", "x_tenant_id"),
        ("viewer_identifier", "viewer_identifier"),
        ("ID", "id"),
    ],
)
def test_parameters_become_arguments_in_snake_case(name: str, argument: str) -> None:
    assert snake_case(name) == argument


def test_a_server_is_scheme_host_and_base_path() -> None:
    server = Server.parse("https://{tenant}.api.example/vod/v1/")

    assert (server.scheme, server.host, server.base) == ("https", "{tenant}.api.example", "/vod/v1")


@pytest.mark.parametrize(
    ("host", "tenant"),
    [
        ("acme.api.example", "acme"),
        ("acme.apixexample", None),
        ("a.b.api.example", None),
        (".api.example", None),
        ("acme.api.example.evil", None),
    ],
)
def test_a_documented_host_matches_letter_by_letter(host: str, tenant: str | None) -> None:
    match = Server.parse("https://{tenant}.api.example/v1").pattern.fullmatch(host)

    assert (match and match["tenant"]) == tenant


def test_operations_stand_in_the_documents_order() -> None:
    ids = list(toy_contract().operations)

    assert ids[:4] == ["list_things", "create_thing", "get_best_thing", "get_thing"]
    assert [operation.id for operation in toy_contract().operations.values()] == ids


def test_an_operation_knows_its_parts() -> None:
    operation = toy_contract().operations["create_thing"]

    assert (operation.method, operation.path) == ("POST", "/things")
    assert operation.body is not None
    assert operation.body.required
    assert list(operation.body.content) == ["application/json"]
    assert operation.success == 201
    assert operation.responses["201"].headers == ("Location",)
    assert not operation.secured


def test_security_of_the_document_holds_where_an_operation_says_nothing() -> None:
    operations = toy_contract().operations

    assert operations["get_secret"].secured
    assert not operations["get_extra"].secured


@pytest.mark.parametrize(
    ("name", "array"), [("tags", "comma"), ("ids", "repeated"), ("days", "either"), ("kind", None)]
)
def test_arrays_say_how_several_values_travel(name: str, array: str | None) -> None:
    parameters = {each.name: each for each in toy_contract().operations["list_things"].parameters}

    assert parameters[name].array == array


def test_an_argument_may_have_a_name_of_its_own_or_none() -> None:
    arguments = {each.name: each.argument for each in toy_contract().operations["list_things"].parameters}

    assert (arguments["from"], arguments["silent"], arguments["madeAt"]) == ("origin", "", "made_at")


def test_operations_on_one_path_are_told_apart_by_a_constant() -> None:
    operations = toy_contract().operations

    assert operations["report_days"].path == operations["report_weeks"].path == "/reports"
    assert operations["report_weeks"].variant == ("report", "weekly")
    assert operations["list_things"].variant is None


def test_an_operation_that_only_sends_elsewhere_succeeds_with_that() -> None:
    assert toy_contract().operations["move_on"].success == 302


def test_a_status_is_found_exactly_then_by_class_then_by_default() -> None:
    document = copy.deepcopy(dict(toy_contract().document))
    responses = document["paths"]["/extras"]["get"]["responses"]
    responses |= {"5XX": {"description": "Ours."}, "404": {"description": "None."}, "default": {"description": "Else."}}
    operation = Contract("toy", document).operations["get_extra"]
    found = [response and response.status for response in map(operation.response, (200, 404, 502, 418))]

    assert found == ["200", "404", "5XX", "default"]
    assert toy_contract().operations["get_extra"].response(418) is None


def test_a_contract_with_sources_everywhere_loads() -> None:
    operation = Contract("videocentral", cited()).operations["list_things"]

    assert operation.evidence == {"documented": "000 Accounts"}
    assert operation.parameters[0].evidence == {"inferred": "Everybody has a limit."}
    assert operation.responses["404"].evidence["observed"] == "A13, A14"


@pytest.mark.parametrize(
    ("path", "evidence", "said"),
    [
        ((), None, "videocentral.yaml: list_things: no x-evidence; say documented, observed or inferred"),
        (("parameters", 0), None, "list_things: query 'limit': no x-evidence"),
        (("responses", "200"), None, "list_things: response 200: no x-evidence"),
        ((), {}, "list_things: x-evidence: "),
        ((), {"rumoured": "somewhere"}, "list_things: x-evidence: "),
        ((), {"documented": "Accounts"}, "list_things: x-evidence/documented: "),
        ((), {"documented": "004 Accounts"}, "list_things: x-evidence/documented: "),
        ((), {"observed": "somebody saw it"}, "list_things: x-evidence/observed: "),
        ((), {"observed": "A13, A999"}, "list_things: x-evidence: no fact A999 in the facts file"),
        ((), {"inferred": "so"}, "list_things: x-evidence/inferred: "),
    ],
)
def test_a_clause_without_its_source_is_an_error(path: tuple[Any, ...], evidence: Any, said: str) -> None:
    document = cited()
    clause: Any = document["paths"]["/things"]["get"]
    for step in path:
        clause = clause[step]
    if evidence is None:
        del clause["x-evidence"]
    else:
        clause["x-evidence"] = evidence

    with pytest.raises(ContractError) as caught:
        Contract("videocentral", document)

    assert said in str(caught.value)


def test_shared_parts_need_their_source_too() -> None:
    document = cited()
    del document["components"]["responses"]["NotFound"]["x-evidence"]

    with pytest.raises(ContractError, match="list_things: response 404: no x-evidence"):
        Contract("videocentral", document)


@pytest.mark.parametrize("identity", ["", "list-things", "9things"])
def test_an_operation_needs_a_name_that_python_can_say(identity: str) -> None:
    document = cited()
    document["paths"]["/things"]["get"]["operationId"] = identity

    with pytest.raises(ContractError, match=f"GET /things: operationId '{identity}'; expected a unique snake_case"):
        Contract("videocentral", document)


def test_two_operations_may_not_share_a_name() -> None:
    document = cited()
    document["paths"]["/others"] = document["paths"]["/things"]

    with pytest.raises(ContractError, match="GET /others: operationId 'list_things'"):
        Contract("videocentral", document)


def test_a_reference_to_nothing_is_named() -> None:
    document = cited()
    del document["components"]

    with pytest.raises(ContractError, match="nothing at '#/components/responses/NotFound'"):
        Contract("videocentral", document)


def test_a_variant_needs_a_constant_that_picks_it() -> None:
    document = yaml.safe_load(DOCUMENT)
    document["paths"]["/reports#weekly"]["get"]["parameters"][0]["schema"] = {"type": "string"}

    with pytest.raises(ContractError, match="/reports#weekly: no required query parameter with a const picks it"):
        Contract("toy", document)


@pytest.mark.parametrize("missing", ["servers", "paths", "info"])
def test_a_document_without_its_main_parts_is_no_contract(missing: str) -> None:
    document = cited()
    del document[missing]

    with pytest.raises(ContractError, match=f"contracts/videocentral.yaml: no {missing}"):
        Contract("videocentral", document)


def test_a_checker_says_where_and_what() -> None:
    checker = toy_contract().checker("Thing")

    assert checker.accepts({"name": "x", "size": 0})
    assert checker.complaints({"name": "", "size": -1}) == [
        ("/name", '"" is shorter than 1 character'),
        ("/size", "-1 is less than the minimum of 0"),
    ]


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        ("date", "2026-02-28", "2026-02-29"),
        ("date-time", "2026-03-01T12:00:00Z", "2026-03-01T12:00:00"),
        ("uri", "https://a.example/x?y", "a b"),
        ("uuid", "12345678-1234-1234-1234-123456789abc", "12345678"),
        ("email", "a@b.example", "a"),
        ("ipv4", "192.0.2.1", "192.0.2.256"),
    ],
)
def test_formats_are_asserted_not_annotated(form: str, good: str, bad: str) -> None:
    checker = Checker({"type": "string", "format": form}, {})

    assert checker.accepts(good)
    assert not checker.accepts(bad)


def test_an_api_is_one_contract_or_a_folder_of_them() -> None:
    assert contract_names("videocentral") == ["videocentral"]
    assert contract_names("videokit") == [
        f"videokit/{each}" for each in ("core", "live", "recorder", "streaming", "transcoder", "vod")
    ]


def test_documented_servers_stand_once() -> None:
    servers = documented_servers("videocentral")

    assert Server("https", "videocentral.amazon.com", "/apis/v1") in servers
    assert {"api.amazon.com", "api.amazon.co.uk", "api.amazon.co.jp"} <= {server.host for server in servers}
    assert len(servers) == len(set(servers))


def test_a_contract_is_read_once_per_process() -> None:
    assert open_contract("control") is open_contract("control")


MODULE = """
openapi: 3.1.0
info: {{title: Duo, version: '1'}}
x-testcard: {{own: true}}
servers: [{{url: 'https://duo.example/{name}/v1'}}]
paths:
  /items:
    get:
      operationId: list_{name}_items
      responses: {{'200': {{$ref: '#/components/responses/Items'}}}}
components:
  responses:
    Items: {{description: Items., content: {{application/json: {{schema: {{$ref: '#/components/schemas/Item'}}}}}}}}
  schemas:
    Item: {{type: object, properties: {{{name}: {{type: string}}, size: {{$ref: '#/components/schemas/Size'}}}}}}
    Size: {{type: integer}}
    Other: {{type: string}}
"""


@pytest.fixture
def duo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An API of two contracts with one path and one schema name in both."""
    monkeypatch.setattr(data, "_PACKAGE", tmp_path)
    monkeypatch.setattr(data, "_CACHE", tmp_path / "__pycache__")
    name = f"duo{tmp_path.name.replace('_', '')}"
    folder = tmp_path / "contracts" / name
    folder.mkdir(parents=True)
    for module in ("one", "two"):
        (folder / f"{module}.yaml").write_text(MODULE.format(name=module))
    return name


def test_several_contracts_are_exported_as_one(duo: str) -> None:
    document = export_api(duo)
    operations = {
        item["get"]["operationId"]: (path.partition("#")[0], item["servers"][0]["url"])
        for path, item in document["paths"].items()
    }

    assert operations == {
        "list_one_items": ("/items", "https://duo.example/one/v1"),
        "list_two_items": ("/items", "https://duo.example/two/v1"),
    }


def test_names_that_mean_two_things_are_told_apart(duo: str) -> None:
    document = export_api(duo)
    schemas = document["components"]["schemas"]

    assert list(schemas["Item"]["properties"]) == ["one", "size"]
    assert list(schemas["TwoItem"]["properties"]) == ["two", "size"]
    assert sorted(schemas) == ["Item", "Other", "Size", "TwoItem"]
    responses = document["components"]["responses"]
    for name, item in document["paths"].items():
        refers = item["get"]["responses"]["200"]["$ref"].rpartition("/")[2]
        expected = "TwoItem" if "two" in name else "Item"
        assert responses[refers]["content"]["application/json"]["schema"]["$ref"].endswith(f"/{expected}")


def test_an_exported_contract_leads_to_the_mock_when_asked() -> None:
    document = export_api("videocentral", base_url="http://127.0.0.1:8900")

    assert document["servers"] == [{"url": "http://127.0.0.1:8900/videocentral/apis/v1"}]
    assert document["paths"]["/auth/o2/token"]["servers"] == [{"url": "http://127.0.0.1:8900/videocentral"}]


def test_exporting_changes_no_contract() -> None:
    before = copy.deepcopy(dict(open_contract("videokit/vod").document))
    export_api("videokit", base_url="http://127.0.0.1:8900")

    assert open_contract("videokit/vod").document == before


def test_an_exported_schema_stands_on_its_own(duo: str) -> None:
    schema = export_schema(duo, "TwoItem")

    assert sorted(schema["components"]["schemas"]) == ["Size", "TwoItem"]
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid({"two": "x", "size": 1})
    assert not validator.is_valid({"two": 1})


def test_an_unknown_schema_is_refused_with_the_near_miss(duo: str) -> None:
    with pytest.raises(UserError, match="has no schema 'Itme'; did you mean 'Item'"):
        export_schema(duo, "Itme")


def test_rows_of_operations_have_address_and_evidence() -> None:
    rows = {row[0]: row for row in operation_rows("videocentral")}

    assert rows["list_accounts"] == ("list_accounts", "GET", "/apis/v1/accounts", "documented: 000 Accounts")
