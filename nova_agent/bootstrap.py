"""The composition root: settings in, parts out. The only place that picks adapters."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from nova_agent.call import Call, CallLimits, CallParts, CallRequest
from nova_agent.calllog import CallRecord, Redactor
from nova_agent.lost import LostPlan
from nova_agent.messages import Messages, load_messages
from nova_agent.metrics import open_metrics
from nova_agent.registry import PersonaRegistry
from nova_agent.sonic import RealtimeModel, Regions, SonicCredentials, SonicEndpoint, StreamQuotas
from nova_agent.sonic.limits import Limits
from nova_agent.sonic.quota import default_directory
from nova_agent.store import Stores, open_stores
from nova_agent.userdata import CallerFacts, CallId
from settings import Settings


@dataclass(frozen=True, kw_only=True)
class App:
    """Everything a process needs to hold calls; opened once, shared by all of them."""

    settings: Settings
    stores: Stores
    registry: PersonaRegistry
    endpoint: SonicEndpoint
    credentials: SonicCredentials
    regions: Regions
    quotas: StreamQuotas
    messages: Messages = field(default_factory=load_messages)
    """What callers hear when no model can speak; by default the recordings that ship."""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    strict_records: bool = False
    """Raise on an event that the schema of call records does not know; otherwise it is logged and left out."""

    def new_call(
        self,
        persona: str | None = None,
        *,
        options: Mapping[str, str] | None = None,
        caller_identity: str = "",
        caller: CallerFacts | None = None,
        call_id: str | None = None,
    ) -> Call:
        """Make a call that has not begun.

        Raises:
            PersonaNotFound: there is no such persona.
            RecordError: the folder of call records cannot be written.
        """
        request = CallRequest(
            persona=persona or self.settings.call.persona,
            options=dict(options or {}),
            caller_identity=caller_identity,
            caller=caller or CallerFacts(time_zone=self.settings.call.time_zone),
            **({"call_id": CallId(call_id)} if call_id else {}),
        )
        return Call(request, self._parts())

    def _parts(self) -> CallParts:
        limits = self.settings.call
        return CallParts(
            stores=self.stores,
            registry=self.registry,
            new_record=self._new_record,
            new_model=self._new_model,
            ready=self._ready,
            clock=self.clock,
            messages=self.messages,
            lost=LostPlan(
                when=limits.when_lost, transfer_to=limits.transfer_to, reply_s=self.settings.sonic.reply_timeout_s
            ),
            limits=CallLimits(
                farewell_start_s=limits.farewell_start_s,
                farewell_limit_s=limits.farewell_limit_s,
                max_duration_s=limits.max_duration_s,
            ),
        )

    async def _ready(self) -> None:
        await self.credentials.get_identity()

    def _new_record(self, call_id: CallId) -> CallRecord:
        record = self.settings.record
        return CallRecord.create(
            record.directory,
            call_id,
            redactor=Redactor(level=record.redaction),
            clock=self.clock,
            strict=self.strict_records,
        )

    def _new_model(self, voice: str, observer: Callable[..., None]) -> RealtimeModel:
        sonic = self.settings.sonic
        return RealtimeModel(
            model=sonic.model,
            voice=voice,
            endpoint=self.endpoint,
            credentials=self.credentials,
            observer=observer,
            regions=self.regions,
            quotas=self.quotas,
            limits=Limits(no_answer_s=sonic.no_answer_s),
            turn_detection=sonic.turn_detection,
            temperature=sonic.temperature,
            top_p=sonic.top_p,
            max_tokens=sonic.max_tokens,
            reply_timeout_s=sonic.reply_timeout_s,
        )


@asynccontextmanager
async def open_app(settings: Settings) -> AsyncIterator[App]:
    """Open what calls share, and close it afterwards.

    Raises:
        ContentInvalid: a recording of the folder of messages cannot be used.
        StoreError: the database cannot be opened or migrated; nothing else is started then.
    """
    messages = load_messages(settings.call.messages_directory)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(open_metrics())
        stores = await open_stores(settings.store.url)
        stack.push_async_callback(stores.close)
        yield App(
            settings=settings,
            stores=stores,
            registry=PersonaRegistry(),
            endpoint=sonic_endpoint(settings),
            credentials=SonicCredentials(),
            regions=sonic_regions(settings),
            quotas=stream_quotas(settings),
            messages=messages,
        )


def sonic_endpoint(settings: Settings) -> SonicEndpoint:
    """Where these settings reach Nova Sonic."""
    sonic = settings.sonic
    return SonicEndpoint.resolve(
        url=str(sonic.endpoint_url) if sonic.endpoint_url else None, region=sonic.region, ca_bundle=sonic.ca_bundle
    )


def sonic_regions(settings: Settings) -> Regions:
    """The places where these settings may reach Nova Sonic, best first."""
    sonic = settings.sonic
    others = [
        SonicEndpoint.in_region(region, url=url, ca_bundle=sonic.ca_bundle if url else None)
        for region, url in sonic.fallbacks
    ]
    return Regions([sonic_endpoint(settings), *others])


def stream_quotas(settings: Settings) -> StreamQuotas:
    """Count the streams of this host, whichever process they are in.

    Raises:
        SonicError: the folder through which they are counted cannot be made, or is somebody else's.
    """
    sonic = settings.sonic
    directory = (sonic.streams_directory or default_directory()) if sonic.max_streams else None
    quotas = StreamQuotas(sonic.max_streams, directory)
    quotas.of(sonic_endpoint(settings).region)
    return quotas
