"""Yes and no."""

from datetime import date

import pytest

from nova_agent.capture import Captured, NotCaptured, YesNo

TODAY = date(2026, 11, 18)

YES = (
    """
Yes.|yes|YES!|Yeah, sure.|Yep|Yup.|yeah|true|Sure.|Of course.|Absolutely.|Definitely!|Correct.|That's right.
That is correct.|Um, yes.|Well, yeah.|Okay.|OK, sure|Uh huh.|mm hmm|Mhm|I do.|Yes, I do.|I am|I have.|Yes please.
Please do.|Go ahead.|You bet.|no problem|No worries.|Why not?|I think so.|I'd say yes|I would say yes.
My answer is yes.|It's a yes.|That would be a yes|Sounds good.|That's fine.|I agree.|Affirmative|Exactly.|Indeed.
By all means|No doubt.|Without a doubt|For sure.|no yeah|No, I mean yes.|No, wait, yes.|no sorry yes
Yes, that's right.|Yes. Yes.|Yes, thank you.|Perfect.|Great.|Right.|Yes, no problem.|Oh yes|Hmm, yes I think so
Actually, yes.|We do.|They did.|I did.|It was.|Certainly|Yes, and it was quick.
""".replace("\n", "|")
    .strip("|")
    .split("|")
)

NO = (
    """
No.|no|Nope.|Nah|false|Not really.|not at all|No, I don't think so.|I don't think so.|No thanks.|No, thank you.
Never.|yeah no|Yeah, no.|Absolutely not.|Of course not.|Definitely not!|I don't.|No, I don't.|I did not.|I haven't.
Not yet.|No way.|Negative|Incorrect.|That's wrong.|That's not right.|That is not correct|I'm not.|No, not really.
By no means.|It isn't.|It wasn't|Okay, no.|Well, no.|Um, no.|I'd say no way|My answer is no.|Yes, no wait, no.
Yes, I mean no.|Yes, sorry, no.|Yes. Actually no.|Please don't.|I don't have any.|I'm not interested.|No, never.
We didn't.|uh uh|Not today.|I can't.|I won't|I have never|Far from it.|Not that I know of.|No, sorry.|No, I do not
No. No. No.|not particularly|I disagree|Nope, sorry.|Oh no.
""".replace("\n", "|")
    .strip("|")
    .split("|")
)

NEITHER = (
    """
I don't know.|I'm not sure.|Maybe.|It depends.|No idea.|I'd rather not say.|Prefer not to say|No comment.|What?|blue
Tuesday|The weather is nice today.|Perhaps|Hard to say.|I have no idea.|I can't remember.|skip|pass|seven
I don't understand.|um|Hmm.|It was terrible food|never mind|Dunno.|I have a question.
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


@pytest.mark.parametrize("words", YES)
def test_says_yes(words: str) -> None:
    result = YesNo().capture(words, today=TODAY)
    assert isinstance(result, Captured), result
    assert result.value is True
    assert result.read_back == "yes"


@pytest.mark.parametrize("words", NO)
def test_says_no(words: str) -> None:
    result = YesNo().capture(words, today=TODAY)
    assert isinstance(result, Captured), result
    assert result.value is False


@pytest.mark.parametrize("words", NEITHER)
def test_says_neither(words: str) -> None:
    result = YesNo().capture(words, today=TODAY)
    assert isinstance(result, NotCaptured), result
    assert result.reason in ("not-understood", "ambiguous")
    assert result.hint == "Please answer yes or no."


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("I guess so", True),
        ("Probably.", True),
        ("I suppose so.", True),
        ("Pretty much", True),
        ("Kind of.", True),
        ("Probably not.", False),
        ("I guess not", False),
        ("I wouldn't say yes", False),
        ("I wouldn't say so.", False),
        ("I doubt it.", False),
    ],
)
def test_a_hedged_answer_is_doubtful(words: str, value: bool) -> None:
    result = YesNo().capture(words, today=TODAY)
    assert isinstance(result, Captured), result
    assert (result.value, result.doubts) == (value, ("hedged",))


def test_a_lone_know_was_no() -> None:
    assert YesNo().capture("Know.", today=TODAY) == Captured(False, "no", ("sounds-like",))


@pytest.mark.parametrize("words", ["No, yes.", "Yes. No.", "Yes, or no"])
def test_both_at_once_is_ambiguous(words: str) -> None:
    result = YesNo().capture(words, today=TODAY)
    assert isinstance(result, NotCaptured), result


@pytest.mark.parametrize(
    ("words", "rest"),
    [
        ("Yes, because the staff were friendly.", "because the staff were friendly"),
        ("No, and I would not come back.", "I would not come back"),
        ("Yes, I do, but only on weekends.", "but only on weekends"),
        ("Yes please, thank you.", ""),
        ("Yeah, sure.", ""),
    ],
)
def test_keeps_what_the_caller_goes_on_to_say(words: str, rest: str) -> None:
    result = YesNo().capture(words, today=TODAY)
    assert isinstance(result, Captured), result
    assert result.rest == rest


@pytest.mark.parametrize("words", ["", "   ", "...", "?!"])
def test_silence_is_empty(words: str) -> None:
    result = YesNo().capture(words, today=TODAY)
    assert isinstance(result, NotCaptured)
    assert result.reason == "empty"
