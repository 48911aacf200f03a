"""The recorder: an endpoint that forwards every stream to the service, and keeps a recording of each."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import structlog

from nova_agent.errors import RecordError
from nova_agent.localsonic.http2 import Exchange, Request
from nova_agent.localsonic.listener import ListenAddress
from nova_agent.localsonic.models import Refusal
from nova_agent.localsonic.recording.entries import Header
from nova_agent.localsonic.recording.relay import Relay
from nova_agent.localsonic.recording.serving import ServedStream, StreamServer
from nova_agent.localsonic.recording.tape import Tape
from nova_agent.localsonic.recording.upstream import Upstream
from nova_agent.localsonic.recording.writer import RecordingWriter

_log = structlog.get_logger(__name__)


def recorder(address: ListenAddress, upstream: Upstream, folder: Path, *, caller_audio: bool = True) -> StreamServer:
    """An endpoint that writes one file a stream into ``folder``.

    ``caller_audio`` ``False`` keeps the count of the caller's samples in place of their sound.
    """

    def open_stream(model_id: str, request: Request, exchange: Exchange) -> ServedStream | Refusal:
        header = Header(
            model_id=model_id,
            recorded_at=datetime.now(UTC),
            user_agent=request.headers.get("user-agent", ""),
            upstream=upstream.url,
            caller_audio=caller_audio,
        )
        try:
            writer = RecordingWriter.create(folder, header)
        except RecordError as error:
            _log.error("localsonic.recording_failed", error=str(error))
            return Refusal(500, "InternalServerException", str(error))
        _log.info("localsonic.recording_started", path=str(writer.path), model=model_id)
        return Relay(model_id, exchange, upstream, Tape(writer, caller_audio=caller_audio))

    return StreamServer(address, open_stream, "The recorder")
