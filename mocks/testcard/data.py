"""Where the contracts and fixtures are, and how to read them fast.

In a wheel they lie inside the package; in an editable install they lie at the top of the repository, beside
``mocks/``. Only this module knows. YAML is for people and slow to parse, so a parsed file is kept beside the
byte code, keyed by its content: the same idea as a ``.pyc``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from testcard.errors import ContractError

__all__ = ["data_path", "load"]

_PACKAGE = Path(__file__).parent
_CACHE = _PACKAGE / "__pycache__"
_RULES = b"2"  # raise it when files are read in a new way, so that what was kept is read again
_PLAIN = {
    "tag:yaml.org,2002:bool": re.compile("(true|True|TRUE|false|False|FALSE)$"),
    "tag:yaml.org,2002:int": re.compile("[-+]?[0-9]+$"),
    "tag:yaml.org,2002:float": re.compile(
        r"[-+]?([0-9]+\.[0-9]*([eE][-+]?[0-9]+)?|\.?[0-9]+[eE][-+]?[0-9]+|\.[0-9]+)$"
    ),
}


def data_path(name: str) -> Path:
    """Return the path of a shipped file or folder such as ``contracts/videocentral.yaml``."""
    installed = _PACKAGE / name
    return installed if installed.exists() else _PACKAGE.parent.parent / name


def load(name: str) -> Any:
    """Return the content of a shipped YAML or JSON file as plain data.

    Raises `ContractError` when there is no such file or it does not parse.
    """
    path = data_path(name)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ContractError(f"{name}: {error.strerror}; expected it at {path}") from None
    return _load_json(name, raw) if path.suffix == ".json" else _load_yaml(name, raw)


def _load_json(name: str, raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except ValueError as error:
        raise ContractError(f"{name}: not JSON: {error}") from None


def _load_yaml(name: str, raw: bytes) -> Any:
    kept = _CACHE / f"{name.replace('/', '.')}.{hashlib.sha256(_RULES + raw).hexdigest()[:16]}.json"
    if kept.exists():
        return orjson.loads(kept.read_bytes())
    parsed = _parse(name, raw)
    try:
        content = orjson.dumps(parsed)
    except TypeError as error:
        raise ContractError(f"{name}: {error}; quote keys that are numbers or booleans, such as '200'") from None
    _keep(kept, content)
    return parsed


def _parse(name: str, raw: bytes) -> Any:
    import yaml  # slow to import, and needed only when a file has changed

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    plain = type("PlainLoader", (loader,), {"yaml_implicit_resolvers": _plain_rules(loader.yaml_implicit_resolvers)})
    try:
        return yaml.load(raw, plain)  # noqa: S506 - a safe loader, with fewer surprises
    except yaml.YAMLError as error:
        raise ContractError(f"{name}: not YAML: {error}") from None


def _plain_rules(rules: Mapping[str, list[tuple[str, Any]]]) -> dict[str, list[tuple[str, Any]]]:
    """YAML 1.2's reading of plain scalars: dates, NO (the country) and 12:30:00 stay text."""
    kept: dict[str, list[tuple[str, Any]]] = {}
    for letter, each in rules.items():
        kept[letter] = [(tag, _PLAIN.get(tag, rule)) for tag, rule in each if tag != "tag:yaml.org,2002:timestamp"]
    return kept


def _keep(path: Path, content: bytes) -> None:
    """Write the parsed form if the folder lets us; a read-only install only starts more slowly."""
    try:
        path.parent.mkdir(exist_ok=True)
        draft = path.with_suffix(f".{hashlib.sha256(content).hexdigest()[:8]}.tmp")
        draft.write_bytes(content)
        draft.replace(path)
    except OSError:
        return
