from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from nova_agent.localsonic import rejections
from nova_agent.localsonic.brain.port import HistoryTurn
from nova_agent.localsonic.facts import (
    AudioArrived,
    AudioStarted,
    AudioStopped,
    HistoryGiven,
    SystemGiven,
    TextTyped,
    ToolResultGiven,
)
from nova_agent.localsonic.rejections import StreamRejected
from tests.fakes.sonic_session import FORM, Session


@pytest.fixture
def session() -> Session:
    return Session()


def test_a_whole_session_in_facts(session: Session) -> None:
    session.prompt().text("SYSTEM", "Be kind.").text("USER", "Hi.").text("ASSISTANT", "Hello.").audio()
    session.data("a", base64.b64encode(b"\0\0").decode(), "audioInput").tool('{"a": 1}')
    session.end("a").send("promptEnd", promptName="p").send("sessionEnd")
    assert session.facts[2:-2] == [
        SystemGiven("Be kind."),
        HistoryGiven(HistoryTurn("USER", "Hi.")),
        HistoryGiven(HistoryTurn("ASSISTANT", "Hello.")),
        AudioStarted(16000),
        AudioArrived(b"\0\0"),
        ToolResultGiven("id", '{"a": 1}'),
        AudioStopped(),
    ]


def test_one_text_may_come_in_several_parts(session: Session) -> None:
    session.prompt().start("s", "TEXT", "SYSTEM").data("s", "Be ").data("s", "kind.").end("s")
    assert session.facts[-1] == SystemGiven("Be kind.")


def test_interactive_text_is_typed_once_the_audio_is_open(session: Session) -> None:
    session.ready().text("USER", "Hello.", interactive=True)
    assert session.facts[-1] == TextTyped("Hello.")


def test_interactive_text_before_the_audio_waits_for_it(session: Session) -> None:
    session.prompt().text("SYSTEM", "s").text("USER", "Hello.", interactive=True)
    assert not any(isinstance(fact, TextTyped) for fact in session.facts)
    session.audio()
    assert session.facts[-2:] == [AudioStarted(16000), TextTyped("Hello.")]


def test_interactive_text_with_an_answer_behind_it_is_history(session: Session) -> None:
    session.prompt().text("SYSTEM", "s").text("USER", "Hi.", interactive=True).text("ASSISTANT", "Hello.").audio()
    assert session.facts[-3:] == [
        HistoryGiven(HistoryTurn("USER", "Hi.")),
        HistoryGiven(HistoryTurn("ASSISTANT", "Hello.")),
        AudioStarted(16000),
    ]


def test_assistant_text_in_mid_session_changes_nothing(session: Session) -> None:
    before = list(session.ready().facts)
    assert session.text("ASSISTANT", "Hello.").facts == before


def test_the_audio_may_be_closed_and_opened_again(session: Session) -> None:
    session.ready().hear().end("a").audio()
    assert session.facts[-2:] == [AudioStopped(), AudioStarted(16000)]


VIOLATIONS: dict[str, tuple[Callable[[Session], object], str]] = {
    "history before SYSTEM": (lambda s: s.prompt().text("USER", "x"), rejections.SYSTEM_FIRST),
    "SYSTEM twice": (lambda s: s.ready().text("SYSTEM", "x"), rejections.SYSTEM_TWICE),
    "history after audio": (lambda s: s.ready().text("USER", "x"), rejections.HISTORY_AFTER_AUDIO),
    "audio inside a text": (
        lambda s: s.ready().start("t", "TEXT", "USER", interactive=True).data("a", "AAA=", "audioInput"),
        rejections.HISTORY_AFTER_AUDIO,
    ),
    "history starts with ASSISTANT": (
        lambda s: s.prompt().text("SYSTEM", "s").text("ASSISTANT", "x"),
        rejections.INVALID_INPUT,
    ),
    "history does not alternate": (
        lambda s: s.prompt().text("SYSTEM", "s").text("USER", "x").text("USER", "y"),
        rejections.INVALID_INPUT,
    ),
    "one message too long": (
        lambda s: s.prompt().text("SYSTEM", "s").text("USER", "x" * 51 * 1024),
        rejections.HISTORY_TOO_LONG,
    ),
    "content ended twice": (lambda s: s.ready().hear().end("a").end("a"), "No open content found for content name: a"),
    "content without data": (
        lambda s: s.ready().start("t", "TEXT", "USER", interactive=True).end("t"),
        "Cannot end content [t] as no content data was received",
    ),
    "audio without data": (
        lambda s: s.ready().end("a"),
        "Cannot end content [a] as no content data was received",
    ),
    "audio of a foreign prompt": (
        lambda s: s.ready().send("audioInput", promptName="q", contentName="a", content="AAA="),
        rejections.INVALID_INPUT,
    ),
    "prompt ended with an open text": (
        lambda s: s.ready().start("t", "TEXT", "ASSISTANT").send("promptEnd", promptName="p"),
        rejections.CONTENTS_STILL_OPEN,
    ),
    "prompt without audio": (
        lambda s: s.prompt().text("SYSTEM", "s").send("promptEnd", promptName="p"),
        "Prompt [p] must have at least one audio content",
    ),
    "tool result is a bare text": (lambda s: s.ready().tool("fine"), rejections.TOOL_RESULT_UNPARSEABLE),
    "tool result is no object": (lambda s: s.ready().tool("[1]"), rejections.TOOL_RESULT_UNPARSEABLE),
    "second session": (lambda s: s.ready().send("sessionStart"), rejections.INVALID_INPUT),
    "foreign prompt": (lambda s: s.ready().send("promptEnd", promptName="q"), rejections.INVALID_INPUT),
    "session ended inside a prompt": (lambda s: s.ready().send("sessionEnd"), rejections.INVALID_INPUT),
    "content before the prompt": (lambda s: s.send("sessionStart").text("SYSTEM", "s"), rejections.INVALID_INPUT),
    "second open audio": (
        lambda s: s.ready().start("b", "AUDIO", "USER", audioInputConfiguration=FORM),
        rejections.INVALID_INPUT,
    ),
    "audio after its end": (
        lambda s: s.ready().hear().end("a").hear(),
        "No open content found for content name: a",
    ),
    "audio after the prompt": (
        lambda s: s.ready().send("promptEnd", promptName="p").data("a", "AAA=", "audioInput"),
        "No open content found for content name: a",
    ),
    "audio of half a sample": (lambda s: s.ready().data("a", "AA==", "audioInput"), rejections.UNPARSEABLE),
    "text into an audio content": (lambda s: s.ready().data("a", "x"), rejections.INVALID_INPUT),
}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_violations_are_refused_in_the_services_words(session: Session, name: str) -> None:
    act, message = VIOLATIONS[name]
    with pytest.raises(StreamRejected) as caught:
        act(session)
    assert caught.value.message == message


def test_pipecat_leaves_its_audio_open_when_it_disconnects(session: Session) -> None:
    session.ready().send("promptEnd", promptName="p").send("sessionEnd")
    assert len(session.facts) == 6
