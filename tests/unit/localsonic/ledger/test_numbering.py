"""Numbered audio comes back with its numbers, however it was cut, joined and chunked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nova_agent.localsonic.ledger import number_audio
from nova_agent.localsonic.ledger.joints import Span
from nova_agent.localsonic.ledger.numbering import NUMBERS as ALL_NUMBERS
from nova_agent.localsonic.ledger.numbering import NumberTracker


def noise(samples: int, seed: int = 0, lowest: int = 2, highest: int = 2999) -> bytes:
    """PCM; without zeros and ones, unless asked for."""
    values = np.random.default_rng(seed).integers(lowest, highest + 1, samples)
    return values.astype("<i2").tobytes()


NUMBERED = number_audio(noise(40_000))


def numbers(first: int, end: int) -> bytes:
    return NUMBERED[2 * first : 2 * end]


def spans(pcm: bytes, *chunk_samples: int) -> list[Span]:
    """What is found in the PCM if it comes in chunks of these sizes, over and over."""
    tracker, at = NumberTracker(), 0
    for samples in cycle(chunk_samples):
        if at >= len(pcm):
            return tracker.spans()
        tracker.feed(pcm[at : at + 2 * samples])
        at += 2 * samples
    raise AssertionError("there are no chunks")


def test_numbers_are_inaudible() -> None:
    pcm = noise(1000)
    change = np.frombuffer(number_audio(pcm), "<i2") - np.frombuffer(pcm, "<i2")
    assert set(np.abs(change).tolist()) == {0, 1}


@pytest.mark.parametrize("samples", [64, 1000, 40_000])
@pytest.mark.parametrize("chunk", [1, 7, 320, 512, 50_000])
def test_whole_audio_is_one_span(samples: int, chunk: int) -> None:
    assert spans(numbers(0, samples), chunk) == [Span(0, samples, 0)]


def test_numbers_may_begin_anywhere() -> None:
    assert spans(number_audio(noise(500), 60_000_000), 512) == [Span(60_000_000, 60_000_500, 0)]
    with pytest.raises(ValueError, match="cannot be numbered"):
        number_audio(noise(500), ALL_NUMBERS - 499)


@pytest.mark.parametrize("pcm", [noise(40_000), bytes(80_000), bytes(b"\x01\x00" * 40_000), b"", noise(3)])
def test_audio_without_numbers_has_no_span(pcm: bytes) -> None:
    assert spans(pcm, 512) == []


def test_a_loss_and_a_repeat_at_chunk_edges_are_found_to_the_sample() -> None:
    pcm = numbers(0, 5120) + numbers(5632, 10_240) + numbers(9728, 20_000)
    assert spans(pcm, 512) == [Span(0, 5120, 0), Span(5632, 10_240, 5120), Span(9728, 20_000, 9728)]


def test_silence_that_was_put_in_is_found_to_the_sample() -> None:
    pcm = numbers(0, 5000) + bytes(2 * 777) + numbers(5000, 9000)
    assert spans(pcm, 512) == [Span(0, 5000, 0), Span(5000, 9000, 5777)]


@pytest.mark.parametrize("again", [1, 8, 26, 27])
@pytest.mark.parametrize("chunk", [1, 50, 512, 50_000])
def test_what_comes_again_after_silence_is_found_however_short(again: int, chunk: int) -> None:
    pcm = numbers(0, 150) + bytes(2 * 50) + numbers(150 - again, 400)
    assert spans(pcm, chunk) == [Span(0, 150, 0), Span(150 - again, 400, 200)]


@pytest.mark.parametrize("end", range(15_990, 16_000))
def test_a_zero_that_ends_a_block_is_not_silence_yet(end: int) -> None:
    """The quiet sound goes on in the next block, and doubles none either."""
    for seed in range(50):
        pcm = numbers(0, end) + noise(200, seed, -2, 2) + bytes(2 * 100) + numbers(end, end + 500)
        (one, following) = spans(pcm, 1)
        assert one.end <= following.first


@pytest.mark.parametrize("muted", [30, 50, 63, 64])
def test_silence_in_the_place_of_numbers_is_found_to_the_sample(muted: int) -> None:
    for first in range(150, 250):
        pcm = numbers(0, first) + bytes(2 * muted) + numbers(first + muted, first + muted + 200)
        assert spans(pcm, 512) == [Span(0, first, 0), Span(first + muted, first + muted + 200, first + muted)]


@pytest.mark.parametrize("chunk", [1, 320, 50_000])
@pytest.mark.parametrize("silence", [0, 100])
@pytest.mark.parametrize(("lowest", "highest"), [(2, 2999), (-2, 2)])
def test_other_sound_between_numbers_doubles_none(chunk: int, silence: int, lowest: int, highest: int) -> None:
    """Its bits go on with the numbers by chance, on either side, and quiet sound has zeros there by chance."""
    for seed in range(100):
        pcm = numbers(0, 500) + noise(200, seed, lowest, highest) + bytes(2 * silence) + numbers(500, 1000)
        (one, following) = spans(pcm, chunk)
        assert one.end <= following.first


def test_numbered_silence_keeps_its_numbers_next_to_silence() -> None:
    quiet = number_audio(bytes(2 * 10_240))
    pcm = quiet[: 2 * 5120] + bytes(2 * 1024) + quiet[2 * 5120 :]
    assert spans(pcm, 512) == [Span(0, 5120, 0), Span(5120, 10_240, 6144)]


def test_a_sample_that_was_changed_is_missing_alone() -> None:
    pcm = bytearray(numbers(0, 10_000))
    pcm[2 * 5000] ^= 1
    assert spans(bytes(pcm), 512) == [Span(0, 5000, 0), Span(5001, 10_000, 5001)]


def test_amplified_audio_is_not_taken_for_numbered() -> None:
    louder = (np.frombuffer(numbers(0, 30_000), "<i2") * 1.5).astype("<i2").tobytes()
    assert spans(louder, 512) == []


Part = tuple[int, int]
NUMBERS = st.tuples(st.integers(0, 30_000), st.integers(150, 3_000)).map(lambda part: (part[0], part[0] + part[1]))
CHUNKS = st.lists(st.integers(1, 2_000), min_size=1, max_size=8)


def are_separate(parts: Sequence[Part]) -> bool:
    """Whether each part begins elsewhere than where the one before ended."""
    return all(one[1] != following[0] for one, following in pairwise(parts))


@settings(max_examples=200, deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=6).filter(are_separate), CHUNKS)
def test_any_cuts_and_repeats_are_found(parts: list[Part], chunks: list[int]) -> None:
    """Each part is found where it stands; at a joint, bits that agree by chance may go to either side."""
    found = spans(b"".join(numbers(*part) for part in parts), *chunks)
    assert len(found) == len(parts)
    at = 0
    for span, (first, end) in zip(found, parts, strict=True):
        assert span.first - span.at_sample == first - at
        assert abs(span.first - first) <= 26
        assert abs(span.end - end) <= 26
        at += end - first
    for one, following in pairwise(found):
        assert one.at_sample + one.end - one.first == following.at_sample


@settings(max_examples=200, deadline=None)
@example(parts=[((0, 150), 50), ((124, 274), 50)], chunks=[1])
@example(parts=[((0, 150), 50), ((200, 350), 50)], chunks=[1])
@given(st.lists(st.tuples(NUMBERS, st.integers(50, 20_000)), min_size=1, max_size=5), CHUNKS)
def test_any_silence_between_parts_is_found_to_the_sample(parts: list[tuple[Part, int]], chunks: list[int]) -> None:
    pcm, expected = b"", []
    for (first, end), silence in parts:
        expected.append(Span(first, end, len(pcm) // 2))
        pcm += numbers(first, end) + bytes(2 * silence)
    assert spans(pcm, *chunks) == expected


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 30_000), st.integers(100, 5_000), st.integers(50, 2_000), CHUNKS)
def test_any_chunking_of_whole_audio_is_one_span(first: int, count: int, before: int, chunks: list[int]) -> None:
    found = spans(bytes(2 * before) + numbers(first, first + count), *chunks)
    assert found == [Span(first, first + count, before)]
