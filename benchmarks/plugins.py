"""The two plugins under measurement, each with the same probe on it: ours, and the stock one.

Stock is livekit-plugins-aws 1.8.9 with no more than what takes it to a local endpoint: its address and the authority
to trust (``_initialize_client``), and ``session()`` to say so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, cast

from aws_sdk_bedrock_runtime.client import AsyncBedrockRuntimeClient
from aws_sdk_bedrock_runtime.config import AsyncBedrockRuntimeConfig
from awscrt import io as crt_io
from livekit.plugins.aws.experimental import realtime as aws
from livekit.plugins.aws.experimental.realtime import realtime_model as plugin
from smithy_http.aio.crt import AWSCRTHTTPClient

from benchmarks.probe import CallProbe
from nova_agent.bootstrap import App
from nova_agent.sonic import RealtimeModel, RealtimeSession, SonicEndpoint

PluginName = Literal["ours", "stock"]


class OurModel(RealtimeModel):
    """Ours, observed."""

    probe: CallProbe

    def _new_session(self) -> RealtimeSession:
        self.probe.session_made()
        session = _OurSession(self)
        self._sessions.add(session)
        return session


class _OurSession(RealtimeSession):
    def __init__(self, model: OurModel) -> None:
        self._probe = model.probe
        super().__init__(model)

    async def initialize_streams(self, is_restart: bool = False) -> None:
        await super().initialize_streams(is_restart=is_restart)
        self._probe.stream_opened()

    async def _handle_audio_output_content_event(self, event_data: dict[str, Any]) -> None:
        self._probe.received()
        await super()._handle_audio_output_content_event(event_data)


class StockModel(aws.RealtimeModel):
    """The stock plugin on our endpoint, observed."""

    def __init__(self, *, endpoint: SonicEndpoint, probe: CallProbe, **options: Any) -> None:
        super().__init__(region=endpoint.region, tool_choice="auto", **options)
        self.endpoint = endpoint
        self.probe = probe

    def session(self, *, turn_detection_disabled: bool = False) -> plugin.RealtimeSession:
        self.probe.session_made()
        session = _StockSession(self)
        self._sessions.add(session)
        return session


class _StockSession(plugin.RealtimeSession):
    def __init__(self, model: StockModel) -> None:
        self._probe = model.probe
        self._endpoint = model.endpoint
        super().__init__(model)

    async def _initialize_client(self) -> None:
        transport = AWSCRTHTTPClient()  # as the plugin does: one native event loop, with a thread, for every stream
        if self._endpoint.ca_bundle is not None:
            options = crt_io.TlsContextOptions()
            options.override_default_trust_store_from_path(None, str(self._endpoint.ca_bundle))
            transport._tls_ctx = crt_io.ClientTlsContext(options)  # noqa: SLF001 – smithy_http 0.6.0 has no parameter
        config = await AsyncBedrockRuntimeConfig.resolve(
            endpoint_uri=self._endpoint.url,
            region=self._endpoint.region,
            aws_credentials_identity_resolver=plugin._get_credentials_resolver(),  # noqa: SLF001 – the plugin's own
            transport=transport,
        )
        self._bedrock_client = AsyncBedrockRuntimeClient(config=config)

    async def initialize_streams(self, is_restart: bool = False) -> None:
        await super().initialize_streams(is_restart=is_restart)
        self._probe.stream_opened()

    async def _handle_audio_output_content_event(self, event_data: dict[str, Any]) -> None:
        self._probe.received()
        await super()._handle_audio_output_content_event(event_data)


@dataclass(frozen=True, kw_only=True)
class ObservedApp(App):
    """The product's parts for one call, with a probe on its model and either plugin below it."""

    plugin: PluginName
    probe: CallProbe

    def _new_model(self, voice: str, observer: Callable[..., None]) -> RealtimeModel:
        sonic = self.settings.sonic
        options: dict[str, Any] = {
            "model": sonic.model,
            "voice": voice,
            "turn_detection": sonic.turn_detection,
            "temperature": sonic.temperature,
            "top_p": sonic.top_p,
            "max_tokens": sonic.max_tokens,
        }
        if self.plugin == "stock":
            stock = StockModel(endpoint=self.endpoint, probe=self.probe, **options)
            return cast("RealtimeModel", stock)  # a call asks no more of it than the plugin's interface
        ours = OurModel(endpoint=self.endpoint, credentials=self.credentials, observer=observer, **options)
        ours.probe = self.probe
        return ours


def observe(app: App, *, plugin_name: PluginName, probe: CallProbe) -> ObservedApp:
    """Return the parts of ``app`` for one observed call; what calls share stays shared."""
    return ObservedApp(
        settings=app.settings,
        stores=app.stores,
        registry=app.registry,
        endpoint=app.endpoint,
        credentials=app.credentials,
        plugin=plugin_name,
        probe=probe,
    )
