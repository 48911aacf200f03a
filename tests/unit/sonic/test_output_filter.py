"""What of a stream's output reaches the session, before and after a stream was replaced."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from nova_agent.sonic.exchange import Dialogue, Recovery
from nova_agent.sonic.output import Heard, OutputFilter
from nova_agent.sonic.turns import INTERRUPTED_MARKER


class Stream:
    """Says things in wire events to a filter; ``passed`` collects the names of what went on."""

    def __init__(self, dialogue: Dialogue) -> None:
        self._filter = OutputFilter(dialogue, position=lambda ms: ms * 16, heard_from=lambda: 7, now=lambda: 1.0)
        self.passed: list[str] = []
        self.results: list[tuple[str, str]] = []
        self._blocks = 0

    def send(self, name: str, **body: Any) -> Heard:
        heard = self._filter.take({"event": {name: body}})
        self.passed += [body.get("content", name) for event in heard.events for name, body in event["event"].items()]
        self.results += heard.results
        return heard

    def block(self, kind: str, role: str, stop: str, *content: tuple[str, dict[str, Any]], stage: str = "") -> None:
        self._blocks += 1
        where = {"contentId": f"c{self._blocks}", "role": role}
        fields = f'{{"generationStage":"{stage}"}}' if stage else ""
        self.send("contentStart", **where, type=kind, additionalModelFields=fields)
        for name, body in content:
            self.send(name, **where, **body)
        self.send("contentEnd", contentId=where["contentId"], type=kind, stopReason=stop)

    def hears(self, text: str) -> None:
        self.send("userSpeechStart", inputAudioOffsetMs=100)
        self.send("userSpeechEnd", inputAudioOffsetMs=400)
        self.block("TEXT", "USER", "PARTIAL_TURN", ("textOutput", {"content": text}), stage="FINAL")

    def says(self, text: str, *, last: bool = False, stage: str = "SPECULATIVE") -> None:
        self.block("TEXT", "ASSISTANT", "PARTIAL_TURN", ("textOutput", {"content": text}), stage=stage)
        if stage == "SPECULATIVE":
            stop = "END_TURN" if last else "PARTIAL_TURN"
            self.block("AUDIO", "ASSISTANT", stop, ("audioOutput", {"content": "A" * 6400}))

    def calls(self, tool_use_id: str) -> None:
        body = {"toolUseId": tool_use_id, "toolName": "look_up", "content": "{}"}
        self.block("TOOL", "TOOL", "TOOL_USE", ("toolUse", body))


@pytest.fixture
def dialogue() -> Dialogue:
    return Dialogue()


def test_an_ordinary_turn_goes_through_whole(dialogue: Dialogue) -> None:
    stream = Stream(dialogue)
    stream.hears("hello")
    stream.says("Good morning.", last=True)
    assert [text for text in stream.passed if text in ("hello", "Good morning.")] == ["hello", "Good morning."]
    assert len(stream.passed) == 11


def test_final_texts_are_kept_back_but_for_the_marker(dialogue: Dialogue) -> None:
    stream = Stream(dialogue)
    stream.hears("hello")
    stream.says("Good morning.", last=True)
    before = len(stream.passed)
    stream.says("Good morning.", stage="FINAL")
    assert len(stream.passed) == before
    stream.says(INTERRUPTED_MARKER, stage="FINAL")
    assert stream.passed[before:] == ["contentStart", INTERRUPTED_MARKER, "contentEnd"]


def test_words_told_as_final_are_not_told_again(dialogue: Dialogue) -> None:
    first, second = Stream(dialogue), Stream(dialogue)
    first.hears("weather")
    first.calls("one")
    assert dialogue.recover(2.0) == Recovery(replay_from=1600)
    second.hears("weather")
    assert "weather" not in second.passed


def test_words_that_were_half_told_are_told_again(dialogue: Dialogue) -> None:
    first, second = Stream(dialogue), Stream(dialogue)
    first.hears("hello")
    dialogue.recover(2.0)
    second.hears("hello")
    assert "hello" in second.passed


def test_a_call_made_again_runs_nothing_and_gets_its_result(dialogue: Dialogue) -> None:
    first, second = Stream(dialogue), Stream(dialogue)
    first.hears("weather")
    first.calls("one")
    dialogue.returned("one", '{"sky": "blue"}')
    dialogue.recover(2.0)
    second.hears("weather")
    before = len(second.passed)
    second.calls("two")
    assert second.results == [("two", '{"sky": "blue"}')]
    assert second.passed[before:] == []


def test_a_sentence_that_was_said_is_not_said_again(dialogue: Dialogue) -> None:
    first, second = Stream(dialogue), Stream(dialogue)
    first.hears("tell me")
    first.says("One.")
    first.says("Two.")
    dialogue.announced("Three.")
    dialogue.spoke(0.2)
    assert dialogue.recover(2.0).typed
    second.says("One.")
    second.says("Two.")
    second.says("Three.", last=True)
    assert [text for text in second.passed if text.endswith(".")] == ["Three."]


def test_of_a_cut_sentence_only_the_rest_is_said(dialogue: Dialogue) -> None:
    pcm = bytes(range(1, 251)) * 96
    first, second = Stream(dialogue), Stream(dialogue)
    first.hears("tell me")
    first.send("contentStart", contentId="a", type="TEXT", role="ASSISTANT", additionalModelFields="SPECULATIVE")
    first.send("textOutput", contentId="a", role="ASSISTANT", content="A long one.")
    first.send("contentEnd", contentId="a", type="TEXT", stopReason="PARTIAL_TURN")
    first.send("contentStart", contentId="b", type="AUDIO", role="ASSISTANT")
    first.send("audioOutput", contentId="b", content=base64.b64encode(pcm[:10_000]).decode())
    dialogue.recover(2.0)
    before = len(second.passed)
    chunks = [base64.b64encode(pcm[at : at + 3_000]).decode() for at in range(0, len(pcm), 3_000)]
    second.block("TEXT", "ASSISTANT", "PARTIAL_TURN", ("textOutput", {"content": "A long one."}), stage="SPECULATIVE")
    second.block("AUDIO", "ASSISTANT", "END_TURN", *(("audioOutput", {"content": chunk}) for chunk in chunks))
    heard = [text for text in second.passed[before:] if text not in ("A long one.", "contentStart", "contentEnd")]
    assert b"".join(base64.b64decode(chunk) for chunk in heard) == pcm[10_000:]
    assert dialogue.turns[-1].text == "A long one."


def test_the_end_of_an_answer_shows_even_if_all_of_it_was_said(dialogue: Dialogue) -> None:
    first, second = Stream(dialogue), Stream(dialogue)
    first.hears("tell me")
    first.says("One.")
    dialogue.announced("Two.")
    dialogue.spoke(0.2)
    dialogue.recover(2.0)
    second.says("One.", last=True)
    assert second.passed == ["contentEnd"]
    assert dialogue.is_quiet(9.0)
