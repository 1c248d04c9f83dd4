"""The command line. Each command imports what it needs when it runs, so that `testcard --help` is quick."""

from __future__ import annotations

import gc
import sys
from typing import Any

import click

from testcard import __version__
from testcard.errors import MockError, NotReady, UserError

__all__ = ["main"]

_USAGE, _NOT_READY, _VIOLATIONS = 2, 3, 1


class _Command(click.Command):
    """A command whose every option is an environment variable too: ``--max-worlds`` is ``TESTCARD_MAX_WORLDS``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for parameter in self.params:
            if isinstance(parameter, click.Option) and parameter.name != "help":
                flag = max(parameter.opts, key=len).lstrip("-")
                parameter.envvar = f"TESTCARD_{flag.replace('-', '_').upper()}"
                parameter.show_envvar = True


class _Group(click.Group):
    command_class = _Command
    group_class = type

    def invoke(self, ctx: click.Context) -> Any:
        """Say errors plainly, with the exit codes that scripts rely on."""
        try:
            return super().invoke(ctx)
        except NotReady as error:
            _fail(str(error), _NOT_READY)
        except UserError as error:
            _fail(str(error), _USAGE)
        except MockError as error:
            _fail(f"this is a bug of testcard: {error}", _VIOLATIONS)


def _fail(message: str, code: int) -> None:
    click.echo(f"testcard: {message}", err=True)
    sys.exit(code)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="testcard")
def main() -> None:
    """Stand-ins for four video-analytics APIs, and the suite that judges any client of them."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8900, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 is any free one.")
@click.option(
    "--seed", default=1729, show_default=True, type=click.IntRange(0, 2**64 - 1), help="What the story grows from."
)
@click.option("--profile", default="default", show_default=True, help="Size and shape of the story.")
@click.option("--now", metavar="ISO", help="Freeze the clock of the default world at this instant.")
@click.option("--dialect", default="documented", show_default=True, type=click.Choice(["documented", "observed"]))
@click.option("--reading", "readings", multiple=True, metavar="ID=NAME", help="Put a reading of the ledger in force.")
@click.option("--api", "apis", multiple=True, metavar="NAME", help="Serve only these APIs.")
@click.option("--without-extensions", is_flag=True, help="Leave out operations that are not in the documents.")
@click.option("--max-worlds", default=1000, show_default=True, type=click.IntRange(2), help="Worlds kept at a time.")
@click.option("--control-token", metavar="TOKEN", help="Ask for this bearer token on /_testcard.")
@click.option(
    "--fixtures", metavar="DIR", help="Put the rows of DIR/<api>/<table>.json, .csv or .parquet into the world."
)
@click.option("--world", metavar="FILE", help="Begin with this snapshot as the default world.")
@click.option("--readings-from", metavar="DIR", help="Take over the readings that a recording shows; --reading wins.")
@click.option("--log-requests", is_flag=True, help="Print a line for each exchange.")
@click.option("--log-json", is_flag=True, help="Print a JSON object a line for each exchange.")
@click.option("--metrics", is_flag=True, help="Serve /metrics in the format of Prometheus.")
def serve(**options: Any) -> None:
    """Serve the mocks, all four behind one address."""
    gc.disable()  # until the first request there is nothing to collect; `serve_mocks` ends it
    from testcard.commands.serve import serve_mocks

    serve_mocks(**options)


@main.command()
@click.option("--url", default="http://127.0.0.1:8900", show_default=True, help="Where the mocks run.")
@click.option("--world", help="Which world's credentials; by default that of the URL, or `default`.")
@click.option("--format", "form", default="shell", show_default=True, type=click.Choice(["shell", "dotenv", "json"]))
@click.option("--control-token", metavar="TOKEN", help="The token that the server was started with.")
def env(url: str, world: str | None, form: str, control_token: str | None) -> None:
    """Print the environment of a client under test, from the running mocks."""
    from testcard.commands.env import print_environment

    print_environment(url, world, form, control_token)


