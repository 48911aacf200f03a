"""Judges what a stream answered: message by message, event by event, against the description of the protocol.

The tables here are copied from that description and not from the endpoint, which is what they are to hold.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

from nova_agent.localsonic.frames import Frame, FrameDecoder, FrameError

EXCEPTIONS: Final = frozenset(
    (
        "internalServerException",
        "modelStreamErrorException",
        "modelTimeoutException",
        "serviceUnavailableException",
        "throttlingException",
        "validationException",
    )
)
_TEXTS: Final = {
    "unparseable": r"Unable to parse input chunk\. Please check input format contains correct format\.",
    "invalid input": r"Invalid input request, please fix your input and try again\.",
    "SYSTEM first": r"First content must have SYSTEM role",
    "SYSTEM twice": r"Duplicate SYSTEM content\. SYSTEM content can only be provided once per prompt",
    "tool result": r"Tool Response parsing error",
    "tool result type": r"Tool result media type must be one of: \[text/plain\]",
    "long history": r"Chat history is over max limit\. Trim chat history and try again\.",
    "history after audio": r"Chat history should be sent completely before streaming audio\.",
    "contents open": r"All contents must be closed before ending prompt",
    "no such content": r"No open content found for content name: .*",
    "content without data": r"Cannot end content \[.*\] as no content data was received",
    "prompt without audio": r"Prompt \[.*\] must have at least one audio content",
    "voice": r"Received invalid id: '.*'",
    "idle": r"(InternalErrorCode=532::)?Timed out waiting for audio bytes or interactive content\. .*",
    "no input": r"Timed out waiting for input events",
    "life over": r"Model has timed out in processing the request\. Try your request again\.",
    "too much": r"Too much input at once\. Try your request again\.",
}
_PREFIX: Final = re.compile(r"RequestId=[0-9a-f-]{36} : (Error\(s\):\nError 1 : )?")
_EVENT_HEADERS: Final = {":message-type": "event", ":event-type": "chunk", ":content-type": "application/json"}
_STOPS: Final = {
    "TEXT": {"PARTIAL_TURN", "END_TURN", "INTERRUPTED"},
    "AUDIO": {"PARTIAL_TURN", "END_TURN", "INTERRUPTED"},
    "TOOL": {"TOOL_USE"},
}
_DATA: Final = {"TEXT": "textOutput", "AUDIO": "audioOutput", "TOOL": "toolUse"}
_ROLES: Final = {"TEXT": {"USER", "ASSISTANT"}, "AUDIO": {"ASSISTANT"}, "TOOL": {"TOOL"}}


class Violated(AssertionError):
    """An answer that the protocol does not know."""


def expect(truth: object, what: str) -> None:
    """Raise :class:`Violated` unless that is so."""
    if not truth:
        raise Violated(what)


@dataclass(slots=True)
class _Block:
    content_id: str
    kind: str
    data: int = 0


@dataclass(slots=True)
class Judge:
    """Follows one stream's answer. ``exception``: the name and the kind of text that ended it, if one did.

    ``is_lenient``: prompts may follow each other without anything between that tells them apart.
    """

    is_lenient: bool = False
    exception: tuple[str, str] | None = None
    events: int = 0
    _session_id: str | None = None
    _block: _Block | None = None
    _content_ids: set[str] = field(default_factory=set)
    _completions: dict[str, str] = field(default_factory=dict)
    _totals: dict[str, list[int]] = field(default_factory=dict)
    _completion: str | None = None
    _speaks: bool | None = False

    def answer(self, body: bytes, *, is_cut: bool = False) -> None:
        """Judge a whole response body; ``is_cut``: the client left in its middle.

        Raises:
            Violated: something in it is against the protocol.
        """
        decoder = FrameDecoder()
        try:
            frames = decoder.feed(body)
        except FrameError as error:
            raise Violated(f"a frame is broken: {error}") from error
        expect(is_cut or not decoder.pending_bytes, "the last frame is truncated")
        for frame in frames:
            self._frame(frame)

    def _frame(self, frame: Frame) -> None:
        expect(self.exception is None, "something follows an exception")
        if frame.headers.get(":message-type") == "exception":
            self._exception(frame)
            return
        expect(frame.headers == _EVENT_HEADERS, f"an event's headers are {frame.headers}")
        payload = json.loads(frame.payload)
        expect(set(payload) <= {"bytes", "p"}, f"an event's payload holds {sorted(payload)}")
        ((name, body),) = json.loads(base64.b64decode(payload["bytes"], validate=True))["event"].items()
        self._event(name, body)

    def _exception(self, frame: Frame) -> None:
        name = str(frame.headers[":exception-type"])
        expect(name in EXCEPTIONS, f"there is no exception {name}")
        expect(name != "internalServerException", "the endpoint broke")
        expect(frame.headers.get(":content-type") == "application/json", "an exception is no JSON")
        text = json.loads(frame.payload)["message"]
        bare = _PREFIX.sub("", text, count=1)
        found = [kind for kind, pattern in _TEXTS.items() if re.fullmatch(pattern, bare, re.DOTALL)]
        expect(found, f"nobody has seen this text: {text[:200]!r}")
        self.exception = (name, found[0])

    def _event(self, name: str, body: dict[str, Any]) -> None:
        self.events += 1
        self._session_id = self._session_id or body["sessionId"]
        expect(body["sessionId"] == self._session_id, "the sessionId changes")
        expect(isinstance(body["promptName"], str), "the promptName is no text")
        completion = body.get("completionId")
        expect(isinstance(completion, str) or name.startswith("userSpeech"), f"{name} has no completionId")
        expect(self._completions.get(str(completion)) != "ended", f"{name} follows completionEnd")
        if completion is not None and completion != self._completion:
            # Perhaps another prompt: then what was being said in the one before has ended with it.
            self._completion, self._speaks = completion, None if self._speaks else self._speaks
        expect(hasattr(self, f"_on_{name}"), f"there is no event {name}")
        getattr(self, f"_on_{name}")(body)

    def _on_completionStart(self, body: dict[str, Any]) -> None:  # noqa: N802 - the event's own spelling
        expect(body["completionId"] not in self._completions, "a completion starts twice")
        self._completions[body["completionId"]] = "started"

    def _on_completionEnd(self, body: dict[str, Any]) -> None:  # noqa: N802
        expect(self._block is None, "a completion ends inside a block")
        expect(body["completionId"] in self._completions, "a completion ends that has not started")
        expect(body["stopReason"] == "END_TURN", "a completion ends for another reason")
        self._completions[body["completionId"]] = "ended"

    def _on_contentStart(self, body: dict[str, Any]) -> None:  # noqa: N802
        expect(self._block is None, "a block starts inside another")
        kind, content_id = body["type"], body["contentId"]
        expect(body["role"] in _ROLES[kind], f"{kind} has the role {body['role']}")
        expect(content_id not in self._content_ids, "a contentId comes twice")
        if kind == "TEXT":
            stage = json.loads(body["additionalModelFields"])["generationStage"]
            expect(stage in ("FINAL", "SPECULATIVE"), f"there is no stage {stage}")
            expect(body["textOutputConfiguration"] == {"mediaType": "text/plain"}, "a TEXT is no text")
        if kind == "AUDIO":
            rate_hz = body["audioOutputConfiguration"]["sampleRateHertz"]
            expect(rate_hz in (8000, 16000, 24000), f"audio has the rate {rate_hz}")
        started = body["role"] == "USER" or body["completionId"] in self._completions
        is_final = kind == "TEXT" and "FINAL" in body["additionalModelFields"]
        expect(started or is_final, f"{kind} {body['role']} comes before completionStart")
        self._content_ids.add(content_id)
        self._block = _Block(content_id, kind)

    def _on_textOutput(self, body: dict[str, Any]) -> None:  # noqa: N802
        self._data("textOutput", body, {"content": str, "role": str})

    def _on_audioOutput(self, body: dict[str, Any]) -> None:  # noqa: N802
        self._data("audioOutput", body, {"content": str, "role": str})
        expect(len(base64.b64decode(body["content"], validate=True)) % 2 == 0, "audio has half a sample")

    def _on_toolUse(self, body: dict[str, Any]) -> None:  # noqa: N802
        self._data("toolUse", body, {"content": str, "toolName": str, "toolUseId": str})
        json.loads(body["content"])

    def _data(self, name: str, body: dict[str, Any], wanted: dict[str, type]) -> None:
        block = self._block
        expect(block is not None and block.content_id == body["contentId"], f"{name} belongs to no open block")
        assert block is not None
        expect(_DATA[block.kind] == name, f"{name} stands in a block of {block.kind}")
        expect(all(isinstance(body.get(key), kind) for key, kind in wanted.items()), f"{name} lacks a field")
        block.data += 1
        expect(block.data == 1 or block.kind == "AUDIO", f"a block has more than one {name}")

    def _on_contentEnd(self, body: dict[str, Any]) -> None:  # noqa: N802
        block = self._block
        expect(block is not None and block.content_id == body["contentId"], "a contentEnd ends no open block")
        assert block is not None
        expect(body["type"] == block.kind, "a block ends with another type")
        expect(body["stopReason"] in _STOPS[block.kind], f"{block.kind} stops with {body['stopReason']}")
        expect(block.data or block.kind == "AUDIO", f"a block of {block.kind} is empty")
        self._block = None

    def _on_userSpeechStart(self, body: dict[str, Any]) -> None:  # noqa: N802
        expect(self.is_lenient or not self._speaks, "speech starts twice")
        expect(isinstance(body["inputAudioOffsetMs"], int), "speech starts nowhere")
        self._speaks = True

    def _on_userSpeechEnd(self, body: dict[str, Any]) -> None:  # noqa: N802
        expect(self._speaks is not False, "speech ends without a start")
        expect(body["inputAudioDetectionOffsetMs"] >= body["inputAudioOffsetMs"], "an end is noticed before it comes")
        self._speaks = False

    def _on_usageEvent(self, body: dict[str, Any]) -> None:  # noqa: N802
        details = body["details"]
        delta, total = (
            [details[part][way][what] for way in ("input", "output") for what in ("speechTokens", "textTokens")]
            for part in ("delta", "total")
        )
        before = self._totals.get(body["promptName"], [0] * 4)
        expect(min(delta) >= 0, "tokens are taken back")
        # A prompt of the same name starts counting anew.
        expect(total in ([a + b for a, b in zip(before, delta, strict=True)], delta), "a total is not the sum")
        expect(body["totalTokens"] == sum(total), "totalTokens is not the sum")
        self._totals[body["promptName"]] = total
