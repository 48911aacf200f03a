"""What a caller wants who asks to hear something again."""

from __future__ import annotations

from typing import Final, Literal

from nova_agent.capture.phrases import Phrases, phrases
from nova_agent.capture.speech import phrase_at, tokenise, words_of

RepeatKind = Literal["again", "explain", "choices"]

_CHOICES: Final = phrases(
    "option, options, choice, choices, list, possible answers, what can i say, what can i choose, what can i pick",
    "what could i say, which ones are there, what are they, what were they, what answers, the answers",
    "the possibilities, what is there, what can i answer, scale, from what to what, out of what, what range",
)
_EXPLAIN: Final = phrases(
    "what do you mean, what does that mean, what does it mean, what's that mean, meaning, explain, clarify",
    "elaborate, don't understand, do not understand, didn't understand, don't get it, don't get that",
    "don't follow, not following, what is that, what's that supposed to mean, in other words, rephrase",
    "put it differently, say it differently, confused, not clear, unclear, why do you ask, why do you need",
    "why do you want, what for, what is it for, for example, an example, example, such as what, like what",
    "help me understand, what did you mean, mean by that, not sure what you mean, definition",
)
_LONGEST: Final = 6
_LONGEST_COUNTER_QUESTION: Final = 9
_QUESTION_WORDS: Final = frozenset(("what", "why", "how", "which", "can", "could", "pardon", "sorry", "excuse", "huh"))


def repeat_kind(words: str) -> RepeatKind:
    """Tell a plain repetition ("say that again") from a wish for an explanation or for the list of choices."""
    said = words_of(tokenise(words))
    if _contains(said, _CHOICES):
        return "choices"
    return "explain" if _contains(said, _EXPLAIN) else "again"


def asks_back(words: str) -> bool:
    """Whether the caller asked about the question instead of answering it.

    Only a short sentence that is heard as a question counts: free text may hold "for example" or "what" as well.
    """
    said = words_of(tokenise(words))
    if not words.rstrip().endswith("?") or not 0 < len(said) <= _LONGEST_COUNTER_QUESTION:
        return False
    return said[0] in _QUESTION_WORDS or _contains(said, _EXPLAIN) or _contains(said, _CHOICES)


def _contains(said: tuple[str, ...], known: Phrases) -> bool:
    return any(phrase_at(said, position, known, _LONGEST) for position in range(len(said)))
