"""Refusals in the vendor's words: ``{"statusCode", "error", "message"}``, as recorded (facts M3 to M5)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from testcard.exchange import Problem, Refused, Reply

__all__ = ["bad", "render", "reply"]


def bad(name: str, found: Any, message: str, *choices: str, location: str = "query") -> Refused:
    """Refuse one parameter, as the core does for those it checks itself."""
    problem = Problem(location, name, found, message, choices=choices)
    return Refused(400, "invalid-request", str(problem), [problem])


def render(refused: Refused) -> Reply:
    """Bad parameters are 422 and named; everything else keeps its status."""
    status = 422 if refused.code == "invalid-request" else refused.status
    message = "; ".join(map(_sentence, refused.problems)) or refused.message
    body = {"statusCode": status, "error": _phrase(status), "message": message}
    answer = reply(body, status)
    answer.headers.update(refused.headers)
    return answer


def reply(data: Any, status: int | None = None) -> Reply:
    """An answer with the recorded headers (fact M7)."""
    return Reply.json(
        data,
        status,
        Content_Type="application/json; charset=utf-8",
        Cache_Control="no-cache",
        X_Content_Type_Options="nosniff",
    )


def _sentence(problem: Problem) -> str:
    """Name the parameter, say what is wrong, and list the choices unless they were said."""
    told = all(choice in problem.message for choice in problem.choices)
    choices = "" if told else f"; one of {', '.join(problem.choices)}"
    return f"{problem.name or problem.location} {problem.message}{choices}"


def _phrase(status: int) -> str:
    known = {each.value: each.phrase for each in HTTPStatus}
    return "Unprocessable Entity" if status == 422 else known.get(status, "Unknown")
