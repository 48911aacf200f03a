"""Which request opens a stream, with which model, and the HTTP answer to any other."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final, Protocol
from urllib.parse import unquote

from nova_agent.localsonic.http2 import Request, RequestHandler
from nova_agent.localsonic.models import Refusal
from nova_agent.localsonic.outputs import new_id

NOTHING_HERE: Final = Refusal(404, "UnknownOperationException", "There is nothing here.")

# The Python SDK sends a bare "?" after the path, the JavaScript SDK does not.
_PATH: Final = re.compile(r"/model/(?P<model>[^/?]+)/invoke-with-bidirectional-stream\??")


def invoked_model(request: Request) -> str | None:
    """The id (or ARN) of the model that the request wants a stream with; ``None`` when it wants something else."""
    path = _PATH.fullmatch(request.path)
    return unquote(path["model"]) if path is not None and request.method == "POST" else None


class Answer(Protocol):
    """The response to a request."""

    def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Send status and headers."""
        ...

    def send(self, data: bytes) -> None:
        """Queue a part of the body."""
        ...

    def end(self) -> None:
        """Send END_STREAM."""
        ...


def refuse(answer: Answer, refusal: Refusal) -> RequestHandler:
    """Answer instead of opening a stream; the rest of the request's body does not matter."""
    headers = {
        "content-type": "application/json",
        "x-amzn-errortype": refusal.error_type,
        "x-amzn-requestid": new_id(),
    }
    answer.start(refusal.status, headers)
    answer.send(json.dumps({"message": refusal.message}).encode())
    answer.end()
    return _Refused()


class _Refused:
    """A request that has been answered already."""

    def receive(self, data: bytes) -> None:
        pass

    def receive_end(self) -> None:
        pass

    def lost(self, *, reset: bool = False) -> None:
        pass
