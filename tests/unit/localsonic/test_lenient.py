"""What the lenient profile forgives: each violation of the strict one, and what it does instead."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from nova_agent.localsonic.brain.port import HistoryTurn
from nova_agent.localsonic.facts import (
    AudioArrived,
    AudioStarted,
    AudioStopped,
    HistoryGiven,
    SystemGiven,
    ToolResultGiven,
)
from nova_agent.localsonic.inputs import PromptEnded, PromptStarted, SessionEnded, SessionStarted
from tests.fakes.sonic_session import FORM, PROMPT, Session
from tests.unit.localsonic.test_protocol import VIOLATIONS


@pytest.fixture
def session() -> Session:
    return Session("lenient")


@pytest.mark.parametrize("name", VIOLATIONS)
def test_every_violation_is_forgiven_and_counted(session: Session, name: str) -> None:
    act, _message = VIOLATIONS[name]
    act(session)
    assert session.verdicts.forgiven.total() >= 1


def test_the_first_of_a_kind_is_logged_with_what_was_done(session: Session) -> None:
    session.ready().hear().end("a")
    with capture_logs() as logs:
        for _ in range(3):
            session.hear()
    assert [(log["event"], log["outcome"]) for log in logs] == [
        ("localsonic.violation_forgiven", "audio after its end was dropped")
    ]
    assert session.verdicts.forgiven.total() == 3


def test_a_further_system_text_is_given_too(session: Session) -> None:
    session.ready().text("SYSTEM", "More.")
    assert session.facts[-1] == SystemGiven("More.")


def test_history_after_the_start_of_audio_is_history(session: Session) -> None:
    session.ready().text("USER", "Earlier.")
    assert session.facts[-1] == HistoryGiven(HistoryTurn("USER", "Earlier."))


@pytest.mark.parametrize(("result", "wrapped"), [("fine", '{"result": "fine"}'), ("[1]", '{"result": [1]}')])
def test_a_result_that_is_no_object_is_wrapped(session: Session, result: str, wrapped: str) -> None:
    session.ready().tool(result)
    assert session.facts[-1] == ToolResultGiven("id", wrapped)


def test_audio_of_a_foreign_prompt_is_heard(session: Session) -> None:
    session.ready().send("audioInput", promptName="q", contentName="a", content="AAA=")
    assert session.facts[-1] == AudioArrived(b"\0\0")


def test_an_audio_content_without_data_ends_all_the_same(session: Session) -> None:
    assert session.ready().end("a").facts[-1] == AudioStopped()


def test_a_prompt_without_a_session_opens_one(session: Session) -> None:
    session.send("promptStart", **PROMPT).text("SYSTEM", "s").audio()
    assert session.facts[-1] == AudioStarted(16000)


def test_a_session_ended_too_early_ends_its_prompt(session: Session) -> None:
    session.ready().send("sessionEnd")
    assert [type(fact) for fact in session.facts[-2:]] == [PromptEnded, SessionEnded]


def test_a_content_of_a_name_in_use_replaces_the_other(session: Session) -> None:
    session.ready().start("a", "AUDIO", "USER", audioInputConfiguration=FORM | {"sampleRateHertz": 8000})
    session.data("a", "AAA=", "audioInput")
    assert session.facts[-1] == AudioArrived(b"\0\0")


MENDED: dict[str, Callable[[Session], Session]] = {
    "a text without a role": lambda s: (
        s.prompt().text("SYSTEM", "s").send("contentStart", promptName="p", contentName="t", type="TEXT")
    ),
    "an audio without a form": lambda s: (
        s.prompt().text("SYSTEM", "s").send("contentStart", promptName="p", contentName="b", type="AUDIO")
    ),
    "a voice that does not exist": lambda s: s.send("sessionStart").send(
        "promptStart", promptName="p", audioOutputConfiguration={**FORM, "voiceId": "Carlos"}
    ),
    "a voice of another version": lambda s: s.send("sessionStart").send(
        "promptStart", promptName="p", audioOutputConfiguration={**FORM, "voiceId": "greta"}
    ),
    "an audio of another type": lambda s: (
        s.prompt()
        .text("SYSTEM", "s")
        .start("b", "AUDIO", "USER", audioInputConfiguration={**FORM, "audioType": "MUSIC"})
    ),
    "a text of another type": lambda s: s.prompt().start(
        "t", "TEXT", "SYSTEM", textInputConfiguration={"mediaType": "text/html"}
    ),
    "a toolChoice of two": lambda s: s.send("sessionStart").send(
        "promptStart", **PROMPT, toolConfiguration={"toolChoice": {"auto": {}, "any": {}}}
    ),
    "a toolChoice that does not exist": lambda s: s.send("sessionStart").send(
        "promptStart", **PROMPT, toolConfiguration={"toolChoice": {"tool": {"name": "look_up"}}}
    ),
    "a prompt without an output form": lambda s: s.send("sessionStart").send("promptStart", promptName="p"),
}


@pytest.mark.parametrize("what", MENDED)
def test_what_is_missing_is_guessed(session: Session, what: str) -> None:
    MENDED[what](session)
    assert session.verdicts.forgiven.total() == 1
    assert len(session.facts) >= 2


def test_a_schema_given_as_an_object_is_read(session: Session) -> None:
    spec: dict[str, Any] = {"toolSpec": {"name": "look_up", "inputSchema": {"json": {"type": "object"}}}}
    session.send("sessionStart").send("promptStart", **PROMPT, toolConfiguration={"tools": [spec]})
    started = session.facts[-1]
    assert isinstance(started, PromptStarted)
    assert started.tools[0].schema_object == {"type": "object"}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"event": {"newEvent": {}}}',
        json.dumps({"event": {"textInput": {"content": 1}}}).encode(),
    ],
)
def test_what_cannot_be_read_is_left_out(session: Session, raw: bytes) -> None:
    session.ready()
    before = list(session.facts)
    assert session.send_raw(raw).facts == before
    assert isinstance(before[0], SessionStarted)
