"""What is remembered of one stream."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from nova_agent.localsonic.ledger.recorder import EVENTS_KEPT
from nova_agent.localsonic.ledger.values import AudioRun, Ending, HistoryText, RequestFacts
from nova_agent.localsonic.rejections import StreamRejected

Feed = Callable[..., Any]


def test_texts_tools_and_history_are_told_apart(feed: Feed) -> None:
    one = feed()
    one.open("look_up", "book", system="Be kind.")
    one.text("USER", "Hello.")
    one.text("ASSISTANT", "Hi.")
    one.open_audio()
    one.text("USER", "Are you there?", interactive=True)
    one.tool_result("7", '{"sky": "blue"}')
    stream = one.stream
    assert (stream.system, stream.tools) == ("Be kind.", ["look_up", "book"])
    assert stream.history == [HistoryText("USER", "Hello."), HistoryText("ASSISTANT", "Hi.")]
    assert [typed.text for typed in stream.typed] == ["Are you there?"]
    assert [(result.tool_use_id, result.content) for result in stream.tool_results] == [("7", '{"sky": "blue"}')]


def test_consecutive_audio_is_one_entry(feed: Feed) -> None:
    one = feed()
    one.open()
    one.open_audio()
    one.audio(512, 512, 100)
    one.audio(700, every_s=0.25)
    entry = one.stream.events[-1]
    assert (entry.seq, entry.name, entry.at_s, entry.body) == (7, "audioInput", 1000.016, None)
    assert entry.audio == AudioRun("a", 4, 1824, pytest.approx(1000.298), pytest.approx(0.596), 0.5, 100, 700)


def test_another_event_or_content_ends_the_run(feed: Feed) -> None:
    one = feed()
    one.open()
    one.open_audio()
    one.audio(512)
    one.text("USER", "Hm.", interactive=True)
    one.audio(512, 512)
    one.send("contentEnd", promptName="p", contentName="a")
    one.open_audio("b")
    one.audio(10, name="b")
    runs = [(run.audio.content_name, run.audio.count) for run in one.stream.named("audioInput")]
    assert runs == [("a", 1), ("a", 2), ("b", 1)]
    assert [(content.content_name, content.samples) for content in one.stream.audio] == [("a", 1536), ("b", 10)]
    assert one.stream.audio_seconds == 1546 / 16000


def test_entries_are_numbered_and_keep_their_bodies(feed: Feed) -> None:
    one = feed()
    one.open()
    assert [entry.seq for entry in one.stream.events] == [1, 2, 3, 4, 5]
    assert one.stream.named("textInput")[0].body == {"promptName": "p", "contentName": "t", "content": "Be kind."}


def test_an_event_that_is_refused_is_remembered(feed: Feed) -> None:
    one = feed()
    for raw in (b"no json", b'{"event": {"sessionStrat": {}}}'):
        with pytest.raises(StreamRejected):
            one.send_raw(raw)
    first, second = one.stream.events
    assert (first.name, first.body, first.refused) == ("", {"text": "no json"}, True)
    assert (second.name, second.body, second.refused) == ("sessionStrat", {}, True)


def test_gaps_count_from_the_session_and_between_audio_and_typed_text(feed: Feed, hands: Any) -> None:
    one = feed()
    one.open()
    hands.at_s += 2
    one.open_audio()
    one.audio(512, 512)
    hands.at_s += 3
    one.text("USER", "Hello?", interactive=True)
    hands.at_s += 0.25
    one.close()
    seconds = [round(gap.seconds, 3) for gap in one.stream.gaps()]
    assert seconds == [4.032, 6.0]
    assert [round(gap.seconds, 3) for gap in one.stream.gaps(over_s=0.2)] == [4.032, 6.0, 0.5]
    assert one.stream.gaps()[0].from_at_s == 1000.0
    with pytest.raises(ValueError, match="not kept"):
        one.stream.gaps(over_s=0.05)


def test_the_end_says_how_and_after_what(feed: Feed) -> None:
    closed, cut, refused = feed("closed"), feed("cut"), feed("refused")
    closed.open()
    closed.open_audio()
    closed.audio(512)
    closed.close()
    closed.recorder.ended("connection-lost")
    cut.open()
    cut.recorder.ended("reset")
    refused.recorder.ended("exception", "validationException", "No.")
    assert closed.stream.ended == Ending("half-close", after_session_end=True, after_seq=10)
    assert cut.stream.ended == Ending("reset", after_seq=5)
    assert refused.stream.ended == Ending("exception", "validationException", "No.")


def test_the_request_is_known_by_its_agent_and_signature(feed: Feed) -> None:
    scope = "AKIDEXAMPLE/20260101/eu-north-1/bedrock/aws4_request"
    headers = {"user-agent": "sdk/1", "authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host"}
    stream = feed("signed", headers).stream
    assert stream.request == RequestFacts("sdk/1", signed=True, region="eu-north-1")
    assert "AKIDEXAMPLE" not in json.dumps(stream.as_json())
    assert feed("unsigned").stream.request == RequestFacts()


def test_long_texts_are_cut_with_a_note(feed: Feed) -> None:
    one = feed()
    one.open(system="x" * 70_000)
    entry = one.stream.named("textInput")[0]
    assert entry.cut
    assert entry.body["content"].endswith("[cut: 4464 of 70000 characters]")
    assert one.stream.system == entry.body["content"]


def test_a_stream_of_endless_events_is_only_counted_on(feed: Feed) -> None:
    one = feed()
    one.open()
    one.open_audio()
    for _ in range(EVENTS_KEPT):
        one.text("USER", "Again.", interactive=True)
    one.audio(512)
    assert len(one.stream.events) == EVENTS_KEPT
    assert one.stream.event_count == EVENTS_KEPT + one.stream.events_left_out == 3 * EVENTS_KEPT + 7
    assert one.stream.audio_samples == 512


def test_answers_are_counted_with_their_first_audio(feed: Feed, hands: Any) -> None:
    one = feed()

    def send(name: str, **body: Any) -> None:
        one.recorder.sent({"event": {name: body}})
        hands.at_s += 1

    send("completionStart")
    for stop in ("PARTIAL_TURN", "END_TURN", "END_TURN"):
        send("audioOutput", content="AAAA" * 160)
        send("contentEnd", type="AUDIO", stopReason=stop)
    send("contentEnd", type="TEXT", stopReason="INTERRUPTED")
    outputs = one.stream.outputs
    assert outputs.counts == {"completionStart": 1, "audioOutput": 3, "contentEnd": 4}
    assert [(answer.first_audio_at_s, answer.samples, answer.interrupted) for answer in outputs.answers] == [
        (1001.0, 480, False),
        (1005.0, 240, True),
    ]


def test_everything_is_json(feed: Feed) -> None:
    one = feed()
    one.open("look_up")
    one.open_audio()
    one.audio(512)
    one.close()
    view = json.loads(json.dumps(one.stream.as_json()))
    assert view["opened_wall"] == "2026-01-01T00:00:00.000+00:00"
    assert view["events"][6]["audio"]["samples"] == view["audio_samples"] == 512
    assert view["ended"]["how"] == "half-close"
    assert "events" not in one.stream.summary_json()
