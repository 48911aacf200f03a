"""Choices: one of several, several of several."""

from datetime import date

import pytest

from nova_agent.capture import Captured, Choice, MultipleChoice, NotCaptured, SingleChoice

TODAY = date(2026, 11, 18)
HOW_OFTEN = SingleChoice((Choice("weekly", "Weekly"), Choice("monthly", "Monthly"), Choice("never", "Never")))
SATISFACTION = SingleChoice(
    (
        Choice("very_satisfied", "Very satisfied"),
        Choice("satisfied", "Satisfied"),
        Choice("not_satisfied", "Not satisfied", ("dissatisfied", "unhappy")),
    )
)
ROOM = SingleChoice(
    (Choice("sea", "Room with a sea view"), Choice("garden", "Garden room"), Choice("suite", "Honeymoon suite"))
)
CHANNELS = MultipleChoice(
    (Choice("email", "E-mail"), Choice("phone", "Phone"), Choice("text", "Text message", ("sms",)))
)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("weekly", "weekly"),
        ("Weekly.", "weekly"),
        ("Every week", "weekly"),
        ("once a week", "weekly"),
        ("Um, each week I think.", "weekly"),
        ("The second one.", "monthly"),
        ("second", "monthly"),
        ("the 2nd", "monthly"),
        ("option two", "monthly"),
        ("Option B", "monthly"),
        ("number three", "never"),
        ("B", "monthly"),
        ("C.", "never"),
        ("the last one", "never"),
        ("The first one please", "weekly"),
        ("not weekly, monthly", "monthly"),
        ("Weekly, no, monthly.", "monthly"),
        ("weekly no wait monthly", "monthly"),
        ("Weekly. Actually monthly.", "monthly"),
        ("once a month", "monthly"),
        ("Every month or so", "monthly"),
        ("not at all", "never"),
        ("I'd say monthly", "monthly"),
        ("I never do that", "never"),
        ("letter a", "weekly"),
        ("I'll take the first", "weekly"),
    ],
)
def test_one_choice_is_understood(words: str, value: str) -> None:
    result = HOW_OFTEN.capture(words, today=TODAY)
    assert isinstance(result, Captured), result
    assert (result.value, result.doubts) == (value, ())


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("very satisfied", "very_satisfied"),
        ("I am satisfied", "satisfied"),
        ("not satisfied", "not_satisfied"),
        ("I'm not satisfied", "not_satisfied"),
        ("dissatisfied", "not_satisfied"),
        ("I was very satisfied with it", "very_satisfied"),
        ("not_satisfied", "not_satisfied"),
        ("Unhappy.", "not_satisfied"),
        ("very_satisfied", "very_satisfied"),
    ],
)
def test_the_longest_name_wins(words: str, value: str) -> None:
    result = SATISFACTION.capture(words, today=TODAY)
    assert isinstance(result, Captured), result
    assert result.value == value


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("sea view", "sea"),
        ("the garden", "garden"),
        ("the honeymoon one", "suite"),
        ("suite please", "suite"),
        ("a view", "sea"),
    ],
)
def test_part_of_a_name_is_enough(words: str, value: str) -> None:
    result = ROOM.capture(words, today=TODAY)
    assert isinstance(result, Captured), result
    assert (result.value, result.doubts) == (value, ())


@pytest.mark.parametrize(("words", "value"), [("weakly", "weekly"), ("Munthly.", "monthly"), ("munthlee", "monthly")])
def test_a_near_miss_is_doubtful(words: str, value: str) -> None:
    result = HOW_OFTEN.capture(words, today=TODAY)
    assert isinstance(result, Captured), result
    assert (result.value, result.doubts) == (value, ("fuzzy-match",))


def test_a_bare_number_counts_by_position_with_a_doubt() -> None:
    assert HOW_OFTEN.capture("two", today=TODAY) == Captured("monthly", "Monthly", ("by-position",))


