"""The few sentences of its own that the rules brain speaks, and how it reads foreign tool results out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from nova_agent.localsonic.brain.decide import Why
from nova_agent.localsonic.sentences import split_sentences

APOLOGY: Final = "I'm sorry, something went wrong on my side."
GOODBYES: Final = ("Goodbye, and take care.", "Thanks again. Goodbye.")
TAKE_YOUR_TIME: Final = "Sure, take your time."
NOTHING_OPEN: Final = "One moment, please."
GREETING: Final = "Hello. How can I help you?"
DONE: Final = "Done."
SPOKEN_LIMIT: Final = 400
"""Characters of a foreign tool result that are read out at most."""

_OPENERS: Final[Mapping[Why, tuple[str, ...]]] = {
    Why.UNHEARD: ("Sorry, I didn't catch that.", "I'm sorry, I still didn't get that.", "Let me ask that again."),
    Why.OFF_TOPIC: ("That is a good question, but I can't help with it here.", "I'm afraid I don't know that one."),
    Why.NOT_OFFERED: ("I'm afraid that isn't possible right now.", "I'm sorry, I can't do that at this point."),
    Why.REPEAT: ("Of course.", "Sure."),
}
_READABLE_KEYS: Final = ("say", "message", "text", "answer", "summary", "description", "result", "content", "error")


def ask_again(why: Why, say: str, turn: int) -> str:
    """``say`` once more behind an opener that changes from turn to turn; a caller who wants a moment is left alone."""
    if why is Why.MOMENT:
        return TAKE_YOUR_TIME
    openers = _OPENERS[why]
    return f"{openers[turn % len(openers)]} {question_of(say)}".strip()


def question_of(say: str) -> str:
    """The question of a directive with what follows it, without the thanks or the hint before it."""
    sentences = split_sentences(say)
    asked = [index for index, sentence in enumerate(sentences) if sentence.rstrip().endswith("?")]
    if not asked:
        return say
    first = asked[-1]
    while first and sentences[first - 1].rstrip().endswith("?"):
        first -= 1
    return " ".join(sentence.strip() for sentence in sentences[first:])


def goodbye(turn: int) -> str:
    """What is said after the end, should the caller still talk."""
    return GOODBYES[turn % len(GOODBYES)]


def echo(text: str) -> str:
    """The neutral reply of a brain that has nothing to go by."""
    heard = text.strip()
    return f"I heard: {heard}" if heard else "I heard nothing."


def read_out(content: str) -> str:
    """The most readable string of a tool result; "Done." if there is none."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return DONE
    fields = value if isinstance(value, Mapping) else {}
    named = [fields[key] for key in _READABLE_KEYS if isinstance(fields.get(key), str) and fields[key].strip()]
    found = named[0] if named else max(_strings(fields), key=_readability, default="")
    return found.strip()[:SPOKEN_LIMIT] or DONE


def _readability(text: str) -> tuple[int, int]:
    return (text.count(" "), len(text))


def _strings(value: Any, depth: int = 3) -> Iterator[str]:
    """Strings in ``value`` and a few levels below."""
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item, depth - 1)
    elif depth and isinstance(value, list):
        for item in value:
            yield from _strings(item, depth - 1)
