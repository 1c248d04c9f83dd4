"""The names we promise, and the house's two rules: rooms import from floors below, shared code knows no vendor."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import testcard
from testcard.apis import APIS

PACKAGE = Path(testcard.__file__).parent
MODULES = sorted(
    each.name for each in pkgutil.walk_packages([str(PACKAGE)], "testcard.") if each.name != "testcard.__main__"
)

SHARED = {"errors", "data", "contract", "seed", "world", "exchange", "control", "server"}

PROMISED = {
    "testcard": ["__version__", "intercept"],
    "testcard.apps": ["amagi", "create_app", "everything", "ibmvideo", "videocentral", "videokit"],
    "testcard.apis": ["APIS", "SERVICES", "Entry", "check_names", "open_exchange"],
    "testcard.cli": ["main"],
    "testcard.contract": [
        "Body",
        "Checker",
        "Contract",
        "Ledger",
        "Operation",
        "Parameter",
        "Reading",
        "Response",
        "Server",
        "contract_names",
        "documented_servers",
        "export_api",
        "export_schema",
        "open_contract",
        "open_ledger",
        "operation_rows",
    ],
    "testcard.data": ["data_path", "load"],
    "testcard.errors": [
        "BindError",
        "ContractError",
        "MockError",
        "NotReady",
        "RowError",
        "TestcardError",
        "UserError",
        "near_miss",
    ],
    "testcard.exchange": [
        "NOTHING",
        "Address",
        "Api",
        "Call",
        "Exchange",
        "Pieces",
        "Problem",
        "Refused",
        "Reply",
        "Request",
        "Route",
        "Wire",
        "encode_query",
        "heavy",
        "phrase_of",
    ],
    "testcard.server.build": ["CONTROL", "build"],
    "testcard.server.flask_face": ["create_app", "create_switchboard_app"],
    "testcard.server.serving": ["Serving"],
    "testcard.server.switchboard": ["Plan", "Switchboard"],
    "testcard.world.clock": ["Clock", "parse_instant", "write_instant"],
    "testcard.world.credentials": ["Credential", "Credentials", "Holder"],
    "testcard.world.rows": ["Row", "Rows", "Table"],
    "testcard.world.store": ["MemoryStore", "Store"],
    "testcard.world.world": ["DEFAULT", "Recipe", "World"],
    "testcard.world.worlds": ["NoSuchWorld", "Worlds"],
}


@pytest.mark.parametrize("name", PROMISED)
def test_a_module_offers_what_we_promise(name: str) -> None:
    assert sorted(importlib.import_module(name).__all__) == sorted(PROMISED[name])


@pytest.mark.parametrize("name", MODULES)
def test_what_is_public_is_listed_and_there(name: str) -> None:
    module = importlib.import_module(name)
    listed = getattr(module, "__all__", [])

    assert len(set(listed)) == len(listed)
    assert all(hasattr(module, each) for each in listed)
    if name.split(".")[1] in SHARED:  # elsewhere a package's own modules may share more than they promise
        assert _defined(module) <= set(listed)


def _defined(module: ModuleType) -> set[str]:
    """The public classes and functions a module defines itself."""
    return {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__ and callable(value)
    }


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_what_it_is(name: str) -> None:
    assert (importlib.import_module(name).__doc__ or "").strip()


# Floors


FLOORS = [
    {"errors", "data"},
    {"contract", "seed"},
    {"world"},
    {"exchange", "apis"},
    {"control"},
    {"server"},
    {"suite", "live", "reach"},
    {"cli", "commands", "pytest_plugin", "testing", "apps", "__main__"},
]
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
SOURCES = sorted(path for path in PACKAGE.rglob("*.py"))


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imports(tree: ast.AST) -> Iterator[str]:
    """The rooms a module imports when it runs; what only type checkers see does not count."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module == "testcard":
            names = [f"testcard.{alias.name}" for alias in node.names if not alias.name.startswith("__")]
        yield from (name.split(".")[1] for name in names if name.startswith("testcard."))
        yield from _imports(node)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_from_floors_below(path: Path) -> None:
    room = _room(path)
    if room == "__init__":
        return
    above = [each for each in _imports(ast.parse(path.read_text())) if each != room and FLOOR[each] > FLOOR[room]]

    assert above == []


def test_every_room_has_its_floor() -> None:
    assert {_room(path) for path in SOURCES} - {"__init__"} <= set(FLOOR)


# Vendors


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if _room(path) in SHARED], ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_shared_code_knows_no_vendor(path: Path) -> None:
    """Names in docstrings may explain; code may not name one."""
    tree = ast.parse(path.read_text())
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    named = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in documentation
        and any(api in node.value.lower() for api in APIS)
    ]

    assert named == []


@pytest.mark.parametrize("path", [path for path in SOURCES if _room(path) == "apis"], ids=lambda path: str(path.name))
def test_a_vendor_knows_no_web_framework_and_no_other_vendor(path: Path) -> None:
    text = path.read_text()
    own = path.relative_to(PACKAGE / "apis").parts[0].removesuffix(".py")

    assert "import flask" not in text
    assert "from flask" not in text
    if own in APIS:
        assert not [api for api in APIS if api != own and f"testcard.apis.{api}" in text]
