"""What goes back to a recorder's client, noted as it goes: one answer, which is over once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

import h2.errors
import structlog

from nova_agent.localsonic.envelope import exception_frame
from nova_agent.localsonic.frames import FrameDecoder, FrameError
from nova_agent.localsonic.models import Refusal
from nova_agent.localsonic.recording.entries import HttpRefusal
from nova_agent.localsonic.recording.tape import Tape
from nova_agent.localsonic.rejections import StreamRejected
from nova_agent.localsonic.routes import Answer, refuse

_log = structlog.get_logger(__name__)

_EVENT_STREAM: Final = {"content-type": "application/vnd.amazon.eventstream"}


class ClientAnswer(Answer, Protocol):
    """The response to the client's request."""

    async def drained(self) -> None:
        """Return when the client has room for more, or is gone."""
        ...

    def reset(self, code: int) -> None:
        """Send RST_STREAM."""
        ...


class Returning:
    """The way back. Whatever comes after its end is dropped."""

    def __init__(self, answer: ClientAnswer, tape: Tape) -> None:
        self._answer = answer
        self._tape = tape
        self._decoder = FrameDecoder()
        self._unread = bytearray()
        self._is_readable = True
        self._is_open = self._is_over = False

    @property
    def is_over(self) -> bool:
        return self._is_over

    def open(self, headers: Mapping[str, str]) -> None:
        """The service took the request."""
        if not self._is_over:
            self._is_open = True
            self._tape.opened(headers)
            self._answer.start(200, headers)

    async def pass_on(self, piece: bytes) -> None:
        """A piece of the body, as it is; return when the client has room for more."""
        if not self._is_over:
            self._note(piece)
            self._answer.send(piece)
            await self._answer.drained()

    def end(self) -> None:
        """END_STREAM."""
        if not self._is_over:
            self._is_over = True
            self._note_rest()
            self._tape.ended("out")
            self._answer.end()

    def refuse(self, refusal: Refusal, headers: Mapping[str, str], body: bytes) -> None:
        """The service refused the request: pass its answer on."""
        if self._is_over:
            return
        self._note_refusal(refusal)
        self._answer.start(refusal.status, headers)
        self._answer.send(body)
        self._answer.end()

    def fail(self, refusal: Refusal) -> None:
        """There is no answer of the service: refuse in its place, or break off what has begun."""
        if self._is_over:
            return
        _log.error("localsonic.upstream_failed", reason=refusal.message, status=refusal.status)
        if self._is_open:
            self.break_off(refusal.message)
        else:
            self._note_refusal(refusal)
            refuse(self._answer, refusal)

    def reject(self, rejection: StreamRejected) -> None:
        """The client sent what cannot be forwarded: end its stream as the service would."""
        if self._is_over:
            return
        if not self._is_open:
            self.open(_EVENT_STREAM)
        frame = exception_frame(rejection.exception, rejection.message)
        for noted in FrameDecoder().feed(frame):
            self._tape.frame_out(noted)
        self._answer.send(frame)
        self._is_over = True
        self._tape.ended("out")
        self._answer.end()

    def break_off(self, reason: str) -> None:
        """RST_STREAM."""
        if not self._is_over:
            self._is_over = True
            self._note_rest()
            self._tape.broken_off("out", reason)
            self._answer.reset(h2.errors.ErrorCodes.INTERNAL_ERROR)

    def client_left(self, reason: str) -> None:
        """Nothing that is sent would arrive."""
        if not self._is_over:
            self._is_over = True
            self._tape.broken_off("in", reason)

    def _note_refusal(self, refusal: Refusal) -> None:
        self._is_over = True
        self._tape.refused(HttpRefusal(status=refusal.status, error_type=refusal.error_type, message=refusal.message))

    def _note(self, piece: bytes) -> None:
        self._unread += piece
        if not self._is_readable:
            return
        try:
            frames = self._decoder.feed(piece)
        except FrameError:
            self._is_readable = False  # how clients cope with it is their concern, so it is kept as it came
            return
        for frame in frames:
            self._tape.frame_out(frame)
        del self._unread[: len(self._unread) - self._decoder.pending_bytes]

    def _note_rest(self) -> None:
        """What has come behind the last frame."""
        if self._unread:
            self._tape.bytes_out(bytes(self._unread))
            self._unread.clear()
