"""Numbers in speech: words, digits, ordinals and grouped digits brought to one spelling, digit by digit.

"four one five", "415" and "four hundred fifteen" all become ``4 1 5``. Two transcripts of the same words then
agree whichever way their writers chose, and a wrong digit counts as one wrong word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

_UNITS: Final = dict(
    zip(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"], range(10), strict=True),
)
_TEENS: Final = dict(
    zip(
        ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"],
        range(10, 20),
        strict=True,
    )
)
_TENS: Final = dict(
    zip(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], range(20, 100, 10), strict=True)
)
_SCALES: Final = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_ORDINALS: Final = {
    "first": "one",
    "second": "two",
    "third": "three",
    "fifth": "five",
    "eighth": "eight",
    "ninth": "nine",
    "twelfth": "twelve",
    **{f"{unit}th": unit for unit in ("four", "six", "seven", "hundred", "thousand", *_TEENS) if unit != "twelve"},
    **{f"{ten[:-1]}ieth": ten for ten in _TENS},
}


def digits_apart(words: Sequence[str]) -> list[str]:
    """Return lower-case ``words`` with every number written as its digits, one a word."""
    out: list[str] = []
    position = 0
    while position < len(words):
        value, length = _number_at(words, position)
        if length == 0:
            out.append(words[position])
            position += 1
            continue
        out.extend(str(value))
        position += length
    return list(_with_spoken_zeros(out))


def _number_at(words: Sequence[str], position: int) -> tuple[int, int]:
    """Return the number that starts at ``position`` and how many words it takes; length 0 when there is none."""
    written = _written_number(words[position])
    if written is not None:
        return written, 1
    total, length = _below_hundred(words, position)
    if length == 0:
        return 0, 0
    return _scaled(words, position, total, length)


def _written_number(word: str) -> int | None:
    digits = word.removesuffix("st").removesuffix("nd").removesuffix("rd").removesuffix("th")
    # A leading zero is spoken, and so is each digit of a long number: int() would lose the one and keep the other.
    return int(digits) if digits.isascii() and digits.isdigit() and not digits.startswith("0") else None


def _below_hundred(words: Sequence[str], position: int) -> tuple[int, int]:
    word = _plain(words, position)
    if word in _TENS:
        unit = _UNITS.get(_plain(words, position + 1), 0)
        return (_TENS[word] + unit, 2) if unit else (_TENS[word], 1)
    value = _UNITS.get(word, _TEENS.get(word))
    return (0, 0) if value is None else (value, 1)


def _scaled(words: Sequence[str], position: int, value: int, length: int) -> tuple[int, int]:
    """Extend a number by the scales that follow it: "two thousand and five", "four hundred fifteen"."""
    total, part = 0, value
    while (scale := _SCALES.get(_plain(words, position + length))) is not None:
        length += 1
        if scale == 100:
            part *= scale
        else:
            total, part = total + part * scale, 0
        gap = int(_plain(words, position + length) == "and")
        more, more_length = _below_hundred(words, position + length + gap)
        if more_length:
            part += more
            length += gap + more_length
    return total + part, length


def _plain(words: Sequence[str], position: int) -> str:
    word = words[position] if position < len(words) else ""
    return _ORDINALS.get(word, word)


def _with_spoken_zeros(words: Sequence[str]) -> Iterator[str]:
    """Read "oh" between digits as a zero, and take apart digits with a leading zero."""
    for position, word in enumerate(words):
        neighbours = [words[i] for i in (position - 1, position + 1) if 0 <= i < len(words)]
        if word in {"oh", "o"} and any(neighbour.isdigit() for neighbour in neighbours):
            yield "0"
        elif word.isascii() and word.isdigit():
            yield from word
        else:
            yield word
