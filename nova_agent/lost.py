"""What is done for a caller while no stream serves, and when none can be had any more. Policy only.

Nobody waits in silence: after a few seconds without a stream the caller is asked to wait, and asked again as long as
it takes. A model that says nothing on a second stream either is asked to speak; one that does not is gone. When the
streams are given up, the caller hears an apology, or that all lines are busy, and is then transferred or hung up on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import structlog

from nova_agent.errors import TransferFailed
from nova_agent.messages import Message, MessageName, Messages

_LOOK_S: Final = 0.1
_START_LIMIT_S: Final = 20.0

_BUSY: Final = frozenset({"too-many-streams", "quota"})
_BUSY_AT_START: Final = frozenset({"throttled"})
"""How the service says at a call's beginning that the account has no stream left; later it is a fault like others."""
_LET_WAIT: Final = frozenset({"no-answer", "send-blocked"})
"""Streams that were given up because nothing had come of them for seconds."""
_OWN_END_REASONS: Final = frozenset({"no-answer", "handoff-failed"})

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class LostPlan:
    """What follows the message, and how long everything may take, in seconds.

    ``wait_after_s``: silence without a stream after which the caller is asked to wait; ``wait_again_s``: silence after
    which they are asked again. ``after_waiting_s``: takes the place of the first where a stream was given up because
    it had let the caller wait. ``reply_s``: how long a stream that has come may take to answer, and once more when it
    is asked to. ``trouble_limit_s``: streams that come and go and never answer are given up after so long.
    ``answer_limit_s``: how long what is being said may go on before the message.
    """

    when: Literal["hang-up", "transfer"] = "hang-up"
    transfer_to: str | None = None
    wait_after_s: float = 3.0
    wait_again_s: float = 3.5
    after_waiting_s: float = 1.0
    reply_s: float = 10.0
    trouble_limit_s: float = 30.0
    answer_limit_s: float = 30.0


class Speaker(Protocol):
    """Plays messages to the caller, between what the model says.

    ``quiet_since``: when the last thing that was played ended, by ``time.monotonic``. ``is_answering``: something that
    the model said is being played. ``heard_ms``: how much has been heard of the last message.
    """

    @property
    def quiet_since(self) -> float: ...

    @property
    def is_answering(self) -> bool: ...

    @property
    def heard_ms(self) -> int: ...

    async def play(self, message: Message, *, answer_limit_s: float, last: bool = False) -> None:
        """Play a message behind what the model has said; after the ``last`` one the model is not heard any more."""
        ...

    async def until_answered(self, limit_s: float) -> None:
        """Wait until what the model has said is played, for so long at most."""
        ...


class Transfer(Protocol):
    """Hands the caller over to another number."""

    async def transfer(self, to: str) -> None:
        """Return when the caller has been transferred.

        Raises:
            TransferFailed: they have not been.
        """
        ...


def _nothing() -> None:
    """Ask nobody."""


