"""The traffic's credentials: fetched when needed, sent where they belong, told to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, unquote

from testcard.suite.rules.evidence import credentials_of, data_calls, secrets_of
from testcard.suite.rules.registry import Case, rule

__all__: list[str] = []


@rule(
    "TRA-10",
    "A token is used until it ends, not fetched for every call.",
    clause="the token operation's expires_in",
    severity="must",
    channel="traffic",
)
def _token_for_each_call(case: Case) -> Iterator[str]:
    traffic = case.take.traffic
    tokens = [each for each in traffic if each.operation in case.subject.token_operations]
    issued = [each for each in tokens if each.status == 200 and not each.faults]
    refused = [each for each in traffic if each.status == 401]
    allowed = len(refused) + (1 if case.take.step.fresh or not case.take.step.token else 0) + bool(_expiring(case))
    if len(issued) > max(allowed, 1):
        yield f"{len(issued)} tokens were fetched for {len(data_calls(case))} requests, of which {len(refused)} got 401"


def _expiring(case: Case) -> bool:
    """Whether time has moved since the client's token was issued."""
    return any(step.advance_s for step in case.scenario.steps)


@rule(
    "TRA-11",
    "Secrets do not stand in a URL.",
    clause="RFC 6750 section 2.3",
    severity="must",
    channel="traffic",
)
def _secret_in_url(case: Case) -> Iterator[str]:
    for entry in case.take.traffic:
        for name, secret in secrets_of(case):
            if entry.api != "storage" and _stands_in(secret, entry.url):
                yield f"request {entry.id} has the value of {name} in its URL"
                return


def _stands_in(secret: str, url: str) -> bool:
    return secret in unquote(url) or quote(secret, safe="") in url


@rule(
    "TRA-12",
    "Credentials go to the API alone: not to the storage behind its links, nor to another host.",
    clause="the storage's signed links; RFC 6750 section 5.3",
    severity="must",
    channel="traffic",
)
def _credential_to_storage(case: Case) -> Iterator[str]:
    for entry in case.take.traffic:
        sent = credentials_of(entry)
        if entry.api == "storage" and sent:
            yield f"request {entry.id} to storage carries {', '.join(sent)}"
            return


@rule(
    "TRA-14",
    "Calls carry credentials that were issued to this client.",
    clause="the API's security scheme",
    severity="must",
    channel="traffic",
)
def _without_credentials(case: Case) -> Iterator[str]:
    for entry in data_calls(case):
        if entry.verdict != "auth" or entry.faults:
            continue
        if not credentials_of(entry):
            yield f"request {entry.id}: {entry.explanation}"
            return
        if case.take.step.fresh and not _known(case, " ".join(credentials_of(entry).values())):
            yield f"request {entry.id} carries a credential that nobody was given: {entry.explanation}"
            return


def _known(case: Case, credential: str) -> bool:
    """Whether there is anything in it that the client was given; what is encoded is not looked into."""
    given = [secret for _, secret in secrets_of(case)]
    answers = [each.response_body for each in case.take.traffic if each.operation in case.subject.token_operations]
    token = credential.rpartition(" ")[2]
    fetched = any(token.encode() in body for body in answers)
    return credential.lower().startswith("basic ") or fetched or any(secret in credential for secret in given)


@rule(
    "SEC-01",
    "Secrets are not printed.",
    clause="the environment's credentials",
    severity="must",
    channel="traffic",
)
def _printed(case: Case) -> Iterator[str]:
    for name, secret in secrets_of(case):
        if secret in case.take.said:
            yield f"the value of {name} was printed"
            return
        if secret in case.take.outcome.message:
            yield f"the value of {name} stands in the message of the client's error"
            return
