"""What the endpoint remembers of a real client's streams."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from nova_agent.localsonic.ledger import number_audio
from nova_agent.localsonic.ledger.numbered import Doubled, Range
from nova_agent.localsonic.ledger.values import HistoryText

Serve = Callable[..., Any]
Connect = Callable[..., Any]


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what shows on the endpoint's side alone."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - the ledger is data, and tells nobody that it grows
            await asyncio.sleep(0.01)


async def open_with_history(client: Any, user: str, assistant: str) -> None:
    """Everything up to and with the open audio content."""
    form = {"mediaType": "audio/lpcm", "sampleSizeBits": 16, "channelCount": 1, "sampleRateHertz": 16000}
    prompt = {"promptName": client.prompt}
    await client.send("sessionStart")
    await client.send("promptStart", **prompt, audioOutputConfiguration={**form, "voiceId": "tiffany"})
    for role, text in (("SYSTEM", "You are helpful."), ("USER", user), ("ASSISTANT", assistant)):
        await client.text(role, text, interactive=False)
    audio = {**prompt, "contentName": client.audio, "type": "AUDIO", "role": "USER", "interactive": True}
    await client.send("contentStart", **audio, audioInputConfiguration=form)


async def test_a_session_is_remembered_as_it_was_sent(serve: Serve, connect: Connect) -> None:
    sonic = await serve()
    before = time.monotonic()
    async with connect(sonic) as client:
        await client.open(["look_up"])
        await client.text("USER", "Hello.", interactive=True)
        await client.speak(b"", silence_s=0.96)
        await client.until_answered()
        await client.close()
        await client.until_happened("END_STREAM")
    (stream,) = sonic.ledger.streams
    assert (stream.system, stream.tools) == ("You are helpful.", ["look_up"])
    assert [typed.text for typed in stream.typed] == ["Hello."]
    (audio,) = stream.audio
    assert (audio.samples, audio.rate_hz, audio.seconds) == (15360, 16000, 0.96)
    (run,) = [entry.audio for entry in stream.named("audioInput")]
    assert (run.count, run.min_chunk_samples, run.max_chunk_samples) == (30, 512, 512)
    assert stream.ended is not None
    assert (stream.ended.how, stream.ended.after_session_end) == ("half-close", True)
    assert before < stream.opened_at_s <= stream.first_event_at_s < stream.closed_at_s < time.monotonic()
    assert stream.outputs.counts["audioOutput"] > 0
    assert len(stream.outputs.answers) == 1
    assert (stream.request.signed, stream.request.region) == (True, "us-east-1")
    assert "sdk" in stream.request.user_agent


async def test_history_and_a_pause_are_seen(serve: Serve, connect: Connect) -> None:
    sonic = await serve()
    async with connect(sonic) as client:
        await open_with_history(client, "My name is Ann.", "Hello Ann.")
        await client.speak(b"", silence_s=0.1)
        await asyncio.sleep(0.6)
        await client.speak(b"", silence_s=0.1)
        await client.cut()
    (stream,) = sonic.ledger.streams
    await until(lambda: not stream.is_open)
    assert stream.history == [HistoryText("USER", "My name is Ann."), HistoryText("ASSISTANT", "Hello Ann.")]
    (gap,) = stream.gaps(over_s=1.0)
    assert 1.2 < gap.seconds < 5
    assert stream.ended is not None
    assert stream.ended.how == "connection-lost"


async def test_streams_that_overlap_are_told(serve: Serve, connect: Connect) -> None:
    sonic = await serve()
    async with connect(sonic) as first:
        await first.open()
        await first.speak(b"", silence_s=0.1)
        await until(lambda: len(sonic.ledger.streams) == 1)
        async with connect(sonic) as second:
            await second.open()
            await second.speak(b"", silence_s=0.1)
            await until(lambda: len(sonic.ledger.streams) == 2)
            both_at_s = time.monotonic()
            await first.close()
            await first.until_happened("END_STREAM")
            alone_at_s = time.monotonic()
            await second.close()
            await second.until_happened("END_STREAM")
    old, new = sonic.ledger.streams
    (overlap,) = sonic.ledger.overlaps()
    assert (overlap.first, overlap.second) == (old.stream_id, new.stream_id)
    assert (overlap.from_at_s, overlap.to_at_s) == (new.opened_at_s, old.closed_at_s)
    assert [len(sonic.ledger.open_at(moment)) for moment in (both_at_s, alone_at_s)] == [2, 1]
    assert sonic.ledger.max_open == 2


async def test_audio_lost_and_doubled_between_two_streams_is_found_to_the_sample(
    serve: Serve, connect: Connect
) -> None:
    sonic = await serve()
    pcm = number_audio(b"\x40\x00" * 24_000)
    async with connect(sonic) as first:
        await first.open()
        await first.speak(pcm[: 2 * 8_000], silence_s=0)
        await first.speak(pcm[2 * 8_192 : 2 * 12_000], silence_s=0)
        await until(lambda: bool(sonic.ledger.streams) and sonic.ledger.streams[0].audio_samples == 11_808)
        async with connect(sonic) as second:
            await second.open()
            await second.speak(pcm[2 * 11_200 :], silence_s=0.5)
            await second.close()
            await second.until_happened("END_STREAM")
    report = sonic.ledger.numbered_audio(first=0, end=24_000)
    old, new = report.streams
    assert report.lost == (Range(8_000, 8_192),)
    assert report.doubled == (Doubled(11_200, 12_000, 2, (old.stream_id, new.stream_id)),)
    assert (old.other_samples, new.other_samples) == (0, 8_000)


async def test_a_callers_audio_can_be_kept(serve: Serve, connect: Connect) -> None:
    sonic = await serve(keep_audio_s=60)
    pcm = b"\x01\x02" * 1600
    async with connect(sonic) as client:
        await client.open()
        await client.speak(pcm, silence_s=0)
        await client.close()
        await client.until_happened("END_STREAM")
    kept = sonic.ledger.kept_audio(sonic.ledger.streams[0].stream_id)
    assert (kept.rate_hz, kept.pcm) == (16000, pcm)
