"""What of a conversation the next stream is told."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nova_agent.localsonic.brain.port import HistoryTurn
from nova_agent.localsonic.history import HistoryRules
from nova_agent.localsonic.verdicts import Verdicts
from nova_agent.sonic.history import HistoryLimits, Turn, protocol_history

TURNS = st.lists(
    st.builds(Turn, st.sampled_from(["USER", "ASSISTANT"]), st.text(max_size=40) | st.text("añ€😀 ", max_size=3_000)),
    max_size=60,
)
LIMITS = st.builds(HistoryLimits, st.integers(1, 50), st.integers(16, 1_100), st.integers(16, 5_000))


def user(text: str) -> Turn:
    return Turn("USER", text)


def agent(text: str) -> Turn:
    return Turn("ASSISTANT", text)


@settings(deadline=None)
@given(TURNS)
def test_what_is_left_is_always_taken_by_the_service(turns: list[Turn]) -> None:
    rules = HistoryRules("original", Verdicts("strict"))
    for turn in protocol_history(turns):
        rules.check(HistoryTurn(turn.role, turn.text))


@settings(deadline=None)
@given(TURNS, LIMITS)
def test_any_limits_are_kept_and_no_turn_is_empty(turns: list[Turn], limits: HistoryLimits) -> None:
    told = protocol_history(turns, limits=limits)
    sizes = [len(turn.text.encode()) for turn in told]
    assert len(told) <= limits.messages
    assert sum(sizes) <= limits.total_bytes
    assert all(0 < size <= limits.message_bytes for size in sizes)
    assert [turn.role for turn in told] == ["USER", "ASSISTANT"] * (len(told) // 2) + ["USER"] * (len(told) % 2)


@settings(deadline=None)
@given(TURNS)
def test_telling_it_again_changes_nothing(turns: list[Turn]) -> None:
    told = protocol_history(turns)
    assert protocol_history(told) == told


@settings(deadline=None)
@given(TURNS)
def test_the_last_words_of_the_caller_stay_the_last(turns: list[Turn]) -> None:
    said = [" ".join(turn.text.split()) for turn in turns if turn.role == "USER" and turn.text.split()]
    told = [turn.text for turn in protocol_history(turns) if turn.role == "USER"]
    assert bool(said) == bool(told)
    if said:
        assert said[-1].endswith(told[-1]) or told[-1].endswith(said[-1])


def test_a_greeting_before_the_caller_spoke_is_left_out() -> None:
    assert protocol_history([agent("Welcome."), user("Hello.")]) == [user("Hello.")]


def test_neighbours_of_one_role_become_one_turn() -> None:
    turns = [user("I want"), user("an appointment."), agent("When?"), agent("Take your time.")]
    assert protocol_history(turns) == [user("I want an appointment."), agent("When? Take your time.")]


@pytest.mark.parametrize(
    "pieces",
    [
        ("Thank you. Goodbye, then.", "Thank you. Goodbye, then."),
        ("Thank you.", "Goodbye, then.", "Thank you. Goodbye, then."),
        ("Thank you.", "Goodbye, then.", "Thank you.", "Goodbye, then."),
        ("Thank you. Goodbye, then.", "Thank you."),
        ("Thank you.", "Thank you. Goodbye, then."),
        ("Thank you.\nGoodbye, then.", "Thank you. Goodbye, then."),
    ],
)
def test_an_answer_that_was_told_twice_stands_there_once(pieces: tuple[str, ...]) -> None:
    told = protocol_history([user("Bye."), *map(agent, pieces)])
    assert told == [user("Bye."), agent("Thank you. Goodbye, then.")]


def test_a_final_text_that_comes_after_the_callers_next_words_is_not_told_again() -> None:
    turns = [user("Hi."), agent("How are you?"), user("Fine."), agent("How are you?"), agent("Good.")]
    assert protocol_history(turns) == [user("Hi."), agent("How are you?"), user("Fine."), agent("Good.")]


def test_who_is_asked_twice_and_answers_twice_is_told_so() -> None:
    turns = [user("Five."), agent("Please repeat."), user("Five."), agent("Please repeat.")]
    assert protocol_history(turns) == turns


def test_callers_may_say_the_same_in_other_words() -> None:
    assert protocol_history([user("No."), user("No."), user("No, no.")]) == [user("No. No, no.")]


def test_part_of_a_word_is_no_repetition() -> None:
    assert protocol_history([user("Hi."), agent("Another time."), agent("her")])[1] == agent("Another time. her")


def test_the_end_of_long_words_of_a_caller_is_kept() -> None:
    (told,) = protocol_history([user("one two three four five")], limits=HistoryLimits(message_bytes=16))
    assert told.text == "three four five"


def test_of_a_long_answer_the_beginning_and_the_end_are_kept() -> None:
    words = " ".join(f"word{number}" for number in range(400))
    told = protocol_history([user("Go on."), agent(words)])[1].text
    assert told.startswith("word0 word1 ")
    assert told.endswith(" word398 word399")
    assert told.count(" … ") == 1
    assert 950 < len(told.encode()) <= 1_000


def test_the_oldest_are_dropped_in_pairs() -> None:
    turns = [turn for number in range(30) for turn in (user(f"u{number}"), agent(f"a{number}"))]
    told = protocol_history(turns)
    assert (len(told), told[0], told[-1]) == (40, user("u10"), agent("a29"))
    told = protocol_history([*turns, user("u30")])
    assert (len(told), told[0], told[-1]) == (39, user("u11"), user("u30"))
