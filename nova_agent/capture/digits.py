"""Digits said one by one or in groups, as in telephone numbers, with the sound-alikes that recognisers write.

"for" is four and "to" is two only beside a digit; elsewhere they are words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from nova_agent.capture.numbers import TEENS, TENS, UNITS
from nova_agent.capture.phrases import word_set
from nova_agent.capture.speech import Tokens

SOUND_ALIKES: Final = {
    "for": "4", "fore": "4", "to": "2", "too": "2", "won": "1", "ate": "8", "oh": "0", "o": "0", "ow": "0",
    "tree": "3", "free": "3", "fife": "5", "sicks": "6", "sex": "6", "nein": "9", "niner": "9", "tu": "2",
}  # fmt: skip
_REPEATS: Final = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
_BETWEEN: Final = word_set("um uh er erm hmm dash hyphen dot space and then area code pause so is point")
_PLURAL_REPEATS: Final = {"two": 2, "three": 3, "four": 4, "2": 2, "3": 3, "4": 4}


@dataclass(frozen=True, slots=True)
class Piece:
    """The digits of ``tokens[start:end]``. ``doubtful`` pieces are sound-alikes: words that could mean a digit."""

    digits: str
    start: int
    end: int
    doubtful: bool = False


type Run = tuple[Piece, ...]


def digits_of(run: Sequence[Piece]) -> str:
    return "".join(piece.digits for piece in run)


def digit_runs(tokens: Tokens) -> Iterator[Run]:
    """Yield the runs of digits in an utterance. Fillers and "dash" do not end a run, other words do."""
    run: list[Piece] = []
    position = 0
    while position < len(tokens):
        piece = _piece_at(tokens, position)
        if piece is not None:
            run.append(piece)
        elif tokens[position].word not in _BETWEEN:
            yield from _finished(run)
            run = []
        position = piece.end if piece is not None else position + 1
    yield from _finished(run)


def _finished(run: list[Piece]) -> Iterator[Run]:
    """Keep sound-alikes only where they touch a real digit; a run without any real digit is none."""
    while run and run[0].doubtful and (len(run) == 1 or run[1].doubtful):
        run = run[1:]
    while run and run[-1].doubtful and (len(run) == 1 or (run[-2].doubtful and run[-1].digits != "0")):
        run = run[:-1]
    if any(not piece.doubtful for piece in run):
        yield tuple(run)


def _piece_at(tokens: Tokens, position: int) -> Piece | None:
    word = tokens[position].word
    if (digits := _repeated(tokens, position)) is not None:
        return Piece(digits, position, position + 2)
    if word.isascii() and word.replace(",", "").replace(".", "").lstrip("-").isdigit():
        return Piece("".join(char for char in word if char.isdigit()), position, position + 1)
    if word in UNITS:
        return _with_scale(tokens, position, str(UNITS[word]), position + 1)
    if word in TEENS:
        return _with_scale(tokens, position, str(TEENS[word]), position + 1)
    if word in TENS:
        return _tens(tokens, position)
    return Piece(SOUND_ALIKES[word], position, position + 1, doubtful=True) if word in SOUND_ALIKES else None


def _repeated(tokens: Tokens, position: int) -> str | None:
    """ "double five", "triple seven", "two fives"."""
    if position + 1 >= len(tokens):
        return None
    word, following = tokens[position].word, tokens[position + 1].word
    if (times := _REPEATS.get(word)) is not None:
        digit = _digit(following)
        return digit * times if digit is not None else None
    if (times := _PLURAL_REPEATS.get(word)) is not None and following.endswith("s"):
        plural = _digit(following.removesuffix("s")) or _digit(following.removesuffix("es"))
        return plural * times if plural is not None else None
    return None


def _digit(word: str) -> str | None:
    if word in UNITS:
        return str(UNITS[word])
    if len(word) == 1 and word.isascii() and word.isdigit():
        return word
    return SOUND_ALIKES.get(word)


def _tens(tokens: Tokens, position: int) -> Piece:
    """ "twenty six" is 26 within a run; "twenty" alone is 20."""
    tens = TENS[tokens[position].word]
    if position + 1 < len(tokens) and not tokens[position].pause:
        unit = UNITS.get(tokens[position + 1].word, 0)
        if unit:
            return Piece(str(tens + unit), position, position + 2)
    return Piece(str(tens), position, position + 1)


def _with_scale(tokens: Tokens, start: int, digits: str, end: int) -> Piece:
    """ "eight hundred" is 800 and "five thousand" is 5000 in a telephone number."""
    zeros = {"hundred": "00", "thousand": "000"}.get(tokens[end].word if end < len(tokens) else "", "")
    return Piece(digits + zeros, start, end + bool(zeros))
