"""``nova-agent sonic serve`` as a process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

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
    assert done.stderr.count("\n") == 2  # the other one: that the models are loaded


@pytest.mark.parametrize(
    ("options", "variables", "told"),
    [
        (
            ["--brain", "echo", "--script", "steps.yaml"],
            {},
            "The brain 'echo' follows no script, and steps.yaml is one",
        ),
        (["--script", "no-steps.yaml"], {}, "no-steps.yaml: cannot be read"),
        (["--switch", "version_1"], {}, "names a switch and no value"),
        ([], {"NOVA_LOCAL__FAULTS": "rst"}, "NOVA_LOCAL__FAULTS: The fault 'rst' cannot be planned"),
        ([], {"NOVA_LOCAL__SWITCHES": "version_1"}, "NOVA_LOCAL__SWITCHES: 'version_1' names a switch"),
    ],
)
def test_what_cannot_be_served_is_refused_with_its_reason(
    tmp_path: Path, options: list[str], variables: dict[str, str], told: str
) -> None:
    command = [*SERVE, "--port", "0", "--ca-dir", str(tmp_path), *options]
    environment = os.environ | variables
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, env=environment)
    assert done.returncode == 2
    assert told in done.stderr


def test_a_script_alone_makes_the_brain_a_scripted_one(tmp_path: Path) -> None:
    script = tmp_path / "steps.yaml"
    script.write_text("[]")
    command = [*SERVE, "--port", "0", "--ca-dir", str(tmp_path), "--script", str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first, second = process.stdout.readline(), process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, noted = process.communicate(timeout=20)
    assert first.startswith("Local Sonic listens on https://127.0.0.1:")
    assert second == f"Its answers come from the script {script}, not from a language model.\n"
    assert noted.startswith("Local Sonic loads its models…\n")


def test_a_region_that_is_none_is_refused(tmp_path: Path) -> None:
    command = [
        *SERVE[:2],
        "from nova_agent.cli import app; app()",
        "sonic",
        "record",
        "--region",
        "x y",
        "--out",
        str(tmp_path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, "'x y' is no AWS region" in done.stderr) == (2, True)
