"""Letters said one by one: "j o h n", "J as in Juliet", "juliet oscar hotel november", "double l"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

NATO: Final = {
    "alpha": "a", "alfa": "a", "bravo": "b", "charlie": "c", "delta": "d", "echo": "e", "foxtrot": "f", "golf": "g",
    "hotel": "h", "india": "i", "juliet": "j", "juliett": "j", "kilo": "k", "lima": "l", "mike": "m", "november": "n",
    "oscar": "o", "papa": "p", "quebec": "q", "romeo": "r", "sierra": "s", "tango": "t", "uniform": "u", "victor": "v",
    "whiskey": "w", "whisky": "w", "xray": "x", "yankee": "y", "zulu": "z",
}  # fmt: skip
_FEWEST_NATO: Final = 3
_FIGURES: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
)  # fmt: skip


def despell(words: Sequence[str]) -> tuple[list[str], bool]:
    """Replace spelled letters by letters; the flag tells whether anything was spelled.

    A run of single letters becomes one word. Code words count only in runs of three or more, or in
    "J as in Juliet"; "mike" alone is a name.
    """
    letters = _without_code_words(_without_examples(words))
    joined: list[str] = []
    spelled = False
    was_letter = False
    for word in letters:
        is_letter = len(word) == 1 and word.isalpha()
        if is_letter and was_letter:
            joined[-1] += word
            spelled = True
        else:
            joined.append(word)
        was_letter = is_letter
    return joined, spelled or letters != list(words)


def _without_examples(words: Sequence[str]) -> list[str]:
    """Cut "as in Juliet", "for Bravo", "like November" after a letter; resolve "double l" and "capital J"."""
    result: list[str] = []
    position = 0
    while position < len(words):
        word, following = words[position], words[position + 1 : position + 4]
        position += 1
        if word in ("capital", "uppercase", "lowercase") and following and len(following[0]) == 1:
            continue
        if word == "double" and following and len(following[0]) == 1 and following[0].isalpha():
            result += [following[0]] * 2
            position += 1
        elif len(word) == 1 and word.isalpha():
            result.append(word)
            position += _example_length(word, following)
        else:
            result.append(word)
    return result


def _example_length(letter: str, following: Sequence[str]) -> int:
    if len(following) > 2 and tuple(following[:2]) == ("as", "in") and following[2].startswith(letter):
        return 3
    is_example = len(following) > 1 and following[0] in ("for", "like") and len(following[1]) > 1
    return 2 if is_example and following[1].startswith(letter) else 0


def _without_code_words(words: Sequence[str]) -> list[str]:
    result = list(words)
    start = 0
    for end in range(len(words) + 1):
        if end < len(words) and (words[end] in NATO or len(words[end]) == 1):
            continue
        if sum(word in NATO for word in words[start:end]) >= _FEWEST_NATO:
            result[start:end] = [NATO.get(word, word) for word in words[start:end]]
        start = end + 1
    return result


def spell_out(text: str) -> str:
    """Say a text letter by letter: "jo4" is "j, o, four"."""
    names = {".": "dot", "_": "underscore", "-": "dash", "+": "plus", "@": "at"}
    return ", ".join(names.get(char) or (_FIGURES[int(char)] if char in "0123456789" else char) for char in text)
