"""What clients do wrong ends their own stream, with the right error, and nothing else."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest
from aws_sdk_bedrock_runtime.models import ResourceNotFoundException, ValidationException

from nova_agent.errors import PortInUse

Serve = Callable[..., Any]
Connect = Callable[..., Any]


async def test_garbage_gets_an_exception_frame_and_the_endpoint_goes_on(serve: Serve, connect: Connect) -> None:
    sonic = await serve()
    async with connect(sonic) as client:
        await client.send_raw(b"no json at all")
        with pytest.raises(ValidationException, match="Unable to parse input chunk"):
            await client.receive_one()
    async with connect(sonic) as client:
        await client.open()
        await client.text("USER", "Hello.", interactive=True)
        await client.speak(b"", silence_s=0.2)
        await client.until_answered()


async def test_an_unknown_model_is_refused_before_the_stream_opens(serve: Serve, connect: Connect) -> None:
    async with connect(await serve(), "amazon.nova-9-sonic") as client:
        with pytest.raises(ValidationException, match="invalid"):
            await client.receive_one()


async def test_version_one_has_reached_its_end_of_life(serve: Serve, connect: Connect) -> None:
    async with connect(await serve(), "amazon.nova-sonic-v1:0") as client:
        with pytest.raises(ResourceNotFoundException, match="end of its life"):
            await client.receive_one()


async def test_silence_on_the_line_ends_the_stream_after_the_idle_limit(serve: Serve, connect: Connect) -> None:
    async with connect(await serve(idle_limit_s=0.5)) as client:
        await client.send("sessionStart")
        with pytest.raises(ValidationException, match="less than 55 seconds"):
            await client.receive_one()


async def test_a_client_that_disappears_frees_its_stream(serve: Serve, connect: Connect) -> None:
    sonic = await serve()
    async with connect(sonic) as client:
        await client.open()
        await client.speak(b"", silence_s=0.2)
        assert sonic.open_streams == 1
        await client.cut()
    async with asyncio.timeout(5):
        while sonic.open_streams:  # noqa: ASYNC110 - a count, and no event of the endpoint's API
            await asyncio.sleep(0.01)


async def test_stopping_the_endpoint_ends_open_streams(serve: Serve, connect: Connect) -> None:
    sonic = await serve()
    async with connect(sonic) as client:
        await client.open()
        await client.speak(b"", silence_s=0.2)
        await sonic.stop()
        await client.until_happened("END_STREAM")
    assert sonic.open_streams == 0


async def test_a_port_in_use_is_named(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=str(port)):
            await serve(port=port)


async def test_many_streams_share_the_endpoint(serve: Serve, connect: Connect) -> None:
    sonic = await serve()

    async def greet() -> None:
        async with connect(sonic) as client:
            await client.open()
            await client.text("USER", "Hello.", interactive=True)
            await client.speak(b"", silence_s=0.2)
            await client.until_answered()
            await client.close()
            await client.until_happened("END_STREAM")

    await asyncio.gather(*(greet() for _ in range(4)))
    assert len(sonic.turn_timings) == 4
    assert all(timing.first_audio_at for timing in sonic.turn_timings)
