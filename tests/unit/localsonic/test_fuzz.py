"""Wrong input ends a stream with an error that clients know, or is forgiven; drawn anew from the same seeds each time.

``python -m benchmarks.fuzz`` runs more of the same.
"""

from __future__ import annotations

from typing import Any

import pytest

from nova_agent.localsonic.envelope import event_frame, exception_frame
from nova_agent.localsonic.frames import Frame, encode_frame
from nova_agent.localsonic.outputs import OutputEvents
from nova_agent.localsonic.rejections import INTERNAL
from nova_agent.localsonic.switches import Switches
from nova_agent.localsonic.verdicts import PROFILES, Profile
from tests.fakes.fuzzing.cases import Case, Kind, draw_case
from tests.fakes.fuzzing.framing import INNER, SIGNED, message
from tests.fakes.fuzzing.oracle import Judge, Violated
from tests.fakes.fuzzing.sessions import SESSIONS, Event, as_json
from tests.fakes.fuzzing.subject import run
from tests.fakes.fuzzing.values import deep_json

EVENTS = OutputEvents("session", "p", "completion")
STARTED = event_frame(EVENTS.completion_start())
TOOL_SESSION = SESSIONS[2]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("kind", "count"), [("sequence", 300), ("frame", 450)])
async def test_mutated_input_gets_an_answer_that_the_protocol_knows(kind: Kind, count: int, profile: Profile) -> None:
    for number in range(count):
        try:
            await run(draw_case(kind, number, profile))
        except (Violated, TimeoutError) as error:
            pytest.fail(f"draw_case({kind!r}, {number}, {profile!r}): {error!r}")


@pytest.mark.parametrize("session", SESSIONS)
@pytest.mark.parametrize("profile", PROFILES)
async def test_sessions_without_a_mutation_are_right(session: tuple[Event, ...], profile: Profile) -> None:
    outcome = await run(Case(tuple(map(as_json, session)), profile))
    assert (outcome.end, outcome.forgiven) == ("END_STREAM", 0)


async def test_a_prompt_may_end_in_mid_speech_and_another_begin() -> None:
    events = (*SESSIONS[0][:9], ("promptEnd", {"promptName": "p"}), *SESSIONS[0][1:])
    assert (await run(Case(tuple(map(as_json, events))))).end == "END_STREAM"


def changed(session: tuple[Event, ...], name: str, **fields: Any) -> tuple[bytes, ...]:
    """The session's texts with other fields in every event of that name."""
    return tuple(as_json((found, {**body, **fields} if found == name else body)) for found, body in session)


def with_schema(text: str) -> tuple[bytes, ...]:
    spec = {"name": "x", "inputSchema": {"json": text}}
    return changed(TOOL_SESSION, "promptStart", toolConfiguration={"tools": [{"toolSpec": spec}]})


def renamed(old: bytes, new: bytes) -> tuple[bytes, ...]:
    """The first session with another name in place of one."""
    return tuple(as_json(event).replace(old, new) for event in SESSIONS[0])


# Each of these ended a stream with an internal error, or is a neighbour of one that did.
FOUND = {
    "half a surrogate pair in a history": changed(SESSIONS[1], "textInput", content="\ud800"),
    "half a surrogate pair in a prompt's name": renamed(b'"p"', b'"\\ud800"'),
    "half a surrogate pair as UTF-8": renamed(b'"p"', b'"\xed\xa0\x80"'),
    "half a surrogate pair in a tool's result": changed(TOOL_SESSION, "toolResult", content='{"say": "\\ud800"}'),
    "a deep tool result": changed(TOOL_SESSION, "toolResult", content=deep_json(9_000)),
    "a deep schema": with_schema(deep_json(900, "{")),
    "a deep event": (b'{"event":{"sessionStart":' + deep_json(30_000, "{").encode() + b"}}",),
}


@pytest.mark.parametrize("switches", [Switches(), Switches(schema_keywords="reject", tool_result_json="any")])
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", FOUND)
async def test_what_was_found_stays_mended(name: str, profile: Profile, switches: Switches) -> None:
    outcome = await run(Case(FOUND[name], profile, switches=switches))
    assert outcome.end in ("unparseable", "tool result", "invalid input", "END_STREAM")


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("payload", [deep_json(30_000), f'{{"bytes":{deep_json(30_000, "{")}}}'])
async def test_deep_json_around_an_event_is_unparseable(payload: str, profile: Profile) -> None:
    whole = encode_frame(Frame(SIGNED, encode_frame(Frame(INNER, payload.encode()))))
    outcome = await run(Case((whole,), profile, is_framed=True))
    assert outcome.end == "unparseable"


async def test_events_before_a_broken_message_in_the_same_read_are_acted_on() -> None:
    events = b"".join(message(as_json(event)) for event in SESSIONS[0][:5])
    outcome = await run(Case((events + b"no message, by any means",), is_framed=True))
    assert outcome.end == "unparseable"
    assert outcome.events == 1


@pytest.mark.parametrize("name", ["x" * 3_000_000, "\ud800"])
async def test_a_name_is_sent_back_only_as_far_as_it_can_be(name: str) -> None:
    outcome = await run(Case(changed(SESSIONS[0], "audioInput", contentName=name)))
    assert (outcome.end, outcome.sent_bytes < 10_000) == ("no such content", True)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (exception_frame("internalServerException", INTERNAL), "broke"),
        (exception_frame("validationException", "Something else."), "nobody has seen"),
        (exception_frame("validationException", "First content must have SYSTEM role") * 2, "follows an exception"),
        (event_frame(EVENTS.completion_end()), "has not started"),
        (STARTED + event_frame(EVENTS.completion_end()) * 2, "follows completionEnd"),
        (event_frame(EVENTS.user_speech_start(0)) * 2, "starts twice"),
        (event_frame(EVENTS.user_text("a")[0]) * 2, "inside another"),
        (event_frame(EVENTS.audio_start("c", 24000)), "before completionStart"),
        (event_frame(EVENTS.audio("c", b"")), "no open block"),
        (event_frame({"event": {"other": {"sessionId": "", "promptName": "", "completionId": ""}}}), "no event other"),
        (STARTED[:-1], "truncated"),
    ],
)
def test_the_judge_notices(answer: bytes, reason: str) -> None:
    with pytest.raises(Violated, match=reason):
        Judge().answer(answer)
