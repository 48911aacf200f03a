"""A caller of a LiveKit agent on the stock Nova Sonic plugin, over a line inside the process instead of a room."""

from __future__ import annotations

import asyncio
import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from livekit.agents import Agent, AgentSession, ConversationItemAddedEvent, UserInputTranscribedEvent, function_tool
from nova_agent.simulate.line import AgentAudio, AgentFinishedPlaying, AgentStartedPlaying, Line, LineEvent

from livekit_plugin.livekit_local import LocalModel
from microphone import RATE_HZ
from seen import WEATHER_RESULT, WEATHER_TOOL, Seen

LIMIT_S = 40.0
NAME = f"livekit-plugins-aws {version('livekit-plugins-aws')}"


class Caller:
    """Speaks and listens on the line; the agent's session says what it took and gave as text."""

    def __init__(self, line: Line, session: AgentSession[None], interruption: bytes) -> None:
        self._line = line
        self._interruption = interruption
        self._must_be_interrupted = bool(interruption)
        self.answered = asyncio.Event()
        self.seen = Seen(NAME)
        line.subscribe(self._on_line)
        session.on("user_input_transcribed", self._on_transcribed)
        session.on("conversation_item_added", self._on_item)

    def _on_line(self, event: LineEvent) -> None:
        match event:
            case AgentAudio(pcm=pcm):
                self.seen.audio_bytes += pcm.nbytes
            case AgentStartedPlaying() if self._interruption:
                self._line.say(self._interruption, RATE_HZ)
                self._interruption = b""
            case AgentFinishedPlaying(interrupted=True):
                self.seen.interrupted = True
            case AgentFinishedPlaying() if self.seen.interrupted == self._must_be_interrupted:
                self.answered.set()

    def _on_transcribed(self, event: UserInputTranscribedEvent) -> None:
        if event.is_final and event.transcript:
            self.seen.heard.append(event.transcript)

    def _on_item(self, event: ConversationItemAddedEvent) -> None:
        if event.item.type == "message" and event.item.role == "assistant" and event.item.text_content:
            self.seen.said.append(event.item.text_content)


def weather_tool(seen: Seen) -> Any:
    """The tool, which notes that it was called."""

    async def get_weather(city: str) -> str:
        """The weather."""
        seen.tools.append({"name": WEATHER_TOOL, "arguments": {"city": city}})
        return json.dumps(WEATHER_RESULT)

    return function_tool(get_weather, name=WEATHER_TOOL)


async def main(scenario: str, _endpoint: str, *audio: str) -> None:
    speech, interruption = [*(Path(path).read_bytes() for path in audio), b""][:2]  # noqa: ASYNC240 – before the call
    session: AgentSession[None] = AgentSession(
        vad=None, turn_handling={"turn_detection": "realtime_llm"}, aec_warmup_duration=None
    )
    line = Line()
    session.input.audio, session.output.audio = line.input, line.output
    caller = Caller(line, session, interruption)
    tools = [weather_tool(caller.seen)] if scenario == "tool" else []
    model = LocalModel(model="amazon.nova-2-sonic-v1:0", voice="tiffany")
    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as tasks:
        tasks.create_task(line.run())
        await session.start(Agent(instructions="You are helpful.", llm=model, tools=tools), record=False)
        line.say(speech, RATE_HZ)
        await caller.answered.wait()
        await session.aclose()
        line.hang_up()
    caller.seen.print()


asyncio.run(main(*sys.argv[1:]))
