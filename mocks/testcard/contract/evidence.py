"""Every operation, parameter and response says where it comes from, or the contract does not load.

The labels: ``documented`` (a vendor document and its section), ``observed`` (facts, by id, from the API's
``.facts.yaml``), ``inferred`` (our choice, and why). What the label's text must look like is itself a schema,
``contracts/schemas/evidence.json``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from testcard.contract.schema import Checker
from testcard.data import load
from testcard.errors import ContractError

__all__ = ["check_evidence", "fact_ids"]

_FACT = re.compile(r"\b[ACIMS]\d+\b")


def check_evidence(name: str, parts: Iterator[tuple[str, Mapping[str, Any]]], facts: Mapping[str, Any]) -> None:
    """Raise `ContractError` for the first of *parts* (where, the part) without proper evidence."""
    checker = _checker()
    seen: set[int] = set()  # parts that several operations refer to come again and again
    for where, part in parts:
        if id(part) in seen:
            continue
        seen.add(id(part))
        evidence = part.get("x-evidence")
        if evidence is None:
            raise ContractError(f"{name}: {where}: no x-evidence; say documented, observed or inferred, and from where")
        if not checker.accepts(evidence):
            place, complaint = checker.complaints(evidence)[0]
            raise ContractError(f"{name}: {where}: x-evidence{place}: {complaint}")
        unknown = [fact for fact in fact_ids(evidence) if fact not in facts]
        if unknown:
            raise ContractError(f"{name}: {where}: x-evidence: no fact {unknown[0]} in the facts file")


@cache
def _checker() -> Checker:
    schema = load("contracts/schemas/evidence.json")
    return Checker(schema, schema)


def fact_ids(evidence: Mapping[str, str]) -> list[str]:
    """The ids of the facts that an ``observed`` label names."""
    return _FACT.findall(evidence.get("observed", ""))
