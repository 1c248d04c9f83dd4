"""What a run came to: violations, what was checked and what was not, and what it depends on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from testcard.suite.rules import Violation

__all__ = ["Verdict"]


@dataclass
class Verdict:
    """The verdict on one client of one API.

    *checked* counts the scenarios played per operation; *not_checked* maps what was left out to the reason. *matrix*
    maps each reading tried (``VC-01=pages``) to ``robust`` or to the rule that broke under it alone.
    """

    api: str
    client: str
    violations: list[Violation] = field(default_factory=list)
    checked: Counter[str] = field(default_factory=Counter)
    not_checked: dict[str, str] = field(default_factory=dict)
    matrix: dict[str, str] = field(default_factory=dict)
    coverage: dict[str, Mapping[str, int]] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """0 good, 1 violations of what a client must do, 4 nothing was checked."""
        if any(violation.severity == "must" for violation in self.violations):
            return 1
        return 0 if self.checked else 4

    @property
    def by_rule(self) -> dict[str, list[Violation]]:
        """The violations of each rule, the simplest scenario first."""
        grouped: dict[str, list[Violation]] = {}
        for violation in self.violations:
            grouped.setdefault(violation.rule, []).append(violation)
        return grouped

    def only_under(self) -> Sequence[str]:
        """The readings under which the client breaks, and under which alone."""
        return [name for name, result in self.matrix.items() if result != "robust"]

    def as_json(self) -> dict[str, Any]:
        """For reports and programs."""
        return {
            "api": self.api,
            "client": self.client,
            "exitCode": self.exit_code,
            "checked": dict(self.checked),
            "notChecked": self.not_checked,
            "violations": [violation.as_json() for violation in self.violations],
            "matrix": self.matrix,
            "coverage": {name: dict(counts) for name, counts in self.coverage.items()},
            "seconds": round(self.seconds, 3),
        }