@main.command()
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.option("--driver", metavar="CMD", help="A process that speaks JSON lines for the client.")
@click.option("--adapter", metavar="MODULE:NAME", help="A Python object that is the same in-process.")
@click.option("--api", "apis", multiple=True, metavar="NAME", help="Judge only these APIs.")
@click.option("--budget", default="default", show_default=True, type=click.Choice(["quick", "default", "deep"]))
@click.option("--examples", type=click.IntRange(0), help="How many scenarios to draw.")
@click.option("--seed", type=click.IntRange(0, 2**64 - 1), help="Draw other scenarios than the usual ones.")
@click.option("--profile", default="default", show_default=True, help="The story of the world, for -- CMD.")
@click.option(
    "--report", "reports", multiple=True, metavar="FORMAT=PATH", help="json, junit, sarif, html, github, pytest."
)
@click.option("--json", "as_json", is_flag=True, help="The verdict for another program.")
@click.option("--list", "listing", is_flag=True, help="List every rule and every judged operation.")
@click.pass_context
def verify(ctx: click.Context, /, *, listing: bool, **options: Any) -> None:
    """Judge a client: by a driver, by an adapter, or by its own COMMAND's traffic (after --)."""
    from testcard.commands.verify import list_rules, verify_client

    if listing:
        list_rules()
    else:
        ctx.exit(verify_client(**options))


@main.command()
@click.option("--driver", metavar="CMD", required=True, help="The driver's command.")
@click.option("--api", default="videocentral", show_default=True, metavar="NAME", help="With which API's operations.")
@click.pass_context
def doctor(ctx: click.Context, driver: str, api: str) -> None:
    """Say what is wrong with a driver, before any verdict on its client."""
    from testcard.commands.verify import doctor as examine

    ctx.exit(examine(driver, api))


@main.command(context_settings={"allow_interspersed_args": False})
@click.option("--judge", is_flag=True, help="End with the verdict on the command's traffic, as verify gives it.")
@click.option("--report", "reports", multiple=True, metavar="FORMAT=PATH", help="The verdict, as for verify.")
@click.option(
    "--json", "as_json", is_flag=True, help="The verdict for another program, behind the command's own output."
)
@click.option("--seed", default=1729, show_default=True, type=click.IntRange(0, 2**64 - 1), help="As for serve.")
@click.option("--profile", default="default", show_default=True, help="As for serve.")
@click.option("--now", metavar="ISO", help="Freeze the clock at this instant.")
@click.option("--dialect", default="documented", show_default=True, type=click.Choice(["documented", "observed"]))
@click.option("--reading", "readings", multiple=True, metavar="ID=NAME", help="Put a reading of the ledger in force.")
@click.option("--allow-host", "allowed", multiple=True, metavar="HOST", help="Let this host through; *.example.org.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run(**options: Any) -> None:
    """Run COMMAND so that the vendors' documented hosts are the mocks, over HTTPS too.

    Proxy, certificate and credential variables are set for curl, Python, Node, Java, Go, Ruby and .NET; any other host
    is refused, and makes the exit code 1. Nothing is installed, and the command's own exit code is passed on.
    """
    from testcard.commands.run import run_command

    run_command(**options)


@main.command()
@click.option("--api", required=True, metavar="NAME", help="Which service.")
@click.option("--base-url", metavar="URL", help="In place of the documented hosts: what stands before their paths.")
@click.option("--token-url", metavar="URL", help="In place of the documented token service.")
@click.option("--budget", default=60, show_default=True, type=click.IntRange(1, 1000), help="Requests at most.")
@click.option("--delay", default=1.0, show_default=True, type=click.FloatRange(0, 60), help="Seconds between requests.")
@click.option("--dry-run", is_flag=True, help="Show every call that would be made, and make none.")
@click.option("--allow-writes", is_flag=True, help="Cloud Video Kit: also make, change and remove one scratch asset.")
@click.option("--fail-on", type=click.Choice(["drift"]), help="Let drift fail, too.")
@click.option("--json", "as_json", is_flag=True, help="The report for another program.")
@click.option("--record", metavar="DIR", help="Keep a dated, redacted snapshot of the answers.")
@click.option("--credentials", "credentials_file", metavar="FILE", help="A dotenv file, in place of the environment.")
@click.option("--ca-file", metavar="FILE", help="Certificates to trust, in place of the usual ones.")
@click.pass_context
def live(ctx: click.Context, /, **options: Any) -> None:
    """Judge the real service against the contract, by a few slow reads.

    Credentials come from TESTCARD_<API>_TOKEN and its siblings and are never shown. Exit codes: 0 good, 1 violations,
    2 usage, 3 unreachable or refused, 4 nothing was checked.
    """
    from testcard.commands.live import judge_live

    ctx.exit(judge_live(**options))


@main.command()
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False))
@click.option("--fail-on", type=click.Choice(["drift"]), help="Let drift fail, too.")
@click.option("--json", "as_json", is_flag=True, help="The reports for another program.")
@click.pass_context
def replay(ctx: click.Context, /, folder: str, **options: Any) -> None:
    """Judge a recording of live or proxy again, without a network."""
    from testcard.commands.replay import judge_recording

    ctx.exit(judge_recording(folder, **options))


