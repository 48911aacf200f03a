"""What the faults say. Texts that nobody has reported from the real service say so.

Reported: livekit/agents issues 4250 and 6042, pipecat issue 2871, Amazon Nova user guide, "speech-errors".
"""

from __future__ import annotations

from typing import Final

from nova_agent.localsonic.models import Refusal
from nova_agent.localsonic.rejections import IDLE, LIFE_OVER

RST_531: Final = "InternalErrorCode=531::RST_STREAM closed stream. HTTP/2 error code: NO_ERROR"
IDLE_532: Final = f"InternalErrorCode=532::{IDLE}"
SYSTEM_INSTABILITY: Final = "System instability detected. Please retry your request."
CONTENT_FILTER: Final = "This request has been blocked by our content filters."
MODEL_TIMEOUT: Final = LIFE_OVER

# Unconfirmed, all four: the exceptions have been seen, their texts have not been written down.
INTERNAL_SERVER: Final = "The system encountered an unexpected error during processing. Try your request again."
MODEL_STREAM_ERROR: Final = "An error occurred while streaming the response. Retry your request."
THROTTLING: Final = "Too many requests, please wait before trying again."
SERVICE_UNAVAILABLE: Final = "The service isn't currently available. Try again later."

# The types and their statuses are the SDK's (aws_sdk_bedrock_runtime 0.12); which of them the service picks for what is
# confirmed for 403 alone, and no text is.
_REFUSALS: Final = (
    Refusal(400, "ServiceQuotaExceededException", "Your request exceeds the service quota for your account."),
    # With the suffix that services built on AWS's older framework add: a client has to cut it off.
    Refusal(
        403,
        "UnrecognizedClientException:http://internal.amazon.com/coral/com.amazon.coral.service/",
        "The security token included in the request is invalid.",
    ),
    Refusal(
        403,
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided.",
    ),
    Refusal(403, "ExpiredTokenException", "The security token included in the request is expired"),
    Refusal(403, "AccessDeniedException", "You don't have access to the model with the specified model ID."),
    Refusal(404, "ResourceNotFoundException", "Could not resolve the foundation model from the model identifier."),
    Refusal(408, "ModelTimeoutException", MODEL_TIMEOUT),
    Refusal(424, "ModelErrorException", "The request failed due to an error while processing the model."),
    Refusal(424, "ModelStreamErrorException", MODEL_STREAM_ERROR),
    Refusal(429, "ThrottlingException", THROTTLING),
    Refusal(429, "ModelNotReadyException", "The model is not ready to serve inference requests. Try again later."),
    Refusal(500, "InternalServerException", INTERNAL_SERVER),
    Refusal(503, "ServiceUnavailableException", SERVICE_UNAVAILABLE),
)

REFUSALS: Final = {refusal.error_type.partition(":")[0]: refusal for refusal in _REFUSALS}
"""HTTP answers by the name of their error type."""
