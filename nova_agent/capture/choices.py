"""One or several of a list of choices: by name, by place ("the second one"), by part of a name, or nearly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from nova_agent.capture.phrases import EMPTY_WORDS, Phrases, phrases, word_set
from nova_agent.capture.positions import said_places
from nova_agent.capture.result import Captured, NotCaptured, Result
from nova_agent.capture.sounds import likeness, stem
from nova_agent.capture.speech import Tokens, corrected, phrase_at, rest_after, tokenise, trim, words_of
from nova_agent.capture.synonyms import ALL_OF_THEM, BOTH, NONE_OF_THEM, same_meaning
from nova_agent.capture.yesno import capture_yes_no

_NEARLY: Final = 80.0
_MARGIN: Final = 8.0
_LONGEST_NAME: Final = 12
_NEGATIONS: Final = phrases(
    "not, isn't, but not, except, except for, everything but, all but, without, don't want, not so much",
    "and no, but no, or no, nor, neither",
    "rather than, instead of, anything but, apart from, other than, excluding, besides, wasn't, definitely not",
)
_SEPARATORS: Final = word_set("and or plus also & comma as well then")


@dataclass(frozen=True, slots=True)
class Choice:
    """``value`` is what is stored, ``label`` what is said, ``aliases`` further ways to say it."""

    value: str
    label: str
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.label, self.value, *self.aliases)


type Choices = tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Mention:
    """A choice, by its index, that was named in ``tokens[start:end]``; ``negated`` if it was ruled out."""

    index: int
    start: int
    end: int
    negated: bool = False
    doubt: str = ""


@lru_cache(maxsize=256)
def names_of(choices: Choices) -> dict[tuple[str, ...], int]:
    """Every way to name a choice, as stemmed words, with the index of the choice. A name of two choices is none's."""
    own = [_stemmed_names(choice) for choice in choices]
    taken: dict[tuple[str, ...], list[int]] = {}
    for index, (names, _) in enumerate(own):
        for name in names:
            taken.setdefault(name, []).append(index)
    implied: dict[tuple[str, ...], list[int]] = {}
    for index, (_, synonyms) in enumerate(own):
        for name in synonyms - taken.keys():
            implied.setdefault(name, []).append(index)
    return {name: found[0] for name, found in (taken | implied).items() if len(found) == 1}


def _stemmed_names(choice: Choice) -> tuple[Phrases, Phrases]:
    names: Phrases = frozenset(words_of(tokenise(name.replace("_", " "))) for name in choice.names) - {()}
    return frozenset(map(_stems, names)), frozenset(map(_stems, same_meaning(names)))


@lru_cache(maxsize=256)
def _spelled_names(choices: Choices) -> tuple[tuple[str, int], ...]:
    """The choices' own names as plain words, each with the index of its choice."""
    return tuple(
        (" ".join(words_of(tokenise(name.replace("_", " ")))), index)
        for index, choice in enumerate(choices)
        for name in dict.fromkeys(choice.names)
    )


def _stems(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(stem, words))


def named(tokens: Tokens, choices: Choices) -> Iterator[Mention]:
    """Yield the choices whose names stand in the utterance, the longest name first at each place."""
    names = names_of(choices)
    known = frozenset(names)
    words = words_of(tokens)
    stems = _stems(words)
    position = 0
    while position < len(stems):
        length = phrase_at(stems, position, known, _LONGEST_NAME)
        if length:
            index = names[stems[position : position + length]]
            yield Mention(index, position, position + length, _is_negated(words, position))
        position += length or 1


def _is_negated(words: tuple[str, ...], start: int) -> bool:
    before = words[max(0, start - 4) : start]
    while before and before[-1] in ("the", "a", "an"):
        before = before[:-1]
    return any(tuple(before[-length:]) in _NEGATIONS for length in range(1, len(before) + 1))


