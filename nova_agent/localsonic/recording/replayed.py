"""One replayed stream: reads the client's events, and sends what the policy finds due."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

import h2.errors
import structlog

from nova_agent.localsonic import rejections
from nova_agent.localsonic.envelope import ClientMessages, exception_frame
from nova_agent.localsonic.outputs import new_id
from nova_agent.localsonic.recording.codec import frame_of, read_event
from nova_agent.localsonic.recording.entries import AnyEntry, EndEntry, OpenedEntry, RefusedEntry, ResetEntry
from nova_agent.localsonic.recording.plan import ReplayPlan
from nova_agent.localsonic.recording.policy import Deviated, Pace, ReplayPolicy
from nova_agent.localsonic.recording.returning import ClientAnswer
from nova_agent.localsonic.rejections import StreamRejected

_log = structlog.get_logger(__name__)

_HEADERS: Final = {"content-type": "application/vnd.amazon.eventstream"}
_IDLE_LIMIT_S: Final = 55.0
_SAY_SO_AFTER_S: Final = 10.0


class ReplayedStream:
    """Plays a recording to one client. :meth:`run` does all the sending of what was recorded.

    ``lenient``: an event of another kind than recorded is logged, and counts as the recorded one; otherwise it ends
    the stream with a validationException that says what was expected. ``source`` names the recording.
    ``idle_limit_s``: how long a client may send nothing, or read nothing.
    """

    def __init__(
        self,
        source: str,
        plan: ReplayPlan,
        answer: ClientAnswer,
        *,
        pace: Pace,
        lenient: bool,
        idle_limit_s: float = _IDLE_LIMIT_S,
    ) -> None:
        self._source = source
        self._answer = answer
        self._lenient = lenient
        self._idle_limit_s = idle_limit_s
        self._session_id = new_id()
        self._log = _log.bind(stream=self._session_id, path=source)
        self._policy = ReplayPolicy(plan, session_id=self._session_id, pace=pace)
        self._messages = ClientMessages()
        self._now = asyncio.get_running_loop().time
        self._heard_at_s = self._moved_at_s = self._now()
        self._progress = self._policy.progress
        self._is_started = self._input_ended = False
        self._outcome = ""
        self._news = asyncio.Event()

    def receive(self, data: bytes) -> None:
        """Take a piece of the request's body."""
        if self._outcome:
            return
        self._heard_at_s = self._now()
        try:
            for payload in self._messages.feed(data):
                self._start()
                self._receive_event(payload)
        except StreamRejected as rejection:
            self._reject(rejection)
        self._news.set()

    def receive_end(self) -> None:
        """The client has sent everything."""
        if not self._outcome:
            self._input_ended = True
            self._judge(self._policy.receive_end)
            self._news.set()

    def lost(self, *, reset: bool = False) -> None:
        """The client is gone, or has reset the stream."""
        self._outcome = self._outcome or ("reset by the client" if reset else "the client is gone")
        self._news.set()

    async def run(self) -> None:
        """Send what is due, until the recording or the client has come to an end."""
        self._log.info("localsonic.replay_started")
        try:
            while not self._outcome:
                self._news.clear()
                for entry in self._policy.due(self._now() * 1000):
                    self._send(entry)
                await self._drain()
                if self._policy.is_over and self._input_ended:
                    self._finish("complete")
                elif not self._outcome:
                    await self._wait()
        finally:
            self._finish("stopped")
            inputs, outputs = self._policy.progress
            self._log.info("localsonic.replay_finished", outcome=self._outcome, inputs=inputs, outputs=outputs)

    def _receive_event(self, payload: bytes) -> None:
        event = read_event(payload)
        if event is None:
            self._judge(self._policy.receive_unreadable)
        else:
            ((name, body),) = event.items()
            self._judge(partial(self._policy.receive, name, body))

    def _judge(self, take: Callable[[], None]) -> None:
        if self._outcome:
            return
        try:
            take()
        except Deviated as deviation:
            self._log.warning("localsonic.replay_deviated", reason=str(deviation))
            if not self._lenient:
                self._reject(StreamRejected(f"This replays {self._source}: {deviation}"))

    def _start(self) -> None:
        """Answer 200 with the first complete event, whenever that was recorded: clients wait for it."""
        if not self._is_started:
            self._is_started = True
            self._answer.start(200, {**_HEADERS, "x-amzn-requestid": self._session_id})

    def _send(self, entry: AnyEntry) -> None:
        self._start()
        match entry:
            case EndEntry():
                self._finish("complete")
            case ResetEntry():
                self._reset("complete")
            case OpenedEntry() | RefusedEntry():
                pass
            case _:
                self._answer.send(frame_of(entry))

    def _reject(self, rejection: StreamRejected) -> None:
        if not self._outcome:
            self._start()
            self._answer.send(exception_frame(rejection.exception, rejection.message))
            self._finish("rejected")

    def _finish(self, outcome: str) -> None:
        if not self._outcome:
            self._start()
            self._outcome = outcome
            self._answer.end()

    def _reset(self, outcome: str) -> None:
        if not self._outcome:
            self._outcome = outcome
            self._answer.reset(h2.errors.ErrorCodes.INTERNAL_ERROR)

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(self._idle_limit_s):
                await self._answer.drained()
        except TimeoutError:
            self._reset("the client reads nothing")

    async def _wait(self) -> None:
        """Wait for the client, or for the next answer to be due. As on the service, one that sends nothing is idle."""
        due_at_ms = self._policy.due_at_ms()
        idle_at_s = self._heard_at_s + self._idle_limit_s
        until_s = min(idle_at_s, self._now() + _SAY_SO_AFTER_S if due_at_ms is None else due_at_ms / 1000)
        try:
            async with asyncio.timeout_at(until_s):
                await self._news.wait()
        except TimeoutError:
            if self._now() >= idle_at_s:
                self._reject(StreamRejected(rejections.IDLE))
        self._say_what_is_awaited()

    def _say_what_is_awaited(self) -> None:
        """Once, when a replay has stood still: the client may be waiting too."""
        if self._progress != self._policy.progress:
            self._progress, self._moved_at_s = self._policy.progress, self._now()
        elif self._now() - self._moved_at_s > _SAY_SO_AFTER_S and (awaited := self._policy.awaited()):
            self._log.info("localsonic.replay_waited", reason=awaited)
            self._moved_at_s = float("inf")
