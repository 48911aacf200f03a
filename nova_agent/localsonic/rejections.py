"""What the service refuses, in its own words.

The texts are those that clients reported from the real service; clients match on some of them. Sources: livekit/agents
issues 2874, 4250, 6042, 6720; pipecat issues 3122, 2871; Amazon Nova user guide, "speech-errors".
"""

from __future__ import annotations

from typing import Literal

from nova_agent.localsonic.limits import NAME_CHARS
from nova_agent.localsonic.switches import ErrorPrefix

# The members of the output union. The Python SDK raises a bare KeyError on any other spelling (SDK 0.12).
ExceptionName = Literal[
    "internalServerException",
    "modelStreamErrorException",
    "modelTimeoutException",
    "serviceUnavailableException",
    "throttlingException",
    "validationException",
]

UNPARSEABLE = "Unable to parse input chunk. Please check input format contains correct format."
INVALID_INPUT = "Invalid input request, please fix your input and try again."
SYSTEM_FIRST = "First content must have SYSTEM role"
SYSTEM_TWICE = "Duplicate SYSTEM content. SYSTEM content can only be provided once per prompt"
TOOL_RESULT_UNPARSEABLE = "Tool Response parsing error"
TOOL_RESULT_MEDIA_TYPE = "Tool result media type must be one of: [text/plain]"
HISTORY_TOO_LONG = "Chat history is over max limit. Trim chat history and try again."
HISTORY_AFTER_AUDIO = "Chat history should be sent completely before streaming audio."
CONTENTS_STILL_OPEN = "All contents must be closed before ending prompt"
IDLE = (
    "Timed out waiting for audio bytes or interactive content. "
    "Please ensure gaps between audio bytes and interactive content are less than 55 seconds."
)
IDLE_CODE = "InternalErrorCode=532::"
NO_INPUT = "Timed out waiting for input events"
LIFE_OVER = "Model has timed out in processing the request. Try your request again."
# Ours: what the service says to more than it can hold is not known.
TOO_MUCH = "Too much input at once. Try your request again."
INTERNAL = "The system encountered an unexpected error during processing. Try your request again."


class StreamRejected(Exception):
    """The stream ends with an exception frame of this name and text."""

    def __init__(self, message: str, exception: ExceptionName = "validationException") -> None:
        super().__init__(message)
        self.message = message
        self.exception: ExceptionName = exception


def worded(message: str, prefix: ErrorPrefix, *, request_id: str) -> str:
    """Return the text with what stood before it in reports of the real service."""
    match prefix:
        case "none":
            return message
        case "request-id":
            return f"RequestId={request_id} : {message}"
        case "numbered":
            return f"RequestId={request_id} : Error(s):\nError 1 : {message}"


def invalid_voice(voice_id: str) -> StreamRejected:
    return StreamRejected(f"Received invalid id: '{_shown(voice_id)}'")


def no_open_content(content_name: str) -> StreamRejected:
    return StreamRejected(f"No open content found for content name: {_shown(content_name)}")


def content_without_data(content_name: str) -> StreamRejected:
    return StreamRejected(f"Cannot end content [{content_name}] as no content data was received")


def prompt_without_audio(prompt_name: str) -> StreamRejected:
    return StreamRejected(f"Prompt [{prompt_name}] must have at least one audio content")


def _shown(name: str) -> str:
    """A client's name for something, cut to what can be sent back: it may be as long as a message."""
    return name[:NAME_CHARS].encode(errors="replace").decode()
