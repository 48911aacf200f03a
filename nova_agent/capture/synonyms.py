"""Ways to say the same choice: frequencies, "none of the above", "I don't know", yes and no."""

from __future__ import annotations

from typing import Final

from nova_agent.capture.phrases import Phrases, phrases

GROUPS: Final[tuple[Phrases, ...]] = (
    phrases("daily, every day, everyday, each day, once a day, every single day, one time a day"),
    phrases("weekly, every week, each week, once a week, once per week, every single week, one time a week"),
    phrases("biweekly, bi weekly, fortnightly, every two weeks, every other week, every second week, once a fortnight"),
    phrases("monthly, every month, each month, once a month, once per month, one time a month"),
    phrases("quarterly, every quarter, each quarter, once a quarter, every three months"),
    phrases("yearly, annually, every year, each year, once a year, once per year, annual"),
    phrases("never, not ever, not at all, not once"),
    phrases("always, all the time, every time, every single time"),
    phrases("sometimes, some times, some of the time, occasionally, now and then, once in a while, every now and then"),
    phrases("rarely, hardly ever, seldom, almost never, not often, not very often"),
    phrases("often, frequently, a lot, regularly"),
    phrases("none, none of the above, none of them, none of these, none of those, neither, neither of them, not any"),
    phrases("all of the above, all of them, all of these, all of those, both, everything, all"),
    phrases(
        "don't know, i don't know, do not know, i do not know, not sure, i'm not sure, no idea, dunno, unsure",
        "i have no idea, i am not sure, can't say, don't remember, i can't remember",
    ),
    phrases(
        "prefer not to say, i'd prefer not to say, i prefer not to say, rather not say, i'd rather not say",
        "prefer not to answer, i'd rather not, no comment, i don't want to say, i don't want to answer",
    ),
    phrases("other, something else, another one, something different"),
    phrases("email, e mail, mail, by email, electronic mail"),
    phrases("phone, telephone, by phone, phone call, call, a call"),
    phrases("text, text message, sms, text messages, by text"),
)

ALL_OF_THEM: Final = phrases(
    "all of them, all of the above, all of these, all of those, all, everything, every one of them, every one",
    "all three, all four, all five, the lot, the whole lot, any of them, each of them",
)
BOTH: Final = phrases("both, both of them, both of those, the two of them")
NONE_OF_THEM: Final = phrases(
    "none of the above, none of them, none of these, none of those, none, neither, neither of them, nothing",
    "not any, no one of them, nothing at all, none at all",
)


def same_meaning(names: Phrases) -> Phrases:
    """Every phrase that means one of ``names``, by the groups of this module; ``names`` are left out."""
    shared = [group for group in GROUPS if group & names]
    return frozenset().union(*shared) - names if shared else frozenset()
