"""Gates over all APIs, by the one table of them: what each contract, sample and answer must be."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from jsonschema import FormatChecker
from openapi_spec_validator import validate

from every_api import API_NAMES, OPERATIONS, Visitor, operations_of, samples_of
from testcard.apis import APIS, SERVICES, open_exchange
from testcard.contract import Checker, Operation, contract_names, export_api, open_contract, open_ledger
from testcard.contract.contract import facts_of
from testcard.contract.evidence import check_evidence, fact_ids
from testcard.exchange.parameters import read_parameters, split_query

ALL = [*APIS, *SERVICES]
CONTRACTS = [name for api in ALL for name in contract_names(api)]
DOCUMENTS = {"videocentral": "000", "amagi": "001", "videokit": "002", "ibmvideo": "003"}


def test_the_table_has_the_four_vendors() -> None:
    assert list(APIS) == ["videocentral", "amagi", "videokit", "ibmvideo"]
    assert set(DOCUMENTS) == set(APIS)


# Contracts


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_contract_is_openapi(name: str) -> None:
    document = dict(open_contract(name).document)

    assert document["openapi"].startswith("3.1.")
    validate(document)


@pytest.mark.parametrize("api", API_NAMES)
def test_every_api_is_exported_as_openapi(api: str) -> None:
    document = export_api(api)

    validate(document)
    ids = [item[method]["operationId"] for item in document["paths"].values() for method in item if method in _METHODS]
    assert sorted(ids) == sorted(operation.id for operation in operations_of(api))


_METHODS = ("get", "put", "post", "delete", "patch")


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_schema_is_one(name: str) -> None:
    for node in _schemas(open_contract(name).document):
        jsonschema.Draft202012Validator.check_schema(node)


def _schemas(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from document.get("components", {}).get("schemas", {}).values()
    for node in _walk(document):
        if isinstance(node, dict) and isinstance(node.get("schema"), dict):
            yield node["schema"]


def _walk(node: Any) -> Iterator[Any]:
    yield node
    if isinstance(node, dict):
        for value in node.values():
            yield from _walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from _walk(value)


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_component_is_used(name: str) -> None:
    """What nothing refers to is not part of the contract, and nobody would notice were it wrong."""
    document = open_contract(name).document
    used = {node["$ref"] for node in _walk(document) if isinstance(node, dict) and isinstance(node.get("$ref"), str)}
    unused = {
        f"#/components/{kind}/{key}"
        for kind, named in document["components"].items()
        for key in named
        if kind != "securitySchemes"
    } - used

    assert not unused


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_reference_leads_somewhere(name: str) -> None:
    contract = open_contract(name)
    for node in _walk(contract.document):
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            assert contract.resolve(node)


@pytest.mark.parametrize("api", ALL)
def test_every_operation_has_a_handler_and_every_handler_an_operation(api: str) -> None:
    """Binding checks both directions, and that arguments and parameters are the same."""
    bound = open_exchange(api).operations

    assert set(bound) == {operation.id for operation in operations_of(api)}
    assert all(each.handler == getattr(each.api, identity) for identity, each in bound.items())


@pytest.mark.parametrize(("api", "operation"), OPERATIONS, ids=lambda value: getattr(value, "id", value))
def test_every_operation_says_what_it_is(api: str, operation: Operation) -> None:
    assert operation.summary
    assert operation.evidence
    assert re.fullmatch(r"[a-z][a-z0-9_]*", operation.id)
    assert any(status[0] in "23" for status in operation.responses)
    assert {"401"} <= set(operation.responses) or not operation.secured


@pytest.mark.parametrize("api", API_NAMES)
def test_unrouted_requests_are_refused_in_the_vendors_words(api: str) -> None:
    for name in contract_names(api):
        assert set(open_contract(name).unrouted) >= {"404", "405"}


# Evidence


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_clause_has_its_source(name: str) -> None:
    """Loading checks operations with their parameters and responses; here the shared ones, used or not, as well."""
    contract = open_contract(name)
    components = contract.document["components"]
    parts = [
        (f"components/{kind}/{key}", contract.resolve(part))
        for kind in ("parameters", "responses")
        for key, part in components.get(kind, {}).items()
    ]
    unrouted = [
        (f"x-unrouted {status}", contract.resolve(part))
        for status, part in contract.document.get("x-unrouted", {}).items()
    ]

    check_evidence(name, iter([*parts, *unrouted]), facts_of(contract.api))


def _evidence(api: str) -> Iterator[Mapping[str, str]]:
    for name in contract_names(api):
        for node in _walk(open_contract(name).document):
            if isinstance(node, dict) and isinstance(node.get("x-evidence"), dict):
                yield node["x-evidence"]


@pytest.mark.parametrize("api", API_NAMES)
def test_a_document_cited_is_the_vendors_own(api: str) -> None:
    cited = {evidence["documented"].partition(" ")[0] for evidence in _evidence(api) if "documented" in evidence}

    assert cited == {DOCUMENTS[api]}


@pytest.mark.parametrize("api", ALL)
def test_a_fact_cited_is_in_the_facts(api: str) -> None:
    facts = facts_of(api)
    cited = {fact for evidence in _evidence(api) for fact in fact_ids(evidence)}

    assert cited <= set(facts)
    for identity, fact in facts.items():
        assert set(fact) == {"fact", "source", "confidence"}, identity
        assert fact["confidence"] in ("high", "medium", "low"), identity
        assert all(fact.values()), identity


# The ledger


@pytest.mark.parametrize("api", API_NAMES)
def test_the_ledger_names_what_there_is(api: str) -> None:
    """An operation named in *where* exists; dialects and facts are checked against the files."""
    operations = {operation.id for operation in operations_of(api)}
    facts = facts_of(api)
    for entry in open_ledger((api,)):
        named = {place.partition(".")[0] for place in entry.where if re.fullmatch(r"[a-z]+(_[a-z0-9]+)+(\..*)?", place)}
        assert named <= operations, f"{entry.id}: {named - operations}"
        for fact in re.findall(r"\b[ACIMS]\d+\b", entry.why):
            assert fact in facts, f"{entry.id}: {fact}"


@pytest.mark.parametrize("api", API_NAMES)
def test_the_ledger_has_switchable_and_noted_entries(api: str) -> None:
    entries = list(open_ledger((api,)))

    assert len(entries) >= 25
    assert {entry.switchable for entry in entries} == {True, False}
    assert any(entry.documented != entry.observed for entry in entries)


def test_no_two_ledgers_share_an_entry() -> None:
    entries = list(open_ledger(tuple(API_NAMES)))

    assert len({entry.id for entry in entries}) == len(entries)


# Samples, and both engines


SAMPLES = [
    (api, at, sample)
    for api in API_NAMES
    for at, sample in enumerate(samples_of(api))
    if not (sample["part"] == "response" and isinstance(sample["body"], str))
]


def _sample_id(value: Any) -> str:
    return f"{value['operation']}-{value['part']}" if isinstance(value, dict) else str(value)


@pytest.mark.parametrize("api", API_NAMES)
def test_every_api_keeps_the_samples_of_its_document(api: str) -> None:
    samples = samples_of(api)
    operations = {operation.id for operation in operations_of(api)}

    assert samples
    for sample in samples:
        assert sample["source"].startswith(f"{DOCUMENTS[api]} "), sample["source"]
        assert sample["operation"] in operations
        assert sample["part"] in ("response", "request", "query")
        assert ("status" in sample) == (sample["part"] == "response")


def _checker(api: str, sample: Mapping[str, Any]) -> Checker:
    """What a sample must fit."""
    operation = next(each for each in operations_of(api) if each.id == sample["operation"])
    if sample["part"] == "request":
        assert operation.body is not None
        content: Mapping[str, Checker | None] = operation.body.content
    else:
        content = operation.responses[str(sample["status"])].content
    checker = content["application/json"]
    assert checker is not None
    return checker


@cache
def _engines(api: str, at: int) -> tuple[jsonschema_rs.Draft202012Validator, jsonschema.Draft202012Validator]:
    schema = _checker(api, samples_of(api)[at]).standalone
    second = jsonschema.Draft202012Validator(schema, format_checker=FormatChecker())
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True), second


BODIES = [(api, at, sample) for api, at, sample in SAMPLES if sample["part"] != "query"]
QUERIES = [(api, at, sample) for api, at, sample in SAMPLES if sample["part"] == "query"]


@pytest.mark.parametrize(("api", "at", "sample"), BODIES, ids=_sample_id)
def test_every_sample_fits_its_contract_with_both_engines(api: str, at: int, sample: dict[str, Any]) -> None:
    first, second = _engines(api, at)

    assert [error.message for error in first.iter_errors(sample["body"])] == []
    assert [error.message for error in second.iter_errors(sample["body"])] == []


@pytest.mark.parametrize(("api", "at", "sample"), QUERIES, ids=_sample_id)
def test_every_sample_query_is_understood(api: str, at: int, sample: dict[str, Any]) -> None:
    bound = open_exchange(api).operations[sample["operation"]]
    operation = bound.operation
    query = {name: value if isinstance(value, list) else [str(value)] for name, value in sample["body"].items()}
    if bound.fold_case:
        query = {name.lower(): value for name, value in query.items()}
    path = {each.name: "1" for each in operation.parameters if each.location == "path"}
    _, problems = read_parameters(operation, path, query, {}, bound.api.formats, fold_case=bound.fold_case)
    sent = {name.lower() for name in query}

    assert [str(problem) for problem in problems if problem.location == "query" and problem.name.lower() in sent] == []


_REPLACEMENTS: tuple[Any, ...] = (None, "", "x", 0, -1, 1.5, True, [], {}, "2026-02-30", "2026-03-01T12:00:00")


def _mutated(body: Any) -> Iterator[Any]:
    """The body with one thing changed: each leaf replaced, each key missing; for lists only their first item."""
    for path in _paths(body):
        for replacement in _REPLACEMENTS:
            changed = copy.deepcopy(body)
            holder = changed
            for step in path[:-1]:
                holder = holder[step]
            if not path:
                yield replacement
                continue
            holder[path[-1]] = replacement
            yield changed
        if path and isinstance(path[-1], str):
            changed = copy.deepcopy(body)
            holder = changed
            for step in path[:-1]:
                holder = holder[step]
            del holder[path[-1]]
            yield changed


def _paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _paths(value, (*path, key))
    elif isinstance(node, list) and node:
        yield from _paths(node[0], (*path, 0))


@pytest.mark.parametrize(("api", "at", "sample"), BODIES, ids=_sample_id)
def test_both_engines_agree_on_what_a_sample_might_have_been(api: str, at: int, sample: dict[str, Any]) -> None:
    first, second = _engines(api, at)
    refused = 0
    for changed in list(_mutated(sample["body"]))[:250]:
        assert first.is_valid(changed) == second.is_valid(changed), json.dumps(changed)[:500]
        refused += not first.is_valid(changed)

    assert refused, "a schema that nothing breaks checks nothing"


# Formats


CHECKED = {
    "date": ("2026-02-28", "2026-02-30"),
    "date-time": ("2026-03-01T12:00:00.5+01:00", "2026-03-01T12:00:00"),
    "uri": ("https://a.example/x?y#z", "a b"),
    "uuid": ("12345678-1234-1234-1234-123456789abc", "12345678-1234-1234-1234-123456789abg"),
    "email": ("a@b.example", "a"),
    "ipv4": ("192.0.2.1", "192.0.2.256"),
    "ipv6": ("2001:db8::1", "2001:db8::g"),
    "hostname": ("a.example", "-a.example"),
    "duration": ("PT1H", "1H"),
}
REMARKS = {"int", "int32", "int64", "float", "double"}  # about a number's size, which types and bounds already say


def _formats(api: str) -> set[str]:
    return {
        node["format"]
        for name in contract_names(api)
        for schema in _schemas(open_contract(name).document)
        for node in _walk(schema)
        if isinstance(node, dict) and isinstance(node.get("format"), str)
    }


@pytest.mark.parametrize("api", ALL)
def test_every_format_a_contract_uses_is_really_checked(api: str) -> None:
    """Without their extras, schema libraries pass over formats they do not know, and say nothing."""
    own = {name for part in open_exchange(api).parts for name in part.formats}

    assert _formats(api) - set(CHECKED) - REMARKS <= own
    for name in own:
        for parse in [part.formats[name] for part in open_exchange(api).parts if name in part.formats]:
            with pytest.raises(ValueError, match="nonsense"):
                parse("nonsense")


@pytest.mark.parametrize("form", CHECKED)
def test_both_engines_check_a_format(form: str) -> None:
    good, bad = CHECKED[form]
    schema = {"type": "string", "format": form}
    first = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    second = jsonschema.Draft202012Validator(schema, format_checker=FormatChecker())

    assert [first.is_valid(good), second.is_valid(good)] == [True, True]
    assert [first.is_valid(bad), second.is_valid(bad)] == [False, False]


# What is answered


WORLDS: tuple[dict[str, Any], ...] = (
    {"seed": 1729},
    {"seed": 1, "profile": "small"},
    {"seed": 2**64 - 1, "profile": "small", "dialect": "observed"},
    {"seed": 7, "profile": "empty"},
)


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: "-".join(map(str, world.values())))
@pytest.mark.parametrize("api", API_NAMES)
def test_every_seeds_answers_fit_the_contract(api: str, world: dict[str, Any]) -> None:
    """Every GET; the bytes that leave are checked again, by the second engine, rows and all."""
    visitor = Visitor(api, **world)
    answered = 0
    for operation in operations_of(api):
        if operation.method != "GET":
            continue
        answer = visitor.send(visitor.good(operation))
        documented = operation.response(answer.status)
        assert "X-Testcard-Error" not in answer.headers, answer.text
        assert documented is not None, (operation.id, answer.status, answer.text[:500])
        answered += answer.status < 300
        checker = documented.content.get("application/json")
        if checker is not None and answer.headers["Content-Type"] == "application/json":
            validator = jsonschema.Draft202012Validator(checker.standalone, format_checker=FormatChecker())
            errors = [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(answer.json)]
            assert errors[:3] == [], operation.id
    assert answered


@pytest.mark.parametrize("api", API_NAMES)
def test_the_same_seed_gives_the_same_bytes_and_another_one_others(api: str) -> None:
    def answers(seed: int) -> list[bytes]:
        visitor = Visitor(api, seed=seed, profile="small")
        gets = [operation for operation in operations_of(api) if operation.method == "GET"]
        return [visitor.send(visitor.good(operation)).body for operation in gets]

    first, again, other = answers(3), answers(3), answers(4)

    assert first == again
    assert first != other


@pytest.mark.parametrize("api", API_NAMES)
def test_an_unknown_parameter_is_noted_by_every_operation(api: str) -> None:
    visitor = Visitor(api, profile="empty")
    for operation in operations_of(api):
        if operation.method == "GET":
            asked = visitor.good(operation)
            plain = visitor.send(asked)
            asked.query["x_surely_unknown"] = "1"
            answer = visitor.send(asked)
            assert answer.status == plain.status, operation.id
            assert "query 'x_surely_unknown' is not a parameter" in answer.headers["X-Testcard-Note"], operation.id


@pytest.mark.parametrize("api", API_NAMES)
def test_head_and_options_work_everywhere(api: str) -> None:
    visitor = Visitor(api, profile="empty")
    for operation in operations_of(api):
        asked = visitor.good(operation)
        url = asked.url(api)
        options = visitor.mock.request("OPTIONS", url, headers=asked.headers)
        assert options.status == 204
        assert {operation.method, "OPTIONS"} <= set(options.headers["Allow"].split(", "))
        if operation.method == "GET":
            head = visitor.mock.request("HEAD", url, params=asked.query, headers=asked.headers)
            assert head.body == b""
            assert head.status == visitor.send(asked).status, operation.id


@pytest.mark.parametrize("api", API_NAMES)
def test_a_method_no_path_has_is_405_with_allow_in_the_vendors_words(api: str) -> None:
    visitor = Visitor(api, profile="empty")
    for operation in operations_of(api):
        answer = visitor.mock.request("LINK", visitor.good(operation).url(api), headers=visitor.headers)
        assert answer.status == 405, operation.id
        assert operation.method in answer.headers["Allow"].split(", ")
        assert "X-Testcard-Error" not in answer.headers


@pytest.mark.parametrize("api", API_NAMES)
def test_a_path_that_is_none_is_404_in_the_vendors_words(api: str) -> None:
    visitor = Visitor(api, profile="empty")
    for operation in operations_of(api):
        url = f"/{api}{operation.servers[0].base}/surely-no-path-of-any"
        answer = visitor.mock.get(url, headers=visitor.headers)
        assert answer.status == 404
        assert "X-Testcard-Error" not in answer.headers


def test_the_test_of_queries_can_fail() -> None:
    """`split_query` and `read_parameters` refuse a sample query that is made wrong."""
    bound = open_exchange("amagi").operations["get_viewership_analytics"]
    query = split_query("type=viewershipAnalytics&startDate=soon", fold_case=bound.fold_case)
    _, problems = read_parameters(bound.operation, {}, query, {}, bound.api.formats, fold_case=bound.fold_case)

    assert "startDate" in {problem.name for problem in problems}
