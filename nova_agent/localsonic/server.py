"""The endpoint: listens, routes requests to streams, and owns every stream's task."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

import structlog

from nova_agent.localsonic.admission import Admission
from nova_agent.localsonic.backlog import Backlog
from nova_agent.localsonic.brain import Brain, make_brain
from nova_agent.localsonic.clock import ScaledClock
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.ears import Ears, MoonshineEars
from nova_agent.localsonic.faults.effects import Effects
from nova_agent.localsonic.faults.handshake import strike_handshakes
from nova_agent.localsonic.faults.plan import FaultPlan
from nova_agent.localsonic.faults.stream import StreamFaults
from nova_agent.localsonic.http2 import Exchange, Request, RequestHandler
from nova_agent.localsonic.ledger import Ledger
from nova_agent.localsonic.listener import ListenAddress, Listener
from nova_agent.localsonic.models import Refusal
from nova_agent.localsonic.mouth import HibariMouth, Mouth
from nova_agent.localsonic.prompt import Parts
from nova_agent.localsonic.routes import refuse
from nova_agent.localsonic.stream import SonicStream
from nova_agent.localsonic.timing import TurnTiming

if TYPE_CHECKING:
    from nova_agent.localsonic.control import ControlPort

_log = structlog.get_logger(__name__)

_TIMINGS_KEPT: Final = 10_000


class LocalSonic:
    """An offline Nova Sonic endpoint, for ``async with`` or :meth:`start` and :meth:`stop`.

    ``ears`` and ``mouth`` are shared by all streams and closed with the endpoint; each stream gets a brain of its own.
    """

    def __init__(
        self,
        config: LocalSonicConfig | None = None,
        *,
        brain_factory: Callable[[], Brain] | None = None,
        ears: Ears | None = None,
        mouth: Mouth | None = None,
    ) -> None:
        self._config = config or LocalSonicConfig()
        self._brain_factory = brain_factory
        self._ears = ears or MoonshineEars()
        self._mouth = mouth or HibariMouth()
        self._clock = ScaledClock(self._config.speed)
        self._faults = FaultPlan(self._config.faults, now=self._clock.now)
        self._effects = Effects(self._clock)
        self._admission = Admission(self._config)
        address = ListenAddress(self._config.host, self._config.port, self._config.hostnames, self._config.ca_dir)
        self._listener = Listener(
            address, prepare_tls=partial(strike_handshakes, plan=self._faults), limits=self._config.limits
        )
        self._streams: set[asyncio.Task[None]] = set()
        self._parts: Parts | None = None
        self._control: ControlPort | None = None
        self.turn_timings: deque[TurnTiming] = deque(maxlen=_TIMINGS_KEPT)
        self.ledger = Ledger(
            self._clock,
            keep_streams=self._config.ledger_streams,
            track_numbering=self._config.track_numbering,
            keep_audio_s=self._config.keep_audio_s,
        )

    @property
    def port(self) -> int:
        return self._listener.port

    @property
    def endpoint_url(self) -> str:
        """The URL for clients, without a slash at its end."""
        return self._listener.endpoint_url

    @property
    def ca_certificate(self) -> Path:
        """Our authority alone, in PEM: for clients that add it to what they trust (Node)."""
        return self._listener.ca_certificate

    @property
    def ca_bundle(self) -> Path:
        """Our authority and the public ones, in PEM: for clients that replace what they trust (SSL_CERT_FILE)."""
        return self._listener.ca_bundle

    @property
    def faults(self) -> FaultPlan:
        """What goes wrong here, and when: add to it at any time."""
        return self._faults

    @property
    def control_url(self) -> str | None:
        """The URL of the control port, without a slash at its end; ``None`` without one."""
        return None if self._control is None else self._control.url

    @property
    def config(self) -> LocalSonicConfig:
        return self._config

    @property
    def open_streams(self) -> int:
        return len(self._streams)

    async def start(self) -> Self:
        """Load the models and listen.

        Raises:
            PortInUse: something else listens there.
            MissingExtra: a package for hearing or speaking is not installed.
            SettingsError: there is no such brain, or it lacks its script.
            SonicError: the certificates cannot be kept, or the address cannot be used.
        """
        brains = self._brain_factory or make_brain(self._config.brain, script=self._config.brain_script)
        try:
            await self._prepare(brains)
        except BaseException:
            await self._release()
            raise
        _log.info("localsonic.started", url=self.endpoint_url)
        return self

    async def _prepare(self, brains: Callable[[], Brain]) -> None:
        """Take the port first, so that a second endpoint fails at once, and serve when everything is loaded."""
        await self._listener.bind(self._open)
        await self._open_control_port()
        await asyncio.gather(self._ears.load(), self._mouth.load())
        self._parts = Parts(
            config=self._config,
            clock=self._clock,
            ears=self._ears,
            mouth=self._mouth,
            make_brain=brains,
            record=self.turn_timings.append,
            ledger=self.ledger,
            backlog=Backlog(self._config.limits.unfinished_bytes),
        )
        await self._listener.serve()

    async def _open_control_port(self) -> None:
        if self._config.control_port is not None:
            from nova_agent.localsonic.control import ControlPort  # noqa: PLC0415 - its HTTP server is rarely wanted

            self._control = await ControlPort(self, self._config.control_port).start()

    async def stop(self) -> None:
        """End every stream, close every connection and free the models. Calling it again does nothing."""
        if not self._listener.is_bound:
            return
        self._listener.close()
        for task in list(self._streams):
            task.cancel()
        await asyncio.gather(*self._streams, return_exceptions=True)
        await self._release()
        _log.info("localsonic.stopped")

    async def _release(self) -> None:
        control, self._control = self._control, None
        if control is not None:
            await control.aclose()
        await self._effects.aclose()
        await self._listener.aclose()
        await asyncio.gather(self._ears.aclose(), self._mouth.aclose())

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _open(self, request: Request, exchange: Exchange) -> RequestHandler:
        admitted = self._admission.judge(request, open_streams=self.open_streams)
        if isinstance(admitted, Refusal):
            return _refuse(exchange, admitted)
        faults = StreamFaults(self._faults, exchange, self._effects)
        struck = faults.refusal()
        if struck is not None:
            return _refuse(exchange, struck)
        assert self._parts is not None  # noqa: S101 - set before listening
        stream = SonicStream(admitted.model, faults, self._parts, request.headers, heard=faults.heard)
        if admitted.rejection is not None:
            stream.refuse(admitted.rejection)
        task = asyncio.create_task(stream.run(), name="localsonic-stream")
        self._streams.add(task)
        task.add_done_callback(self._streams.discard)
        task.add_done_callback(lambda _: faults.close())
        faults.begin(stream, stream.session_id)
        return stream


def _refuse(exchange: Exchange, refusal: Refusal) -> RequestHandler:
    _log.info(
        "localsonic.stream_rejected", status=refusal.status, error_code=refusal.error_type, reason=refusal.message
    )
    return refuse(exchange, refusal)
