"""Recordings of one's own, from one's own words, by one command."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nova_agent.messages import load_messages
from tests.fakes.command import Command, Ran

Run = Callable[..., Ran]


def test_messages_are_made_and_then_used(nova: Command, nova_here: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    made = nova_here("messages", "make", "--into", "mine", "--voice", "matthew", "--busy", "Nobody is free.")
    assert made.exit_code == 0, made
    mine, shipped = load_messages(nova.folder / "mine"), load_messages()
    assert mine["busy"].duration_s < shipped["busy"].duration_s
    assert mine["wait"].duration_s > shipped["wait"].duration_s, "the other voice is slower"
    monkeypatch.setenv("NOVA_CALL__MESSAGES_DIRECTORY", "mine")
    listed = nova_here("messages", "list")
    assert [line.split()[:2] for line in listed.out.splitlines()] == [
        [name, f"{message.duration_s:.1f}"] for name, message in mine.items()
    ]


def test_recordings_that_are_there_are_written_over_only_when_that_is_said(nova: Command, nova_here: Run) -> None:
    (nova.folder / "mine").mkdir()
    recorded = nova.folder / "mine" / "busy.wav"
    recorded.write_bytes(b"the only take")
    ran = nova_here("messages", "make", "--into", "mine")
    assert ran.exit_code == 2
    assert "busy.wav" in ran.err
    assert "--force" in ran.err
    assert recorded.read_bytes() == b"the only take"
    assert nova_here("messages", "make", "--into", "mine", "--force").exit_code == 0
    assert set(load_messages(nova.folder / "mine")) == {"apology", "busy", "wait"}


def test_a_voice_that_does_not_exist_is_refused(nova: Command, nova_here: Run) -> None:
    ran = nova_here("messages", "make", "--into", "mine", "--voice", "matthias")
    assert ran.exit_code == 2
    assert "'matthias' is no voice" in ran.err
    assert "matthew" in ran.err
    assert not (nova.folder / "mine").exists()


def test_a_folder_that_lacks_recordings_is_refused_before_a_call(
    nova_here: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOVA_CALL__MESSAGES_DIRECTORY", "nowhere")
    ran = nova_here("call", "survey", "--text")
    assert ran.exit_code == 2
    assert "NOVA_CALL__MESSAGES_DIRECTORY: nowhere/apology.wav: cannot be read" in ran.err
