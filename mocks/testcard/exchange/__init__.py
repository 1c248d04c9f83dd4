"""The binder's core: contract and API object in; a request's parts to status, headers and bytes.

Knows OpenAPI and HTTP; no vendor, and no web framework.
"""

from testcard.exchange.address import Address, encode_query
from testcard.exchange.api import Api, Call, heavy
from testcard.exchange.exchange import Exchange
from testcard.exchange.message import NOTHING, Pieces, Reply, Request
from testcard.exchange.refusal import Problem, Refused, phrase_of
from testcard.exchange.routing import Route
from testcard.exchange.wire import Wire

__all__ = [
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
]
