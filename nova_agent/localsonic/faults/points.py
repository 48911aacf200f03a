"""Where a fault strikes: the points of a plan, and the opportunities that a stream gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nova_agent.localsonic.faults import arguments
from nova_agent.localsonic.faults.catalogue import suggestion

INPUT_EVENTS: Final = (
    "sessionStart",
    "promptStart",
    "contentStart",
    "textInput",
    "audioInput",
    "toolResult",
    "contentEnd",
    "promptEnd",
    "sessionEnd",
)

POINTS: Final = {
    "connect": "a client has connected, before TLS",
    "open": "a request has come, before anything is answered",
    "event=NAME[:N]": "the N-th such input event of a stream has come, before it is acted on; without N, any",
    "turn[=N]": "the N-th answer of a stream is due, before its first output; without N, any answer",
    "audio[=N[:MS]]": "so many milliseconds of the audio of answer N have been sent; without N, of any answer's start",
    "tool[=N]": "the N-th toolUse block of a stream has been sent; without N, any",
    "seconds=S": "a stream is so many simulated seconds old",
    "now": "at once, on a stream that is open; if there is none, on the next one as it opens",
    "any": "for mixes: each of connect, open, turn, audio and tool",
}
"""What may stand behind ``@``, and what it means."""

_ANY: Final = frozenset({"connect", "open", "turn", "audio", "tool"})


@dataclass(frozen=True, slots=True)
class Opportunity:
    """A moment at which a fault may strike.

    ``number`` counts events of that ``name``, answers or tool calls of a stream, from 1. ``until`` is what was reached
    of the milliseconds or seconds, and ``after`` what had been reached before: -1 is nothing.
    """

    kind: str
    name: str = ""
    number: int = 1
    after: float = -1.0
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the life of a connection or a stream. ``number`` ``None`` is any; ``amount`` is in ms or seconds."""

    kind: str
    name: str = ""
    number: int | None = None
    amount: float = 0.0

    def is_met_by(self, opportunity: Opportunity) -> bool:
        """Whether this is the moment."""
        if self.kind == "any":
            return opportunity.kind in _ANY and opportunity.after < 0
        return (
            self.kind == opportunity.kind
            and self.name == opportunity.name
            and self.number in (None, opportunity.number)
            and opportunity.after < self.amount <= opportunity.until
        )


def parse_point(text: str) -> Point:
    """Read what stands behind ``@``.

    Raises:
        ValueError: there is no such point.
    """
    kind, equals, rest = text.strip().partition("=")
    match kind:
        case "connect" | "open" | "now" | "any" if not equals:
            return Point(kind)
        case "event":
            return _event(rest)
        case "turn" | "tool":
            return Point(kind, number=_number(kind, rest) if equals else None)
        case "audio":
            number, colon, sent_ms = rest.partition(":")
            amount = arguments.seconds(sent_ms) if colon else 0.0
            return Point(kind, number=_number(kind, number) if equals else None, amount=amount)
        case "seconds":
            return Point(kind, amount=arguments.seconds(rest))
        case _:
            raise ValueError(f"there is no point {text!r}; there are: {', '.join(POINTS)}")


def _event(text: str) -> Point:
    name, colon, number = text.partition(":")
    if name not in INPUT_EVENTS:
        raise ValueError(f"there is no input event {name!r}{suggestion(name, INPUT_EVENTS)}")
    return Point("event", name, _number("event", number) if colon else None)


def _number(kind: str, text: str) -> int:
    try:
        return arguments.whole_number(text)
    except ValueError as error:
        raise ValueError(f"{kind} cannot be counted by {text!r}: {error}") from error
