"""The port to the service behind a recorder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from nova_agent.localsonic.models import Refusal


class UpstreamFailed(Exception):
    """The service cannot be reached; ``refusal`` is what the client is told."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Response:
    """The beginning of a response. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]


class UpstreamStream(Protocol):
    """One stream of the service. Every wait has a limit."""

    async def send(self, payload: bytes) -> None:
        """Sign and send one event's JSON.

        Raises:
            UpstreamFailed: the service takes no more.
        """
        ...

    async def end_input(self) -> None:
        """The client has sent everything."""
        ...

    async def response(self) -> Response:
        """Wait for status and headers.

        Raises:
            UpstreamFailed: the service cannot be reached, or does not answer.
        """
        ...

    def body(self) -> AsyncIterator[bytes]:
        """The response's bytes, in pieces of any size; afterwards :attr:`broken_off` is known."""
        ...

    @property
    def broken_off(self) -> str:
        """Why the body ended without END_STREAM; empty when it ended with it."""
        ...

    async def aclose(self) -> None:
        """Leave."""
        ...


class Upstream(Protocol):
    """Where streams are forwarded to."""

    @property
    def url(self) -> str:
        """Its address."""
        ...

    async def open(self, model_id: str) -> UpstreamStream:
        """Begin a stream.

        Raises:
            UpstreamFailed: there are no credentials.
        """
        ...
