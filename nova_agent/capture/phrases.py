"""Words that frame an answer without being one: fillers, politeness, lead-ins, corrections, connectors."""

from __future__ import annotations

from typing import Final

type Phrases = frozenset[tuple[str, ...]]


def phrases(*lines: str) -> Phrases:
    """Build a set of phrases, each a tuple of words, from comma-separated lines."""
    return frozenset(tuple(phrase.split()) for line in lines for phrase in line.split(",") if phrase.strip())


def word_set(*lines: str) -> frozenset[str]:
    """Build a set of single words from lines of words."""
    return frozenset(word for line in lines for word in line.split())


FILLERS: Final = word_set(
    "um uh er erm hmm hm mm mmm ah eh oh ooh huh well so okay ok like just anyway alright basically "
    "honestly hello hi hey ahem let's"
)

LEAD_INS: Final = phrases(*FILLERS) | phrases(
    "i think, i guess, i suppose, i believe, i reckon, i feel, i feel like, i think it's, i think it is",
    "i think that, i think i'd say, i think i'll say, i'm thinking, i was thinking, i think i would say",
    "i guess it's, i guess i'd say, i'd say, i would say, i'd have to say, i would have to say, i'll say, i say",
    "i said, i want to say, i'm going to say, i'm gonna say, i'd probably say, i would probably say",
    "i would go for, i'd go for, i'll go for, let's go for, i'd go with, i would go with, i'll go with",
    "i will go with, let's go with, let's say, let us say, we'll say, i'd give it, i would give it, i'd give them",
    "i'd give you, i give it, i'll give it, i'd give that, i'd rate it, i would rate it, i'd put it at, i'd put",
    "put, put down, put me down for, put me down as, mark me down for, mark, it's, it is, it's a, it's like",
    "it'd be, it would be, it was, it will be, it'll be, that's, that is, that'd be, that would be, that was",
    "this is, they're, we're, you can put, you can say, give it, make it, call it, i'd like, i would like",
    "i'll take, i will take, i want, i'd pick, i would pick, i'll pick, i pick, i choose, i'd choose",
    "i would choose, i'll choose, i'll have, i prefer, i'd prefer, i would prefer, i'd rather, i have, i've got",
    "let me see, let me think, let's see, give me a second, hang on, hold on, one moment, one second, one sec",
    "you know, i mean, please, yes please, sure, thanks, thank you, right, as i said, like i said, to be honest",
    "probably, maybe, perhaps, possibly, definitely, certainly, about, around, roughly, approximately, at",
    "answer is, answer, the answer, and the answer is, number is, the number, my number, and, then, my answer",
)

TAILS: Final = phrases(*(FILLERS - {"oh"})) | phrases(
    "please, thanks, thank you, thank you very much, thanks a lot, cheers, sir, ma'am, madam, miss, mate, dear",
    "okay thanks, i think, i guess, i suppose, i believe, i reckon, i'd say, i would say, i feel, for me, for now",
    "for sure, you know, you see, right, that's it, that's all, that is it, that is all, that's my answer",
    "is my answer, that's right, would be my answer, maybe, probably, perhaps, i mean, definitely, then, really",
    "actually, to be honest, and, so, or so, sorry, i'm afraid, that's it thanks, that's what i'd say",
    "or something, or something like that, yeah",
)

FIRM_CORRECTIONS: Final = phrases(
    "no wait, wait no, oh wait no, no no, no no no, no no wait, wait wait, oh wait, wait, no hold on, hold on no",
    "hang on no, scratch that, strike that, no scratch that, no sorry, sorry no, oh sorry, oh no, no i mean",
    "no i meant, no actually, actually no, correction, let me correct that, i take that back, let me change that",
    "i want to change that to, change that to, change it to, no make it, no make that, make that, or rather",
    "i should say, no let's say, no i said, i meant to say, my mistake, my bad, excuse me i mean, no it's",
    "no that's, no it is, no that is",
)

LOOSE_CORRECTIONS: Final = phrases(
    "actually, i mean, i meant, sorry, rather, make it, well actually, or actually, i'd rather say",
    "on second thought, on second thoughts, come to think of it, pardon, pardon me, excuse me",
)

CLAUSE_STARTS: Final = word_set(
    "i we they he she you because since as there if when while who which what why how i'm we're they're i've we've "
    "i'd we'd but though although where"
)

CONNECTORS: Final = word_set("and um uh er erm hmm well so oh like or then also plus")

EMPTY_WORDS: Final = FILLERS | word_set(
    "a an the and or but of to in on at for is was be been are am it its it's that that's this i i'd i'm me my you "
    "your we they he she them us out one ones point points star stars please thanks thank then there here as with "
    "from by if too also very really would say think guess suppose do does did have has had not no yes yeah will "
    "can could should percent times time"
)
