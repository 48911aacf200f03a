"""The phrases of ``lexicon.yaml``, compiled for matching on the stems of a clause."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import yaml

from nova_agent.localsonic.brain.words import reduced, stem, tokens_of

_GAP: Final = r"(?:\S+ ){0,4}"


@dataclass(frozen=True, slots=True)
class Phrase:
    """``pattern`` searches a stemmed clause; ``text`` is the phrase as written, reduced, for fuzzy comparison."""

    text: str
    pattern: re.Pattern[str]

    @property
    def is_word(self) -> bool:
        """A single word is compared by its letters: "waiting" is an answer where "wait" is a wish."""
        return " " not in self.text


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The phrases of one intent by the strictness of their match."""

    intent: str
    alone: tuple[Phrase, ...]
    lead: tuple[Phrase, ...]
    anywhere: tuple[Phrase, ...]
    heard_as: frozenset[str]


@cache
def lexicons() -> dict[str, Lexicon]:
    """All intents, read once from the file beside this module."""
    source = resources.files(__package__).joinpath("lexicon.yaml").read_text(encoding="utf-8")
    return {intent: _lexicon(intent, entry) for intent, entry in yaml.safe_load(source).items()}


def _lexicon(intent: str, entry: dict[str, list[str]]) -> Lexicon:
    return Lexicon(
        intent=intent,
        alone=tuple(_phrase(text) for text in entry["alone"]),
        lead=tuple(_phrase(text) for text in entry["lead"]),
        anywhere=tuple(_phrase(text) for text in entry["anywhere"]),
        heard_as=frozenset(entry["heard_as"]),
    )


def _phrase(text: str) -> Phrase:
    words = [part if part == "*" else tokens_of(part) for part in re.split(r"\s*(\*)\s*", text) if part]
    kept = [("*",) if part == "*" else reduced(tuple(part)) for part in words]
    flat = [word for part in kept for word in part]
    single = len(flat) == 1
    body = "".join(_GAP if word == "*" else re.escape(word if single else stem(word)) + " " for word in flat)
    return Phrase(" ".join(flat), re.compile(f"(?<= ){body}"))
