from __future__ import annotations

import pytest

from nova_agent.localsonic.models import Model, Refusal, find_model
from nova_agent.localsonic.voices import NOVA_2_VOICES, VERSION_1_VOICES, VOICE_IDS, voice_for


@pytest.mark.parametrize(
    "model_id",
    [
        "amazon.nova-2-sonic-v1:0",
        "amazon.nova-2-5-sonic",
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-2-sonic-v1:0",
    ],
)
def test_current_models_are_found(model_id: str) -> None:
    assert isinstance(find_model(model_id), Model)


@pytest.mark.parametrize(
    ("model_id", "status", "error_type"),
    [
        ("amazon.nova-sonic-v1:0", 404, "ResourceNotFoundException"),
        ("amazon.nova-9-sonic", 400, "ValidationException"),
        ("", 400, "ValidationException"),
    ],
)
def test_other_models_are_refused(model_id: str, status: int, error_type: str) -> None:
    refused = find_model(model_id)
    assert isinstance(refused, Refusal)
    assert (refused.status, refused.error_type) == (status, error_type)
    assert "amazon.nova-2-sonic-v1:0" in refused.message


def test_every_voice_is_one_of_four_and_stays_recognisable() -> None:
    voices = {voice_for(voice_id) for voice_id in VOICE_IDS}
    assert (len(VERSION_1_VOICES), len(NOVA_2_VOICES)) == (11, 16)
    assert VERSION_1_VOICES | NOVA_2_VOICES == VOICE_IDS
    assert len({voice.name for voice in voices}) == 4
    assert all(0.85 <= voice.factor <= 1.15 for voice in voices)
