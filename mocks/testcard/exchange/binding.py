"""Fit an API object to its contract, and say at start-up where they differ."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from testcard.contract import Contract, Operation, open_contract
from testcard.errors import BindError, near_miss
from testcard.exchange.api import Api, is_heavy

__all__ = ["Bound", "bind"]


class Bound(NamedTuple):
    """An operation with the method that answers it, and the status of a plain answer.

    *addressed*: its address alone says all its parameters, each one value.
    """

    operation: Operation
    api: Api
    contract: Contract
    handler: Callable[..., Any]
    heavy: bool
    fold_case: bool
    addressed: bool
    success: int


def bind(api: Api) -> list[Bound]:
    """Return every operation of the contract with its handler; `BindError` names the first that does not fit."""
    contract = api.contract if isinstance(api.contract, Contract) else open_contract(api.contract)
    handlers = _handlers(api)
    for name in handlers:
        if name not in contract.operations:
            raise BindError(
                f"{type(api).__name__}.{name} is no operation of contracts/{contract.name}.yaml"
                f"{near_miss(name, contract.operations)}; helpers begin with an underscore"
            )
    return [_bound(api, contract, operation, handlers) for operation in contract.operations.values()]


def _handlers(api: Api) -> dict[str, Callable[..., Any]]:
    shared = set(dir(Api))
    return {
        name: getattr(api, name)
        for name in dir(type(api))
        if not name.startswith("_") and name not in shared and callable(getattr(type(api), name))
    }


def _bound(api: Api, contract: Contract, operation: Operation, handlers: dict[str, Callable[..., Any]]) -> Bound:
    handler = handlers.get(operation.id)
    if handler is None:
        raise BindError(
            f"contracts/{contract.name}.yaml: {operation.id} has no method in {type(api).__name__}"
            f"{near_miss(operation.id, handlers)}"
        )
    wanted = {each.argument for each in operation.parameters if each.argument} | ({"body"} if operation.body else set())
    _check_arguments(f"{type(api).__name__}.{operation.id}", handler, wanted)
    fold_case = contract.options.get("names") == "case-insensitive"
    addressed = all(each.location != "header" and each.array is None for each in operation.parameters)
    return Bound(operation, api, contract, handler, is_heavy(handler), fold_case, addressed, operation.success)


def _check_arguments(where: str, handler: Callable[..., Any], wanted: Iterable[str]) -> None:
    code = inspect.unwrap(handler).__code__  # a tenth of what inspect.signature costs, for each operation at start-up
    if code.co_flags & inspect.CO_VARKEYWORDS:
        return
    taken = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    for name in wanted:
        if name not in taken:
            raise BindError(f"{where} does not take {name!r}, a parameter of its operation{near_miss(name, taken)}")
    for name in taken:
        if name not in wanted:
            raise BindError(f"{where} takes {name!r}, which is no parameter of its operation{near_miss(name, wanted)}")
