"""Whether a caller was heard to want something other than to answer: to stop, to pause, a person.

These end a call, so a tool that does it checks the caller's own words first: a model that calls it on a whim must
not end anything. The patterns are wide on purpose; the model has already understood the wish.
"""

from __future__ import annotations

import re
from typing import Final, Literal

Wish = Literal["stop", "pause", "person"]

_LATER: Final = (
    r"later|another (?:time|day)|some other (?:time|day)|tomorrow|tonight|next week|call (?:me )?back|ring (?:me )?back"
    r"|paus\w*|hold on|hang on|take a break|not (?:a good time|now|right now)|bad time|busy|in a (?:rush|hurry)|continue"
    r"|pick (?:this|it) up|resume|come back"
)
_STOP: Final = (
    r"stop\w*|quit\w*|end|ending|finish\w*|done|enough|hang(?:ing)? up|cancel\w*|no more|forget (?:it|this)|never ?mind"
    r"|good ?bye|bye|(?:have|has|got|need|want|going) to (?:go|leave|run)|gotta (?:go|run)|leave (?:it|this) (?:there|here)"
    r"|that(?:'s| is| was)? (?:all|it)|wrap (?:it|this) up|not interested|don't want (?:to|this|any)|fed up|let me go"
    r"|call it (?:a day|quits)|no time|out of time"
)
_PERSON: Final = (
    r"person|people|human|someone|somebody|anyone|anybody|agent|operator|representative|rep|real|manager|supervisor"
    r"|colleague|nurse|doctor|receptionist|staff|(?:talk|speak|talking|speaking) (?:to|with)|transfer|put me through"
    r"|connect me|help"
)

_PATTERNS: Final = {
    "stop": re.compile(rf"\b(?:{_STOP}|{_LATER})\b", re.IGNORECASE),
    "pause": re.compile(rf"\b(?:{_LATER}|{_STOP})\b", re.IGNORECASE),
    "person": re.compile(rf"\b(?:{_PERSON})\b", re.IGNORECASE),
}


def wants(wish: Wish, heard: str) -> bool:
    """Say whether what the caller was heard to say holds this wish."""
    return _PATTERNS[wish].search(heard.replace("’", "'")) is not None
