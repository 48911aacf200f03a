"""Keeps a call's conversation on one stream after another: opens, rotates by overlap, fails over, replays.

The caller's audio goes into a ring and from there to whichever stream serves. A stream is replaced before its age or
the credentials end it, at a moment when nothing is open; one that dies is replaced at once, and what was unanswered is
sent again. Only events of the serving stream reach the session.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from typing import Any, Final

from nova_agent.sonic.exchange import BUSY_LIMIT_S, RESULT_LIMIT_S, Dialogue, Recovery
from nova_agent.sonic.failures import Backoff, Failure, classify
from nova_agent.sonic.feeding import Feeder
from nova_agent.sonic.history import Turn, protocol_history
from nova_agent.sonic.limits import Limits, time_to_rotate
from nova_agent.sonic.live import Connector, Interim, Live
from nova_agent.sonic.output import OutputFilter
from nova_agent.sonic.ring import RATE_HZ, AudioRing, SpeechEnergy
from nova_agent.sonic.stream import SonicStream
from nova_agent.sonic.watchdog import UNHEARD_SPEECH_MS, NoAnswer, Watchdog

PREROLL_SAMPLES: Final = RATE_HZ * 3 // 10
"""Sent again before the words that are replayed, so that the first of them is whole."""
_LAST_WORDS_S: Final = 1.0
_WATCH_S: Final = 0.2
_LOOK_S: Final = 0.03
_END_LIMIT_S: Final = 5.0
_GRACE_S: Final = 1.0
"""A full account counts a stream for a moment after its end, and new rights are not known everywhere at once."""
_NO_RESULT: Final = '{"error": "The tool gave no result. Ask the caller to say it again."}'
_PATIENCE_S: Final = 8.0
"""A typed sentence waits so long for an answer that is asked for again, and then interrupts it."""
_HEALTHY_S: Final = 5.0
"""A stream that served so long begins a new series of attempts with its end; one that dies at once does not."""


Observer = Callable[..., None]


class Conductor:
    """Runs the streams of one session. :meth:`run` owns every task; the rest may be called beside it.

    Args:
        connector: opens streams.
        deliver: takes the serving stream's events, in order.
        recovering: told before a new stream takes over in the middle of an exchange, to forget what was half said.
        serving: told whenever a stream begins to serve.
        seeking: told that no stream serves and one is looked for: why, and whether the caller waits for an answer.
        gave_up: told when no stream can be had any more.
        observer: told what happens: ``observer(event, **fields)``.
        expires_at: Unix time at which the credentials end, ``None`` for never.
        is_busy: whether a tool runs, or a speech is played behind which a call or its result may wait.
    """

    def __init__(
        self,
        connector: Connector,
        *,
        deliver: Callable[[dict[str, Any]], Awaitable[None]],
        recovering: Callable[[], None],
        serving: Callable[[], None] = lambda: None,
        seeking: Callable[[str, bool], None] = lambda _reason, _owes: None,
        gave_up: Callable[[Failure], None],
        observer: Observer,
        limits: Limits | None = None,
        expires_at: Callable[[], float | None] = lambda: None,
        is_busy: Callable[[], bool] = lambda: False,
        backoff: Backoff | None = None,
    ) -> None:
        self._connector = connector
        self._deliver = deliver
        self._recovering = recovering
        self._serves = serving
        self._seeks = seeking
        self._gave_up = gave_up
        self._observer = observer
        self._limits = limits or Limits()
        self._expires_at = expires_at
        self._is_busy = is_busy
        self._backoff = backoff or Backoff()
        self.ring = AudioRing()
        self.ears = SpeechEnergy()
        self.dialogue = Dialogue()
        self.serving = asyncio.Event()
        """Set while a stream serves, and when none will any more."""
        self._is_over = False
        self._watchdog = Watchdog(self.dialogue, self.ears, no_answer_s=self._limits.no_answer_s)
        self._live: Live | None = None
        self._feeding: asyncio.Task[None] | None = None
        self._elsewhere = False
        self._wish = ""
        self._wished = asyncio.Event()
        self._lives: set[Live] = set()
        self._tasks: set[asyncio.Task[Any]] = set()

    # -- what the session brings -----------------------------------------------------------------------------

    def begin_with(self, turns: Sequence[Turn]) -> None:
        """Take the history from before this session; to be called before :meth:`run`."""
        self.dialogue.turns.extend(turns)

    def push(self, pcm: bytes) -> None:
        """Take the caller's audio: PCM s16le, mono, 16 kHz."""
        self.ring.push(pcm)
        self.ears.push(pcm)

    async def type(self, text: str) -> None:
        """Type a sentence; it is typed again on the next stream if this one dies before it answers.

        It waits until a stream serves, and has answered what its predecessor left open; when no stream can be had any
        more, nothing is typed.
        """
        await self.serving.wait()
        patient_until = time.monotonic() + _PATIENCE_S
        while self.dialogue.is_asked_again() and time.monotonic() < patient_until and not self._is_over:
            await asyncio.sleep(_LOOK_S)
            await self.serving.wait()
        if self._is_over:
            return
        self.dialogue.typed(text)
        self._watchdog.asked(time.monotonic())
        if (live := self._live) is not None:
            await self._attempt(live, live.stream.type(text))

    async def give_result(self, tool_use_id: str, result: str) -> None:
        """Hand a tool's result over, under the id by which it is awaited now."""
        awaited = self.dialogue.returned(tool_use_id, result)
        if awaited is not None and (live := self._live) is not None:
            await self._give(live, awaited, result)

    def rotate(self, reason: str) -> None:
        """Let another stream serve as soon as nothing is open."""
        self._wish = reason
        self._wished.set()

    # -- running ---------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Serve until cancelled, or until no stream can be had."""
        try:
            live = await self._open(Interim("start", time.monotonic(), self.ring.start, Recovery()))
            while live is not None:
                live = await self._serve(live)
        finally:
            await self._end()

    async def _serve(self, live: Live) -> Live | None:
        """Serve one stream to its end, and return the next."""
        self._live = live
        self.serving.set()
        self._serves()
        self._connector.serves(live.stream)
        self._feeding = asyncio.create_task(self._feed(live), name="sonic-feed")
        workers = [
            self._feeding,
            asyncio.create_task(self._watch(live), name="sonic-watch"),
            asyncio.create_task(self._grow_old(live), name="sonic-age"),
        ]
        try:
            following = await self._until_replaced(live)
        finally:
            self._stop_serving()
            await _cancel(workers)
            self._feeding = None
        return following

    async def _until_replaced(self, live: Live) -> Live | None:
        wish = self._spawn(self._wished.wait())
        try:
            await asyncio.wait((live.reader, live.trouble, wish), return_when=asyncio.FIRST_COMPLETED)
        finally:
            # Also when the call is over: the end waits for every task, and this one would never come.
            wish.cancel()
        if live.is_over:
            return await self._fail_over(live, await live.ended())
        # Only this wish is fulfilled: another one that comes meanwhile, for other tools, is for the stream after.
        self._wished.clear()
        return await self._rotate(live)

    def _stop_serving(self) -> None:
        self._live = None
        self.serving.clear()

    # -- from one stream to the next -------------------------------------------------------------------------

    async def _rotate(self, live: Live) -> Live | None:
        """Open the next stream beside this one, and change at a quiet moment."""
        reason, following = self._wish, None
        try:
            following = await self._connect()
            is_time = await self._quiet_moment(live, following)
            quiet_until = self.ring.end
            if is_time:
                await self._begin(following)
        except Exception as error:  # noqa: BLE001 – whatever it is: the old stream still serves
            failure = self._not_opened(following, error, is_needed=False)
            self._connector.over()
            return await self._without_next(live, failure)
        if live.is_over:
            self._retire(following)
            return await self._fail_over(live, await live.ended())
        return await self._change(live, following, reason, quiet_until)

    async def _without_next(self, live: Live, failure: Failure) -> Live | None:
        """The next stream could not be had: keep this one while it lives, and try again soon."""
        left_s = self._limits.rotate_by_s - live.stream.age_s
        if left_s <= 0 and failure.reason == "no-place-yet" and not live.is_over:
            return await self._replace(live)
        wait_s = min(10.0, max(1.0, left_s) / 4)
        await asyncio.wait((live.reader, live.trouble), timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
        if live.is_over:
            return await self._fail_over(live, await live.ended())
        return await self._rotate(live)

    async def _quiet_moment(self, live: Live, following: Live) -> bool:
        """Wait until nothing is open, or the stream is too old to wait; ``False`` if one of the two ends first."""
        while live.stream.age_s < self._limits.rotate_by_s:
            if live.is_over or following.is_over:
                return not live.is_over
            now = time.monotonic()
            if self._is_quiet(now):
                return True
            await asyncio.sleep(_LOOK_S)
        return not live.is_over

    def _is_quiet(self, now: float) -> bool:
        """Whether nobody speaks, nothing is open, and the last answer has been heard to its end."""
        return (
            self.dialogue.is_quiet(now)
            and not self._watchdog.is_playing(now)
            and self.ears.is_quiet()
            and self._unheard_from(now) is None
        )

    async def _change(self, live: Live, following: Live, reason: str, quiet_until: int) -> Live:
        """Let the next stream serve from here on; what is open is sent to it from its beginning."""
        await self._stop_feeding()
        age_s = live.stream.age_s
        started = time.monotonic()
        recovery = self._what_is_open(started)
        if recovery == Recovery() and not self.ears.is_quiet():
            # Somebody began to speak while the next stream was told the history: it gets the word from its first sound.
            recovery = Recovery(replay_from=quiet_until)
        interim = Interim(reason, started, live.stream.cursor, recovery)
        self._stop_serving()
        await self._hand_over(following, interim)
        self._retire(live)
        self._tell_rotated(reason, age_s, started)
        return following

    def _tell_rotated(self, reason: str, age_s: float, since: float) -> None:
        self._observer("sonic.stream_rotated", reason=reason, age_ms=round(age_s * 1000), gap_ms=_ms_since(since))

    async def _replace(self, live: Live) -> Live | None:
        """Let the next stream have the place of this one: nobody listens meanwhile, and what is said is kept."""
        await self._stop_feeding()
        started = time.monotonic()
        age_s = live.stream.age_s
        interim = Interim("no-place-yet", started, live.stream.cursor, self._what_is_open(started), age_s)
        self._stop_serving()
        self._connector.vacates(live.stream)
        self._retire(live)
        self._backoff.reset()
        return await self._open(interim)

    async def _stop_feeding(self) -> None:
        """What a stream has got stands from here on, and the next one goes on from there."""
        if self._feeding is not None:
            await _cancel([self._feeding])
            self._feeding = None

    def _what_is_open(self, now: float) -> Recovery:
        """What a stream has to be given that takes over from one that still serves."""
        self._note_unheard(now)
        if self.dialogue.is_quiet(now):
            return Recovery()
        self._recovering()
        return self.dialogue.recover(now)

    def _unheard_from(self, now: float) -> int | None:
        return self._watchdog.unheard_from(now, self.ring.end)

    def _note_unheard(self, now: float) -> None:
        """What the caller has said and no event has told of is open too."""
        if (position := self._unheard_from(now)) is not None:
            self.dialogue.unheard(position, now, is_sure=self.ears.speech_ms >= UNHEARD_SPEECH_MS)

    async def _fail_over(self, live: Live, error: BaseException | None) -> Live | None:
        await self._stop_feeding()
        started = time.monotonic()
        failure = classify(error, opened=True)
        self._observer("sonic.stream_failed", reason=failure.reason, age_ms=round(live.stream.age_s * 1000))
        self._elsewhere = self._connector.failed(live.stream, failure)
        if live.stream.age_s >= _HEALTHY_S:
            self._backoff.reset()
        self._stop_serving()
        position = live.stream.cursor
        self._connector.vacates(live.stream)
        self._retire(live)
        self._note_unheard(started)
        may_be_replayed = failure.replay or self.dialogue.is_refused_first()
        recovery = self.dialogue.recover(started) if may_be_replayed else self.dialogue.ask_again()
        self._recovering()
        return await self._open(Interim(failure.reason, started, position, recovery), failure)

    async def _open(self, interim: Interim, failure: Failure | None = None) -> Live | None:
        """Open a stream and hand it what is open, trying again as the budget allows."""
        self._seeks(interim.reason, interim.recovery != Recovery())
        keeps_history = failure is None or failure.keep_history
        grace = iter((_GRACE_S,))
        while (delay_s := self._delay_s(failure, grace)) is not None:
            await asyncio.sleep(delay_s)
            began = time.monotonic()
            live: Live | None = None
            try:
                live = await self._connect()
                await self._begin(live, keeps_history=keeps_history)
                await self._hand_over(live, interim)
            except Exception as error:  # noqa: BLE001 – whatever it is, it is classified
                failure = self._not_opened(live, error)
                keeps_history = keeps_history and failure.keep_history
                continue
            if interim.age_s is None:
                self._observer(
                    "sonic.stream_opened",
                    region=live.stream.endpoint.region,
                    reason=interim.reason,
                    ms=_ms_since(began),
                    gap_ms=_ms_since(interim.since),
                )
            else:
                self._tell_rotated(interim.reason, interim.age_s, interim.since)
            return live
        self._connector.over()
        self._gave_up(failure or classify(None, opened=False))
        return None

    def _delay_s(self, failure: Failure | None, grace: Iterator[float]) -> float | None:
        """How long to wait before the next attempt; a refusal counts when it is said twice."""
        delay_s = self._backoff.next_delay(failure, elsewhere=self._elsewhere)
        is_refusal = failure is not None and not failure.retry and failure.other_region
        return next(grace, None) if delay_s is None and is_refusal else delay_s

    async def _connect(self) -> Live:
        stream = await self._connector.connect()
        live = Live(stream, self._spawn(self._read(stream)), asyncio.get_running_loop().create_future())
        self._lives.add(live)
        return live

    async def _begin(self, live: Live, *, keeps_history: bool = True) -> None:
        """Give a stream SYSTEM text and history; a refusal shows in its reader and not here."""
        history = protocol_history(self.dialogue.history()) if keeps_history else []
        beginning = self._spawn(live.stream.begin(self._connector.system(), history))
        try:
            await asyncio.wait((beginning, live.reader), return_when=asyncio.FIRST_COMPLETED)
            if live.reader.done():
                raise live.reader.result() or ConnectionError("the stream ended before it began")
            await beginning
        finally:
            beginning.cancel()

    async def _hand_over(self, live: Live, interim: Interim) -> None:
        """Say from where this stream gets the caller's audio, and type what is to be typed."""
        recovery, at = interim.recovery, interim.position
        if recovery.replay_from is not None:
            at = max(self.ring.start, min(at, recovery.replay_from - PREROLL_SAMPLES))
        live.stream.start_at(at)
        self._watchdog.moved(time.monotonic())
        if recovery.typed is not None:
            await live.stream.type(recovery.typed)
            self._watchdog.asked(time.monotonic())
        if at < interim.position:
            self._observer(
                "sonic.stream_replayed",
                reason=interim.reason,
                audio_ms=(interim.position - at) * 1000 // RATE_HZ,
                gap_ms=_ms_since(interim.since),
            )

    def _not_opened(self, live: Live | None, error: Exception, *, is_needed: bool = True) -> Failure:
        """``is_needed``: none serves. Otherwise a place that is not free yet is no failure, and is asked for again."""
        failure = classify(error, opened=False)
        if is_needed or failure.reason != "no-place-yet":
            self._observer("sonic.stream_failed", reason=failure.reason)
        self._elsewhere = self._connector.failed(live.stream if live is not None else None, failure)
        if live is not None:
            self._connector.vacates(live.stream)
            self._retire(live)
        return failure

    def _retire(self, live: Live) -> None:
        """Close a stream in the background; its events are not heard any more."""
        if live in self._lives:
            self._lives.discard(live)
            self._spawn(self._close(live))

    async def _close(self, live: Live) -> None:
        try:
            if not live.is_over:
                await live.stream.finish()
                await asyncio.wait((live.reader,), timeout=_LAST_WORDS_S)
            # The reader ends with the connection: the CRT complains about futures that are cancelled under it (0.32).
            await live.stream.close()
            await asyncio.wait((live.reader,), timeout=_LAST_WORDS_S)
        finally:
            live.reader.cancel()
            self._connector.released(live.stream)

    # -- the tasks of a stream -------------------------------------------------------------------------------

    async def _read(self, stream: SonicStream) -> BaseException | None:
        """Hand the events on while the stream serves; return what ended it."""
        heard = OutputFilter(
            self.dialogue, position=stream.position_at, heard_from=self._speech_position, now=time.monotonic
        )
        try:
            async for event in stream.events():
                live = self._live
                if live is None or live.stream is not stream:
                    if "usageEvent" in event.get("event", {}):
                        # What a stream costs before and after it serves is paid for too.
                        await self._deliver(event)
                    continue
                self._watchdog.answered(time.monotonic(), event)
                found = heard.take(event)
                for passed in found.events:
                    await self._deliver(passed)
                for tool_use_id, result in found.results:
                    await self._give(live, tool_use_id, result)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 – the end of a stream, whatever it is called
            return error
        return None

    def _speech_position(self) -> int:
        return self.ears.started_at if self.ears.started_at is not None else self.ring.end

    async def _feed(self, live: Live) -> None:
        await self._attempt(live, Feeder(self.ring, live.stream).run())

    async def _watch(self, live: Live) -> None:
        """Give a stream up that takes everything and answers nothing."""
        while not self._watchdog.bites(now := time.monotonic()):
            for tool_use_id in self.dialogue.overdue(now, limit_s=BUSY_LIMIT_S if self._is_busy() else RESULT_LIMIT_S):
                await self._give(live, tool_use_id, _NO_RESULT)
            await asyncio.sleep(_WATCH_S)
        live.report(NoAnswer("the model did not answer"))

    async def _grow_old(self, live: Live) -> None:
        """Ask for a change of streams in time."""
        expires_at = self._expires_at()
        lasts_s = None if expires_at is None else expires_at - time.time()
        wait_s, reason = time_to_rotate(self._limits.rotate_s - live.stream.age_s, lasts_s)
        await asyncio.sleep(wait_s)
        self.rotate(reason)

    async def _give(self, live: Live, tool_use_id: str, result: str) -> None:
        self.dialogue.delivered(tool_use_id)
        self._watchdog.asked(time.monotonic())
        await self._attempt(live, live.stream.give_result(tool_use_id, result))

    async def _attempt(self, live: Live, sending: Coroutine[Any, Any, None]) -> None:
        """Send; what cannot be sent ends the stream, and its successor gets it."""
        try:
            await sending
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 – the SDK raises many things, and all of them end the stream
            live.report(error)

    # -- tasks -----------------------------------------------------------------------------------------------

    def _spawn[T](self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _end(self) -> None:
        """Close what is open; every task ends within seconds."""
        self._stop_serving()
        self._is_over = True
        self.serving.set()
        self._connector.over()
        for live in list(self._lives):
            self._retire(live)
        pending = list(self._tasks)
        if pending:
            await asyncio.wait(pending, timeout=_END_LIMIT_S)
            await _cancel(list(self._tasks))


async def _cancel(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _ms_since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
