"""One stream over fakes: takes a case, and says what came of it."""

from __future__ import annotations

import asyncio
import base64
import heapq
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

from nova_agent.localsonic.brain import RulesBrain
from nova_agent.localsonic.brain.port import Action, Brain, CallTool, Conversation, Say
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.frames import FrameDecoder
from nova_agent.localsonic.ledger.ledger import Ledger
from nova_agent.localsonic.listening import Samples
from nova_agent.localsonic.models import Model, find_model
from nova_agent.localsonic.prompt import Parts
from nova_agent.localsonic.stream import SonicStream
from tests.fakes.fuzzing.cases import Case
from tests.fakes.fuzzing.framing import message
from tests.fakes.fuzzing.oracle import Judge, expect
from tests.fakes.fuzzing.sessions import CALL_ID
from tests.unit.localsonic.conftest import FakeEars, FakeMouth

LIMIT_S: Final = 5.0
"""A case takes milliseconds; one that takes this long hangs."""

_FEW_PIECES: Final = 100
_TURNS: Final = 6


@dataclass(frozen=True, slots=True)
class Outcome:
    """``end``: how the stream ended, in few words. ``forgiven``: the violations that a lenient one passed over.
    ``events``: how many it sent."""

    end: str
    forgiven: int
    events: int
    sent_bytes: int


async def run(case: Case) -> Outcome:
    """Let a stream of its own take the case.

    Raises:
        Violated: the answer is against the protocol.
        TimeoutError: it takes too long.
    """
    subject = _Subject(case)
    try:
        async with asyncio.timeout(LIMIT_S):
            await subject.take()
    finally:
        await subject.close()
    return subject.outcome()


class _Subject:
    def __init__(self, case: Case) -> None:
        self._case = case
        self._clock, self._response, self._ledger = _Clock(), _Response(), Ledger()
        parts = Parts(
            config=LocalSonicConfig(profile=case.profile, switches=case.switches),
            clock=self._clock,
            ears=_Ears(),
            mouth=FakeMouth(),
            make_brain=_BRAINS[case.brain],
            record=lambda _: None,
            ledger=self._ledger,
        )
        model = find_model(case.model_id, serves_version_1=True)
        assert isinstance(model, Model)
        self._stream = SonicStream(model, self._response, parts)
        self._task = asyncio.create_task(self._stream.run(), name="localsonic-stream")

    async def take(self) -> None:
        """Feed everything; time passes in between, so that answers come."""
        waits = len(self._case.pieces) < _FEW_PIECES
        for piece in self._case.pieces:
            self._stream.receive(piece if self._case.is_framed else message(self._with_call_id(piece)))
            if waits:
                await self._clock.advance(0.2)
            if self._response.ended:
                break
        await self._end()
        self._stream.receive(b"what comes when all is over does not matter")

    async def _end(self) -> None:
        match self._case.ends:
            case "half-close":
                self._stream.receive_end()
                expect(self._response.ended, "the stream outlives the half-close")
            case "reset":
                self._stream.lost(reset=True)
            case "silence":
                await self._clock.advance(3.0)
                self._stream.lost()
        await asyncio.wait_for(asyncio.shield(self._task), 1)

    def _with_call_id(self, event: bytes) -> bytes:
        if CALL_ID.encode() not in event:
            return event
        return event.replace(CALL_ID.encode(), self._response.last_call_id().encode())

    def outcome(self) -> Outcome:
        """Judge what was sent.

        Raises:
            Violated: it is against the protocol.
        """
        judge = Judge(is_lenient=self._case.profile == "lenient")
        judge.answer(bytes(self._response.body))
        expect(judge.exception is None or self._response.ended, "the stream outlives an exception")
        end = "END_STREAM" if judge.exception is None else judge.exception[1]
        (stream,) = self._ledger.streams
        return Outcome(end, sum(stream.forgiven.values()), judge.events, len(self._response.body))

    async def close(self) -> None:
        """Leave no task behind, whatever went wrong."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


class _Response:
    """Keeps what is sent, and notices what is sent too early or too late."""

    def __init__(self) -> None:
        self.body = bytearray()
        self.ended = False
        self._status = 0

    def start(self, status: int, headers: Mapping[str, str]) -> None:
        expect(not self._status, "the headers are sent twice")
        expect(status == 200 and headers["x-amzn-requestid"], f"the status is {status}")
        self._status = status

    def send(self, data: bytes) -> None:
        expect(self._status, "a frame comes before the headers")
        expect(not self.ended, "a frame follows END_STREAM")
        self.body += data

    def end(self) -> None:
        self.ended = True

    async def drained(self) -> None:
        await asyncio.sleep(0)

    def last_call_id(self) -> str:
        """The id of the tool call that was sent last, or anything."""
        for frame in reversed(FrameDecoder().feed(bytes(self.body))):
            event = json.loads(base64.b64decode(json.loads(frame.payload).get("bytes", "e30=")))
            if "toolUse" in event.get("event", {}):
                return str(event["event"]["toolUse"]["toolUseId"])
        return "none"


class _Clock:
    """Time that moves only when told, and gives tasks no more turns than they need."""

    def __init__(self) -> None:
        self._now = 100.0
        self._numbers = count()
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds > 0:
            woken = asyncio.Event()
            heapq.heappush(self._sleepers, (self._now + seconds, next(self._numbers), woken))
            await woken.wait()

    async def advance(self, seconds: float) -> None:
        ends_at = self._now + seconds
        await self._settle()
        while self._sleepers and self._sleepers[0][0] <= ends_at:
            self._now, _, woken = heapq.heappop(self._sleepers)
            woken.set()
            await self._settle()
        self._now = ends_at

    async def _settle(self) -> None:
        for _ in range(_TURNS):
            await asyncio.sleep(0)


class _Ears(FakeEars):
    """Understands one of three things, and sometimes nothing."""

    async def transcribe(self, samples: Samples) -> str:
        return ("What is the weather in Paris?", "", "Tell me more.")[len(samples) // 512 % 3]


class _TalkativeBrain:
    """Talks, calls the tools that there are, and now and then says nothing."""

    def __init__(self) -> None:
        self._asked = 0

    async def act(self, conversation: Conversation) -> Sequence[Action]:
        self._asked += 1
        calls = [CallTool(tool.name, {"city": "Paris"}) for tool in conversation.tools]
        match self._asked % 4:
            case 1:
                return [*calls[:2], Say("Let me see. One moment, please.")]
            case 2:
                return [Say(f"You said {getattr(conversation.items[-1], 'text', 'nothing')[:200]}.")]
            case 3:
                return calls + calls
            case _:
                return []


_BRAINS: Final[dict[str, Callable[[], Brain]]] = {"talkative": _TalkativeBrain, "rules": RulesBrain}
