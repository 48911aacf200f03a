"""``nova-agent calls``: list the records of calls, and read one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from nova_agent.calllog import Record, RecordHead

app = typer.Typer(no_args_is_help=True)

CallId = Annotated[str, typer.Argument(help="A call's id, the beginning of one, or: last.")]
Records = Annotated[
    Path | None, typer.Option("--records", help="Folder of the records.", show_default="NOVA_RECORD__DIRECTORY")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


@app.command("list")
def list_command(
    records: Records = None,
    limit: Annotated[int, typer.Option(min=1, help="How many to list.")] = 20,
    persona: Annotated[str | None, typer.Option(help="Only calls in which this persona took part.")] = None,
    as_json: AsJson = False,
) -> None:
    """List calls, newest first."""
    from nova_agent.calllog import list_records  # noqa: PLC0415 – pydantic takes a while to import

    directory = _directory(records)
    heads = list_records(directory, limit=limit, persona=persona)
    if as_json:
        print(json.dumps([_head_as_json(head) for head in heads], indent=2, ensure_ascii=False))
    elif heads:
        Console(highlight=False).print(_table(heads))
    else:
        Console(stderr=True, highlight=False).print(f"No calls in {directory}.", markup=False)


@app.command()
def show(call_id: CallId, records: Records = None, as_json: AsJson = False) -> None:
    """Show a call's transcript, its tool calls and its summary."""
    from nova_agent.calllog import read_record  # noqa: PLC0415 – pydantic takes a while to import
    from nova_agent.calllog.render import render_record  # noqa: PLC0415 – as above

    record = read_record(_find(records, call_id))
    if as_json:
        print(json.dumps(_record_as_json(record), indent=2, ensure_ascii=False))
    else:
        Console(highlight=False).print(render_record(record))


@app.command()
def path(call_id: CallId, records: Records = None) -> None:
    """Print where a call's record is, for other tools."""
    print(_find(records, call_id))


def _find(records: Path | None, call_id: str) -> Path:
    from nova_agent.calllog import find_record  # noqa: PLC0415 – pydantic takes a while to import

    return find_record(_directory(records), call_id)


def _directory(records: Path | None) -> Path:
    if records is not None:
        return records
    from settings import load  # noqa: PLC0415 – settings may be wrong, which matters only when they are asked

    return load().record.directory


def _table(heads: list[RecordHead]) -> Table:
    from nova_agent.calllog.render import clock_time  # noqa: PLC0415 – pydantic takes a while to import

    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("call", "began (UTC)", "lasted", "personas", "status"):
        table.add_column(column, overflow="fold")
    for head in heads:
        began = f"{head.started_at:%Y-%m-%d %H:%M}" if head.started_at else "?"
        lasted = clock_time(head.summary["duration_ms"]) if head.summary else ""
        table.add_row(head.call_id, began, lasted, ", ".join(head.personas), _outcome(head))
    return table


def _outcome(head: RecordHead) -> str:
    return str(head.summary["end_reason"]) if head.summary else head.status


def _head_as_json(head: RecordHead) -> dict[str, Any]:
    return {
        "call_id": head.call_id,
        "status": head.status,
        "started_at": head.started_at.isoformat() if head.started_at else None,
        "personas": list(head.personas),
        "summary": head.summary,
        "path": str(head.path),
    }


def _record_as_json(record: Record) -> dict[str, Any]:
    return {
        "call_id": record.call_id,
        "status": record.status,
        "path": str(record.path),
        "torn": record.torn,
        "events": record.events,
    }
