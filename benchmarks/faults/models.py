"""The LiveKit models under measurement; their construction stands here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from livekit.agents import llm

from benchmarks.faults.job import MODEL, VOICE, Job
from benchmarks.plugins import StockModel
from benchmarks.probe import CallProbe
from nova_agent.sonic import RealtimeModel, SonicCredentials, SonicEndpoint, StreamQuotas
from nova_agent.sonic.limits import Limits

REGION: Final = "us-east-1"


def livekit_model(job: Job) -> llm.RealtimeModel:
    """Return the model of the job's column: "ours", "stock" or "fallback"."""
    endpoint = SonicEndpoint(job.endpoint_url, REGION, Path(job.ca_bundle))
    match job.column:
        case "ours":
            return _ours(endpoint, job)
        case "stock":
            return _stock(endpoint)
        case "fallback":
            # Two of them, as for two regions; both reach the endpoint, which is healthy again after its fault.
            return llm.RealtimeModelFallbackAdapter([_stock(endpoint), _stock(endpoint)])
        case column:
            raise ValueError(f"{column!r} is no column of LiveKit models")


def product_model(
    job: Job, credentials: SonicCredentials, quotas: StreamQuotas, voice: str, observer: Callable[..., None]
) -> RealtimeModel:
    """Our model as a call of the product makes it for one of its personas."""
    endpoint = SonicEndpoint(job.endpoint_url, REGION, Path(job.ca_bundle))
    return RealtimeModel(
        model=MODEL, voice=voice, endpoint=endpoint, credentials=credentials, observer=observer, quotas=quotas
    )


def _ours(endpoint: SonicEndpoint, job: Job) -> RealtimeModel:
    limits = Limits()
    if job.age_s is not None:
        shortened = job.age_s / limits.rotate_s
        limits = replace(limits, rotate_s=job.age_s, rotate_by_s=limits.rotate_by_s * shortened)
    return RealtimeModel(model=MODEL, voice=VOICE, endpoint=endpoint, credentials=SonicCredentials(), limits=limits)


def _stock(endpoint: SonicEndpoint) -> llm.RealtimeModel:
    """The plugin as it comes; its age limit is the environment variable LK_SESSION_MAX_DURATION."""
    return StockModel(endpoint=endpoint, probe=CallProbe(), model=MODEL, voice=VOICE)
