"""Local Sonic's parts for the measurement: ears, a mouth and a brain that cost next to nothing and never err."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from benchmarks.faults.clips import Recogniser
from benchmarks.faults.tones import PARDON, PLEASANTRY, tone
from nova_agent.localsonic.brain.port import Action, CallTool, Conversation, Say, ToolReturned, UserSaid
from nova_agent.localsonic.listening import Samples, VoiceActivity
from nova_agent.localsonic.voices import Voice
from nova_agent.simulate.pcm import Pcm

TOOL: Final = "look_up"
TOOL_EVERY: Final = 5
"""Every fifth question takes a tool."""

_AUDIBLE: Final = 0.004
_NUMBER: Final = re.compile(r"\d+")
_QUESTION: Final = re.compile(r"question (\d+)")
_MUMBLED: Final = "something that was not understood"


class ClipEars:
    """Hears whole questions, by :class:`Recogniser`."""

    def __init__(self, clips: Mapping[int, Pcm]) -> None:
        self._recogniser = Recogniser(clips)

    async def load(self) -> None:
        pass

    async def aclose(self) -> None:
        pass

    def voice_activity(self) -> VoiceActivity:
        return Loudness()

    async def transcribe(self, samples: Samples) -> str:
        numbers = await asyncio.to_thread(self._recogniser.numbers_in, samples)
        return " ".join(f"question {number}" for number in numbers) or _MUMBLED


class Loudness:
    """Takes every sound for speech."""

    def probability(self, window: Samples) -> float:
        return float(np.sqrt(np.mean(np.square(window))) >= _AUDIBLE)


class ToneMouth:
    """Says the number of a sentence as a tone."""

    async def load(self) -> None:
        pass

    async def aclose(self) -> None:
        pass

    async def speak(self, text: str, *, voice: Voice, rate_hz: int) -> bytes:
        found = _NUMBER.search(text)
        return tone(int(found[0]) if found else PLEASANTRY, rate_hz).tobytes()


class NumberBrain:
    """Answers question 7 with "Answer 7.", and every fifth question when the tool has told the answer."""

    async def act(self, conversation: Conversation) -> Sequence[Action]:
        last = conversation.items[-1]
        if isinstance(last, ToolReturned):
            return _answers(_results(conversation))
        if not isinstance(last, UserSaid):
            return ()
        numbers = _questions(last.text)
        if not numbers and last.typed:
            numbers = _pending(conversation)
            if not numbers:
                return (Say(f"Hello, this is line {PLEASANTRY}."),)
        if not numbers:
            return (Say(f"Pardon, this is line {PARDON}."),)
        spoken = [number for number in numbers if number % TOOL_EVERY]
        looked_up = [CallTool(TOOL, {"number": number}) for number in numbers if not number % TOOL_EVERY]
        return (*_answers(spoken), *looked_up)


def _questions(text: str) -> list[int]:
    return [int(number) for number in _QUESTION.findall(text)]


def _pending(conversation: Conversation) -> list[int]:
    """The question that stands last in the history: a model that is told to go on goes on with it."""
    if not conversation.history or conversation.history[-1].role != "USER":
        return []
    return _questions(conversation.history[-1].text)[-1:]


def _results(conversation: Conversation) -> list[int]:
    """The results that have come since something else happened."""
    numbers: list[int] = []
    for item in reversed(conversation.items):
        if not isinstance(item, ToolReturned):
            break
        numbers.insert(0, _number_of(item.content))
    return numbers


def _number_of(result: str) -> int:
    """What the tool returned; a result that a client has spoilt is not understood."""
    try:
        content = json.loads(result)
    except ValueError:
        return PARDON
    number = content.get("number") if isinstance(content, dict) else None
    return number if isinstance(number, int) else PARDON


def _answers(numbers: Iterable[int]) -> list[Say]:
    return [Say(f"Answer {number}.") for number in numbers]
