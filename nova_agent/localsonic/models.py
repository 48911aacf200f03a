"""The models that the endpoint stands in for, and where they differ."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Model:
    """What differs from one Nova Sonic model to the next.

    ``chains_tools``: one tool call at a time, each after the result of the one before, and no speech around them
    (measured by others on Nova 2.5). ``lowercases_callers``: the caller's words come back in lower case (measured by
    others on Nova 2).
    """

    model_id: str
    chains_tools: bool = False
    lowercases_callers: bool = False


_MODELS = {
    model.model_id: model
    for model in (
        Model("amazon.nova-2-sonic-v1:0", lowercases_callers=True),
        Model("amazon.nova-2-5-sonic", chains_tools=True),
    )
}
_RETIRED = "amazon.nova-sonic-v1:0"


@dataclass(frozen=True, slots=True)
class ModelRefused:
    """The HTTP answer for a model that cannot be used: status, ``x-amzn-errortype`` and text."""

    status: int
    error_type: str
    message: str


def find_model(model_id: str) -> Model | ModelRefused:
    """Look a model up by its id or by an ARN that ends in ``/<id>``."""
    name = model_id.rpartition("/")[2]
    if name == _RETIRED:
        # End of life on 14 September 2026 (AWS model card).
        return ModelRefused(
            404,
            "ResourceNotFoundException",
            f"Model {name} has reached the end of its life. Use one of: {', '.join(_MODELS)}.",
        )
    return _MODELS.get(name) or ModelRefused(
        400,
        "ValidationException",
        f"The provided model identifier is invalid: {model_id!r}. Use one of: {', '.join(_MODELS)}.",
    )
