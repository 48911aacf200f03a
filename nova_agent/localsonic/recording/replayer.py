"""The replayer: an endpoint that plays one recording to every client."""

from __future__ import annotations

from pathlib import Path

from nova_agent.localsonic.http2 import Exchange, Request
from nova_agent.localsonic.listener import ListenAddress
from nova_agent.localsonic.models import Refusal
from nova_agent.localsonic.recording.plan import plan_replay
from nova_agent.localsonic.recording.policy import Pace
from nova_agent.localsonic.recording.reader import read_recording
from nova_agent.localsonic.recording.replayed import ReplayedStream
from nova_agent.localsonic.recording.serving import ServedStream, StreamServer


def replayer(address: ListenAddress, path: Path, *, pace: Pace = "real", lenient: bool = False) -> StreamServer:
    """An endpoint that serves the recording, from its beginning, for each stream that is opened.

    Raises:
        ContentInvalid: the file is no recording, or is damaged.
    """
    recording = read_recording(path)
    plan = plan_replay(recording)

    def open_stream(model_id: str, _request: Request, exchange: Exchange) -> ServedStream | Refusal:
        if plan.refusal is not None:
            return Refusal(plan.refusal.status, plan.refusal.error_type, plan.refusal.message)
        recorded = recording.header.model_id
        if model_id != recorded and not lenient:
            return Refusal(400, "ValidationException", f"{path.name} was recorded with {recorded}, not {model_id}.")
        return ReplayedStream(path.name, plan, exchange, pace=pace, lenient=lenient)

    return StreamServer(address, open_stream, "The replayer")
