"""Which requests get a stream, and the HTTP error of those that do not."""

from __future__ import annotations

from typing import Any

import pytest

from nova_agent.localsonic.admission import Admission, Admitted
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.http2 import Request
from nova_agent.localsonic.models import Refusal
from nova_agent.localsonic.switches import Switches
from nova_agent.localsonic.verdicts import PROFILES, Profile

PATH = "/model/amazon.nova-2-sonic-v1%3A0/invoke-with-bidirectional-stream"
CREDENTIAL = (
    "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/bedrock/aws4_request, SignedHeaders=host, "
    f"Signature={'0' * 64}"
)
SIGNED = {
    "authorization": CREDENTIAL,
    "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-EVENTS",
    "x-amz-date": "20260101T000000Z",
}


def judge(path: str = PATH, headers: dict[str, str] = SIGNED, *, open_streams: int = 0, **config: Any) -> Any:
    return Admission(LocalSonicConfig(**config)).judge(Request("POST", path, headers), open_streams=open_streams)


def test_a_signed_request_for_a_current_model_gets_a_stream() -> None:
    assert judge().model.model_id == "amazon.nova-2-sonic-v1:0"


@pytest.mark.parametrize("suffix", ["?", ""])
def test_a_bare_question_mark_behind_the_path_means_nothing(suffix: str) -> None:
    assert isinstance(judge(PATH + suffix), Admitted)


@pytest.mark.parametrize(
    ("changes", "error_type"),
    [
        ({"authorization": ""}, "MissingAuthenticationTokenException"),
        ({"authorization": "Bearer an-api-key"}, "AccessDeniedException"),
        ({"authorization": "Basic bG9jYWw6bG9jYWw="}, "InvalidSignatureException"),
        ({"authorization": CREDENTIAL.replace("bedrock/", "bedrock-runtime/")}, "InvalidSignatureException"),
        ({"authorization": CREDENTIAL.partition(", Signature")[0]}, "IncompleteSignatureException"),
        ({"authorization": CREDENTIAL[:-1]}, "IncompleteSignatureException"),
        ({"authorization": CREDENTIAL.replace("SignedHeaders=host, ", "")}, "IncompleteSignatureException"),
        ({"authorization": CREDENTIAL.replace("aws4_request", "")}, "IncompleteSignatureException"),
        ({"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}, "InvalidSignatureException"),
    ],
)
def test_a_request_that_is_not_signed_for_this_is_forbidden(changes: dict[str, str], error_type: str) -> None:
    refused = judge(headers=SIGNED | changes)
    assert (refused.status, refused.error_type) == (403, error_type)


def test_a_request_without_its_date_is_forbidden() -> None:
    undated = {name: value for name, value in SIGNED.items() if name != "x-amz-date"}
    assert judge(headers=undated).error_type == "IncompleteSignatureException"
    assert isinstance(judge(headers=undated | {"date": "Thu, 01 Jan 2026 00:00:00 GMT"}), Admitted)


@pytest.mark.parametrize("content_type", ["application/json", ""])
def test_a_request_of_another_content_type_is_refused(content_type: str) -> None:
    assert judge(headers=SIGNED | {"content-type": content_type}).status == 400
    assert isinstance(judge(headers=SIGNED | {"content-type": "application/vnd.amazon.eventstream"}), Admitted)
    assert isinstance(judge(headers=SIGNED | {"content-type": content_type}, profile="lenient"), Admitted)


def test_version_1_is_served_only_by_its_switch() -> None:
    path = PATH.replace("nova-2-sonic", "nova-sonic")
    assert judge(path).error_type == "ResourceNotFoundException"
    assert judge(path, switches=Switches(version_1="served")).model.model_id == "amazon.nova-sonic-v1:0"


def test_the_twenty_first_stream_is_throttled() -> None:
    assert isinstance(judge(open_streams=19), Admitted)
    refused = judge(open_streams=20)
    assert (refused.status, refused.error_type) == (429, "ThrottlingException")


def test_the_quota_can_be_lifted_and_can_strike_in_the_stream() -> None:
    assert isinstance(judge(open_streams=500, switches=Switches(concurrent_streams=0)), Admitted)
    throttled = judge(open_streams=2, switches=Switches(concurrent_streams=2, over_quota="exception"))
    assert throttled.rejection.exception == "throttlingException"


def test_a_lenient_endpoint_opens_a_stream_all_the_same() -> None:
    assert judge(headers={}, open_streams=50, profile="lenient").rejection is None


def test_a_lenient_endpoint_knows_no_other_models() -> None:
    assert judge(PATH.replace("nova-2", "nova-9"), profile="lenient").error_type == "ValidationException"


@pytest.mark.parametrize("profile", PROFILES)
def test_a_full_endpoint_has_no_room_in_either_profile(profile: Profile) -> None:
    config: dict[str, Any] = {"profile": profile, "switches": Switches(concurrent_streams=0)}
    assert isinstance(judge(open_streams=999, **config), Admitted)
    refused = judge(open_streams=1_000, **config)
    assert (refused.status, refused.error_type) == (503, "ServiceUnavailableException")


@pytest.mark.parametrize("path", ["/", "/model/x/invoke", "/model//invoke-with-bidirectional-stream"])
def test_there_is_nothing_else(path: str) -> None:
    refused = judge(path, profile="lenient")
    assert isinstance(refused, Refusal)
    assert refused.status == 404
