"""Whose turn it is, told from the order of Nova Sonic's output events."""

from __future__ import annotations

from typing import Any

from nova_agent.sonic.turns import INTERRUPTED_MARKER, TurnTracker


class Told:
    """What the tracker told the framework, in order."""

    def __init__(self, *, is_typed_to: bool = False) -> None:
        self.events: list[str] = []
        self.tracker = TurnTracker(self._emit, lambda: self.events.append("answer"), is_typed_to=lambda: is_typed_to)

    def _emit(self, name: str, event: Any) -> None:
        if name == "input_audio_transcription_completed":
            kind = "final" if event.is_final else "partial"
            self.events.append(f"{kind}: {event.transcript}")
        else:
            self.events.append(name.removeprefix("input_speech_"))

    def feed(self, *events: dict[str, Any]) -> list[str]:
        for event in events:
            self.tracker.feed({"event": event})
        return self.events


def words(text: str, role: str = "USER") -> dict[str, Any]:
    return {"textOutput": {"role": role, "content": text, "contentId": "c"}}


def sentence_start() -> dict[str, Any]:
    fields = '{"generationStage":"SPECULATIVE"}'
    return {"contentStart": {"type": "TEXT", "role": "ASSISTANT", "additionalModelFields": fields}}


def tool_start() -> dict[str, Any]:
    return {"contentStart": {"type": "TOOL", "role": "TOOL"}}


def test_a_spoken_turn_is_final_before_the_answer_is_announced() -> None:
    told = Told().feed(words("eight"), sentence_start())
    assert told == ["started", "partial: eight", "stopped", "final: eight", "answer"]


def test_several_blocks_are_one_turn() -> None:
    told = Told().feed(words("eight"), words("out of ten"), tool_start())
    assert told[-3:] == ["stopped", "final: eight out of ten", "answer"]
    assert told.count("started") == 1


def test_a_second_sentence_closes_no_empty_turn() -> None:
    told = Told().feed(words("yes"), sentence_start(), sentence_start())
    assert told == ["started", "partial: yes", "stopped", "final: yes", "answer", "answer"]


def test_an_answer_to_nothing_said_reports_no_user_turn() -> None:
    assert Told().feed(sentence_start()) == ["answer"]


def test_the_interruption_marker_begins_the_callers_turn_once() -> None:
    told = Told().feed(words(INTERRUPTED_MARKER, role="ASSISTANT"), words("wait"), sentence_start())
    assert told == ["started", "partial: wait", "stopped", "final: wait", "answer"]


def test_what_something_typed_interrupts_is_no_speech_of_the_callers() -> None:
    told = Told(is_typed_to=True)
    assert told.feed(words(INTERRUPTED_MARKER, role="ASSISTANT"), tool_start()) == ["answer"]
    assert told.feed(words("wait"))[1:] == ["started", "partial: wait"]


def test_what_the_agent_said_is_no_transcript_of_the_caller() -> None:
    assert Told().feed(words("How likely are you?", role="ASSISTANT")) == []
