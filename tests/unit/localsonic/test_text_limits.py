"""What one prompt may hold: limits of ours, in either profile, far above what callers need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nova_agent.localsonic.facts import AudioArrived
from nova_agent.localsonic.limits import NAME_CHARS, OPEN_CONTENTS, SPEECH_S, TEXT_CHARS
from nova_agent.localsonic.listening import RATE_HZ
from nova_agent.localsonic.rejections import INVALID_INPUT, TOO_MUCH, UNPARSEABLE, StreamRejected
from nova_agent.localsonic.verdicts import PROFILES, Profile
from tests.fakes.sonic_session import PROMPT, Session
from tests.unit.localsonic.conftest import PromptDriver

MINUTE = (b"\x00\x40" * RATE_HZ) * 60


def again_and_again(give: Callable[[], object]) -> None:
    for _ in range(TEXT_CHARS):
        give()


@pytest.mark.parametrize("profile", PROFILES)
def test_the_texts_of_a_prompt_are_bounded_together(profile: Profile) -> None:
    session = Session(profile).ready().start("t", "TEXT", "USER", interactive=True)
    session.data("t", "x" * (TEXT_CHARS // 2))
    with pytest.raises(StreamRejected, match=INVALID_INPUT):
        session.data("t", "x" * (TEXT_CHARS // 2))


def test_even_empty_texts_come_to_an_end() -> None:
    session = Session().ready().start("t", "TEXT", "USER", interactive=True)
    with pytest.raises(StreamRejected, match=INVALID_INPUT):
        again_and_again(lambda: session.data("t", ""))


@pytest.mark.parametrize("profile", PROFILES)
def test_open_contents_are_bounded(profile: Profile) -> None:
    session = Session(profile).ready()
    for number in range(OPEN_CONTENTS - 1):
        session.start(f"t{number}", "TEXT", "USER", interactive=True)
    with pytest.raises(StreamRejected, match=INVALID_INPUT):
        session.start("one more", "TEXT", "USER", interactive=True)


def test_names_that_are_sent_back_are_bounded() -> None:
    with pytest.raises(StreamRejected, match=UNPARSEABLE):
        Session().send("sessionStart").send("promptStart", **{**PROMPT, "promptName": "p" * (NAME_CHARS + 1)})


async def test_speech_without_end_becomes_several_utterances(drive: Callable[..., PromptDriver]) -> None:
    driver = drive(heard=["one"] * 100)
    for _ in range(SPEECH_S // 60 + 1):
        driver.prompt.handle(AudioArrived(MINUTE))
    assert len(driver.outlet.named("userSpeechEnd")) == 1


async def test_speech_that_nobody_listens_to_is_bounded(drive: Callable[..., PromptDriver]) -> None:
    driver: Any = drive()
    driver.ears.ready.clear()
    with pytest.raises(StreamRejected, match=TOO_MUCH):
        again_and_again(lambda: driver.prompt.handle(AudioArrived(MINUTE)))
