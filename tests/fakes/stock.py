"""The plugin as it comes, with the two overrides that reaching a local endpoint takes, and no more."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from livekit.plugins.aws.experimental import realtime as aws
from livekit.plugins.aws.experimental.realtime.realtime_model import RealtimeSession

from nova_agent.bootstrap import App
from nova_agent.sonic import SonicCredentials, SonicEndpoint
from nova_agent.sonic.endpoint import bedrock_client


class StockModel(aws.RealtimeModel):
    """``livekit.plugins.aws`` with its address replaced."""

    def __init__(self, endpoint: SonicEndpoint, credentials: SonicCredentials, **options: Any) -> None:
        super().__init__(region=endpoint.region, **options)
        self.endpoint = endpoint
        self.credentials = credentials

    def session(self, *, turn_detection_disabled: bool = False) -> RealtimeSession:
        session = StockSession(self)
        self._sessions.add(session)
        return session


class StockSession(RealtimeSession):
    async def _initialize_client(self) -> None:
        model = self._realtime_model
        assert isinstance(model, StockModel)
        self._bedrock_client = await bedrock_client(model.endpoint, model.credentials)


class StockApp(App):
    """The app with every persona on the stock plugin."""

    @classmethod
    def like(cls, app: App) -> StockApp:
        return cls(**{field.name: getattr(app, field.name) for field in fields(app)})

    def _new_model(self, voice: str, observer: Any) -> Any:
        return StockModel(self.endpoint, self.credentials, voice=voice, temperature=0.7, top_p=0.9)
