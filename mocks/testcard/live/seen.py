"""What a service answered, in order: the walk's answers, or those of somebody else's calls."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

__all__ = ["TOGETHER", "Answer", "Seen"]

TOGETHER = timedelta(minutes=10)
"""Answers to one caller that lie no further apart are held against each other."""


@dataclass(frozen=True)
class Answer:
    """One answer. *data* is None where the body is not JSON; header names are in lower case.

    *step* names the walk's step, and nothing where the call was somebody else's: then *caller* tells apart with whose
    credentials it was made. *asked* is the body of a documented query, *wrong* says where the request broke the
    contract, *damaged* where redaction broke the answer, which was right there. *at* is a time with an offset.
    """

    step: str
    operation: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    status: int
    headers: Mapping[str, str]
    data: Any
    at: str = ""
    asked: Any = None
    caller: str = ""
    wrong: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it is a plain 200 with data."""
        return self.status == 200 and self.data is not None


@dataclass
class Seen:
    """All answers of a walk, in order."""

    answers: list[Answer] = field(default_factory=list)

    def of(self, *steps: str) -> list[Answer]:
        """The answers to some of the walk's steps, in order."""
        return [answer for answer in self.answers if answer.step in steps]

    def first(self, step: str) -> Answer | None:
        """The first success of a step."""
        return next((answer for answer in self.of(step) if answer.ok), None)

    def to(self, *operations: str) -> list[Answer]:
        """The answers to some operations, whoever asked, in order."""
        return [answer for answer in self.answers if answer.operation in operations]

    def good(self, *operations: str) -> list[Answer]:
        """Those of them that are plain successes."""
        return [answer for answer in self.to(*operations) if answer.ok]

    def sittings(self, writes: Collection[str]) -> Iterator[Seen]:
        """What may be held against each other: a walk is one sitting.

        Of others' calls, those of one caller that were right, close together, with no write (an operation of *writes*)
        between them.
        """
        if any(answer.step for answer in self.answers):
            yield self
            return
        open_: dict[str, list[Answer]] = {}
        for answer in (each for each in self.answers if not each.wrong):
            sitting = open_.setdefault(answer.caller, [])
            if answer.operation in writes:
                yield from (Seen(each) for each in open_.values())
                open_ = {}
            elif sitting and not _together(sitting[0], answer):
                yield Seen(sitting)
                open_[answer.caller] = [answer]
            else:
                sitting.append(answer)
        yield from (Seen(each) for each in open_.values())


def _together(first: Answer, later: Answer) -> bool:
    return datetime.fromisoformat(later.at) - datetime.fromisoformat(first.at) <= TOGETHER
