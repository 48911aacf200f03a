"""The models that the endpoint stands in for, and where they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nova_agent.localsonic.voices import NOVA_2_VOICES, VERSION_1_VOICES


@dataclass(frozen=True, slots=True)
class Model:
    """What differs from one Nova Sonic model to the next.

    ``chains_tools``: one tool call at a time, each after the result of the one before, no speech around them, and
    quiet until the last result (measured by others on Nova 2.5). ``lowercases_callers``: the caller's words come back
    in lower case (measured by others on Nova 2). ``answers_typed_text``, ``reports_speech`` (userSpeechStart and
    userSpeechEnd): Nova 2 and later. ``talks_during_tools``: it goes on listening and talking while a tool runs
    (Amazon Nova 2 user guide, "sonic-async-tools"). ``takes_speech_style``: a content may have the role SYSTEM_SPEECH;
    Nova 2 and later. ``voice_ids``: those that a prompt may ask for.
    """

    model_id: str
    chains_tools: bool = False
    lowercases_callers: bool = False
    answers_typed_text: bool = True
    reports_speech: bool = True
    talks_during_tools: bool = False
    takes_speech_style: bool = True
    voice_ids: frozenset[str] = NOVA_2_VOICES


NOVA_2: Final = Model("amazon.nova-2-sonic-v1:0", lowercases_callers=True, talks_during_tools=True)
NOVA_2_5: Final = Model("amazon.nova-2-5-sonic", chains_tools=True)
VERSION_1: Final = Model(
    "amazon.nova-sonic-v1:0",
    answers_typed_text=False,
    reports_speech=False,
    takes_speech_style=False,
    voice_ids=VERSION_1_VOICES,
)
_CURRENT: Final = {model.model_id: model for model in (NOVA_2, NOVA_2_5)}


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP answer instead of a stream: status, ``x-amzn-errortype`` and text."""

    status: int
    error_type: str
    message: str


def find_model(model_id: str, *, serves_version_1: bool = False) -> Model | Refusal:
    """Look a model up by its id or by an ARN that ends in ``/<id>``."""
    name = model_id.rpartition("/")[2]
    if name == VERSION_1.model_id:
        return VERSION_1 if serves_version_1 else _retired(name)
    return _CURRENT.get(name) or Refusal(
        400,
        "ValidationException",
        f"The provided model identifier is invalid: {model_id!r}. Use one of: {', '.join(_CURRENT)}.",
    )


def _retired(name: str) -> Refusal:
    # End of life on 14 September 2026 (AWS model card); which error it gets since then is not confirmed.
    return Refusal(
        404,
        "ResourceNotFoundException",
        f"Model {name} has reached the end of its life. Use one of: {', '.join(_CURRENT)}.",
    )
