"""``nova-agent sonic serve`` as a process."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

SERVE = [sys.executable, "-c", "from nova_agent.cli.sonic import app; app()", "serve"]


def test_the_command_prints_one_line_of_json_and_stops_cleanly(tmp_path: Path) -> None:
    command = [*SERVE, "--port", "0", "--ca-dir", str(tmp_path), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=20)
    assert (process.returncode, rest) == (0, "")
    assert facts["endpoint_url"].startswith("https://127.0.0.1:")
    assert Path(facts["ca_bundle"]).read_bytes().startswith(Path(facts["ca_certificate"]).read_bytes().strip())


def test_a_port_in_use_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [*SERVE, "--port", port, "--ca-dir", str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert port in done.stderr
    assert done.stderr.count("\n") == 1
