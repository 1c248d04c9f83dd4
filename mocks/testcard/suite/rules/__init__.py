"""The rules and laws: each with an id, a sentence, the clause it rests on and how grave it is."""

from testcard.suite.rules import intent, outcome, resources, traffic
from testcard.suite.rules.registry import CHANNELS, RULES, Case, Rule, Violation, judge

__all__ = [
    "CHANNELS",
    "RULES",
    "Case",
    "Rule",
    "Violation",
    "intent",
    "judge",
    "outcome",
    "resources",
    "traffic",
]
