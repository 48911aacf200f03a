"""Yes or no, in the many ways in which people say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nova_agent.capture.phrases import FILLERS, phrases
from nova_agent.capture.result import Captured, NotCaptured, Result
from nova_agent.capture.speech import Tokens, corrected, phrase_at, rest_after, tokenise, words_of

HINT: Final = "Please answer yes or no."

_YES: Final = phrases(
    "yes, yeah, yep, yup, ya, yah, yea, yas, yess, aye, y, true, sure, of course, certainly, absolutely, definitely, totally",
    "indeed, affirmative, correct, exactly, precisely, right, that's right, that is right, that's correct, that is correct",
    "it's correct, it is correct, that's it, you bet, sure thing, sounds good, sounds right, sounds great, go ahead, please do",
    "by all means, uh huh, mm hmm, mhm, mmhmm, mm hm, uh hum, no problem, no worries, no doubt, no question, why not",
    "not a problem, okay, ok, k, all right, alright, fine, that's fine, that is fine, that works, works for me, i agree",
    "i'm sure, i do, i am, i did, i have, i would, i will, i can, i was, i could, i'd love to, i'd like to, i'd like that",
    "we do, we are, we did, we have, we would, we will, we were, it is, it was, it does, it did, it has, they do, they did",
    "they are, they were, he does, she does, he is, she is, there is, there are, there was, there were, i think so, do it",
    "for sure, without a doubt, please, yes please, yes i do, very much so, i'd be happy to, happy to, that's true, i consent",
    "no yeah, no yes, looks good, good, great, perfect, confirmed, i confirm, agreed, all good, it's fine, i don't mind, you got it",
    "that's the one, spot on, indeed i do, naturally, obviously, of course i do, can't say no, wouldn't say no",
)
_HEDGED_YES: Final = phrases(
    "i guess so, i guess, i guess yes, i suppose so, i suppose, probably, probably yes, most likely, likely, i believe so",
    "i'd say so, i would say so, i think yes, pretty much, more or less, i hope so, mostly, kind of, sort of, kinda, sorta, apparently",
    "if i have to, if you want, i reckon so, i imagine so, maybe yes, i'm pretty sure",
)
_NO: Final = phrases(
    "no, nope, nah, naw, nay, negative, n, false, never, not at all, not really, no way, no thanks, no thank you, of course not",
    "absolutely not, definitely not, certainly not, incorrect, wrong, that's wrong, that is wrong, that's not right",
    "that's not correct, that is not right, that is not correct, that isn't right, that isn't correct, it's wrong, not correct",
    "i don't, i do not, i don't think so, i do not think so, i'm not, i am not, i didn't, i did not, i haven't, i have not",
    "i wouldn't, i would not, i won't, i will not, i can't, i cannot, i wasn't, i was not, we don't, we didn't, we aren't",
    "we're not, we haven't, we won't, it isn't, it is not, it's not, it wasn't, it was not, it doesn't, it didn't, they don't",
    "they didn't, they weren't, they aren't, there isn't, there aren't, there wasn't, there weren't, not yet, not now, not today",
    "not this time, not me, not even, not ever, no sir, no ma'am, uh uh, nuh uh, mm mm, yeah no, yes no, not right, don't, do not",
    "please don't, not likely, not one bit, no i don't, by no means, far from it, hardly, none, not true, that's not true, i refuse",
    "i disagree, i don't want to, i do not want to, i'd rather you didn't, not interested, i'm not interested, no not really",
    "i don't believe so, not exactly, not quite, not particularly, not especially, not that i know of, not that i'm aware of",
)
_HEDGED_NO: Final = phrases(
    "probably not, i guess not, i suppose not, i'd say not, i would say not, i wouldn't say so, i would not say so, maybe not",
    "i wouldn't say yes, wouldn't say yes, i would not say yes, can't say yes, i can't say yes, i can't say i do, i can't say so",
    "i hope not, i doubt it, not so much, most likely not, i believe not, i think not, i'd rather not, i don't suppose so, wouldn't say so",
)
_UNDECIDED: Final = phrases(
    "i don't know, i do not know, don't know, dunno, i'm not sure, i am not sure, not sure, not certain, i'm not certain, no idea",
    "i have no idea, i've no idea, no clue, maybe, perhaps, possibly, it depends, that depends, depends, yes and no, yes or no",
    "no and yes, no comment, i'd rather not say, i would rather not say, i'd prefer not to say, i prefer not to say, hard to say",
    "prefer not to say, rather not say, i don't want to say, i don't want to answer, i won't say, skip, skip it, pass, next question",
    "i can't say, i can't remember, i don't remember, i don't understand, i didn't understand, i don't get it, either, neither",
    "i refuse to answer, i'd rather not answer, i prefer not to answer, i won't answer, i'd prefer not to answer, no preference",
    "i couldn't say, i'm not going to answer, i don't follow, i didn't catch that, i didn't hear, i can't hear you, i have a question",
    "fifty fifty, what, pardon, who knows, i can't tell, can't say, i forget, i forgot, i don't recall, could be, might be, sometimes",
)
_STRONG: Final = frozenset(
    "yes yeah yep yup yea aye true false no nope nah naw nay negative affirmative correct incorrect sure absolutely "
    "definitely certainly exactly".split()
)
_LONGEST: Final = 7


@dataclass(frozen=True, slots=True)
class Polar:
    """A phrase that says yes or no, in ``tokens[start:end]``; ``yes`` is None for "I don't know"."""

    yes: bool | None
    start: int
    end: int
    hedged: bool = False
    strong: bool = False


def capture_yes_no(words: str) -> Result[bool]:
    """Understand a yes or a no. Not knowing and refusing are neither."""
    if not tokenise(words):
        return NotCaptured("empty", HINT)
    return corrected(words, _read, bare_no=False)


def _read(text: str) -> Result[bool]:
    tokens = tokenise(text)
    found = _polar_phrases(tokens)
    opening = _opening(tokens, found)
    answer = opening or next((polar for polar in found if polar.strong), None)
    if answer is None or answer.yes is None:
        return _sound_alike(tokens) or NotCaptured("not-understood", HINT)
    if any(_contradicts(tokens, answer, other) for other in found):
        return NotCaptured("ambiguous", "I heard both yes and no. Which one is it?")
    doubts = (("hedged",) if answer.hedged else ()) + (() if opening else ("buried",))
    return Captured(answer.yes, "yes" if answer.yes else "no", doubts, _rest(text, tokens, found, answer))
