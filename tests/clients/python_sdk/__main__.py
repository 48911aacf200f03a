"""A caller on the AWS SDK for Python."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from pathlib import Path
from typing import Any

from microphone import Microphone
from python_sdk.connection import NAME, chunk, open_stream
from seen import WEATHER_RESULT, WEATHER_TOOL, Seen

LIMIT_S = 40.0
FORM = {"mediaType": "audio/lpcm", "sampleSizeBits": 16, "channelCount": 1, "encoding": "base64", "audioType": "SPEECH"}
TEXT = {"mediaType": "text/plain"}
TOOL = {"name": WEATHER_TOOL, "description": "The weather.", "inputSchema": {"json": '{"type": "object"}'}}
PROMPT = "prompt"
AUDIO = {"promptName": PROMPT, "contentName": "audio"}


class Call:
    """One session, from sessionStart to END_STREAM."""

    def __init__(self, stream: Any, interruption: bytes) -> None:
        self._stream = stream
        self._interruption = interruption
        self._must_be_interrupted = bool(interruption)
        self._microphone = Microphone()
        self._stages: dict[str, str] = {}
        self._answered = asyncio.Event()
        self._contents = 0
        self.seen = Seen(NAME)

    async def hold(self, speech: bytes, *, with_tool: bool) -> None:
        await self._open(with_tool=with_tool)
        self._microphone.say(speech)
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(self._listen())
            speaking = tasks.create_task(self._speak())
            await self._answered.wait()
            speaking.cancel()
            await asyncio.wait([speaking])
            await self._close()
            await listening

    async def _open(self, *, with_tool: bool) -> None:
        await self._send("sessionStart", inferenceConfiguration={"maxTokens": 1024, "topP": 0.9, "temperature": 0.7})
        await self._send(
            "promptStart",
            promptName=PROMPT,
            textOutputConfiguration=TEXT,
            audioOutputConfiguration={**FORM, "sampleRateHertz": 24000, "voiceId": "tiffany"},
            toolUseOutputConfiguration={"mediaType": "application/json"},
            toolConfiguration={"tools": [{"toolSpec": TOOL}] if with_tool else []},
        )
        await self._content("textInput", "You are helpful.", type="TEXT", role="SYSTEM", textInputConfiguration=TEXT)
        heard = {**FORM, "sampleRateHertz": 16000}
        await self._send(
            "contentStart", **AUDIO, type="AUDIO", role="USER", interactive=True, audioInputConfiguration=heard
        )

    async def _close(self) -> None:
        await self._send("contentEnd", **AUDIO)
        await self._send("promptEnd", promptName=PROMPT)
        await self._send("sessionEnd")
        await self._stream.input_stream.close()

    async def _speak(self) -> None:
        async for piece in self._microphone.pieces():
            await self._send("audioInput", **AUDIO, content=base64.b64encode(piece).decode())

    async def _listen(self) -> None:
        _, output = await self._stream.await_output()
        while (event := await output.receive()) is not None:
            ((name, body),) = json.loads(event.value.bytes_)["event"].items()
            await self._receive(name, body)
        self.seen.ended.append("END_STREAM")

    async def _receive(self, name: str, body: dict[str, Any]) -> None:
        match name:
            case "contentStart":
                stage = json.loads(body.get("additionalModelFields", "{}")).get("generationStage", "")
                self._stages[body["contentId"]] = f"{body['role']} {stage}"
            case "textOutput":
                self._note_text(self._stages[body["contentId"]], body["content"])
            case "audioOutput":
                self.seen.audio_bytes += len(base64.b64decode(body["content"]))
                self._microphone.say(self._interruption)
                self._interruption = b""
            case "toolUse":
                self.seen.tools.append({"name": body["toolName"], "arguments": json.loads(body["content"])})
                await self._send_result(body["toolUseId"])
            case "contentEnd":
                self._note_end(body["type"], body["stopReason"])
            case "completionEnd":
                self.seen.ended.append(name)

    def _note_text(self, stage: str, text: str) -> None:
        if stage == "USER FINAL":
            self.seen.heard.append(text)
        elif stage == "ASSISTANT SPECULATIVE":
            self.seen.said.append(text.strip())

    def _note_end(self, kind: str, reason: str) -> None:
        if reason == "INTERRUPTED":
            self.seen.interrupted = True
        elif (kind, reason) == ("AUDIO", "END_TURN") and self.seen.interrupted == self._must_be_interrupted:
            self._answered.set()

    async def _send_result(self, tool_use_id: str) -> None:
        form = {"toolUseId": tool_use_id, "type": "TEXT", "textInputConfiguration": TEXT}
        result = json.dumps(WEATHER_RESULT)
        await self._content("toolResult", result, type="TOOL", role="TOOL", toolResultInputConfiguration=form)

    async def _content(self, event: str, content: str, **start: Any) -> None:
        self._contents += 1
        where = {"promptName": PROMPT, "contentName": f"content-{self._contents}"}
        await self._send("contentStart", **where, interactive=False, **start)
        await self._send(event, **where, content=content)
        await self._send("contentEnd", **where)

    async def _send(self, name: str, **body: Any) -> None:
        await self._stream.input_stream.send(chunk(json.dumps({"event": {name: body}}).encode()))


async def main(scenario: str, endpoint: str, *audio: str) -> None:
    speech, interruption = [*(Path(path).read_bytes() for path in audio), b""][:2]  # noqa: ASYNC240 – before the call
    async with asyncio.timeout(LIMIT_S):
        call = Call(await open_stream(endpoint, "amazon.nova-2-sonic-v1:0"), interruption)
        await call.hold(speech, with_tool=scenario == "tool")
    call.seen.print()


asyncio.run(main(*sys.argv[1:]))
