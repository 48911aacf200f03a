"""One bidirectional stream from its first event to END_STREAM: answers, limits, errors, and its tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from math import inf
from typing import Final, Protocol

import structlog

from nova_agent.errors import NovaError
from nova_agent.localsonic import rejections
from nova_agent.localsonic.envelope import ClientMessages, exception_frame
from nova_agent.localsonic.facts import AudioArrived, Fact, TextTyped
from nova_agent.localsonic.inputs import (
    Inference,
    PromptEnded,
    PromptStarted,
    Sensitivity,
    SessionEnded,
    SessionStarted,
)
from nova_agent.localsonic.models import Model
from nova_agent.localsonic.output import Outlet
from nova_agent.localsonic.outputs import new_id
from nova_agent.localsonic.prompt import Parts, Prompt, StreamContext
from nova_agent.localsonic.protocol import SessionProtocol
from nova_agent.localsonic.reading import EventReader
from nova_agent.localsonic.rejections import StreamRejected, worded
from nova_agent.localsonic.verdicts import Verdicts

_log = structlog.get_logger(__name__)

# After sessionEnd the client half-closes, and gets END_STREAM then, or after this time.
_LINGER_S: Final = 2.0
_HEADERS: Final = {"content-type": "application/vnd.amazon.eventstream"}


class Response(Outlet, Protocol):
    """The response to the stream's HTTP request."""

    def start(self, status: int, headers: dict[str, str]) -> None:
        """Send status and headers."""
        ...

    def end(self) -> None:
        """Send END_STREAM."""
        ...


