"""What goes wrong in each call, and how it is left: drawn from a seed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final

AT_OPEN: Final = (
    *("http-429@open", "http-503@open", "http-500@open", "http-424@open", "http-400-quota@open"),
    *("http-403:ExpiredTokenException@open", "http-403:AccessDeniedException@open", "http-404@open"),
    *("slow-headers:1.5@open", "no-headers@open", "rst@open", "tcp-cut@open", "silent-end@open"),
    *("refused@connect", "tls-failure@connect", "tls-stall@connect"),
)
_DIES: Final = (
    *("internalServerException", "modelStreamErrorException", "validationException", "throttlingException"),
    *("modelTimeoutException", "serviceUnavailableException", "rst-531", "idle-532", "system-instability"),
    *("content-filter", "invalid-input", "unknown-exception", "error-frame", "truncated-frame", "corrupt-checksum"),
    *("corrupt-prelude", "silent-end", "rst", "tcp-cut", "tcp-close", "goaway"),
)
_IN_A_TURN: Final = tuple(f"{name}@turn={turn}" for name in _DIES for turn in (1, 2))
_WHILE_IT_SPEAKS: Final = tuple(f"{name}@audio=2:100" for name in ("rst", "tcp-cut", "modelStreamErrorException"))
_AROUND_A_TOOL: Final = (
    *(f"{name}@tool=1" for name in ("rst", "tcp-cut", "internalServerException", "silent-end")),
    *(f"{name}@event=toolResult:1" for name in ("throttlingException", "tcp-close", "silent-end")),
)
_STALLS: Final = (
    *("mute@turn=2", "mute@audio=2:100", "mute@open", "trickle@turn=2"),
    *("blocked-window@event=audioInput:40", "blocked-window@event=toolResult:1", "blocked-window@open"),
)
_AT_ANY_TIME: Final = tuple(f"{name}@seconds={age}" for name in ("tcp-cut", "rst", "silent-end") for age in (1, 2, 3))
_FAULTS_THAT_LAST: Final = ("http-429@open,for=60", "refused@connect,for=60", "throttlingException@turn,for=60")
_AGAIN: Final = tuple(
    (first, then)
    for first in ("tcp-cut@turn=2", "modelStreamErrorException@turn=1")
    for then in ("http-429@open", "http-503@open,times=2", "no-headers@open", "refused@connect")
)

LASTING: Final = "lasting"
_GROUPS: Final = {
    "no fault": (((),), 12),
    "at open": (tuple((fault,) for fault in AT_OPEN), 18),
    "in a turn": (tuple((fault,) for fault in _IN_A_TURN), 28),
    "while it speaks": (tuple((fault,) for fault in _WHILE_IT_SPEAKS), 6),
    "around a tool": (tuple((fault,) for fault in _AROUND_A_TOOL), 10),
    "stalls": (tuple((fault,) for fault in _STALLS), 8),
    "at any time": (tuple((fault,) for fault in _AT_ANY_TIME), 8),
    "twice": (_AGAIN, 7),
    LASTING: (tuple((fault,) for fault in _FAULTS_THAT_LAST), 3),
}


class Leaving(StrEnum):
    """How the caller means to leave."""

    AT_THE_END = "stays"
    HANGS_UP = "hangs up"
    IN_A_ROTATION = "hangs up in a rotation"
    CANCELLED = "is cancelled"


_LEAVING: Final = {Leaving.AT_THE_END: 62, Leaving.HANGS_UP: 22, Leaving.IN_A_ROTATION: 10, Leaving.CANCELLED: 6}
_ROTATES: Final = 0.2
_LONGEST_S: Final = 6.0


@dataclass(frozen=True, slots=True)
class CallPlan:
    """One call.

    ``faults``: words of ``localsonic.faults.grammar``. ``leaves_s``: when, in seconds of the line, if it is not to its
    end. ``rotate_s``: age at which streams are changed, ``None`` for never in so short a call. ``types``: whether each
    answer is typed, or else spoken.
    """

    number: int
    group: str
    faults: tuple[str, ...]
    leaving: Leaving
    leaves_s: float
    rotate_s: float | None
    types: tuple[bool, ...]


def draw_plans(calls: int, seed: int, answers: int) -> Iterator[CallPlan]:
    """Draw so many plans, always the same ones for a seed."""
    random = Random(seed)
    groups = random.choices(list(_GROUPS), [weight for _, weight in _GROUPS.values()], k=calls)
    for number, group in enumerate(groups, start=1):
        leaving = random.choices(list(_LEAVING), list(_LEAVING.values()))[0]
        rotate_s = random.uniform(1.0, 3.0) if leaving is Leaving.IN_A_ROTATION or random.random() < _ROTATES else None
        leaves_s = random.uniform(0.0, _LONGEST_S)
        if leaving is Leaving.IN_A_ROTATION and rotate_s is not None:
            leaves_s = rotate_s + random.uniform(0.0, 0.5)
        yield CallPlan(
            number=number,
            group=group,
            faults=random.choice(_faults_of(group)),
            leaving=leaving,
            leaves_s=leaves_s,
            rotate_s=rotate_s,
            types=tuple(random.random() < 1 / 2 for _ in range(answers)),
        )


def _faults_of(group: str) -> Sequence[tuple[str, ...]]:
    return _GROUPS[group][0]
