"""Whose turn it is: caller turns and tool results go in, the brain is asked, its answer is carried out or dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nova_agent.localsonic import rejections
from nova_agent.localsonic.brain.port import Brain, Conversation, KnowsWords, ToolReturned, UserSaid
from nova_agent.localsonic.ears import Ears
from nova_agent.localsonic.limits import UNHEARD_S
from nova_agent.localsonic.listening import RATE_HZ, Utterance
from nova_agent.localsonic.output import PromptOutput
from nova_agent.localsonic.rejections import StreamRejected
from nova_agent.localsonic.speaking import Speaker
from nova_agent.localsonic.timing import TurnTiming

_BRAIN_LIMIT_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class _Spoken:
    utterance: Utterance
    timing: TurnTiming


@dataclass(frozen=True, slots=True)
class _Typed:
    text: str
    timing: TurnTiming


@dataclass(frozen=True, slots=True)
class _ToolsReturned:
    timing: TurnTiming


class TurnTaker:
    """Runs the turns of one prompt, one after the other.

    The floor is the caller's from the start of speech until its words are known. An answer that was due meanwhile
    waits for the floor: noise gives it back, and new words replace the answer.
    """

    def __init__(
        self,
        *,
        ears: Ears,
        brain: Brain,
        speaker: Speaker,
        output: PromptOutput,
        conversation: Conversation,
        final_text_delay_s: float,
        lowercases_callers: bool,
        talks_during_tools: bool,
        record: Callable[[TurnTiming], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._ears = ears
        self._brain = brain
        self._speaker = speaker
        self._output = output
        self._conversation = conversation
        self._final_text_delay_s = final_text_delay_s
        self._lowercases_callers = lowercases_callers
        self._talks_during_tools = talks_during_tools
        self._record = record
        self._failed = failed
        self._queue: asyncio.Queue[_Spoken | _Typed | _ToolsReturned] = asyncio.Queue()
        self._caller_speaks = False
        self._unrecognised = 0
        self._unheard_samples = 0
        self._floor_free = asyncio.Event()
        self._floor_free.set()
        self._answer: asyncio.Task[None] | None = None
        self._answer_sent = asyncio.Event()

    def caller_started(self) -> None:
        """The caller speaks for sure: an answer that is being heard stops, one that is due waits."""
        self._caller_speaks = True
        self._update_floor()
        self._interrupt()

    def caller_finished(self, utterance: Utterance) -> None:
        """The caller has said this.

        Raises:
            StreamRejected: too much of what was said before has not been recognised yet.
        """
        self._caller_speaks = False
        self._unrecognised += 1
        self._unheard_samples += utterance.samples
        if self._unheard_samples > UNHEARD_S * RATE_HZ:
            raise StreamRejected(rejections.TOO_MUCH, "serviceUnavailableException")
        self._queue.put_nowait(_Spoken(utterance, TurnTiming(speech_end_ms=utterance.end_ms)))

    def caller_typed(self, text: str) -> None:
        # Text that arrives while an answer is heard interrupts it (measured by others on Nova 2).
        self._interrupt()
        self._queue.put_nowait(_Typed(text, TurnTiming()))

    def tool_returned(self, tool_use_id: str, content: str) -> bool:
        """Take a result; return ``False`` if no such call is open."""
        name = self._speaker.tool_returned(tool_use_id)
        if name is None:
            return False
        self._conversation.items.append(ToolReturned(tool_use_id, name, content))
        if not self._speaker.waits_for_tools and not self._speaker.call_next_tool():
            self._queue.put_nowait(_ToolsReturned(TurnTiming()))
        return True

    def stop(self) -> None:
        """Send nothing any more; :meth:`run` is to be cancelled as well."""
        if self._answer is not None:
            self._answer.cancel()

    async def run(self) -> None:
        """Take turns until cancelled."""
        try:
            while True:
                turn = await self._queue.get()
                match turn:
                    case _Spoken():
                        await self._spoken(turn)
                    case _Typed():
                        await self._said(UserSaid(turn.text, typed=True), turn.timing)
                    case _ToolsReturned():
                        await self._tools_returned(turn.timing)
        finally:
            await self._drop_answer()

    async def _spoken(self, turn: _Spoken) -> None:
        try:
            text = await self._words_of(turn.utterance)
        finally:
            self._unrecognised -= 1
            self._unheard_samples -= turn.utterance.samples
        turn.timing.transcribed()
        self._output.heard(sum(len(piece) for piece in turn.utterance.pieces) / 16)
        if text:
            self._interrupt()
            self._output.user_text(text.lower() if self._lowercases_callers else text)
            await self._said(UserSaid(text), turn.timing)
        elif self._owes_answer():
            self._start_answer(turn.timing)
        self._update_floor()

    async def _words_of(self, utterance: Utterance) -> str:
        known = self._brain.next_words() if isinstance(self._brain, KnowsWords) else None
        if known is not None:
            return known
        words = [await self._ears.transcribe(piece) for piece in utterance.pieces]
        return " ".join(part for part in words if part)

    async def _said(self, said: UserSaid, timing: TurnTiming) -> None:
        self._interrupt()
        await self._drop_answer()
        self._conversation.items.append(said)
        self._start_answer(timing)

    def _owes_answer(self) -> bool:
        """Noise may have cut an answer before its first word: then what it was to answer stands last."""
        items = self._conversation.items
        idle = self._answer is None or self._answer.done()
        return idle and bool(items) and isinstance(items[-1], UserSaid | ToolReturned)

    async def _tools_returned(self, timing: TurnTiming) -> None:
        """Go on once the speech around the tool calls has been sent; it need not have been heard."""
        if self._answer is not None:
            sent = asyncio.create_task(self._answer_sent.wait())
            try:
                await asyncio.wait((sent, self._answer), return_when=asyncio.FIRST_COMPLETED)
            finally:
                sent.cancel()
        await self._drop_answer()
        self._start_answer(timing)

    def _start_answer(self, timing: TurnTiming) -> None:
        if self._speaker.waits_for_tools and not self._talks_during_tools:
            return
        self._record(timing)
        self._answer_sent.clear()
        self._answer = asyncio.create_task(self._run_answer(timing), name="localsonic-answer")

    async def _run_answer(self, timing: TurnTiming) -> None:
        try:
            await self._give_answer(timing)
        except Exception as error:  # noqa: BLE001 - the stream ends with an exception frame, and its owner logs
            self._failed(error)

    async def _give_answer(self, timing: TurnTiming) -> None:
        await self._floor_free.wait()
        async with asyncio.timeout(_BRAIN_LIMIT_S):
            actions = await self._brain.act(self._conversation)
        timing.decided()
        await self._floor_free.wait()
        await self._speaker.perform(actions, timing)
        self._answer_sent.set()
        await self._speaker.play_out(self._final_text_delay_s)

    def _interrupt(self) -> None:
        if self._speaker.is_playing:
            if self._answer is not None:
                self._answer.cancel()
            self._speaker.interrupt()

    async def _drop_answer(self) -> None:
        answer, self._answer = self._answer, None
        if answer is not None:
            answer.cancel()
            # Not `await answer` with its cancellation suppressed: that would swallow ours as well.
            await asyncio.wait((answer,))

    def _update_floor(self) -> None:
        if self._caller_speaks or self._unrecognised:
            self._floor_free.clear()
        else:
            self._floor_free.set()
