"""The bytes that a fault sends before END_STREAM."""

from __future__ import annotations

import json
from typing import Final

from nova_agent.localsonic.faults.plan import Strike
from nova_agent.localsonic.frames import Frame, encode_frame

_JSON: Final = "application/json"
_PRELUDE_CHECKSUM: Final = slice(8, 12)
_ORIGINAL_STATUS: Final = 500

# What is broken in the middle or in its checksum: a whole event that no client would miss.
_SAMPLE: Final = encode_frame(
    Frame(
        {":message-type": "event", ":event-type": "chunk", ":content-type": _JSON},
        b'{"bytes":"eyJldmVudCI6eyJ1c2FnZUV2ZW50Ijp7fX19"}',
    )
)


def last_words(strike: Strike) -> bytes:
    """Return what ends the response body; nothing for an end without a word."""
    fault, value = strike.fault, strike.value
    if fault.exception is not None:
        return _exception(fault.exception, str(value or fault.text))
    match fault.name:
        case "unknown-exception":
            return _exception(str(value), "You don't have access to the model with the specified model ID.")
        case "error-frame":
            headers = {":message-type": "error", ":error-code": str(value), ":error-message": "The stream has failed."}
            return encode_frame(Frame(headers))
        case name:
            return _BROKEN.get(name, b"")


def _exception(name: str, message: str) -> bytes:
    body: dict[str, object] = {"message": message}
    if name == "modelStreamErrorException":
        # The SDK's model has both (aws_sdk_bedrock_runtime 0.12); what the service puts there is not confirmed.
        body |= {"originalStatusCode": _ORIGINAL_STATUS, "originalMessage": message}
    headers = {":message-type": "exception", ":exception-type": name, ":content-type": _JSON}
    return encode_frame(Frame(headers, json.dumps(body).encode()))


def _inverted(checksum: bytes) -> bytes:
    return bytes(byte ^ 0xFF for byte in checksum)


_BROKEN: Final = {
    "truncated-frame": _SAMPLE[: len(_SAMPLE) // 2],
    "corrupt-checksum": _SAMPLE[:-4] + _inverted(_SAMPLE[-4:]),
    "corrupt-prelude": _SAMPLE[:8] + _inverted(_SAMPLE[_PRELUDE_CHECKSUM]) + _SAMPLE[12:],
}