@main.command()
@click.option("--api", required=True, metavar="NAME", help="Whose contract.")
@click.option("--upstream", required=True, metavar="URL", help="The real service: scheme and host.")
@click.option("--port", default=8901, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 is any free one.")
@click.option("--record", metavar="DIR", help="Keep a dated, redacted snapshot of the answers.")
@click.option("--json", "as_json", is_flag=True, help="The report for another program.")
@click.option("--fail-on", type=click.Choice(["drift"]), help="Let drift fail, too.")
@click.option("--ca-file", metavar="FILE", help="Certificates to trust, in place of the usual ones.")
@click.pass_context
def proxy(ctx: click.Context, /, **options: Any) -> None:
    """Stand between a client and the real service, judge both sides, and change nothing.

    Point the client at the proxy with the documented path behind it. The report comes when a signal ends the proxy.
    """
    from testcard.commands.proxy import stand_between

    ctx.exit(stand_between(**options))


@main.group()
def contracts() -> None:
    """The contracts, for people and other tools."""


@contracts.command("list")
@click.option("--api", "apis", multiple=True, metavar="NAME", help="Only these APIs.")
@click.option("--json", "as_json", is_flag=True, help="For another program.")
@click.option("--markdown", "as_markdown", is_flag=True, help="For a page.")
def contracts_list(apis: tuple[str, ...], as_json: bool, as_markdown: bool) -> None:
    """List every operation with its method, path and evidence."""
    from testcard.commands.contracts import list_operations

    list_operations(apis, as_json, as_markdown)


@contracts.command("show")
@click.argument("operation")
def contracts_show(operation: str) -> None:
    """Show an operation by its operationId, or API.operationId: parameters, responses, evidence and readings."""
    from testcard.commands.contracts import show_operation

    show_operation(operation)


@contracts.command("export")
@click.argument("folder", type=click.Path(file_okay=False))
@click.option("--api", "apis", multiple=True, metavar="NAME", help="Only these APIs.")
@click.option("--url", default=None, help="Name mocks at this address as the server, not the vendors.")
def contracts_export(folder: str, apis: tuple[str, ...], url: str | None) -> None:
    """Write each API as one OpenAPI 3.1 document, and its schemas, into FOLDER."""
    from testcard.commands.contracts import export_contracts

    export_contracts(folder, apis, url)


@contracts.command("readings")
@click.option("--api", "apis", multiple=True, metavar="NAME", help="Only these APIs.")
@click.option("--json", "as_json", is_flag=True, help="For another program.")
def contracts_readings(apis: tuple[str, ...], as_json: bool) -> None:
    """List what the documents leave open, and each way to read it."""
    from testcard.commands.contracts import list_readings

    list_readings(apis, as_json)