def mentions(text: str, choices: Choices) -> tuple[Mention, ...]:
    """Find what was meant: by name, else by place, else by a part of a name, else nearly."""
    tokens = tokenise(text.replace("_", " "))
    found = tuple(named(tokens, choices))
    if any(not mention.negated for mention in found):
        return found
    if found:
        return _by_place(tokens, choices) or found
    return (
        _by_place(tokens, choices)
        or _by_yes_or_no(text, tokens, choices)
        or _by_part(tokens, choices)
        or _nearly(tokens, choices)
    )


def _by_yes_or_no(text: str, tokens: Tokens, choices: Choices) -> tuple[Mention, ...]:
    """Where yes and no are choices, every way to say them counts."""
    names = names_of(choices)
    if ("yes",) not in names or ("no",) not in names:
        return ()
    answer = capture_yes_no(text)
    if not isinstance(answer, Captured):
        return ()
    index = names[("yes",) if answer.value else ("no",)]
    doubt = answer.doubts[0] if answer.doubts else ""
    return (Mention(index, 0, len(tokens), doubt=doubt),)


def _by_place(tokens: Tokens, choices: Choices) -> tuple[Mention, ...]:
    words = words_of(tokens)
    return tuple(
        Mention(
            place.index, place.start, place.end, _is_negated(words, place.start), "by-position" if place.bare else ""
        )
        for place in said_places(tokens, len(choices))
    )


def _by_part(tokens: Tokens, choices: Choices) -> tuple[Mention, ...]:
    """A short answer that is part of names: "satisfied" for "very satisfied", or "the blue one"."""
    words = trim(tokens)
    asked = {stem(token.word) for token in words if token.word not in EMPTY_WORDS}
    if not asked:
        return ()
    owners = {index for name, index in names_of(choices).items() if asked <= set(name)}
    start, end = tokens.index(words[0]), tokens.index(words[-1]) + 1
    return tuple(Mention(index, start, end) for index in sorted(owners))


def _nearly(tokens: Tokens, choices: Choices) -> tuple[Mention, ...]:
    """The choice whose name is nearest to some part of the utterance, if near enough and clearly the nearest."""
    said = words_of(tokens)
    best: dict[int, tuple[float, int, int]] = {}
    for name, index in _spelled_names(choices):
        for start, end in _windows(len(said), len(name.split())):
            score = max(likeness(" ".join(said[start:end]), name), likeness("".join(said[start:end]), name))
            if score > best.get(index, (0.0, 0, 0))[0]:
                best[index] = (score, start, end)
    ranked = sorted(((*found, index) for index, found in best.items()), reverse=True)
    if not ranked or ranked[0][0] < _NEARLY or (len(ranked) > 1 and ranked[0][0] - ranked[1][0] < _MARGIN):
        return ()
    _, start, end, index = ranked[0]
    return (Mention(index, start, end, _is_negated(words_of(tokens), start), "fuzzy-match"),)


def _windows(length: int, size: int) -> Iterator[tuple[int, int]]:
    for width in {max(1, size - 1), size, size + 1}:
        yield from ((start, start + width) for start in range(min(length, 40) - width + 1))


def capture_choice(words: str, choices: Choices) -> Result[str]:
    """Understand exactly one choice."""
    if not tokenise(words):
        return NotCaptured("empty", _hint(choices))
    return corrected(words, lambda text: match_one(text, choices))


def match_one(text: str, choices: Choices) -> Result[str]:
    """Read one choice from a text without corrections; several different ones are ambiguous."""
    everything = mentions(text, choices)
    found = [mention for mention in everything if not mention.negated]
    if not found:
        return NotCaptured("not-understood", _hint(choices))
    indices = list(dict.fromkeys(mention.index for mention in found))
    if len(indices) > 1:
        labels = [choices[index].label for index in indices]
        return NotCaptured("ambiguous", f"I heard {_listed(labels, 'and')}. Which one is it?", heard=", ".join(labels))
    choice = choices[indices[0]]
    return Captured(choice.value, choice.label, _doubts(found), _rest(text, everything))


