"""The ``nova-agent`` command: parse, call, print.

The modules of commands import what they work with inside the command, so that help and the quick commands do not
wait seconds for LiveKit and AWS to be imported, and work without the optional extras.
"""

from __future__ import annotations

import sys

import typer

from nova_agent.cli import (
    call,
    calls,
    demo,
    doctor,
    messages,
    personas,
    scenarios,
    sonic,
    sonic_behaviours,
    sonic_record,
    sonic_replay,
)
from nova_agent.errors import NovaError

HELP = """Voice agents on Amazon Nova Sonic and LiveKit.

Try it without an account or a network: [bold]nova-agent demo[/bold].

See what would be used, and what is wrong: [bold]nova-agent doctor[/bold].
"""

app = typer.Typer(
    help=HELP, no_args_is_help=True, rich_markup_mode="rich", add_completion=False, pretty_exceptions_enable=False
)
app.command("demo")(demo.command)
app.command("call")(call.command)
app.add_typer(calls.app, name="calls", help="List and read the records of calls.")
app.add_typer(personas.app, name="personas", help="List personas, and check their content.")
app.add_typer(messages.app, name="messages", help="What callers hear while no model can speak.")
app.command("scenarios")(scenarios.command)
sonic.app.command("behaviours")(sonic_behaviours.command)
sonic.app.command("record")(sonic_record.command)
sonic.app.command("replay")(sonic_replay.command)
app.add_typer(sonic.app, name="sonic", help="Local Sonic: the offline stand-in for Amazon Nova Sonic.")
app.command("doctor")(doctor.command)


def main() -> None:
    """Run the command; an error raised on purpose is one clear message and exit code 2."""
    try:
        app()
    except NovaError as error:
        print(f"nova-agent: {error}", file=sys.stderr)
        print(f"[{error.code}]", file=sys.stderr)
        sys.exit(2)
