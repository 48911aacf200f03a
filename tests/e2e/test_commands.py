"""``nova-agent doctor``: settings with their secrets masked, and an exit code that says whether a call can be held."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from settings import variables
from tests.fakes.command import Command, Ran

Run = Callable[..., Ran]

KEY_ID, SECRET = "AKIAEXAMPLEEXAMPLE42", "very/secret+access-key"


@pytest.fixture(autouse=True)
def credentials(nova_here: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials in the environment, so that no metadata service is asked."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


def diagnosis(ran: Ran) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """What ``doctor --json`` printed, and its checks by subject."""
    found = json.loads(ran.out)
    return found, {check["subject"]: check for check in found["checks"]}


def test_all_is_well_with_the_defaults(nova: Command, nova_here: Run) -> None:
    ran = nova_here("doctor", "--json")
    assert (ran.exit_code, ran.err) == (0, "")
    found, checks = diagnosis(ran)
    assert found["ready"] is True
    assert set(found["settings"]) == {name for name, _ in variables()}
    assert {"persona survey", "database", "call records", "offline parts", "AWS credentials"} <= set(checks)
    assert all(check["ok"] for check in checks.values())
    assert nova.records.is_dir()
    assert list(nova.records.iterdir()) == []


def test_a_person_gets_the_same_as_a_table(nova_here: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOVA_CALL__TIME_ZONE", "Europe/Paris")
    ran = nova_here("doctor")
    assert ran.exit_code == 0
    assert ["NOVA_CALL__TIME_ZONE", "Europe/Paris", "environment"] in [line.split() for line in ran.out.splitlines()]
    assert "ok  persona survey: customer-satisfaction, patient-intake" in ran.out


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["table", "json"])
def test_no_secret_is_shown(nova_here: Run, monkeypatch: pytest.MonkeyPatch, form: tuple[str, ...]) -> None:
    monkeypatch.setenv("NOVA_STORE__URL", "postgresql+asyncpg://nova:hunter2@127.0.0.1:9/nova")
    ran = nova_here("doctor", *form)
    assert ran.exit_code == 1
    assert "nova:***@127.0.0.1:9/nova" in ran.out
    assert f"access key {KEY_ID[:4]}***" in ran.out
    for secret in ("hunter2", SECRET, KEY_ID):
        assert secret not in ran.out + ran.err


def test_a_database_that_cannot_be_opened_fails_the_check(nova: Command, nova_here: Run) -> None:
    (nova.folder / "data").mkdir()
    (nova.folder / "data" / "nova.db").write_bytes(b"Dear diary. " * 100)
    ran = nova_here("doctor", "--json")
    assert ran.exit_code == 1
    found, checks = diagnosis(ran)
    assert found["ready"] is False
    assert checks["database"]["ok"] is False
    assert "data/nova.db is not a SQLite database" in checks["database"]["found"]
    assert checks["call records"]["ok"] is True


def test_records_that_cannot_be_written_fail_the_check(
    nova: Command, nova_here: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (nova.folder / "taken").write_bytes(b"")
    monkeypatch.setenv("NOVA_RECORD__DIRECTORY", "taken/calls")
    ran = nova_here("doctor")
    assert ran.exit_code == 1
    (told,) = (line for line in ran.out.splitlines() if "call records" in line)
    assert told.split()[0] == "no"
    assert "taken/calls cannot be written (Not a directory)" in told


def test_missing_offline_parts_are_told_but_are_no_failure(nova_here: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jiwer", None)
    ran = nova_here("doctor", "--json")
    assert ran.exit_code == 0
    _, checks = diagnosis(ran)
    assert checks["offline parts"]["ok"] is False
    assert "jiwer" in checks["offline parts"]["found"]
    assert "uv sync --extra local" in checks["offline parts"]["found"]


def test_personas_are_listed_with_their_content(nova_here: Run) -> None:
    listed = json.loads(nova_here("personas", "list", "--json").out)
    assert "customer-satisfaction" in listed["survey"]["contents"]
    assert "  customer-satisfaction: Customer satisfaction\n" in nova_here("personas", "list").out