def capture_choices(words: str, choices: Choices, minimum: int, maximum: int | None) -> Result[tuple[str, ...]]:
    """Understand any number of choices within the limits; the values come in the order of ``choices``."""
    if not tokenise(words):
        return NotCaptured("empty", _hint(choices))
    # "Pain, and no fever" rules a choice out; it does not take the first one back.
    return corrected(words, lambda text: _match_many(text, choices, minimum, maximum), bare_no=False)


def _match_many(text: str, choices: Choices, minimum: int, maximum: int | None) -> Result[tuple[str, ...]]:
    found = _all_mentions(text, choices)
    if found is None:
        return NotCaptured("not-understood", _hint(choices))
    excluded = {mention.index for mention in found if mention.negated}
    indices = sorted({mention.index for mention in found if not mention.negated} - excluded)
    labels = [choices[index].label for index in indices]
    if len(indices) < minimum:
        return NotCaptured(
            "too-few", f"Please choose at least {minimum}: {_listed(_labels(choices), 'or')}.", ", ".join(labels)
        )
    if maximum is not None and len(indices) > maximum:
        return NotCaptured(
            "too-many", f"Please choose at most {maximum}: {_listed(_labels(choices), 'or')}.", ", ".join(labels)
        )
    values = tuple(choices[index].value for index in indices)
    return Captured(values, _listed(labels, "and") or "none of them", _doubts(found), _rest(text, found))


def _all_mentions(text: str, choices: Choices) -> list[Mention] | None:
    """Every mention, with "all of them" and "none of the above" worked out; None if nothing was understood."""
    tokens = tokenise(text.replace("_", " "))
    direct = list(named(tokens, choices))
    words = words_of(trim(tokens)) or words_of(tokens)
    if _says(words, ALL_OF_THEM) or (len(choices) == 2 and _says(words, BOTH)):
        whole = [Mention(index, 0, len(tokens)) for index in range(len(choices))]
        return whole + [Mention(m.index, m.start, m.end, negated=True) for m in direct if m.negated]
    if _says(words, NONE_OF_THEM) and all(mention.negated for mention in direct):
        return []
    found = direct if any(not mention.negated for mention in direct) else list(mentions(text, choices))
    return (found + _between(tokens, found, choices)) or None


def _says(words: tuple[str, ...], known: Phrases) -> bool:
    """Whether an answer opens with one of ``known``; what follows may only take something away again."""
    return bool(phrase_at(words, 0, known))


def _between(tokens: Tokens, found: list[Mention], choices: Choices) -> list[Mention]:
    """Choices that were nearly named between the ones that were clearly named: "email and fone"."""
    covered = {position for mention in found for position in range(mention.start, mention.end)}
    taken = {mention.index for mention in found}
    pieces: list[Mention] = []
    for start, end in _gaps(tokens, covered):
        near = _nearly(tokens[start:end], choices) if end - start <= 3 else ()
        pieces += [
            Mention(m.index, m.start + start, m.end + start, m.negated, m.doubt) for m in near if m.index not in taken
        ]
    return pieces


def _gaps(tokens: Tokens, covered: set[int]) -> Iterator[tuple[int, int]]:
    start = 0
    for position in range(len(tokens) + 1):
        is_end = position == len(tokens)
        if is_end or position in covered or tokens[position].word in _SEPARATORS:
            if position > start:
                yield start, position
            start = position + 1


def _doubts(found: list[Mention]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(mention.doubt for mention in found if mention.doubt))


def _rest(text: str, found: Iterable[Mention]) -> str:
    end = max((mention.end for mention in found), default=0)
    return rest_after(text, tokenise(text.replace("_", " "))[end - 1].end) if end else ""


def _labels(choices: Choices) -> list[str]:
    return [choice.label for choice in choices]


def _hint(choices: Choices) -> str:
    return f"Please choose one of these: {_listed(_labels(choices), 'or')}."


def _listed(labels: list[str], conjunction: str) -> str:
    if len(labels) < 2:
        return "".join(labels)
    return f"{', '.join(labels[:-1])} {conjunction} {labels[-1]}"
