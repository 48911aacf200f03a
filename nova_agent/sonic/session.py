"""The plugin's RealtimeSession, with what it lacks at its edge.

Everything else stays the plugin's. Each override below names the defect of livekit-plugins-aws 1.8.9 that it
mends; ``tests/e2e/test_sonic_overrides.py`` shows the same defect on the stock plugin, so that an override can go when
upstream mends it.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, cast

import structlog
from livekit import rtc
from livekit.agents import APIConnectionError, llm
from livekit.agents.types import NOT_GIVEN, NotGivenOr
from livekit.agents.utils import is_given
from livekit.plugins.aws.experimental.realtime.realtime_model import RealtimeSession as PluginSession

from nova_agent.sonic.conductor import Conductor
from nova_agent.sonic.connector import SessionConnector
from nova_agent.sonic.edges import SilentEdges
from nova_agent.sonic.failures import FAILURES, Failure
from nova_agent.sonic.held import HeldEvents
from nova_agent.sonic.history import Turn
from nova_agent.sonic.offered import OfferedCalls
from nova_agent.sonic.resampling import CallerAudio
from nova_agent.sonic.ring import RATE_HZ
from nova_agent.sonic.stream import SonicStream
from nova_agent.sonic.turns import Emit, TurnTracker

if TYPE_CHECKING:
    from nova_agent.sonic.model import RealtimeModel, StreamWatcher

OUTPUT_RATE_HZ: Final = 24_000
OUTPUT_BYTES_A_SECOND: Final = 2 * OUTPUT_RATE_HZ
"""PCM s16le, mono: what the plugin plays."""
CLOSE_LIMIT_S: Final = 8.0
DESCRIPTION_LIMIT_S: Final = 0.5
_SILENCE_S: Final = 0.1
_SILENCE: Final = bytes(2 * round(RATE_HZ * _SILENCE_S))

_log = structlog.get_logger(__name__)


class RealtimeSession(PluginSession):
    """The plugin's session on our endpoint, with answers that are announced once and can be awaited."""

    def __init__(self, model: RealtimeModel) -> None:
        super().__init__(model)
        self._nova_model = model
        self._turn_tracker: TurnTracker = TurnTracker(  # type: ignore[assignment]  # has feed(), all that the plugin uses
            cast("Emit", self.emit), self._announce_answer, is_typed_to=self._awaits_reply
        )
        self.failure = ""
        self._is_closed = False
        connector = SessionConnector(
            regions=model.regions,
            quotas=model.quotas,
            credentials=model.credentials,
            model_id=model.model,
            opening=self._opening_events,
            system=self._system_text,
            under_way=model.under_way,
        )
        self._held = HeldEvents(self._handle)
        self._edges = SilentEdges()
        self._offered = OfferedCalls(is_wanted=self._wants_result, is_free=self._is_free, offer=self._offer_again)
        self._asking: asyncio.Task[None] | None = None
        self._silence: asyncio.Task[None] | None = None
        self._releasing: asyncio.Task[None] | None = None
        self._conductor = Conductor(
            connector,
            deliver=self._held.take,
            recovering=self._forget_half_said,
            serving=self._mark_serving,
            seeking=self._seek,
            gave_up=self._give_up,
            observer=self._observe,
            limits=model.limits,
            expires_at=lambda: model.credentials.expires_at,
            is_busy=model.is_framework_busy,
        )
        self._caller_audio = CallerAudio()
        self._speech_ended_at: float | None = None
        self._detection_ms = 0.0

    # -- streams ---------------------------------------------------------------------------------------------

    async def initialize_streams(self, is_restart: bool = False) -> None:
        """Wait for instructions, history and tools, then hold the conversation on one stream after another.

        Instead of the plugin's one stream, which goes deaf at its own recycling, dies on two error classes and hangs on
        a cut connection (1.8.9).
        """
        await self._until_described()
        self._conductor.begin_with(_turns(self._chat_ctx))
        results = asyncio.create_task(self._hand_results_over(), name="sonic-tool-results")
        try:
            await self._conductor.run()
        except Exception:  # noqa: BLE001 – a task's boundary: logged, and the caller is not left in silence
            _log.exception("sonic.session_crashed")
            self._give_up(FAILURES["unknown"])
        finally:
            results.cancel()

    async def _until_described(self) -> None:
        """The framework describes an agent in three calls, right after it has made the session."""
        loop = asyncio.get_running_loop()
        self._instructions_ready = self._instructions_ready or loop.create_future()
        self._chat_ctx_ready = self._chat_ctx_ready or loop.create_future()
        self._tools_ready = self._tools_ready or loop.create_future()
        described = (self._instructions_ready, self._chat_ctx_ready, self._tools_ready)
        await asyncio.wait(described, timeout=DESCRIPTION_LIMIT_S)

    async def _hand_results_over(self) -> None:
        """Give tool results to the conductor, each as the text of a JSON object.

        The plugin's reader of results ends for good at the first one that is JSON and no object (1.8.9).
        """
        async for returned in self._tool_results_ch:
            self._offered.begun(returned["tool_use_id"])
            await self._conductor.give_result(returned["tool_use_id"], as_object(returned["tool_result"]))

    def _opening_events(self, stream: SonicStream) -> list[str]:
        options = self._realtime_model._opts  # noqa: SLF001 – our own constructor set them
        return [
            stream.builder.create_session_start_event(
                options.max_tokens, options.top_p, options.temperature, options.turn_detection
            ),
            stream.builder.create_prompt_start_event(options.voice, OUTPUT_RATE_HZ, self._serialize_tool_config()),
        ]

    def _system_text(self) -> str:
        """The state of the call moves on while a stream lives: the next one is told how it stands now."""
        system_now = self._nova_model.system_now
        return system_now() if system_now is not None else self._instructions

    async def _handle(self, event: dict[str, Any]) -> None:
        """Let the plugin take an event; one that it cannot take is no reason to end a stream."""
        try:
            await self._handle_event(event)
        except Exception:  # noqa: BLE001 – an event's boundary: logged, and the next one may be understood
            _log.exception("sonic.event_failed")

    @property
    def _watcher(self) -> StreamWatcher | None:
        """Whoever watches the call is not concerned with a session that is held back."""
        return None if self._held.is_holding else self._nova_model.watcher

    def _seek(self, reason: str, owes: bool) -> None:
        if self._watcher is not None:
            # The first thing that is owed is the greeting.
            self._watcher.without_stream(reason, owes=owes or reason == "start")

    def _mark_serving(self) -> None:
        self._is_sess_active.set()
        self._stream_ready.set()
        if self._watcher is not None:
            self._watcher.with_stream()

    def _forget_half_said(self) -> None:
        """The stream that was speaking is gone: end what it had begun, and the transcript that it had not finished."""
        self._turn_tracker.forget()
        self._close_current_generation()

    def _give_up(self, failure: Failure) -> None:
        if self._held.is_holding:
            self._nova_model.discard()
        elif self._watcher is not None:
            self.failure = failure.reason
            self._watcher.gave_up(failure.reason)
        else:
            url = self._nova_model.endpoint.url
            self._fail(f"Nova Sonic at {url} cannot be used: {failure.reason}", failure.reason)

    def push_audio(self, frame: rtc.AudioFrame) -> None:
        """Keep the caller's audio until a stream has answered it."""
        if pcm := self._caller_audio.take(frame):
            self._conductor.push(pcm)

    async def _send_text_message(self, text: str, interactive: bool = True) -> None:
        if self._is_closed:
            raise llm.RealtimeError("the session was closed")
        await self._conductor.type(text)

    def ask(self, text: str) -> None:
        """Type a sentence instead of what got no answer, unless nobody is to hear of this session yet or any more."""
        if not self._is_closed and not self._held.is_holding:
            self._conductor.dialogue.give_up()
            self._asking = asyncio.create_task(self._conductor.type(text), name="sonic-ask")

    async def _deferred_tool_recycle(self) -> None:
        """Other tools need another stream; the results under way are delivered first (the plugin drops them, 1.8.9)."""
        self._conductor.rotate("tools")

    def _start_session_recycle_timer(self) -> None:
        """Do nothing: the conductor keeps the time."""

    async def aclose(self) -> None:
        """Close with a time limit: every step of the plugin's close can wait for ever on a cut connection (1.8.9).

        The framework closes a persona's session before it begins the next one's, and the caller hears nothing
        meanwhile: a model that is leaving lets it end in the background.
        """
        closing = self.stop()
        if self._nova_model.is_leaving:
            self._nova_model.close_later(closing)
            return
        _, late = await asyncio.wait((closing,), timeout=CLOSE_LIMIT_S)
        if late:
            self._nova_model.observer("sonic.stream_failed", reason="close-blocked")

    def stop(self) -> asyncio.Task[None]:
        """Begin to close; return the task that ends when the last stream is closed."""
        if self._pending_generation_fut is not None and not self._pending_generation_fut.done():
            self._pending_generation_fut.set_exception(llm.RealtimeError("the session was closed"))
        self._pending_generation_fut = None
        self._is_sess_active.clear()
        # What is to be typed waits for a stream, in tasks that the plugin keeps no hold of and ends never (1.8.9).
        self._is_closed = True
        self._stream_ready.set()
        self._close_current_generation()
        for task in (self._asking, self._silence, self._releasing, self._main_atask):
            if task is not None:
                task.cancel()
        self._offered.stop()
        self._tool_results_ch.close()
        return self._main_atask

    def _fail(self, message: str, reason: str) -> None:
        self.failure = reason
        self.emit(
            "error",
            llm.RealtimeModelError(
                timestamp=time.time(),
                label=self._realtime_model.label,
                error=APIConnectionError(message, retryable=False),
                recoverable=False,
            ),
        )

    # -- ahead of its persona --------------------------------------------------------------------------------

    async def prepare(
        self, *, instructions: str, chat_ctx: llm.ChatContext, tools: Sequence[llm.Tool], begin: str
    ) -> None:
        """Let the stream open and the model begin; everything that comes of it is held back."""
        self._held.hold()
        self._edges.trim_head()
        await self._update_session(instructions=instructions, chat_ctx=chat_ctx, tools=list(tools))
        self._asking = asyncio.create_task(self._conductor.type(begin), name="sonic-ask-ahead")
        self._silence = asyncio.create_task(self._keep_silent(), name="sonic-silence")

    def announce(self) -> None:
        """Leave out the silence after which an answer ends."""
        self._edges.trim_tail()

    async def update_chat_ctx(self, chat_ctx: llm.ChatContext) -> None:
        """Take the history; a prepared session has been given it already."""
        if self._held.is_holding and self._chat_ctx_ready is not None and self._chat_ctx_ready.done():
            self._sent_message_ids.update(message.id for message in chat_ctx.messages())
        await super().update_chat_ctx(chat_ctx)

    def _adopt(self) -> asyncio.Future[llm.GenerationCreatedEvent]:
        """The persona takes over: what it was to be asked has been asked, and its answer may be heard."""
        reply = asyncio.get_running_loop().create_future()
        self._pending_generation_fut = reply
        if self._silence is not None:
            self._silence.cancel()
        self._releasing = asyncio.create_task(self._release(), name="sonic-release")
        if (watcher := self._nova_model.watcher) is not None:
            watcher.without_stream("start", owes=True)
            if self._conductor.serving.is_set():
                watcher.with_stream()
        return reply

    async def _release(self) -> None:
        try:
            await self._held.release()
        except Exception:  # noqa: BLE001 – a task's boundary: logged, and the wait for the answer has a limit
            _log.exception("sonic.release_failed")

    async def _keep_silent(self) -> None:
        """Send silence in the caller's place: a stream without audio does not answer, and is ended after 55 s."""
        while True:
            self._conductor.push(_SILENCE)
            await asyncio.sleep(_SILENCE_S)

    def _observe(self, event: str, **fields: Any) -> None:
        self._nova_model.observer(event, **fields)
        if event == "sonic.stream_failed" and self._held.is_holding:
            # Nobody has heard anything of it: a new session is simpler than to go on with this one.
            self._nova_model.discard()

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
        awaited, asked_for = self._pending_generation_fut, self._awaits_reply()
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

    def _awaits_reply(self) -> bool:
        """Whether something was typed, and its answer has not begun."""
        return self._pending_generation_fut is not None and not self._pending_generation_fut.done()

    def generate_reply(
        self,
        *,
        instructions: NotGivenOr[str] = NOT_GIVEN,
        tool_choice: NotGivenOr[llm.ToolChoice] = NOT_GIVEN,
        tools: NotGivenOr[list[llm.Tool]] = NOT_GIVEN,
    ) -> asyncio.Future[llm.GenerationCreatedEvent]:
        """Ask for a reply; the future always ends.

        Without instructions the plugin returns a future that nothing resolves when no reply was asked for (1.8.9). A
        prepared session has been asked already.
        """
        if self._held.is_holding and is_given(instructions):
            return self._in_time(self._adopt())
        reply = super().generate_reply(instructions=instructions, tool_choice=tool_choice, tools=tools)
        return reply if is_given(instructions) else self._in_time(reply)

    def _in_time(self, reply: asyncio.Future[llm.GenerationCreatedEvent]) -> asyncio.Future[llm.GenerationCreatedEvent]:
        if not reply.done():
            limit = self._nova_model._generate_reply_timeout  # noqa: SLF001 – our own constructor set it
            timer = asyncio.get_running_loop().call_later(limit, _expire, reply)
            reply.add_done_callback(lambda _: timer.cancel())
        return reply

    # -- tool calls ------------------------------------------------------------------------------------------

    async def _handle_tool_output_content_event(self, event_data: dict[str, Any]) -> None:
        await super()._handle_tool_output_content_event(event_data)
        self._offered.offered(event_data)

    def tool_began(self, tool_use_id: str) -> None:
        """The framework runs this call."""
        self._offered.begun(tool_use_id)

    def _wants_result(self, tool_use_id: str) -> bool:
        return not self._is_closed and self._conductor.dialogue.awaits(tool_use_id)

    def _is_free(self) -> bool:
        """Whether nobody speaks: whoever does may be taking back what the call was about to do."""
        is_busy = self._nova_model.is_framework_busy()
        return self._nova_model.is_attended and not (
            is_busy or self._current_generation or self._conductor.ears.speaking
        )

    async def _offer_again(self, event_data: dict[str, Any]) -> None:
        """Announce an answer that is nothing but this call."""
        self._create_response_generation()
        self._announce_answer()
        await super()._handle_tool_output_content_event(event_data)

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
        if self._edges.trims:
            output = event_data["event"]["audioOutput"]
            if not (played := self._edges.take(base64.b64decode(output["content"]))):
                return
            event_data = {"event": {"audioOutput": output | {"content": base64.b64encode(played).decode()}}}
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

    async def _handle_audio_output_content_end_event(self, event_data: dict[str, Any]) -> None:
        if event_data["event"]["contentEnd"].get("stopReason") != "PARTIAL_TURN":
            self._edges.ended()
        await super()._handle_audio_output_content_end_event(event_data)

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


