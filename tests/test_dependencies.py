"""What is imported is declared, so that a fresh machine has it."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
NAMES = {"yaml": "pyyaml", "jwt": "pyjwt", "zxingcpp": "zxing_cpp"}  # imported under another name than declared
WITH = {"werkzeug": "flask", "anyio": "httpx", "httpcore": "httpx", "referencing": "jsonschema"}  # come with another
TYPES = {"_typeshed"}  # for type checkers only


def imported() -> Iterator[tuple[str, str]]:
    for folder in ("mocks", "tests", "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    yield from ((alias.name.partition(".")[0], path.name) for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    yield node.module.partition(".")[0], path.name


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [each for group in project["dependency-groups"].values() for each in group]
    return {
        re.split(r"[\[<>= ]", each)[0].lower().replace("-", "_") for each in project["project"]["dependencies"] + groups
    }


def test_every_import_is_declared() -> None:
    ours = {path.stem for path in (ROOT / "tests").iterdir()} | {"testcard", "benchmarks"}
    known = declared()
    missing = {
        f"{name} ({where})"
        for name, where in imported()
        if name not in sys.stdlib_module_names
        and name not in ours | TYPES
        and NAMES.get(WITH.get(name, name), WITH.get(name, name)).lower() not in known
    }

    assert missing == set()
