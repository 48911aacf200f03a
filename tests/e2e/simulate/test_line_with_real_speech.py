"""A caller with real ears and a real voice, and an agent that only asks: what is recorded is what was said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from livekit import rtc

from nova_agent.localsonic.mouth import Mouth
from nova_agent.localsonic.voices import PLAIN
from nova_agent.simulate.caller import Said
from nova_agent.simulate.line import Line
from nova_agent.simulate.local_speech import CallerParts, LocalHearing, LocalVoice, caller_parts
from nova_agent.simulate.scenario import AnsweredCall, run_scenario
from nova_agent.simulate.script import Expectation, Script
from nova_agent.simulate.transcribe import channel_word_error_rates

QUESTION = "On a scale from zero to ten, how likely are you to recommend us to a friend?"
FAREWELL = "Thank you very much for your help. Goodbye."
SCRIPT = Script.model_validate(
    {"persona": "test", "speed": 4, "steps": [{"when": "how likely", "say": "I would say eight out of ten."}]}
)


class Asker:
    """Asks one question, lets the caller answer, says goodbye."""

    def __init__(self, mouth: Mouth) -> None:
        self._mouth = mouth

    async def answer(self, script: Script, line: Line) -> AnsweredCall:
        await self._say(line, QUESTION)
        while not line.caller_is_speaking:
            await line.next_slot()
        while line.caller_is_speaking:
            await line.next_slot()
        await self._say(line, FAREWELL)
        await line.output.wait_for_playout()
        return AnsweredCall("call-1", "completed", (QUESTION, FAREWELL))

    async def _say(self, line: Line, text: str) -> None:
        pcm = np.frombuffer(await self._mouth.speak(text, voice=PLAIN, rate_hz=24_000), dtype=np.int16)
        await line.output.capture_frame(rtc.AudioFrame(pcm.tobytes(), 24_000, 1, pcm.size))
        line.output.flush()


async def nothing_to_grade(expect: Expectation, call_id: str) -> list[str]:
    return []


@pytest.fixture
async def parts() -> AsyncIterator[CallerParts]:
    async with caller_parts() as parts:
        yield parts


async def test_both_sides_of_a_recorded_call_can_be_made_out(parts: CallerParts, tmp_path: Path) -> None:
    hearing, voice = LocalHearing(parts.ears), LocalVoice(parts.mouth, "caller-a")
    wav = tmp_path / "call.wav"
    async with asyncio.timeout(60):
        result = await run_scenario(SCRIPT, Asker(parts.mouth), hearing, voice, nothing_to_grade, recording=wav)
    assert result.failure is None
    said = [entry.text for entry in result.conversation if isinstance(entry, Said)]
    assert said == ["I would say eight out of ten."]
    words = await channel_word_error_rates(wav, said, result.agent_said, parts.ears)
    assert words.caller.word_error_rate <= 0.15
    assert words.agent.word_error_rate <= 0.15
    assert result.line_ms / 1000 / result.wall_s > 2