def as_object(result: Any) -> str:
    """A tool's result as the text of a JSON object, valid in UTF-8; anything else closes the service's tool channel.

    What JSON cannot hold (infinite numbers, cycles, objects of other kinds) goes as text, and half a surrogate pair as
    a question mark.
    """
    try:
        parsed = json.loads(result) if isinstance(result, str) else result
        text = _as_json(parsed)
    except (ValueError, TypeError, RecursionError):
        text = _as_json(str(result))
    return text.encode("utf-8", errors="replace").decode("utf-8")


def _as_json(value: Any) -> str:
    known = value if isinstance(value, dict) else {"result": value}
    return json.dumps(known, ensure_ascii=False, allow_nan=False, default=str)


def _turns(chat_ctx: llm.ChatContext) -> list[Turn]:
    """What was said before this session, for instance to another persona."""
    said: list[Turn] = []
    for message in chat_ctx.messages():
        text = (message.text_content or "").strip()
        if text and message.role in ("user", "assistant"):
            said.append(Turn("USER" if message.role == "user" else "ASSISTANT", text))
    return said


def _expire(reply: asyncio.Future[llm.GenerationCreatedEvent]) -> None:
    if not reply.done():
        reply.set_exception(llm.RealtimeError("Nova Sonic did not begin an answer in time"))
