"""Spoken sessions with the AWS Python SDK against the real ears and the real mouth."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from nova_agent.localsonic.outputs import INTERRUPTED_MARKER

Serve = Callable[..., Any]
Connect = Callable[..., Any]
Voice = Callable[[str], Awaitable[bytes]]


async def test_a_spoken_turn_is_understood_and_answered_in_order(serve: Serve, connect: Connect, say: Voice) -> None:
    async with connect(await serve()) as client:
        await client.open()
        await client.speak(await say("I would like to book an appointment."))
        await client.until(lambda _: len(client.texts("ASSISTANT", "FINAL")) == 2)
        await client.close()
        await client.until_happened("END_STREAM")
    assert client.outline() == [
        "userSpeechStart",
        "userSpeechEnd",
        "TEXT USER FINAL PARTIAL_TURN",
        "completionStart",
        "TEXT ASSISTANT SPECULATIVE PARTIAL_TURN",
        "AUDIO ASSISTANT PARTIAL_TURN",
        "TEXT ASSISTANT SPECULATIVE PARTIAL_TURN",
        "AUDIO ASSISTANT END_TURN",
        "TEXT ASSISTANT FINAL END_TURN",
        "TEXT ASSISTANT FINAL PARTIAL_TURN",
        "completionEnd",
        "END_STREAM",
    ]
    assert "book an appointment" in client.texts("USER", "FINAL")[0]


async def test_the_end_of_speech_is_found_in_received_audio(serve: Serve, connect: Connect, say: Voice) -> None:
    pcm = await say("Good morning.")
    async with connect(await serve()) as client:
        await client.open()
        await client.speak(pcm)
        await client.until_happened("userSpeechEnd")
        end = client.named("userSpeechEnd")[0]
    assert abs(end["inputAudioOffsetMs"] - len(pcm) / 32) < 400
    assert 450 <= end["inputAudioDetectionOffsetMs"] - end["inputAudioOffsetMs"] < 512


async def test_all_results_of_a_turn_are_awaited_before_the_answer(serve: Serve, connect: Connect, say: Voice) -> None:
    async with connect(await serve()) as client:
        await client.open(tools=["look_up"])
        await client.speak(await say("What is the weather like?"))
        await client.until_happened("toolUse", 2)
        first, second = client.named("toolUse")
        await client.tool_result(second["toolUseId"], {"sky": "grey"})
        assert not client.named("audioOutput")
        await client.tool_result(first["toolUseId"], {"sky": "blue"})
        await client.until_answered()
    assert client.texts("ASSISTANT", "SPECULATIVE") == ["It is blue there."]
    assert len(client.named("completionStart")) == 1


async def test_nova_2_5_calls_one_tool_after_the_other(serve: Serve, connect: Connect, say: Voice) -> None:
    async with connect(await serve(), "amazon.nova-2-5-sonic") as client:
        await client.open(tools=["look_up"])
        await client.speak(await say("What is the weather like?"))
        await client.until_happened("toolUse")
        assert len(client.named("toolUse")) == 1
        await client.tool_result(client.named("toolUse")[0]["toolUseId"], {"sky": "blue"})
        await client.until_happened("toolUse", 2)
        await client.tool_result(client.named("toolUse")[1]["toolUseId"], {"sky": "red"})
        await client.until_answered()
    assert client.texts("ASSISTANT", "SPECULATIVE") == ["It is red there."]


async def test_speaking_over_an_answer_interrupts_it(serve: Serve, connect: Connect, say: Voice) -> None:
    async with connect(await serve()) as client:
        await client.open()
        await client.speak(await say("Please tell me a story."))
        await client.until_happened("audioOutput", 5)
        await client.speak(await say("No wait, please stop now."))
        await client.until(lambda _: "stop" in " ".join(client.texts("USER", "FINAL")))
        await client.until_answered(2)
        lines = client.outline()
    marker_at = lines.index("TEXT ASSISTANT FINAL INTERRUPTED")
    assert lines.index("userSpeechStart", 2) < marker_at < lines.index("TEXT USER FINAL PARTIAL_TURN", 3)
    assert INTERRUPTED_MARKER in client.texts("ASSISTANT", "FINAL")
    assert len(_spoken_of_story(client)) < 6


def _spoken_of_story(client: Any) -> list[str]:
    return [text for text in client.texts("ASSISTANT", "FINAL") if "story" in text]


async def test_typed_text_waits_for_audio_and_is_answered_without_echo(serve: Serve, connect: Connect) -> None:
    async with connect(await serve()) as client:
        await client.open()
        await client.text("USER", "Hello there.", interactive=True)
        await asyncio.sleep(0)
        assert not client.named("completionStart")
        await client.speak(b"", silence_s=0.2)
        await client.until_answered()
    assert client.texts("USER", "FINAL") == []
    assert client.texts("ASSISTANT", "SPECULATIVE")[-1] == " Hello there."


async def test_silence_alone_is_no_turn(serve: Serve, connect: Connect) -> None:
    async with connect(await serve()) as client:
        await client.open()
        await client.speak(b"", silence_s=2.0)
        await client.close()
        await client.until_happened("END_STREAM")
    assert client.outline() == ["END_STREAM"]


async def test_audio_comes_at_the_requested_rate(serve: Serve, connect: Connect) -> None:
    async with connect(await serve()) as client:
        await client.open(rate_hz=8000)
        await client.text("USER", "Hello there.", interactive=True)
        await client.speak(b"", silence_s=0.2)
        await client.until_answered()
    formats = [body["audioOutputConfiguration"] for body in client.named("contentStart") if body["type"] == "AUDIO"]
    assert {form["sampleRateHertz"] for form in formats} == {8000}
