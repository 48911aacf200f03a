"""One call to a pipecat bot on its Nova Sonic service; runs in an environment of its own, see ``make clients``.

``python -m benchmarks.faults.pipecat_call`` does the job on its standard input.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

from aws_sdk_bedrock_runtime.client import BedrockRuntimeClient
from aws_sdk_bedrock_runtime.config import Config
from loguru import logger
from pipecat.adapters.schemas.function_schema import FunctionSchema
from pipecat.adapters.schemas.tools_schema import ToolsSchema
from pipecat.frames.frames import InputAudioRawFrame, InterruptionFrame, LLMRunFrame, OutputAudioRawFrame, StartFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.aws.nova_sonic.llm import AWSNovaSonicLLMService
from pipecat.services.aws.nova_sonic.session_continuation import SessionContinuationParams
from pipecat.services.llm_service import FunctionCallParams
from pipecat.transports.base_input import BaseInputTransport
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import TransportParams
from pipecat.workers.runner import WorkerRunner
from smithy_aws_core.auth.sigv4 import SigV4AuthScheme
from smithy_aws_core.identity.environment import EnvironmentCredentialsResolver
from smithy_core.shapes import ShapeID

from benchmarks.faults.caller import Caller, CallSeen
from benchmarks.faults.clips import load_clips
from benchmarks.faults.job import INSTRUCTIONS, MODEL, VOICE, Job, do_job
from benchmarks.faults.slots import SlotPhone
from nova_agent.simulate.pcm import AGENT_RATE_HZ, CALLER_RATE_HZ

TOOL = "look_up"
PARAMS = TransportParams(
    audio_in_enabled=True,
    audio_in_sample_rate=CALLER_RATE_HZ,
    audio_out_enabled=True,
    audio_out_sample_rate=AGENT_RATE_HZ,
)


class LocalService(AWSNovaSonicLLMService):
    """The service with its address replaced."""

    def create_client(self) -> BedrockRuntimeClient:
        return BedrockRuntimeClient(
            config=Config(
                endpoint_uri=os.environ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"],
                region=os.environ["AWS_REGION"],
                aws_credentials_identity_resolver=EnvironmentCredentialsResolver(),
                auth_schemes={ShapeID("aws.auth#sigv4"): SigV4AuthScheme(service="bedrock")},
            )
        )


class PhoneInput(BaseInputTransport):
    """Brings what the caller says into the pipeline, from when that has started."""

    _has_started = False

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)
        self._has_started = True

    async def hear(self, pcm: bytes) -> None:
        if self._has_started:
            await self.push_audio_frame(InputAudioRawFrame(audio=pcm, sample_rate=CALLER_RATE_HZ, num_channels=1))


class PhoneOutput(BaseOutputTransport):
    """Plays to the caller what the pipeline says, in real time."""

    def __init__(self, phone: SlotPhone) -> None:
        super().__init__(PARAMS)
        self._phone = phone

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def process_frame(self, frame: Any, direction: FrameDirection) -> None:
        if isinstance(frame, InterruptionFrame):
            self._phone.stop_playing()
        await super().process_frame(frame, direction)

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        await self._phone.play(frame.audio)
        return True


def service(job: Job) -> LocalService:
    """As it comes but for the address; a given age replaces the 360 s after which it looks for a moment to move on.

    Its time limit for that moment, 80 s, is shortened in proportion.
    """
    continuation = SessionContinuationParams()
    if job.age_s is not None:
        wait_s = continuation.audio_start_timeout_seconds * job.age_s / continuation.transition_threshold_seconds
        continuation = SessionContinuationParams(
            transition_threshold_seconds=job.age_s, audio_start_timeout_seconds=wait_s
        )
    return LocalService(
        access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
        secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
        region=os.environ["AWS_REGION"],
        settings=LocalService.Settings(model=MODEL, voice=VOICE, system_instruction=INSTRUCTIONS),
        session_continuation=continuation,
    )


async def call(job: Job, tell: Callable[[CallSeen], None]) -> None:
    """Hold the call, tell what was seen, take the bot down."""
    logger.remove()
    logger.add(sys.stderr, level="DEBUG")
    runs: Counter[int] = Counter()

    async def look_up(params: FunctionCallParams) -> None:
        number = int(params.arguments["number"])
        runs[number] += 1
        await params.result_callback({"number": number})

    sonic = service(job)
    sonic.register_function(TOOL, look_up)
    number = {"number": {"type": "integer", "description": "The number of the question."}}
    tool = FunctionSchema(TOOL, "Look the answer up.", properties=number, required=["number"])
    aggregators = LLMContextAggregatorPair(LLMContext(tools=ToolsSchema(standard_tools=[tool])))
    ear = PhoneInput(PARAMS)
    phone = SlotPhone(ear.hear)
    bot = PipelineWorker(
        Pipeline([ear, aggregators.user(), sonic, PhoneOutput(phone), aggregators.assistant()]),
        cancel_on_idle_timeout=False,
    )
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(bot)
    running = asyncio.create_task(runner.run())
    running.add_done_callback(lambda _: phone.end("the pipeline has ended"))
    await bot.queue_frame(LLMRunFrame())
    carrying = asyncio.create_task(phone.run())
    carrying.add_done_callback(phone.on_carried)
    seen = await Caller(phone, load_clips(job.clips_path), job.patience).run(job.turns)
    seen.tool_runs = dict(runs)
    tell(seen)
    carrying.cancel()
    await runner.cancel("the caller has hung up")
    await running


if __name__ == "__main__":
    do_job(call)
