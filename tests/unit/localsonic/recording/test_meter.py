"""Kinds of input events, and how long the caller's audio is."""

from __future__ import annotations

import base64

import pytest

from nova_agent.localsonic.recording.meter import InputMeter, sample_count
from tests.unit.localsonic.recording.conftest import sound


def test_audio_is_measured_at_the_rate_of_its_content() -> None:
    meter = InputMeter()
    form = {"audioInputConfiguration": {"sampleRateHertz": 8000}}
    assert meter.take("contentStart", {"contentName": "a", "type": "AUDIO", "role": "USER", **form})
    assert meter.take("audioInput", {"contentName": "a", "content": sound(32)}) is None
    assert meter.audio_ms == 64


@pytest.mark.parametrize("samples", [0, 1, 2, 3, 512, 513])
def test_samples_are_counted_without_decoding_them(samples: int) -> None:
    assert sample_count({"content": base64.b64encode(bytes(2 * samples)).decode()}) == samples
    assert sample_count({"samples": samples}) == samples


def test_a_kind_names_the_content_that_an_event_belongs_to() -> None:
    meter = InputMeter()
    where = {"contentName": "c"}
    typed = {**where, "type": "TEXT", "role": "USER", "interactive": True}
    assert meter.take("contentStart", typed) == "contentStart TEXT USER interactive"
    assert meter.take("textInput", {**where, "content": "Hello."}) == "textInput TEXT USER interactive"
    assert meter.take("contentEnd", where) == "contentEnd TEXT USER interactive"
    assert meter.take("promptEnd", {"promptName": "p"}) == "promptEnd"


def test_interactive_counts_for_the_callers_text_alone() -> None:
    start = {"contentName": "c", "type": "TEXT", "role": "SYSTEM"}
    kinds = {InputMeter().take("contentStart", {**start, "interactive": flag}) for flag in (True, False)}
    assert kinds == {"contentStart TEXT SYSTEM"}


def test_malformed_events_are_measured_as_far_as_they_go() -> None:
    meter = InputMeter()
    form = {"audioInputConfiguration": {"sampleRateHertz": "many"}}
    assert meter.take("contentStart", {"contentName": ["a"], **form}) == "contentStart"
    assert meter.take("audioInput", {"content": 7}) is None
    assert meter.take("sessionStart", {}) == "sessionStart"
