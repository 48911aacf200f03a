"""The plugin's RealtimeModel, with what it lacks at its edge.

Everything else stays the plugin's. Each override below names the defect of livekit-plugins-aws 1.8.9 that it
mends; ``tests/e2e/test_sonic_overrides.py`` shows the same defect on the stock plugin, so that an override can go when
upstream mends it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final, cast

from livekit.agents import APIConnectionError, llm
from livekit.agents.types import NOT_GIVEN, NotGivenOr
from livekit.agents.utils import is_given
from livekit.plugins.aws.experimental import realtime as aws
from livekit.plugins.aws.experimental.realtime.realtime_model import RealtimeSession as PluginSession

from nova_agent.sonic.credentials import REFRESH_BEFORE_EXPIRY_S, SonicCredentials
from nova_agent.sonic.endpoint import SonicEndpoint, bedrock_client
from nova_agent.sonic.spoken import SpokenAnswers
from nova_agent.sonic.turns import Emit, TurnTracker

Observer = Callable[..., None]
"""Told what happens to a stream: ``observer(event_name, **fields)``."""

OUTPUT_BYTES_A_SECOND: Final = 2 * 24_000
"""PCM s16le, mono, 24 kHz: what the plugin asks for."""
SEND_LIMIT_S: Final = 10.0
CLOSE_LIMIT_S: Final = 5.0
STREAM_AGE_LIMIT_S: Final = 360.0
"""The service ends a stream after eight minutes (AWS Nova user guide, speech-errors)."""


def _ignore(_event: str, **_fields: Any) -> None:
    """Observe nothing."""


class RealtimeModel(aws.RealtimeModel):
    """Nova Sonic for one persona: the voice lives on the model.

    Args:
        model: Bedrock model id.
        voice: Nova Sonic voice id, lower case.
        endpoint: where the model is reached.
        credentials: shared by all models of the process.
        observer: told about streams, tokens and time to first audio.
        turn_detection: how soon a pause ends the caller's turn.
        temperature, top_p, max_tokens: set explicitly, because the plugin forces 1.0 for the first two beside tools.
        reply_timeout_s: how long ``generate_reply`` waits for an answer to begin.
    """

    def __init__(
        self,
        *,
        model: str,
        voice: str,
        endpoint: SonicEndpoint,
        credentials: SonicCredentials,
        observer: Observer = _ignore,
        turn_detection: Any = "MEDIUM",
        temperature: float = 0.7,
        top_p: float = 0.9,
        max_tokens: int = 1024,
        reply_timeout_s: float = 10.0,
    ) -> None:
        super().__init__(
            model=model,
            voice=voice,
            region=endpoint.region,
            turn_detection=turn_detection,
            temperature=temperature,
            top_p=top_p,
            max_tokens=max_tokens,
            tool_choice="auto",
            generate_reply_timeout=reply_timeout_s,
        )
        self.endpoint = endpoint
        self.credentials = credentials
        self.observer = observer
        self.spoken = SpokenAnswers()

    def session(self, *, turn_detection_disabled: bool = False) -> RealtimeSession:
        """Return a new session; the service's own turn detection cannot be turned off."""
        session = RealtimeSession(self)
        self._sessions.add(session)
        return session


