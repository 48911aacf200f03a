"""The phrases that say yes, no, or neither, and how far each can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nova_agent.capture.phrases import Phrases, phrases

_YES: Final = phrases(
    "yes, yeah, yep, yup, ya, yah, yea, yas, yess, aye, y, sure, of course, certainly, absolutely, definitely",
    "totally, indeed, affirmative, correct, exactly, precisely, that's right, that is right, that's correct",
    "that is correct, yip, it's correct, it is correct, you bet, sure thing, sounds good, sounds right",
    "sounds great, go ahead, please do, by all means, uh huh, mm hmm, mhm, mmhmm, mm hm, uh hum, no problem",
    "no worries, no doubt, no question, why not, not a problem, okay, ok, k, all right, alright, that's fine",
    "that is fine, that works, works for me, i agree, i do, i did, i'd love to, i'd like to, i'd like that, we do",
    "they do, do it, i think so, for sure, without a doubt, please, yes please, yes i do, very much so",
    "i'd be happy to, happy to, that's true, i consent, no yeah, looks good, confirmed, i confirm, agreed",
    "all good, it's fine, i don't mind, you got it, that's the one, spot on, naturally, obviously, of course i do",
    "can't say no, wouldn't say no, i wouldn't say no, i can't say no, 100 percent",
)
_SHORT_YES: Final = phrases(
    "i'm sure, i am, i have, i would, i will, i can, i was, i could, we are, we did, we have, we would, we will",
    "we were, it is, it was, it does, it did, it has, it will, they did, they are, they were, he does, she does",
    "he is, she is, there is, there are, there was, there were, fine, good, great, perfect, true, right",
    "that's it, that's me, i have been",
)
_HEDGED_YES: Final = phrases(
    "i guess so, i guess, i guess yes, i suppose so, i suppose, probably, probably yes, most likely, likely",
    "i believe so, i'd say so, i would say so, i think yes, pretty much, more or less, i hope so, mostly, kind of",
    "sort of, kinda, sorta, if i have to, if you want, i reckon so, i imagine so, maybe yes, i'm pretty sure",
    "apparently, i think i do, i think i did",
)
_NO: Final = phrases(
    "no, nope, nah, naw, nay, negative, n, not at all, not really, no way, no thanks, no thank you, of course not",
    "absolutely not, definitely not, certainly not, incorrect, that's wrong, that is wrong, that's not right",
    "no chance, that's not correct, that is not right, that is not correct, that isn't right, that isn't correct",
    "it's wrong, i don't, i do not, i don't think so, i do not think so, i'm not, i am not, i didn't, i did not",
    "i haven't, i have not, i wouldn't, i would not, i won't, i will not, i can't, i cannot, i wasn't, i was not",
    "we don't, we didn't, we aren't, we're not, we haven't, we won't, it isn't, it is not, it's not, it wasn't",
    "it was not, it doesn't, it didn't, they don't, they didn't, they weren't, they aren't, there isn't",
    "there aren't, there wasn't, there weren't, not yet, not now, not today, not this time, not me, not even",
    "not at the moment, not currently, not right now, not any more, not anymore",
    "not ever, no sir, no ma'am, uh uh, nuh uh, mm mm, yeah no, not right, i've never, please don't",
    "not likely, not one bit, no i don't, by no means, far from it, not true, that's not true, i have never",
    "i disagree, i don't want to, i do not want to, i'd rather you didn't, not interested, i'm not interested",
    "no not really, i don't believe so, not exactly, not quite, not particularly, not especially",
    "not that i know of, not correct, not that i'm aware of, not that i can think of, i never, i never have",
    "i never did, yeah nah",
)
_SHORT_NO: Final = phrases("wrong, false, never, none, hardly, don't, do not, not, i refuse, never ever, nothing")
_HEDGED_NO: Final = phrases(
    "probably not, i guess not, i suppose not, i'd say not, i would say not, i wouldn't say so",
    "i would not say so, maybe not, i wouldn't say yes, wouldn't say yes, i would not say yes, can't say yes",
    "i can't say yes, i can't say i do, i don't suppose so, i hope not, i doubt it, not so much, most likely not",
    "i believe not, i think not, i'd rather not, i'd say no, i think no, i can't say so, i guess no",
    "i'm not so sure, i wouldn't think so, wouldn't say so, i don't really think so",
)
_UNDECIDED: Final = phrases(
    "i don't know, i do not know, don't know, dunno, i'm not sure, i am not sure, not sure, not certain",
    "i'm not certain, no idea, i have no idea, i've no idea, no clue, maybe, perhaps, possibly, it depends",
    "that depends, depends, yes and no, yes or no, no and yes, no comment, i'd rather not say",
    "i would rather not say, i'd prefer not to say, hard to say, i prefer not to say, prefer not to say",
    "rather not say, i don't want to say, i don't want to answer, i won't say, skip, skip it, pass, next question",
    "i can't say, i can't remember, i don't remember, i don't understand, i didn't understand, i don't get it",
    "either, neither, i refuse to answer, i'd rather not answer, i prefer not to answer, i won't answer",
    "i'd prefer not to answer, no preference, i couldn't say, i'm not going to answer, i don't follow",
    "i didn't catch that, i didn't hear, i can't hear you, i have a question, fifty fifty, what, pardon",
    "who knows, i can't tell, can't say, i forget, i forgot, i don't recall, could be, might be, sometimes",
    "never mind, i don't really know, not a clue, i honestly don't know, i'd rather not answer that, you tell me",
    "i didn't hear you, i didn't get that, i'm sorry what",
)


@dataclass(frozen=True, slots=True)
class Polarity:
    """What a phrase says. ``yes`` is None when it says neither; ``short`` phrases only count with a pause after."""

    yes: bool | None
    hedged: bool = False
    short: bool = False


def _table(*entries: tuple[Phrases, Polarity]) -> dict[tuple[str, ...], Polarity]:
    return {phrase: polarity for found, polarity in entries for phrase in found}


POLARITIES: Final = _table(
    (_YES, Polarity(yes=True)),
    (_SHORT_YES, Polarity(yes=True, short=True)),
    (_HEDGED_YES, Polarity(yes=True, hedged=True)),
    (_NO, Polarity(yes=False)),
    (_SHORT_NO, Polarity(yes=False, short=True)),
    (_HEDGED_NO, Polarity(yes=False, hedged=True)),
    (_UNDECIDED, Polarity(yes=None)),
)
STRONG: Final = phrases(
    "yes, yeah, yep, yup, yea, aye, true, false, no, nope, nah, naw, nay, negative, affirmative, correct",
    "incorrect, sure, absolutely, definitely, certainly, exactly, of course, absolutely not, definitely not",
    "certainly not, of course not, no way, not at all, no thanks, no thank you",
)
"""Phrases that answer by themselves, wherever they stand."""

WEAK: Final = phrases("okay, ok, k, right, all right, alright, fine, good, great, please, please do, sure")
"""Phrases that often only open an answer: "okay, no"."""
