"""The guide to the fixture names everything that it has, and settings that exist, with their defaults."""

from __future__ import annotations

from dataclasses import MISSING, fields

from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.threaded.endpoint import ThreadedLocalSonic
from nova_agent.localsonic.threaded.views import ThreadedFaults, ThreadedLedger
from tests.unit.docs.pages import code_in, default_in, guide, rows

PAGE = guide("local-sonic-pytest")


def public(kind: type) -> set[str]:
    """What a class offers, without the attributes that its instances set."""
    return {name for name in vars(kind) if not name.startswith("_")}


def test_everything_that_the_fixture_has_is_described() -> None:
    named = {name.partition("(")[0] for row in rows(PAGE, "name") for name in code_in(row[0])}
    assert named == public(ThreadedLocalSonic) | {"faults", "ledger"}


def test_what_faults_and_ledger_have_is_described() -> None:
    described = {row[0].strip("`"): row[1] for row in rows(PAGE, "name")}
    for name, kind in (("faults", ThreadedFaults), ("ledger", ThreadedLedger)):
        assert {code.partition("(")[0] for code in code_in(described[name])} >= public(kind)


def test_settings_have_the_defaults_that_are_shown() -> None:
    defaults = {field.name: field.default for field in fields(LocalSonicConfig) if field.default is not MISSING}
    for name, default, _ in rows(PAGE, "setting"):
        assert defaults[name.strip("`")] == (() if default == "–" else default_in(default))