class RealtimeSession(PluginSession):
    """The plugin's session on our endpoint, with answers that are announced once and can be awaited."""

    def __init__(self, model: RealtimeModel) -> None:
        super().__init__(model)
        self._nova_model = model
        self._turn_tracker = TurnTracker(cast("Emit", self.emit), self._announce_answer)  # type: ignore[assignment]  # has feed(), all that is used
        self._speech_ended_at: float | None = None
        self._detection_ms = 0.0

    # -- reaching the service --------------------------------------------------------------------------------

    async def _initialize_client(self) -> None:
        """Use our endpoint: the plugin's address, region default and trust store are fixed."""
        self._bedrock_client = await bedrock_client(self._nova_model.endpoint, self._nova_model.credentials)

    def _calculate_session_duration(self) -> float:
        """Use the credentials already resolved: the plugin asks boto3 again, on the event loop."""
        expires_at = self._nova_model.credentials.expires_at
        if expires_at is None:
            return STREAM_AGE_LIMIT_S
        return max(10.0, min(STREAM_AGE_LIMIT_S, expires_at - time.time() - REFRESH_BEFORE_EXPIRY_S))

    async def initialize_streams(self, is_restart: bool = False) -> None:
        """Open a stream, and say so or why not: the plugin only logs a failure, and the caller hears nothing."""
        started = time.perf_counter()
        try:
            await super().initialize_streams(is_restart=is_restart)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            self._nova_model.observer("sonic.stream_failed", reason=type(error).__name__)
            self._fail(f"no stream to {self._nova_model.endpoint.url}: {error}")
            raise
        self._nova_model.observer(
            "sonic.stream_opened",
            model=self._nova_model.model,
            region=self._nova_model.endpoint.region,
            ms=round((time.perf_counter() - started) * 1000),
        )

    async def _process_responses(self) -> None:
        """Say when the stream is refused: the SDK reports it only here, and the plugin then stays silent for ever."""
        try:
            await super()._process_responses()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            if self._stream_ready.is_set():
                raise
            # Nobody awaits this task: what went wrong is told by the event.
            self._nova_model.observer("sonic.stream_failed", reason=type(error).__name__)
            self._fail(f"{self._nova_model.endpoint.url} opened no stream: {error}")

    async def _send_raw_event(self, event_json: str) -> None:
        """Send with a time limit: on a cut connection the plugin waits for ever after 16 frames."""
        try:
            async with asyncio.timeout(SEND_LIMIT_S):
                await super()._send_raw_event(event_json)
        except TimeoutError:
            self._nova_model.observer("sonic.stream_failed", reason="send-blocked")
            self._fail(f"nothing could be sent to {self._nova_model.endpoint.url} for {SEND_LIMIT_S:.0f} s")
            raise

    async def aclose(self) -> None:
        """Close with a time limit: every step of the plugin's close can wait for ever on a cut connection."""
        try:
            async with asyncio.timeout(CLOSE_LIMIT_S):
                await super().aclose()
        except TimeoutError:
            self._nova_model.observer("sonic.stream_failed", reason="close-blocked")
        finally:
            await self._end_tasks()

    async def _end_tasks(self) -> None:
        """Cancel what the plugin's close leaves behind when the stream was already inactive."""
        owned = (self._main_atask, self._session_recycle_task, self._audio_input_task, self._response_task)
        tasks: list[asyncio.Task[Any]] = [task for task in owned if task is not None and not task.done()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSE_LIMIT_S)

    def _fail(self, message: str) -> None:
        self.emit(
            "error",
            llm.RealtimeModelError(
                timestamp=time.time(),
                label=self._realtime_model.label,
                error=APIConnectionError(message, retryable=False),
                recoverable=False,
            ),
        )

    # -- answers ---------------------------------------------------------------------------------------------

    async def _handle_completion_start_event(self, event_data: dict[str, Any]) -> None:
        """Open no answer here: completionStart comes once a prompt, before anything is answered."""

    def emit_generation_event(self) -> None:
        """Do nothing: the plugin announces each answer up to three times, and before the caller's transcript."""

    def _announce_answer(self) -> None:
        """Announce the current answer, once, as ours if ``generate_reply`` asked for it.

        The plugin always says ``user_initiated=False``: the framework then plays the answer in a speech of its own,
        and the one that ``generate_reply`` returned ends at once without items.
        """
        answer = self._current_generation
        if answer is None or answer._emitted:  # noqa: SLF001 – the plugin's own book-keeping
            return
        answer._emitted = True  # noqa: SLF001
        awaited = self._pending_generation_fut
        asked_for = awaited is not None and not awaited.done()
        event = llm.GenerationCreatedEvent(
            message_stream=answer.message_ch,
            function_stream=answer.function_ch,
            user_initiated=asked_for,
            response_id=answer.response_id,
        )
        self.emit("generation_created", event)
        if asked_for and awaited is not None:
            self._pending_generation_fut = None
            awaited.set_result(event)

    def generate_reply(
        self,
        *,
        instructions: NotGivenOr[str] = NOT_GIVEN,
        tool_choice: NotGivenOr[llm.ToolChoice] = NOT_GIVEN,
        tools: NotGivenOr[list[llm.Tool]] = NOT_GIVEN,
    ) -> asyncio.Future[llm.GenerationCreatedEvent]:
        """Ask for a reply; the future always ends.

        Without instructions the plugin returns a future that nothing resolves when no reply was asked for.
        """
        reply = super().generate_reply(instructions=instructions, tool_choice=tool_choice, tools=tools)
        if not is_given(instructions) and not reply.done():
            limit = self._nova_model._generate_reply_timeout  # noqa: SLF001 – our own constructor set it
            timer = asyncio.get_running_loop().call_later(limit, _expire, reply)
            reply.add_done_callback(lambda _: timer.cancel())
        return reply

    # -- measuring -------------------------------------------------------------------------------------------

    async def _handle_other_event(self, event_data: dict[str, Any]) -> None:
        await super()._handle_other_event(event_data)
        if ended := event_data["event"].get("userSpeechEnd"):
            self._speech_ended_at = time.monotonic()
            detected_ms = ended.get("inputAudioDetectionOffsetMs", 0)
            self._detection_ms = max(0.0, detected_ms - ended.get("inputAudioOffsetMs", detected_ms))

    async def _handle_text_output_content_event(self, event_data: dict[str, Any]) -> None:
        output, answer = event_data["event"]["textOutput"], self._current_generation
        if answer is not None and answer.content_id_map.get(output["contentId"]) == "ASSISTANT_TEXT":
            self._nova_model.spoken.add_text(answer.response_id, output["content"])
        await super()._handle_text_output_content_event(event_data)

    async def _handle_audio_output_content_event(self, event_data: dict[str, Any]) -> None:
        if (answer := self._current_generation) is not None:
            base64_chars = len(event_data["event"]["audioOutput"]["content"])
            self._nova_model.spoken.add_audio(answer.response_id, base64_chars * 3 / 4 / OUTPUT_BYTES_A_SECOND)
        if self._speech_ended_at is not None:
            waited_ms = (time.monotonic() - self._speech_ended_at) * 1000
            self._speech_ended_at = None
            self._nova_model.observer(
                "metric.first_audio", ms=round(self._detection_ms + waited_ms), detection_ms=round(self._detection_ms)
            )
        await super()._handle_audio_output_content_event(event_data)

    async def _handle_usage_event(self, event_data: dict[str, Any]) -> None:
        await super()._handle_usage_event(event_data)
        delta = event_data["event"]["usageEvent"]["details"]["delta"]
        self._nova_model.observer(
            "metric.tokens",
            input_speech=delta["input"]["speechTokens"],
            input_text=delta["input"]["textTokens"],
            output_speech=delta["output"]["speechTokens"],
            output_text=delta["output"]["textTokens"],
        )

    def _log_significant_audio(self, audio_bytes: bytes) -> None:
        """Skip it: the plugin sums every byte of every chunk in Python, for a debug message."""


def _expire(reply: asyncio.Future[llm.GenerationCreatedEvent]) -> None:
    if not reply.done():
        reply.set_exception(llm.RealtimeError("Nova Sonic did not begin an answer in time"))