class LostLine:
    """Watches the streams of one call. Tell it what becomes of them; it speaks to the caller, and ends the call.

    Args:
        plan: what to do, and when.
        messages: the recordings.
        record: writes an event of the call's record.
        end: ends the call, with the reason.
        ask: asks the model for a sentence, whatever it has heard.
        works: whether the model waits for us: a tool runs, or another persona takes over.
        settled: why the call is ending already, ``None`` while it is not: its work is done, and needs no apology.
        now, sleep: the clock of ``Speaker.quiet_since``, in seconds.
    """

    def __init__(
        self,
        plan: LostPlan,
        messages: Messages,
        *,
        record: Callable[..., None],
        end: Callable[[str], None],
        ask: Callable[[], None] = _nothing,
        works: Callable[[], bool] = lambda: False,
        settled: Callable[[], str | None] = lambda: None,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._plan = plan
        self._messages = messages
        self._transfer: Transfer | None = None
        self._record = record
        self._end = end
        self._ask = ask
        self._works = works
        self._settled = settled
        self._now = now
        self._sleep = sleep
        self._speaker: Speaker | None = None
        self._can_speak = asyncio.Event()
        self._company: asyncio.Task[None] | None = None
        self._parting: asyncio.Task[None] | None = None
        self._has_answered = False
        self._was_asked = False
        self._is_served = False
        self._owed = False
        self._reason = ""
        self._trouble_since = 0.0
        self._served_at = 0.0
        self._played_at = 0.0
        self._closed = False

    def speaks_through(self, speaker: Speaker) -> None:
        """Take the way to the caller's ear; before that nothing can be played."""
        self._speaker = speaker
        self._can_speak.set()

    def transfers_by(self, transfer: Transfer) -> None:
        """Take the way to another number."""
        self._transfer = transfer

    async def aclose(self) -> None:
        """The call is over: say nothing more."""
        self._closed = True
        tasks = [task for task in (self._company, self._parting) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- what becomes of the streams -------------------------------------------------------------------------

    def without_stream(self, reason: str, *, owes: bool) -> None:
        """No stream serves, and one is being looked for.

        Args:
            reason: ``start``, or why the last one failed.
            owes: the caller waits for an answer.
        """
        self._is_served = False
        self._reason = reason
        self._owed = self._owed or owes
        if self._parting is None and not self._closed and (self._company is None or self._company.done()):
            self._trouble_since = self._now()
            self._company = asyncio.create_task(self._keep_company(), name="LostLine.company")

    def with_stream(self) -> None:
        """A stream serves. An answer that was owed is still to come."""
        if not self._is_served:
            self._served_at = self._now()
        self._is_served = True

    def answer_began(self) -> None:
        """The caller hears the model."""
        self._has_answered = True
        self._was_asked = False
        self._owed = False

    def unanswered(self) -> None:
        """The model did not begin in time. Where no stream has served for long, that is being seen to."""
        is_seen_to = self._company is not None and not self._company.done()
        had_its_time = self._is_served and self._now() - self._served_at >= self._plan.reply_s / 2
        if had_its_time or not is_seen_to:
            self.gave_up("no-answer")

    def gave_up(self, cause: str) -> None:
        """No stream can be had any more: tell the caller, and end the call. The first cause counts."""
        if self._closed or self._parting is not None:
            return
        self._parting = asyncio.create_task(self._part(cause), name="LostLine.parting")

    # -- while a stream is being looked for --------------------------------------------------------------------

    async def _keep_company(self) -> None:
        """Ask the caller to wait, whenever it has been silent for too long."""
        was_asked = False
        while self._is_in_trouble():
            if self._is_silent(was_asked=was_asked):
                await self._play("wait", self._reason)
                was_asked = True
                self._played_at = self._now()
            else:
                await self._sleep(_LOOK_S)

    def _is_in_trouble(self) -> bool:
        """Whether the caller is still without a stream, or without an answer; too long of either is the end."""
        if self._parting is not None or (self._is_served and not self._owed):
            return False
        now = self._now()
        if now - self._trouble_since > self._plan.trouble_limit_s:
            self.gave_up(self._reason if self._reason != "start" else "no-answer")
            return False
        if self._works():
            self._served_at = now
        if not self._is_served or now - self._served_at < self._plan.reply_s:
            return True
        return self._is_asked_to_answer(now)

    def _is_asked_to_answer(self, now: float) -> bool:
        """Another stream heard the same and says nothing to it either: whether it gets time for a last question.

        No answer may be due, for instance to a noise; but a model that is there answers when it is asked. A call has to
        begin without that.
        """
        if self._settled() is not None:
            self._owed = False
            return False
        if not self._has_answered or self._was_asked:
            self._owed = False
            self.gave_up("no-answer")
            return False
        self._was_asked = True
        self._served_at = now
        try:
            self._ask()
        except Exception:  # noqa: BLE001 – whatever it is, it is no answer
            _log.exception("call.model_unasked")
        return True

    def _is_silent(self, *, was_asked: bool) -> bool:
        """Whether it has been silent for so long that the caller is to be asked to wait."""
        if self._speaker is None or self._speaker.is_answering:
            return False
        patience_s = self._plan.wait_again_s if was_asked else self._plan.wait_after_s
        silent_since = max(self._speaker.quiet_since, self._trouble_since, self._played_at)
        if self._is_served:
            # Whoever has just come gets time to answer.
            silent_since = max(silent_since, self._served_at)
        elif not was_asked and self._reason in _LET_WAIT:
            patience_s = self._plan.after_waiting_s
        return self._now() - silent_since >= patience_s

    # -- when there is none ----------------------------------------------------------------------------------

    async def _part(self, cause: str) -> None:
        if self._company is not None:
            # It ends with the message that it may be in the middle of.
            await asyncio.wait((self._company,))
        name = self._message_for(cause)
        reason = "busy" if name == "busy" else cause if cause in _OWN_END_REASONS else "sonic-failed"
        try:
            reason = await self._last_said(name, cause) or reason
        except Exception:  # noqa: BLE001 – a task's boundary: logged, and whatever it is, the call ends
            _log.exception("call.parting_failed", cause=cause)
        self._end(reason)

    async def _last_said(self, name: MessageName, cause: str) -> str | None:
        """Say what there is to say, and transfer the caller; return why the call ends if not for the cause."""
        if (reason := self._settled()) is not None:
            if self._speaker is not None:
                await self._speaker.until_answered(self._plan.answer_limit_s)
            return reason
        await self._play(name, cause, last=True)
        is_transferred = self._plan.when == "transfer" and await self._transferred(cause)
        return "transferred" if is_transferred else None

    def _message_for(self, cause: str) -> MessageName:
        is_busy = cause in _BUSY or (cause in _BUSY_AT_START and not self._has_answered)
        return "busy" if is_busy else "apology"

    async def _play(self, name: MessageName, cause: str, *, last: bool = False) -> None:
        """Play a message as far as it can be played, and note how much of it was heard; one that fails is logged."""
        try:
            async with asyncio.timeout(_START_LIMIT_S):
                await self._can_speak.wait()
        except TimeoutError:
            _log.error("call.message_unplayed", message=name, cause=cause)
        try:
            if self._speaker is not None:
                await self._speaker.play(self._messages[name], answer_limit_s=self._plan.answer_limit_s, last=last)
        except Exception:  # noqa: BLE001 – the line may be gone: what follows the message follows all the same
            _log.exception("call.message_failed", message=name, cause=cause)
        finally:
            heard_ms = self._speaker.heard_ms if self._speaker is not None else 0
            self._record("call.message_played", message=name, cause=cause, ms=heard_ms)

    async def _transferred(self, cause: str) -> bool:
        to, error_code = self._plan.transfer_to, None
        if to is None or self._transfer is None:
            return False
        try:
            await self._transfer.transfer(to)
        except TransferFailed as error:
            error_code = error.reason
        self._record("call.transferred", to=to, ok=error_code is None, cause=cause, error_code=error_code)
        return error_code is None
