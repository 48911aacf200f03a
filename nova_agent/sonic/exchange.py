"""What the caller and the model are in the middle of, read off the events of a stream (policy, no I/O).

An exchange begins with the caller's speech (or a typed sentence) and ends with the last sentence of the answer. When a
stream dies, what is left of the open exchange decides what the next stream is given: the caller's words once more, a
wish to go on, or nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final

from nova_agent.sonic.history import Turn

GO_ON: Final = "The line was cut for a moment. Please go on."
"""Typed when an answer was cut in the middle. Plain, like every sentence that stands for the caller."""
ASK_AGAIN: Final = "The line was cut for a moment. Please ask me again."
"""Typed when what was said may not be sent again."""
NOISE_AFTER_S: Final = 2.0
"""Speech that nobody has transcribed so long after its end was noise."""
RESULT_LIMIT_S: Final = 25.0
"""A persona's tool has 20 s (``nova_agent.persona.TOOL_LIMIT_S``)."""
BUSY_LIMIT_S: Final = 90.0
"""While tools run one after another, or a speech is played behind which the framework keeps calls and results."""


@dataclass(slots=True)
class ToolUse:
    """One call that the model made.

    ``called_at``: when it was made first, over all streams. ``result`` is its JSON text once it has come.
    """

    tool_use_id: str
    name: str
    arguments: str
    called_at: float = 0.0
    result: str | None = None
    answered: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What makes two calls the same, whatever their ids."""
        return self.name, _canonical(self.arguments)


@dataclass(slots=True)
class Sentence:
    """A sentence that the model announced; ``is_whole`` when all of its audio has arrived."""

    text: str
    audio_s: float = 0.0
    is_whole: bool = False


@dataclass(slots=True)
class Exchange:
    """``begins_at`` is the position of the caller's speech in received audio, ``None`` for a typed one.

    ``sentences`` are those since the last tool result, ``spoken`` all that came in full before it; ``skip`` those that
    a repeated answer need not bring once more, ``half_said`` the one of which it need not bring the beginning.
    ``goes_on``: the model is in the middle of its answer. ``aliases`` leads from the id of a repeated call to its new
    one.
    """

    begins_at: int | None = None
    typed: str | None = None
    speech_ended_at: float | None = None
    heard: list[str] = field(default_factory=list)
    transcript_is_final: bool = False
    sentences: list[Sentence] = field(default_factory=list)
    calls: list[ToolUse] = field(default_factory=list)
    earlier_calls: list[ToolUse] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    spoken: list[str] = field(default_factory=list)
    skip: list[str] = field(default_factory=list)
    half_said: Sentence | None = None
    has_skipped: bool = False
    was_refused: bool = False
    goes_on: bool = False
    was_replayed: bool = False

    @property
    def is_being_answered(self) -> bool:
        return any(sentence.audio_s for sentence in self.sentences)

    @property
    def waits_for_tools(self) -> bool:
        return any(not call.answered for call in self.calls)

    def is_noise(self, now: float) -> bool:
        """Whether it was no speech after all: long over, and not a word of it came back."""
        nothing_came = not (self.heard or self.sentences or self.calls or self.typed)
        return nothing_came and self.speech_ended_at is not None and now - self.speech_ended_at > NOISE_AFTER_S


@dataclass(frozen=True, slots=True)
class Recovery:
    """What the next stream has to be given besides SYSTEM text and history.

    ``replay_from``: position from which the caller's audio is sent again. ``typed``: a sentence to type.
    """

    replay_from: int | None = None
    typed: str | None = None


class Dialogue:
    """Follows a call's exchanges over all of its streams."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.open: Exchange | None = None

    # -- what the caller does --------------------------------------------------------------------------------

    def speech_started(self, position: int) -> None:
        """The caller speaks. Speech that goes on before any answer belongs to the same exchange."""
        if self.open is not None and self._is_unanswered(self.open) and self.open.typed is None:
            self.open.speech_ended_at = None
            return
        self._settle(interrupted=True)
        self.open = Exchange(begins_at=position)

    def speech_ended(self, now: float) -> None:
        if self.open is not None:
            self.open.speech_ended_at = now

    def heard(self, text: str, position: int) -> None:
        """The service tells what the caller said; ``position`` is where that began if nothing told so before."""
        if self.open is None or self.open.is_being_answered or self.open.typed is not None:
            self._settle(interrupted=True)
            self.open = Exchange(begins_at=position)
        self.open.heard.append(text)

    def typed(self, text: str) -> None:
        """A sentence is typed in the caller's place."""
        self._settle(interrupted=True)
        self.open = Exchange(typed=text)

    # -- what the model does ---------------------------------------------------------------------------------

    def announced(self, sentence: str) -> None:
        """The model is about to say this."""
        exchange = self._exchange()
        exchange.transcript_is_final = True
        exchange.goes_on = True
        exchange.sentences.append(Sentence(sentence))

    def spoke(self, seconds: float) -> None:
        """Audio of the last announced sentence came."""
        if self.open is not None and self.open.sentences:
            self.open.sentences[-1].audio_s += seconds

    def sentence_ended(self, *, is_last: bool, goes_on: bool = False) -> None:
        """An audio block is complete; ``goes_on``: the service says that another one follows."""
        if self.open is None:
            return
        if self.open.sentences:
            self.open.sentences[-1].is_whole = True
            self.open.goes_on = goes_on
        if is_last and not self.open.waits_for_tools and (self.open.sentences or self.open.has_skipped):
            self._settle(interrupted=False)

    def interrupted(self) -> None:
        """The caller spoke over the answer: it ends here."""
        if self.open is not None and self.open.is_being_answered and not self.open.waits_for_tools:
            self._settle(interrupted=True)

    def called(self, tool_use_id: str, name: str, arguments: str, now: float) -> ToolUse | None:
        """The model calls a tool; return the call of before that asked the same, if the exchange is repeated."""
        exchange = self._exchange()
        exchange.transcript_is_final = True
        exchange.goes_on = False
        call = ToolUse(tool_use_id, name, arguments, called_at=now)
        exchange.calls.append(call)
        earlier = _same(call, exchange.earlier_calls)
        if earlier is not None:
            exchange.earlier_calls.remove(earlier)
            exchange.aliases[earlier.tool_use_id] = tool_use_id
            call.called_at, call.result = earlier.called_at, earlier.result
        return earlier

    def returned(self, tool_use_id: str, result: str) -> str | None:
        """A tool has returned; return the id under which the result is awaited now, ``None`` if nobody does."""
        call = self._known(tool_use_id)
        if call is None or self.open is None:
            return None
        call.result = result
        return call.tool_use_id if call in self.open.calls and not call.answered else None

    def awaits(self, tool_use_id: str) -> bool:
        """Whether a result of this call is wanted: it was made in the open exchange, and none has come."""
        call = self._known(tool_use_id)
        return call is not None and call.result is None and not call.answered

    def delivered(self, tool_use_id: str) -> None:
        """A result is on its way to the model; what it said before the call has been said."""
        exchange = self.open
        if exchange is None:
            return
        for call in exchange.calls:
            call.answered = call.answered or call.tool_use_id == tool_use_id
        if not exchange.waits_for_tools:
            exchange.spoken += [sentence.text for sentence in exchange.sentences if sentence.is_whole]
            exchange.sentences, exchange.goes_on = [], False

    # -- when a stream ends ----------------------------------------------------------------------------------

    def is_quiet(self, now: float) -> bool:
        """Whether nothing is open: the moment to change streams without anybody noticing."""
        return self.open is None or self.open.is_noise(now)

    def is_in_an_answer(self) -> bool:
        """Whether more of an answer has to come, without anybody's doing."""
        return self.open is not None and self.open.goes_on

    def waits_for_tools(self) -> bool:
        """Whether it is our turn: a tool has been called and has not returned."""
        return self.open is not None and self.open.waits_for_tools

    def overdue(self, now: float, *, limit_s: float) -> list[str]:
        """The calls of the serving stream that have waited for so long that no result comes any more."""
        calls = [] if self.open is None else self.open.calls
        return [call.tool_use_id for call in calls if not call.answered and now - call.called_at > limit_s]

    def unheard(self, position: int, now: float, *, is_sure: bool = True) -> None:
        """The caller has spoken from this position on, and the service makes nothing of it.

        ``is_sure``: it was more than a cough, so that whoever spoke over an answer has interrupted it.
        """
        if is_sure and self.open is not None and self.open.is_being_answered and not self.open.waits_for_tools:
            self._settle(interrupted=True)
        if self.open is None or self.open.is_noise(now):
            self.open = Exchange(begins_at=position, speech_ended_at=now)

    def give_up(self) -> None:
        """The model does not answer this exchange, also when asked again: what was said stands."""
        self._settle(interrupted=True)

    def recover(self, now: float) -> Recovery:
        """The stream is gone: say what the next one needs, and wait for it to come."""
        exchange = self.open
        if exchange is None or exchange.is_noise(now):
            self.open = None
            return Recovery()
        if exchange.is_being_answered and not exchange.waits_for_tools:
            return self._go_on(exchange)
        exchange.was_replayed = True
        exchange.earlier_calls += exchange.calls
        exchange.spoken += [sentence.text for sentence in exchange.sentences if sentence.is_whole]
        exchange.skip = list(exchange.spoken)
        exchange.calls, exchange.sentences, exchange.heard, exchange.goes_on = [], [], [], False
        return Recovery(replay_from=exchange.begins_at, typed=exchange.typed)

    def is_refused_first(self) -> bool:
        """Note that the service refused the open exchange; say whether for the first time.

        It may have refused an answer of its own, and another one is drawn when it is asked again.
        """
        if self.open is None:
            return True
        first, self.open.was_refused = not self.open.was_refused, True
        return first

    def ask_again(self) -> Recovery:
        """The service refused the open exchange: nothing of it is told or sent again, and the model asks anew."""
        self.open = Exchange(typed=ASK_AGAIN, was_replayed=True, transcript_is_final=True)
        return Recovery(typed=ASK_AGAIN)

    def is_asked_again(self) -> bool:
        """Whether a stream that took over has not begun to answer what its predecessor left open."""
        return self.open is not None and self.open.was_replayed and self._is_unanswered(self.open)

    def history(self) -> list[Turn]:
        """The finished turns, oldest first; those of an exchange that is repeated are not among them."""
        return list(self.turns)

    # -- what the caller need not hear twice ------------------------------------------------------------------

    def was_said(self, sentence: str) -> bool:
        """Whether this exchange's answer had this sentence in full before it was repeated."""
        wanted = " ".join(sentence.split())
        exchange = self.open
        if exchange is None:
            return False
        for said in exchange.skip:
            if " ".join(said.split()) == wanted:
                exchange.skip.remove(said)
                exchange.has_skipped = True
                return True
        return False

    def seconds_said(self, sentence: str) -> float:
        """How much of this sentence the caller has heard, from its beginning, before the answer was cut."""
        half = self.open.half_said if self.open is not None else None
        if self.open is None or half is None or " ".join(half.text.split()) != " ".join(sentence.split()):
            return 0.0
        self.open.half_said = None
        return half.audio_s

    def repeats_transcript(self) -> bool:
        """Whether what the service hears now was told as final before the stream died."""
        return self.open is not None and self.open.was_replayed and self.open.transcript_is_final

    # -- inside ----------------------------------------------------------------------------------------------

    def _exchange(self) -> Exchange:
        if self.open is None:
            self.open = Exchange()
        return self.open

    def _known(self, tool_use_id: str) -> ToolUse | None:
        """The call of the open exchange that has this id now, or had it before it was repeated."""
        if self.open is None:
            return None
        while tool_use_id in self.open.aliases:
            tool_use_id = self.open.aliases[tool_use_id]
        made = (*self.open.calls, *self.open.earlier_calls)
        return next((call for call in made if call.tool_use_id == tool_use_id), None)

    def _is_unanswered(self, exchange: Exchange) -> bool:
        return not exchange.is_being_answered or exchange.waits_for_tools

    def _go_on(self, exchange: Exchange) -> Recovery:
        """The answer was cut in the middle: what was said in full is history, the rest is asked for."""
        whole = [*exchange.spoken, *(sentence.text for sentence in exchange.sentences if sentence.is_whole)]
        self._note_caller(exchange)
        self._note("ASSISTANT", " ".join(text.strip() for text in whole))
        half = next((sentence for sentence in exchange.sentences if sentence.audio_s and not sentence.is_whole), None)
        self.open = Exchange(
            typed=GO_ON,
            earlier_calls=[*exchange.earlier_calls, *exchange.calls],
            skip=whole,
            half_said=half,
            was_refused=exchange.was_refused,
            was_replayed=True,
            transcript_is_final=True,
        )
        return Recovery(typed=GO_ON)

    def _settle(self, *, interrupted: bool) -> None:
        exchange, self.open = self.open, None
        if exchange is None:
            return
        said = [
            sentence.text for sentence in exchange.sentences if sentence.is_whole or (interrupted and sentence.audio_s)
        ]
        self._note_caller(exchange)
        self._note("ASSISTANT", " ".join(text.strip() for text in (*exchange.spoken, *said)))

    def _note_caller(self, exchange: Exchange) -> None:
        if exchange.typed not in (GO_ON, ASK_AGAIN):
            self._note("USER", " ".join(exchange.heard) or exchange.typed or "")

    def _note(self, role: Any, text: str) -> None:
        if text.strip():
            self.turns.append(Turn(role, text.strip()))


def _same(call: ToolUse, earlier: list[ToolUse]) -> ToolUse | None:
    """The call with the same arguments, else the first of the same tool: words may be heard a little differently."""
    exact = next((other for other in earlier if other.key == call.key), None)
    return exact or next((other for other in earlier if other.name == call.name), None)


def _canonical(arguments: str) -> str:
    try:
        parsed = json.loads(arguments)
        parsed = json.loads(parsed) if isinstance(parsed, str) else parsed
        return json.dumps(parsed, sort_keys=True, ensure_ascii=False)
    except ValueError:
        return arguments
