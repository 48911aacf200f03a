"""A client's side of one session, event by event, against the sans-I/O core."""

from __future__ import annotations

import json
from typing import Any

from nova_agent.localsonic.facts import Fact
from nova_agent.localsonic.models import NOVA_2, Model
from nova_agent.localsonic.protocol import SessionProtocol
from nova_agent.localsonic.reading import EventReader
from nova_agent.localsonic.switches import Switches
from nova_agent.localsonic.verdicts import Profile, Verdicts

FORM = {"mediaType": "audio/lpcm", "sampleRateHertz": 16000, "sampleSizeBits": 16, "channelCount": 1}
PROMPT: dict[str, Any] = {"promptName": "p", "audioOutputConfiguration": {**FORM, "voiceId": "amy"}}


class Session:
    """Sends events to a protocol; ``facts`` collects what they meant."""

    def __init__(self, profile: Profile = "strict", model: Model = NOVA_2, **switches: Any) -> None:
        self.verdicts = Verdicts(profile)
        self._reader = EventReader(self.verdicts, Switches(**switches), model)
        self._protocol = SessionProtocol(self.verdicts, Switches(**switches))
        self.facts: list[Fact] = []

    def send(self, name: str, **body: Any) -> Session:
        return self.send_raw(json.dumps({"event": {name: body}}).encode())

    def send_raw(self, raw: bytes) -> Session:
        event = self._reader.read(raw)
        self.facts += [] if event is None else self._protocol.receive(event)
        return self

    def prompt(self) -> Session:
        self.send("sessionStart")
        return self.send("promptStart", **PROMPT)

    def start(self, name: str, kind: str, role: str, **body: Any) -> Session:
        return self.send("contentStart", promptName="p", contentName=name, type=kind, role=role, **body)

    def data(self, name: str, content: str, event: str = "textInput") -> Session:
        return self.send(event, promptName="p", contentName=name, content=content)

    def end(self, name: str) -> Session:
        return self.send("contentEnd", promptName="p", contentName=name)

    def text(self, role: str, text: str, *, interactive: bool = False) -> Session:
        return self.start("t", "TEXT", role, interactive=interactive).data("t", text).end("t")

    def ready(self) -> Session:
        """With SYSTEM given and the audio open."""
        return self.prompt().text("SYSTEM", "s").audio()

    def audio(self) -> Session:
        return self.start("a", "AUDIO", "USER", interactive=True, audioInputConfiguration=FORM)

    def hear(self) -> Session:
        """One sample of silence."""
        return self.data("a", "AAA=", "audioInput")

    def tool(self, content: str) -> Session:
        form = {"toolUseId": "id", "type": "TEXT", "textInputConfiguration": {"mediaType": "text/plain"}}
        self.start("r", "TOOL", "TOOL", toolResultInputConfiguration=form)
        return self.data("r", content, "toolResult").end("r")
