"""The rules and laws: each with an id, a sentence, the clause it rests on and how grave it is."""

from testcard.suite.rules import credentials, intent, outcome, requests, resources, retries, walks
from testcard.suite.rules.registry import CHANNELS, RULES, Case, Rule, Violation, judge

__all__ = [
    "CHANNELS",
    "RULES",
    "Case",
    "Rule",
    "Violation",
    "credentials",
    "intent",
    "judge",
    "outcome",
    "requests",
    "resources",
    "retries",
    "walks",
]