@pytest.mark.parametrize("words", ["weekly or monthly", "weekly and monthly", "A or B", "the first or the second"])
def test_two_choices_for_one_are_ambiguous(words: str) -> None:
    assert HOW_OFTEN.capture(words, today=TODAY) == NotCaptured(
        "ambiguous", "I heard Weekly and Monthly. Which one is it?", "Weekly, Monthly"
    )


@pytest.mark.parametrize(
    "words", ["blah", "the seventh one", "I don't know", "pineapple pizza", "Z", "not weekly", "um"]
)
def test_what_is_no_choice_is_not_understood(words: str) -> None:
    assert HOW_OFTEN.capture(words, today=TODAY) == NotCaptured(
        "not-understood", "Please choose one of these: Weekly, Monthly or Never."
    )


def test_keeps_what_follows_the_choice() -> None:
    result = HOW_OFTEN.capture("Weekly, because my kids love it.", today=TODAY)
    assert result == Captured("weekly", "Weekly", rest="because my kids love it")


def test_a_choice_that_was_ruled_out_is_not_left_over() -> None:
    assert HOW_OFTEN.capture("Monthly, not weekly.", today=TODAY) == Captured("monthly", "Monthly")


def test_yes_and_no_as_choices_take_everyday_words() -> None:
    kind = SingleChoice((Choice("y", "Yes"), Choice("n", "No"), Choice("dk", "Don't know")))
    said = {
        words: kind.capture(words, today=TODAY) for words in ("Yeah, sure.", "Nope.", "I don't know.", "Not really")
    }
    assert [result.value if isinstance(result, Captured) else None for result in said.values()] == ["y", "n", "dk", "n"]


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("A and C", ("email", "text")),
        ("a, c", ("email", "text")),
        ("email and phone", ("email", "phone")),
        ("Phone and e-mail.", ("email", "phone")),
        ("all of them", ("email", "phone", "text")),
        ("All of the above.", ("email", "phone", "text")),
        ("everything", ("email", "phone", "text")),
        ("all except phone", ("email", "text")),
        ("everything but text", ("email", "phone")),
        ("sms", ("text",)),
        ("the first and the third", ("email", "text")),
        ("options one and two", ("email", "phone")),
        ('["email", "phone"]', ("email", "phone")),
        ("email, phone", ("email", "phone")),
        ("Just the phone, please.", ("phone",)),
        ("text message and also phone", ("phone", "text")),
        ("email but not phone", ("email",)),
        ("email, no wait, phone", ("phone",)),
    ],
)
def test_several_choices_are_understood(words: str, values: tuple[str, ...]) -> None:
    result = CHANNELS.capture(words, today=TODAY)
    assert isinstance(result, Captured), result
    assert result.value == values


def test_several_choices_are_read_back_as_a_list() -> None:
    result = CHANNELS.capture("all of them", today=TODAY)
    assert isinstance(result, Captured)
    assert result.read_back == "E-mail, Phone and Text message"


def test_a_near_miss_between_clear_choices_counts_with_a_doubt() -> None:
    assert CHANNELS.capture("email and fone", today=TODAY) == Captured(
        ("email", "phone"), "E-mail and Phone", ("fuzzy-match",)
    )


@pytest.mark.parametrize("words", ["none of the above", "None.", "neither", "nothing"])
def test_none_is_an_answer_only_where_none_is_allowed(words: str) -> None:
    optional = MultipleChoice(CHANNELS.choices, minimum=0)
    assert optional.capture(words, today=TODAY) == Captured((), "none of them")
    refused = CHANNELS.capture(words, today=TODAY)
    assert isinstance(refused, NotCaptured)
    assert refused.reason == "too-few"


def test_too_many_choices_are_refused() -> None:
    result = MultipleChoice(CHANNELS.choices, maximum=2).capture("all of them", today=TODAY)
    assert isinstance(result, NotCaptured)
    assert (result.reason, result.heard) == ("too-many", "E-mail, Phone, Text message")


def test_a_choice_that_means_none_can_be_chosen() -> None:
    kind = MultipleChoice((*CHANNELS.choices, Choice("none", "None of the above")))
    result = kind.capture("None of them.", today=TODAY)
    assert isinstance(result, Captured), result
    assert result.value == ("none",)