class SonicStream:
    """Serves one InvokeModelWithBidirectionalStream request. :meth:`run` owns all of its tasks."""

    def __init__(
        self,
        model: Model,
        response: Response,
        parts: Parts,
        headers: Mapping[str, str] | None = None,
        *,
        heard: Callable[[bytes], None] = lambda _: None,
    ) -> None:
        """``heard`` is told of every input event, as JSON text, before it is acted on."""
        self._model = model
        self._response = response
        self._parts = parts
        self._heard = heard
        self._session_id = new_id()
        self._log = _log.bind(stream=self._session_id, model=model.model_id)
        self._switches = parts.config.switches
        self._verdicts = Verdicts(parts.config.profile, stream=self._session_id)
        self._record = parts.ledger.open(self._session_id, model.model_id, headers or {}, self._verdicts.forgiven)
        self._messages = ClientMessages(self._verdicts)
        self._reader = EventReader(self._verdicts, self._switches, model)
        self._protocol = SessionProtocol(self._verdicts, self._switches)
        self._brain = parts.make_brain()
        self._sensitivity: Sensitivity = "MEDIUM"
        self._max_tokens = Inference().max_tokens
        self._prompt: Prompt | None = None
        self._prompt_task: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._unfinished_bytes = 0
        self._started = False
        self._ending = False
        self._over = asyncio.Event()
        self._opened_at = parts.clock.now()
        self._last_input_at: float | None = None
        self._refusal: StreamRejected | None = None

    @property
    def session_id(self) -> str:
        return self._session_id

    def refuse(self, rejection: StreamRejected) -> None:
        """Let the first event end the stream."""
        self._refusal = rejection

    def receive(self, data: bytes) -> None:
        """Take a piece of the request's body. Whatever is wrong with it ends this stream alone."""
        if self._over.is_set():
            return
        try:
            for raw in self._messages.feed(data):
                if self._switches.response_headers != "prompt-start":
                    self._start()
                self._heard(raw)
                self._receive_event(raw)
        except StreamRejected as rejection:
            self._reject(rejection)
        except Exception as error:  # noqa: BLE001 - request boundary: one stream's defect must not end the others
            self.fail(error)
        self._note_unfinished()

    def _note_unfinished(self) -> None:
        pending_bytes = 0 if self._over.is_set() else self._messages.pending_bytes
        if pending_bytes != self._unfinished_bytes:
            self._unfinished_bytes = pending_bytes
            self._parts.backlog.note(self, pending_bytes)

    def give_up(self) -> None:
        """The endpoint has no room for so large a message."""
        self._unfinished_bytes = 0
        self._messages = ClientMessages()
        self._reject(StreamRejected(rejections.TOO_MUCH, "serviceUnavailableException"))

    def receive_end(self) -> None:
        """The client has sent everything."""
        if self._messages.pending_bytes:
            self._reject(StreamRejected(rejections.UNPARSEABLE))
        elif not self._over.is_set():
            self._record.ended("half-close")
            self._finish()

    def lost(self, *, reset: bool = False) -> None:
        """The client is gone, or has reset the stream."""
        self._record.ended("reset" if reset else "connection-lost")
        if not self._over.is_set():
            self._log.info("localsonic.stream_lost")
            self._over.set()

    def end_with(self, last: bytes) -> None:
        """End here: these bytes, whatever they are, and END_STREAM."""
        if not self._over.is_set():
            self._record.ended("fault")
            self._start()
            self._response.send(last)
            self._finish()

    def fail(self, error: BaseException) -> None:
        """Something of ours broke: say so to the client, and keep the details in the log.

        An error that was raised on purpose (a script that does not fit) says itself all there is to know.
        """
        if isinstance(error, NovaError):
            self._log.error("localsonic.stream_failed", error_code=error.code, reason=str(error))
        else:
            self._log.error("localsonic.stream_failed", exc_info=error)
        self._reject(StreamRejected(rejections.INTERNAL, "internalServerException"))

    async def run(self) -> None:
        """Keep the stream's limits until it is over, then end its tasks."""
        if self._switches.response_headers == "at-once":
            self._start()
        self._spawn(self._keep_limits)
        self._log.info("localsonic.stream_opened")
        try:
            await self._over.wait()
        finally:
            self._record.ended("stopped")
            self._finish()
            self._note_unfinished()
            tasks = list(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._log.info("localsonic.stream_closed")

    def _start(self) -> None:
        """Answer 200 with the first complete event: clients wait for it before they send audio."""
        if not self._started:
            self._started = True
            self._response.start(200, {**_HEADERS, "x-amzn-requestid": self._session_id})

    def _receive_event(self, raw: bytes) -> None:
        if self._over.is_set() or self._ending:
            self._record.ignored()
            return
        if self._refusal is not None:
            raise self._refusal
        event = self._record.read(raw, self._reader.read)
        for fact in () if event is None else self._protocol.receive(event):
            self._handle(fact)

    def _handle(self, fact: Fact) -> None:
        self._record.meant(fact)
        match fact:
            case SessionStarted():
                self._last_input_at = self._parts.clock.now()
                self._sensitivity = fact.sensitivity
                self._max_tokens = fact.inference_configuration.max_tokens
            case PromptStarted():
                self._open_prompt(fact)
            case PromptEnded():
                self._close_prompt()
            case SessionEnded():
                self._end_session()
            case _:
                if isinstance(fact, TextTyped) or (isinstance(fact, AudioArrived) and fact.pcm):
                    self._last_input_at = self._parts.clock.now()
                if self._prompt is not None:
                    self._prompt.handle(fact)

    def _end_session(self) -> None:
        self._ending = True
        match self._switches.end_of_stream:
            case "session-end":
                self._finish()
            case "half-close":
                self._spawn(self._linger)
            case "client-only":
                pass

    def _open_prompt(self, started: PromptStarted) -> None:
        self._start()
        context = StreamContext(
            parts=self._parts,
            model=self._model,
            session_id=self._session_id,
            sensitivity=self._sensitivity,
            max_tokens=self._max_tokens,
            brain=self._brain,
            verdicts=self._verdicts,
            outlet=self._response,
            failed=self.fail,
            sent=self._record.sent,
        )
        self._prompt = Prompt(started, context)
        self._prompt_task = self._spawn(self._prompt.run)

    def _close_prompt(self) -> None:
        if self._prompt is not None and self._prompt_task is not None:
            self._prompt_task.cancel()
            self._prompt.end()
        self._prompt = None

    def _reject(self, rejection: StreamRejected) -> None:
        if self._over.is_set():
            return
        self._log.info("localsonic.stream_rejected", error_code=rejection.exception, reason=rejection.message)
        self._start()
        message = worded(rejection.message, self._switches.error_prefix, request_id=self._session_id)
        self._response.send(exception_frame(rejection.exception, message))
        self._record.ended("exception", rejection.exception, message)
        self._finish()

    def _finish(self) -> None:
        self._record.ended("end-stream")
        self._start()
        self._response.end()
        self._over.set()

    async def _linger(self) -> None:
        await self._parts.clock.sleep(_LINGER_S)
        self._finish()

    async def _keep_limits(self) -> None:
        try:
            await self._keep_time()
        except StreamRejected as rejection:
            self._reject(rejection)

    async def _keep_time(self) -> None:
        """Wait for a limit to be reached, and on while it is forgiven."""
        config, clock = self._parts.config, self._parts.clock
        life_ends_at, quiet_since = self._opened_at + config.life_limit_s, self._opened_at
        while True:
            quiet_since = max(quiet_since, self._last_input_at or 0.0)
            ends_at = min(life_ends_at, quiet_since + config.idle_limit_s)
            if clock.now() < ends_at:
                await clock.sleep(ends_at - clock.now())
            elif clock.now() >= life_ends_at:
                self._verdicts.refuse(
                    StreamRejected(rejections.LIFE_OVER, "modelTimeoutException"), instead="a stream lived on"
                )
                life_ends_at = inf
            else:
                self._verdicts.refuse(StreamRejected(self._quiet_text()), instead="a quiet stream was kept")
                quiet_since = clock.now()

    def _quiet_text(self) -> str:
        if self._last_input_at is None:
            return rejections.NO_INPUT
        return rejections.IDLE_CODE + rejections.IDLE if self._switches.idle_code else rejections.IDLE

    def _spawn(self, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        task = asyncio.create_task(self._guard(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _guard(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - task boundary: the client must hear of it
            self.fail(error)
