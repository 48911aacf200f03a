"""The LiveKit models under measurement; their construction stands here and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from livekit.agents import llm

from benchmarks.faults.job import MODEL, VOICE, Job
from benchmarks.plugins import StockModel
from benchmarks.probe import CallProbe
from nova_agent.sonic import RealtimeModel, SonicCredentials, SonicEndpoint
from nova_agent.sonic.conductor import Limits

_REGION: Final = "us-east-1"


def livekit_model(job: Job) -> llm.RealtimeModel:
    """Return the model of the job's column: "ours", "stock" or "fallback"."""
    endpoint = SonicEndpoint(job.endpoint_url, _REGION, Path(job.ca_bundle))
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


def _ours(endpoint: SonicEndpoint, job: Job) -> RealtimeModel:
    limits = Limits()
    if job.age_s is not None:
        shortened = job.age_s / limits.rotate_s
        limits = replace(limits, rotate_s=job.age_s, rotate_by_s=limits.rotate_by_s * shortened)
    return RealtimeModel(model=MODEL, voice=VOICE, endpoint=endpoint, credentials=SonicCredentials(), limits=limits)


def _stock(endpoint: SonicEndpoint) -> llm.RealtimeModel:
    """The plugin as it comes; its age limit is the environment variable LK_SESSION_MAX_DURATION."""
    return StockModel(endpoint=endpoint, probe=CallProbe(), model=MODEL, voice=VOICE)
