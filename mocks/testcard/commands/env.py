"""`testcard env`: the environment of a client under test, in the form a shell, a file or a program reads."""

from __future__ import annotations

import json
import shlex

import click

from testcard.errors import NotReady

__all__ = ["print_environment"]


def print_environment(url: str, world: str | None, form: str, control_token: str | None = None) -> None:
    """Ask the running mocks and print; `NotReady` when nothing answers there."""
    variables = _fetch(url, world, control_token)
    if form == "json":
        click.echo(json.dumps(variables, indent=2))
        return
    for name, value in variables.items():
        quoted = json.dumps(value) if form == "dotenv" else shlex.quote(value)
        click.echo(f"{name}={quoted}" if form == "dotenv" else f"export {name}={quoted}")


def _fetch(url: str, world: str | None, control_token: str | None) -> dict[str, str]:
    import requests

    try:
        address = f"{url.rstrip('/')}/_testcard/credentials"
        headers = {"Authorization": f"Bearer {control_token}"} if control_token else {}
        answer = requests.get(address, params={"world": world}, headers=headers, timeout=10)
        content = answer.json()
    except requests.RequestException as error:
        kind = type(error).__name__
        raise NotReady(f"{url}: no mocks answer there ({kind}); start them with: testcard serve") from None
    if not answer.ok:
        raise NotReady(f"{url}: {content.get('error', answer.status_code)}")
    return {str(name): str(value) for name, value in content.items()}
