"""What of a conversation the next stream is told, in the form that Nova Sonic takes: pure rules, no I/O.

USER first, strictly in turn, a bounded number of messages of a bounded size (Amazon Nova user guide,
"sonic-chat-history"; 40 messages: an AWS developer in sample-sonic-cdk-agent 31).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Role = Literal["USER", "ASSISTANT"]

_LEFT_OUT: Final = " … "
_BEGINNING_SHARE: Final = 0.4
"""How an answer began says what it is about; how it ended is what the caller replies to."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class HistoryLimits:
    """Sizes are bytes of UTF-8. The older, tighter ones are the default: the service's are not known for sure."""

    messages: int = 40
    message_bytes: int = 1_000
    total_bytes: int = 40_000


DEFAULT_LIMITS: Final = HistoryLimits()


def protocol_history(turns: Sequence[Turn], *, limits: HistoryLimits = DEFAULT_LIMITS) -> list[Turn]:
    """Return the latest turns that fit, USER first and in turn, nothing invented and nothing told twice."""
    merged = _merged(turns)
    first = next((index for index, turn in enumerate(merged) if turn.role == "USER"), len(merged))
    cut = [Turn(turn.role, _cut(turn, limits.message_bytes)) for turn in merged[first:]]
    sizes = [len(turn.text.encode()) for turn in cut]
    start = 0
    while len(cut) - start > limits.messages or sum(sizes[start:]) > limits.total_bytes:
        start += 2
    return cut[start:]


# -- neighbours of one role ----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Run:
    """What one side said in a row, still in the pieces in which it came."""

    role: Role
    pieces: list[str]

    @property
    def text(self) -> str:
        return " ".join(self.pieces)


def _merged(turns: Sequence[Turn]) -> list[Turn]:
    runs: list[_Run] = []
    for turn in turns:
        if not (text := _clean(turn.text)):
            continue
        if runs and runs[-1].role == turn.role:
            _add(runs[-1], text)
        else:
            runs.append(_Run(turn.role, [text]))
    for earlier, later in zip(runs, runs[2:], strict=False):
        _forget_echo(earlier, later)
    return [Turn(run.role, run.text) for run in runs]


def _add(run: _Run, text: str) -> None:
    """Add a piece, unless it only says again what stands there.

    Nova Sonic tells each answer twice, first as SPECULATIVE and then as FINAL, in pieces of other lengths and cut short
    after an interruption. Callers do repeat themselves: of theirs, only a piece that comes twice in a row is one.
    """
    if run.role == "USER":
        if run.pieces[-1] != text:
            run.pieces.append(text)
        return
    if _contains(run.text, text):
        return
    keep = next((n for n in range(len(run.pieces)) if _contains(text, " ".join(run.pieces[n:]))), len(run.pieces))
    run.pieces[keep:] = [text]


def _forget_echo(earlier: _Run, later: _Run) -> None:
    """Drop an answer's FINAL that came after the caller's next words, before the answer to them."""
    if later.role == "ASSISTANT" and len(later.pieces) > 1 and _contains(earlier.text, later.pieces[0]):
        del later.pieces[0]


def _contains(text: str, part: str) -> bool:
    return f" {part} " in f" {text} "


def _clean(text: str) -> str:
    return " ".join(text.encode("utf-8", "replace").decode().split())


# -- sizes ---------------------------------------------------------------------------------------------------


def _cut(turn: Turn, limit_bytes: int) -> str:
    """Shorten to so many bytes: of a caller's words the end is kept, of an answer how it began and ended."""
    if len(turn.text.encode()) <= limit_bytes:
        return turn.text
    if turn.role == "USER":
        return _ending(turn.text, limit_bytes)
    room = limit_bytes - len(_LEFT_OUT.encode())
    beginning = _beginning(turn.text, int(room * _BEGINNING_SHARE))
    ending = _ending(turn.text, room - len(beginning.encode()))
    return f"{beginning}{_LEFT_OUT}{ending}".strip()


def _beginning(text: str, limit_bytes: int) -> str:
    """The first words; of a single word that is too long, its first letters."""
    kept = text.encode()[:limit_bytes].decode(errors="ignore")
    words = kept.rpartition(" ")[0]
    return words or kept


def _ending(text: str, limit_bytes: int) -> str:
    """The last words; of a single word that is too long, its last letters."""
    kept = text.encode()[-limit_bytes:].decode(errors="ignore")
    words = kept.partition(" ")[2]
    return words or kept
