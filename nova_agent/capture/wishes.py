"""Whether a caller was heard to want something other than to answer: to stop, to pause, a person.

These end a call, so a tool that does it checks the caller's own words first: a model that calls it on a whim must
not end anything. The patterns are wide on purpose; the model has already understood the wish.
"""

from __future__ import annotations

import re
from typing import Final, Literal

Wish = Literal["stop", "pause", "person"]

_STOP: Final = (
    r"stop\w*|quit\w*|hang(?:ing)? up|cancel\w*|no more|forget (?:it|this)|never ?mind|good ?bye|bye|gotta (?:go|run)",
    r"(?:have|has|got|need|want|going) to (?:go|leave|run|end|finish)|leave (?:it|this) (?:there|here)|fed up",
    r"wrap (?:it|this) up|not interested|don't want (?:to|this|any)|let me go|call it (?:a day|quits)",
    r"(?:no|out of) time",
    r"(?:i'm|i am|we're) (?:done|finished)|enough (?:of|now|for)|that's enough|end (?:it|this|the) ?\w*",
)
_PAUSE: Final = (
    r"paus\w*|take a break|(?:another|some other|different) (?:time|day)|not a good time|bad time",
    r"in a (?:rush|hurry)|continue|pick (?:this|it) up|resume|come back|do (?:it|this|the rest) (?:later|tomorrow)",
    r"finish (?:it|this) (?:later|tomorrow)",
)
_WEAK: Final = (
    r"later|tomorrow|tonight|next week|(?:call|ring) (?:me )?back|busy|not (?:right )?now|end|ending|finish\w*|done",
    r"enough|that(?:'s| is| was)? (?:all|it)(?! right)",
)
"""Words that may be part of an answer as well: "tomorrow" to a question for a day."""
_PERSON: Final = (
    r"person|people|human|someone|somebody|anyone|anybody|agent|operator|representative|rep|real|manager|supervisor",
    r"colleague|nurse|doctor|receptionist|staff|(?:talk|speak|talking|speaking) (?:to|with)|transfer|put me through",
    r"connect me|help",
)


def _pattern(*parts: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(parts)})\b", re.IGNORECASE)


_CLEAR: Final = {
    "stop": _pattern(*_STOP, *_PAUSE),
    "pause": _pattern(*_PAUSE, *_STOP),
    "person": _pattern(*_PERSON),
}
_PERHAPS: Final = {"stop": _pattern(*_WEAK), "pause": _pattern(*_WEAK)}


def wants(wish: Wish, heard: str, *, answered: bool = False) -> bool:
    """Say whether what the caller was heard to say holds this wish.

    Args:
        wish: what the caller may want.
        heard: the caller's words.
        answered: the same words also answer the open question; then only a clear wish counts.
    """
    plain = heard.replace("’", "'")
    if _CLEAR[wish].search(plain):
        return True
    perhaps = _PERHAPS.get(wish)
    return not answered and perhaps is not None and perhaps.search(plain) is not None
