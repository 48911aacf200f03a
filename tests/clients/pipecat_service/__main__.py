"""A caller of a pipecat bot on its Nova Sonic service."""

from __future__ import annotations

import asyncio
import os
import sys
from importlib.metadata import version
from pathlib import Path

from pipecat.adapters.schemas.function_schema import FunctionSchema
from pipecat.adapters.schemas.tools_schema import ToolsSchema
from pipecat.frames.frames import (
    EndFrame,
    FunctionCallInProgressFrame,
    InputAudioRawFrame,
    InterruptionFrame,
    LLMFullResponseEndFrame,
    LLMRunFrame,
    LLMTextFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
)
from pipecat.observers.base_observer import BaseObserver, FramePushed
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.services.llm_service import FunctionCallParams
from pipecat.workers.runner import WorkerRunner

from microphone import RATE_HZ, Microphone
from pipecat_service.pipecat_local import LocalNovaSonicLLMService
from seen import WEATHER_RESULT, WEATHER_TOOL, Seen

LIMIT_S = 40.0
NAME = f"pipecat-ai {version('pipecat-ai')}"


class Caller(BaseObserver):
    """Listens to what the service sends down the pipeline, and speaks over it once when it has something to say."""

    def __init__(self, service: LocalNovaSonicLLMService, microphone: Microphone, interruption: bytes) -> None:
        super().__init__(observe_every_push=False)
        self._service = service
        self._microphone = microphone
        self._interruption = interruption
        self._must_be_interrupted = bool(interruption)
        self.answered = asyncio.Event()
        self.seen = Seen(NAME)

    async def on_push_frame(self, data: FramePushed) -> None:
        if data.source is not self._service:
            return
        match data.frame:
            case TranscriptionFrame(text=text):
                self.seen.heard.append(text)
            case LLMTextFrame(text=text):
                self.seen.said.append(text.strip())
            case TTSAudioRawFrame(audio=audio):
                self.seen.audio_bytes += len(audio)
                self._microphone.say(self._interruption)
                self._interruption = b""
            case FunctionCallInProgressFrame(function_name=name, arguments=arguments):
                call = {"name": name, "arguments": dict(arguments)}
                if call not in self.seen.tools:  # told to both directions
                    self.seen.tools.append(call)
            case InterruptionFrame():
                self.seen.interrupted = True
            case LLMFullResponseEndFrame() if self.seen.interrupted == self._must_be_interrupted:
                self.answered.set()


async def tell_weather(params: FunctionCallParams) -> None:
    await params.result_callback(WEATHER_RESULT)


def nova_sonic() -> LocalNovaSonicLLMService:
    return LocalNovaSonicLLMService(
        access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
        secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
        region=os.environ["AWS_REGION"],
        settings=LocalNovaSonicLLMService.Settings(
            model="amazon.nova-2-sonic-v1:0", voice="tiffany", system_instruction="You are helpful."
        ),
    )


async def main(scenario: str, _endpoint: str, *audio: str) -> None:
    speech, interruption = [*(Path(path).read_bytes() for path in audio), b""][:2]  # noqa: ASYNC240 – before the call
    service, microphone = nova_sonic(), Microphone()
    service.register_function(WEATHER_TOOL, tell_weather)
    weather = FunctionSchema(WEATHER_TOOL, "The weather.", properties={}, required=[])
    tools = [weather] if scenario == "tool" else []
    aggregators = LLMContextAggregatorPair(LLMContext(tools=ToolsSchema(standard_tools=tools)))
    caller = Caller(service, microphone, interruption)
    bot = PipelineWorker(Pipeline([aggregators.user(), service, aggregators.assistant()]), observers=[caller])
    runner = WorkerRunner()
    await runner.add_workers(bot)
    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as tasks:
        tasks.create_task(runner.run())
        speaking = tasks.create_task(speak(bot, microphone))
        microphone.say(speech)
        await caller.answered.wait()
        speaking.cancel()
        await bot.queue_frame(EndFrame())
    caller.seen.print()


async def speak(bot: PipelineWorker, microphone: Microphone) -> None:
    await bot.queue_frame(LLMRunFrame())
    async for piece in microphone.pieces():
        await bot.queue_frame(InputAudioRawFrame(audio=piece, sample_rate=RATE_HZ, num_channels=1))


asyncio.run(main(*sys.argv[1:]))
