"""What the control port answers: one function for each route."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any, Final, Protocol

from aiohttp import web

from nova_agent.errors import SettingsError
from nova_agent.localsonic.behaviours import load_manifest
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.faults.plan import FaultPlan
from nova_agent.localsonic.ledger import Ledger, StreamLedger
from nova_agent.localsonic.switches import SWITCH_NAMES, Switches, allowed_values

View = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Controlled(Protocol):
    """The endpoint, as the control port needs it."""

    ledger: Ledger

    @property
    def config(self) -> LocalSonicConfig:
        """How it was set up."""
        ...

    @property
    def endpoint_url(self) -> str:
        """Where clients of the protocol connect."""
        ...

    @property
    def open_streams(self) -> int:
        """How many there are now."""
        ...

    @property
    def faults(self) -> FaultPlan:
        """What goes wrong, and when."""
        ...


class NotThere(Exception):
    """The path is right, and what it names does not exist. The message is for the client."""


@dataclass(frozen=True, slots=True)
class Route:
    """``view``: the method of :class:`_Views` that answers."""

    method: str
    path: str
    what: str
    view: str


ROUTES: Final = (
    Route("GET", "/", "version, address, open streams, and these routes", "overview"),
    Route("GET", "/streams", "every stream, without events and texts", "streams"),
    Route("DELETE", "/streams", "forget all streams", "forget"),
    Route("GET", "/streams/{id}", "everything about a stream but its events; the id may be: last", "stream"),
    Route("GET", "/streams/{id}/events", "its input events", "events"),
    Route("GET", "/streams/{id}/history", "system text, history, typed texts and tool results", "history"),
    Route("GET", "/streams/{id}/audio.wav", "the caller's audio, where it is kept", "wav"),
    Route("GET", "/audio", "numbered audio over all streams; takes since_at_s, first and end", "numbered"),
    Route("GET", "/overlaps", "streams that were open at once", "overlaps"),
    Route("GET", "/faults", "what is planned, and what has struck", "faults"),
    Route("POST", "/faults", "plan faults: one a line, or a JSON list of texts", "plan_faults"),
    Route("DELETE", "/faults", "take all faults back", "clear_faults"),
    Route("GET", "/switches", "what nobody could confirm, and how it is set", "switches"),
    Route("GET", "/behaviours", "what the endpoint does, how sure that is, and the tests that hold it", "behaviours"),
)


def views(endpoint: Controlled) -> Iterator[tuple[Route, View]]:
    """Each route with its function."""
    table = _Views(endpoint)
    for route in ROUTES:
        yield route, getattr(table, route.view)


class _Views:
    def __init__(self, endpoint: Controlled) -> None:
        self._endpoint = endpoint
        self._ledger = endpoint.ledger

    async def overview(self, request: web.Request) -> web.Response:
        base = f"http://{request.headers['Host']}"
        return _json(
            {
                "version": version("nova-agent"),
                "endpoint_url": self._endpoint.endpoint_url,
                "open_streams": self._endpoint.open_streams,
                "streams": len(self._ledger.streams),
                "dropped": self._ledger.dropped,
                "routes": {f"{route.method} {base}{route.path}": route.what for route in ROUTES},
            }
        )

    async def streams(self, _: web.Request) -> web.Response:
        return _json({"streams": [stream.summary_json() for stream in self._ledger.streams]})

    async def forget(self, _: web.Request) -> web.Response:
        forgotten = len(self._ledger.streams)
        self._ledger.clear()
        return _json({"forgotten": forgotten})

    async def stream(self, request: web.Request) -> web.Response:
        return _json(self._found(request).as_json(without=("events",)))

    async def events(self, request: web.Request) -> web.Response:
        stream = self._found(request)
        return _json(
            {
                "stream_id": stream.stream_id,
                "event_count": stream.event_count,
                "events_left_out": stream.events_left_out,
                "events": [asdict(event) for event in stream.events],
            }
        )

    async def history(self, request: web.Request) -> web.Response:
        stream = self._found(request)
        return _json(
            {
                "stream_id": stream.stream_id,
                "system": stream.system,
                "history": [asdict(text) for text in stream.history],
                "typed": [asdict(text) for text in stream.typed],
                "tool_results": [asdict(result) for result in stream.tool_results],
            }
        )

    async def wav(self, request: web.Request) -> web.Response:
        stream = self._found(request)
        kept = self._ledger.kept_audio(stream.stream_id)
        if kept is None or not kept.rate_hz:
            why = "no audio has come" if kept is not None else "audio is not kept: serve with --keep-audio SECONDS"
            raise NotThere(f"There is no audio of stream {stream.stream_id}: {why}.")
        return web.Response(body=kept.wav(), content_type="audio/wav")

    async def numbered(self, request: web.Request) -> web.Response:
        since_at_s = _number(request, "since_at_s", float)
        first, end = _number(request, "first", int), _number(request, "end", int)
        return _json(self._ledger.numbered_audio(since_at_s=since_at_s or 0.0, first=first, end=end).as_json())

    async def overlaps(self, _: web.Request) -> web.Response:
        pairs = [asdict(overlap) for overlap in self._ledger.overlaps()]
        return _json({"max_open": self._ledger.max_open, "overlaps": pairs})

    async def faults(self, _: web.Request) -> web.Response:
        return _json(self._endpoint.faults.as_json())

    async def plan_faults(self, request: web.Request) -> web.Response:
        texts = _fault_texts(await request.text())
        FaultPlan(texts)  # one wrong text, and none is planned
        for text in texts:
            self._endpoint.faults.add(text)
        return _json(self._endpoint.faults.as_json())

    async def clear_faults(self, _: web.Request) -> web.Response:
        self._endpoint.faults.clear()
        return _json(self._endpoint.faults.as_json())

    async def switches(self, _: web.Request) -> web.Response:
        set_to, default = self._endpoint.config.switches, Switches()
        return _json(
            {
                "switches": {
                    name: {
                        "value": getattr(set_to, name),
                        "default": getattr(default, name),
                        "allowed": allowed_values(name),
                    }
                    for name in SWITCH_NAMES
                },
                "changed": set_to.changed(),
            }
        )

    async def behaviours(self, _: web.Request) -> web.Response:
        manifest = load_manifest()
        return _json(
            {
                "counts": manifest.counts(),
                "behaviours": [behaviour.model_dump(exclude_none=True) for behaviour in manifest.behaviours],
                "sources": manifest.sources,
            }
        )

    def _found(self, request: web.Request) -> StreamLedger:
        stream_id = request.match_info["id"]
        stream = self._ledger.find(stream_id)
        if stream is None:
            known = len(self._ledger.streams)
            raise NotThere(f"There is no stream {stream_id!r}; GET /streams lists the {known} that are remembered.")
        return stream


def _json(value: object) -> web.Response:
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    return web.Response(text=text, content_type="application/json")


def _number[T](request: web.Request, name: str, kind: Callable[[str], T]) -> T | None:
    text = request.query.get(name)
    if text is None:
        return None
    try:
        return kind(text)
    except ValueError as error:
        raise SettingsError(f"{name}={text} is no number.") from error


def _fault_texts(body: str) -> list[str]:
    """One fault a line, or a JSON list of them.

    Raises:
        SettingsError: there is none, or the list is wrong.
    """
    texts = _listed_faults(body)
    if not texts:
        raise SettingsError("The body names no fault. Write one a line, such as rst@turn=2, or a JSON list of texts.")
    return texts


def _listed_faults(body: str) -> list[str]:
    if not body.lstrip().startswith("["):
        return [line.strip() for line in body.splitlines() if line.strip()]
    try:
        texts: Any = json.loads(body)
    except ValueError as error:
        raise SettingsError(f"The body begins like a JSON list, but is none: {error}.") from error
    if not all(isinstance(text, str) for text in texts):
        raise SettingsError("The JSON list has to hold texts, one a fault.")
    return list(texts)
