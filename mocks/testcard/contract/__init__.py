"""An OpenAPI 3.1 document, as operations, parameters, checks, evidence and readings.

Knows OpenAPI and JSON Schema; knows no vendor and no web framework.
"""

from testcard.contract.contract import Contract, contract_names, documented_servers, open_contract
from testcard.contract.export import export_api, export_schema, operation_rows
from testcard.contract.operation import Body, Operation, Parameter, Response, Server
from testcard.contract.readings import Ledger, Reading, open_ledger
from testcard.contract.schema import Checker

__all__ = [
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
]
