import asyncio
import base64
import json
from typing import Any

from aws_sdk_bedrock_runtime.client import AsyncBedrockRuntimeClient
from aws_sdk_bedrock_runtime.config import AsyncBedrockRuntimeConfig
from aws_sdk_bedrock_runtime.models import (
    BidirectionalInputPayloadPart,
    InvokeModelWithBidirectionalStreamInputChunk,
    InvokeModelWithBidirectionalStreamOperationInput,
)
from smithy_aws_core.identity import EnvironmentCredentialsResolver
from smithy_http.aio.crt import AWSCRTHTTPClient

FORM = {"mediaType": "audio/lpcm", "sampleSizeBits": 16, "channelCount": 1, "encoding": "base64", "audioType": "SPEECH"}
AUDIO = {"promptName": "p", "contentName": "audio"}
SILENCE = base64.b64encode(bytes(1024)).decode()  # 32 ms of PCM s16le, mono, 16 kHz


async def send(stream: Any, name: str, **body: Any) -> None:
    part = BidirectionalInputPayloadPart(bytes_=json.dumps({"event": {name: body}}).encode())
    await stream.input_stream.send(InvokeModelWithBidirectionalStreamInputChunk(value=part))


async def text(stream: Any, content: str, role: str, words: str) -> None:
    where = {"promptName": "p", "contentName": content}
    await send(stream, "contentStart", **where, type="TEXT", role=role, interactive=role == "USER")
    await send(stream, "textInput", **where, content=words)
    await send(stream, "contentEnd", **where)


async def ask(stream: Any) -> None:
    spoken = {**FORM, "sampleRateHertz": 24000, "voiceId": "tiffany"}
    heard = {**FORM, "sampleRateHertz": 16000}
    await send(stream, "sessionStart", inferenceConfiguration={"maxTokens": 1024})
    await send(stream, "promptStart", promptName="p", audioOutputConfiguration=spoken)
    await text(stream, "system", "SYSTEM", "You are helpful.")
    microphone = {"type": "AUDIO", "role": "USER", "interactive": True, "audioInputConfiguration": heard}
    await send(stream, "contentStart", **AUDIO, **microphone)
    await text(stream, "question", "USER", "Hello there.")
    for _ in range(10):
        await send(stream, "audioInput", **AUDIO, content=SILENCE)


async def print_answer(stream: Any) -> None:
    _, output = await stream.await_output()
    while (event := await output.receive()) is not None:
        ((name, body),) = json.loads(event.value.bytes_)["event"].items()
        if name == "textOutput":
            print(body["content"])
        if name == "contentEnd" and (body["type"], body["stopReason"]) == ("AUDIO", "END_TURN"):
            await send(stream, "contentEnd", **AUDIO)
            await send(stream, "promptEnd", promptName="p")
            await send(stream, "sessionEnd")
            await stream.input_stream.close()


async def main() -> None:
    config = await AsyncBedrockRuntimeConfig.resolve(
        transport=AWSCRTHTTPClient(), aws_credentials_identity_resolver=EnvironmentCredentialsResolver()
    )
    stream = await AsyncBedrockRuntimeClient(config=config).invoke_model_with_bidirectional_stream(
        InvokeModelWithBidirectionalStreamOperationInput(model_id="amazon.nova-2-sonic-v1:0")
    )
    async with asyncio.TaskGroup() as tasks:  # errors arrive where the answer does, while sending waits
        tasks.create_task(ask(stream))
        tasks.create_task(print_answer(stream))


asyncio.run(asyncio.wait_for(main(), 60))
