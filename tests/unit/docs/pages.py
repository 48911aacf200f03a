"""The guides as tests read them: their code blocks, tables and commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

ROOT: Final = Path(__file__).parents[3]
GUIDES: Final = (
    "surveys",
    "scenarios",
    "personas",
    "call-records",
    "when-nothing-helps",
    "local-sonic",
    "local-sonic-clients",
    "local-sonic-control",
    "local-sonic-faults",
    "local-sonic-recordings",
    "local-sonic-pytest",
)

_BLOCK: Final = re.compile(r"(?ms)(?:^`(?P<path>[^`\n]+)`:\n\n)?^```(?P<language>\w*)\n(?P<code>.*?)^```$")
_CODE: Final = re.compile(r"`([^`\n]+)`")


def guide(name: str) -> str:
    """The text of ``docs/<name>.md``."""
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The code blocks in a language; an empty one is what a terminal shows."""
    return [block["code"] for block in _BLOCK.finditer(text) if block["language"] == language]


def files(text: str) -> dict[str, str]:
    """The code blocks that are whole files, by the path that stands in the line before."""
    return {block["path"]: block["code"] for block in _BLOCK.finditer(text) if block["path"]}


def prose(text: str) -> str:
    """The text without its code blocks."""
    return _BLOCK.sub("", text)


def table(text: str, first_heading: str) -> dict[str, list[str]]:
    """The table whose first heading this is, by its first cell without backticks."""
    return {first.strip("`"): others for first, *others in rows(text, first_heading)}


def rows(text: str, first_heading: str) -> list[list[str]]:
    """The cells of the table whose first heading this is, row by row."""
    lines = iter(text.splitlines())
    assert any(line.startswith(f"| {first_heading} |") for line in lines), f"there is no table of {first_heading!r}"
    next(lines)
    body = takewhile(lambda line: line.startswith("|"), lines)
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in body]


def code_in(cell: str) -> list[str]:
    """What stands in backticks."""
    return _CODE.findall(cell)


def default_in(cell: str) -> object:
    """The default that a table's cell shows: the first value in backticks, or its words."""
    return yaml.safe_load(code_in(cell)[0]) if "`" in cell else cell


def default_of(field: FieldInfo) -> object:
    """A field's default as a table has to show it."""
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True)
    is_empty = default in (None, "", (), [], {}) or (isinstance(default, BaseModel) and default == type(default)())
    return "–" if is_empty else default


def commands(text: str) -> Iterator[str]:
    """Every ``nova-agent …`` of a text: whole lines in terminal blocks, and code in the prose."""
    for block in blocks(text, ""):
        yield from (line.strip() for line in block.splitlines() if line.strip().startswith("nova-agent"))
    yield from (code for code in code_in(prose(text)) if re.match(r"nova-agent\b", code))
