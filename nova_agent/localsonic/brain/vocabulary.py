"""Word sets that the rules know, by what they are used for. All lower case, contractions written out."""

from __future__ import annotations

from typing import Final


def word_set(text: str) -> frozenset[str]:
    """The blank-separated words of ``text``."""
    return frozenset(text.split())


HESITATIONS: Final = word_set("um umm uh uhh er erm hmm hm mm mmm ah oh well so and but then hey hi hello")
"""What is no answer to anything, alone or together: "Um.", "Hello?", "Oh, well"."""

FILLERS: Final = HESITATIONS | word_set(
    "okay ok alright actually honestly anyway look listen yeah yes no nope please thanks thank sorry excuse right sure"
)
"""Words that open or pad an utterance and decide nothing when a wish stands beside them."""

LIGHT: Final = FILLERS | word_set(
    "the a an this that these those it one ones me i we us you your to for of on at in with from by about is am are be "
    "do does did can could would will may might shall should let want like need have has had got now just really "
    "maybe here there again question questions answer answers survey form call previous last moment second seconds "
    "minute minutes sec bit while little if not too also more think guess say today time"
)
"""Words that carry no subject of their own: an utterance of one wish and light words is nothing but that wish.

Possessives are not among them: "my back" names a part of the body, "back" a direction.
"""

QUESTION_WORDS: Final = word_set("what who whom whose when where why which how")
AUXILIARIES: Final = word_set("do does did is are was were can could would will should have has may")
DETERMINERS: Final = word_set("the a an this that these those")

YES: Final = word_set(
    "yes yeah yep yup yah ya yea yess sure certainly absolutely definitely correct right exactly okay ok fine true "
    "affirmative indeed course perfect great good agreed totally alright whynot"
)
NO: Final = word_set("no nope nah naw not never negative false wrong incorrect neither")

NUMBERS: Final = word_set(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fourty fifty sixty seventy eighty ninety hundred thousand million dozen "
    "couple half once twice none nil"
)
ORDINALS: Final = word_set(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth thirtieth last"
)
HEARD_NUMBERS: Final = word_set("ate won to too till for fore free tree sex sics tin nein niner oh fife heaven aight")
"""What the ears make of a number spoken alone."""

NOT_COUNTED: Final = word_set("this that the which last previous next no any some every other first right wrong")
"""After these "one" is a pronoun: "that one", "no one"."""

DIGIT_WORDS: Final = word_set("zero oh o one two three four five six seven eight nine double triple")

MONTHS: Final = word_set("january february march april june july august september october november december")
DATE_WORDS: Final = MONTHS | word_set(
    "jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mondays "
    "tuesdays wednesdays thursdays fridays saturdays sundays today tomorrow morrow yesterday tonight week weekend "
    "month year fortnight morning afternoon evening noon midday midnight o'clock am pm asap soon "
    "soonest earliest anytime whenever"
)
