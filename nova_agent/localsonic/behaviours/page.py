"""The manifest as a page of the documentation: ``python -m nova_agent.localsonic.behaviours.page > docs/…``."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from nova_agent.localsonic.behaviours.manifest import CERTAINTIES, Behaviour, Manifest, load_manifest
from nova_agent.localsonic.switches import Switches

_INTRODUCTION = """\
# What Local Sonic does on the wire

Each behaviour of [Local Sonic](local-sonic.md), where it is known from, how sure that is, and the tests that hold it.
Nothing here was measured on the real service by this project; what others measured and published is marked so.
`nova-agent sonic behaviours` lists the same, and with `--json` the tests' names too.
This page is made of `nova_agent/localsonic/behaviours/manifest.yaml`; a test fails when one of the two changes alone,
and when a behaviour has no test."""

_SWITCHES = """\
## Switches

What is unconfirmed and could matter to a client is a switch: `nova-agent sonic serve --switch NAME=VALUE`,
or `LocalSonicConfig(switches=Switches(…))`."""


def page(manifest: Manifest) -> str:
    """The whole page as Markdown."""
    return "\n".join(_lines(manifest)) + "\n"


def _lines(manifest: Manifest) -> Iterator[str]:
    yield _INTRODUCTION
    yield from ("", "| certainty | behaviours | meaning |", "| --- | --- | --- |")
    for certainty, count in manifest.counts().items():
        yield f"| {certainty} | {count} | {CERTAINTIES[certainty]} |"
    for group in manifest.groups:
        yield from ("", f"## {group.title}", "", "| behaviour | what | certainty | source | tests |")
        yield "| --- | --- | --- | --- | --- |"
        yield from map(_row, group.behaviours)
    yield from ("", _SWITCHES, "", "| switch | default | other values | behaviour |", "| --- | --- | --- | --- |")
    yield from (_switch_row(behaviour) for behaviour in manifest.behaviours if behaviour.switch)
    yield from ("", "## Sources", "", "| source | what it is |", "| --- | --- |")
    yield from (f"| {name} | {meaning} |" for name, meaning in manifest.sources.items())


def _row(behaviour: Behaviour) -> str:
    says = f"{behaviour.says} {behaviour.note}" if behaviour.note else behaviour.says
    tests = ", ".join(_test_link(test) for test in behaviour.tests)
    return f"| `{behaviour.id}` | {says} | {behaviour.certainty} | {', '.join(behaviour.source)} | {tests} |"


def _test_link(test: str) -> str:
    path, _, name = test.partition("::")
    return f"[{name.removeprefix('test_').replace('_', ' ')}](../tests/{path})"


def _switch_row(behaviour: Behaviour) -> str:
    default = str(getattr(Switches(), behaviour.switch or "")).removeprefix("_")
    shown = default.lower() if default in ("True", "False") else default
    return f"| `{behaviour.switch}` | `{shown}` | {behaviour.values} | `{behaviour.id}` |"


if __name__ == "__main__":
    sys.stdout.write(page(load_manifest()))
