"""The control port of a running endpoint."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from nova_agent.errors import PortInUse
from nova_agent.localsonic.server import LocalSonic

SERVE = [sys.executable, "-c", "from nova_agent.cli.sonic import app; app()", "serve"]

Serve = Callable[..., Any]
Connect = Callable[..., Any]


def get(url: str) -> Any:
    with urlopen(url, timeout=10) as response:  # noqa: S310 - our own address
        return json.load(response)


async def test_a_stream_can_be_asked_for_while_it_is_open(serve: Serve, connect: Connect) -> None:
    sonic = await serve(control_port=0)
    async with connect(sonic) as client:
        await client.open(["look_up"])
        await client.text("USER", "Hello.", interactive=True)
        await client.speak(b"", silence_s=0.32)
        await client.until_answered()
        stream = await asyncio.to_thread(get, f"{sonic.control_url}/streams/last")
    assert (stream["system"], stream["tools"], stream["is_open"]) == ("You are helpful.", ["look_up"], True)
    assert stream["audio_samples"] == 5120
    assert stream["outputs"]["answers"][0]["samples"] > 0


async def test_a_fault_that_was_planned_by_http_strikes(serve: Serve, connect: Connect) -> None:
    sonic = await serve(control_port=0)

    def plan() -> Any:
        with urlopen(f"{sonic.control_url}/faults", b"http-429@open", timeout=10) as response:  # noqa: S310 - as above
            return json.load(response)

    await asyncio.to_thread(plan)
    async with connect(sonic) as client:
        with pytest.raises(Exception, match=r"(?i)too many|throttl"):
            await client.receive_one()
    assert (await asyncio.to_thread(get, f"{sonic.control_url}/faults"))["faults"][0]["fired"] == 1


async def test_a_control_port_in_use_is_named(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=f"control port .*{port}"):
            await serve(control_port=port)


async def test_without_the_setting_there_is_no_control_port(serve: Serve) -> None:
    sonic: LocalSonic = await serve()
    assert sonic.control_url is None


def test_the_command_opens_one_on_request(tmp_path: Path) -> None:
    command = [*SERVE, "--port", "0", "--control-port", "0", "--ca-dir", str(tmp_path), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        overview = get(facts["control_url"])
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert process.returncode == 0
    assert overview["endpoint_url"] == facts["endpoint_url"]
    assert overview["open_streams"] == 0
