"""The fixture ``local_sonic``, in pytest runs of their own and with real clients."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from aws_sdk_bedrock_runtime.models import ThrottlingException

from nova_agent.localsonic.brain.echo import EchoBrain
from nova_agent.localsonic.threaded.endpoint import ThreadedLocalSonic
from tests.unit.docs.pages import files, guide

pytest_plugins = ["pytester"]

Connect = Callable[..., Any]


async def call(client: Any) -> list[str]:
    """A whole call with one typed sentence; what was said."""
    await client.open()
    await client.text("USER", "Hello.", interactive=True)
    await client.speak(b"", silence_s=0.256)
    await client.until_answered()
    await client.close()
    await client.until_happened("END_STREAM")
    texts: list[str] = client.texts("ASSISTANT", "SPECULATIVE")
    return texts


@pytest.mark.local_sonic(brain="echo", speed=2.0)
@pytest.mark.usefixtures("local_sonic_environ")
async def test_a_client_in_the_same_process_is_answered(local_sonic: ThreadedLocalSonic, connect: Connect) -> None:
    async with connect(local_sonic) as client:
        assert await call(client) == ["I heard: Hello."]
    (stream,) = local_sonic.ledger.streams
    assert [typed.text for typed in stream.typed] == ["Hello."]


@pytest.mark.usefixtures("local_sonic_environ")
async def test_scripts_and_brains_hold_for_streams_opened_afterwards(
    local_sonic: ThreadedLocalSonic, connect: Connect
) -> None:
    local_sonic.script([{"expect": {"said": "Hello"}, "emit": [{"say": "Good evening."}]}])
    async with connect(local_sonic) as client:
        assert await call(client) == ["Good evening."]
    local_sonic.use_brain(EchoBrain)
    async with connect(local_sonic) as client:
        assert await call(client) == ["I heard: Hello."]
    assert local_sonic.script_failures == []


@pytest.mark.usefixtures("local_sonic_environ")
async def test_faults_can_be_planned_and_are_told(local_sonic: ThreadedLocalSonic, connect: Connect) -> None:
    number = local_sonic.faults.add("throttlingException@event=sessionStart")
    async with connect(local_sonic) as client:
        await client.send("sessionStart")
        with pytest.raises(ThrottlingException):
            await client.receive_one()
    assert [fired.planned for fired in local_sonic.faults.fired] == [number]
    assert local_sonic.faults.remove(number)


@pytest.mark.usefixtures("local_sonic_environ")
def test_other_credentials_are_out_of_the_way(
    local_sonic: ThreadedLocalSonic, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    environ = request.getfixturevalue("local_sonic_environ")
    assert environ.items() <= os.environ.items()
    assert environ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] == local_sonic.endpoint_url
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN"} & os.environ.keys()


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project that has nothing but the plugin."""
    pytester.makeini("[pytest]\naddopts = --strict-markers\n")
    return pytester


def test_the_guides_example_passes_as_written(project: pytest.Pytester) -> None:
    (project.path / "ask.py").write_text(files(guide("local-sonic-clients"))["ask.py"], encoding="utf-8")
    (project.path / "test_ask.py").write_text(files(guide("local-sonic-pytest"))["test_ask.py"], encoding="utf-8")
    project.runpytest_subprocess(timeout=110).assert_outcomes(passed=4)


def test_settings_of_the_nearest_marker_win(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest
        pytestmark = pytest.mark.local_sonic(speed=4.0, control_port=0)

        @pytest.mark.local_sonic(speed=2.0)
        def test_both(local_sonic):
            config = local_sonic._sonic.config
            assert (config.speed, config.control_port) == (2.0, 0)
            assert local_sonic.control_url
        """
    )
    project.runpytest_subprocess(timeout=60).assert_outcomes(passed=1)


def test_a_script_that_does_not_fit_fails_the_test(project: pytest.Pytester) -> None:
    (project.path / "ask.py").write_text(files(guide("local-sonic-clients"))["ask.py"], encoding="utf-8")
    project.makepyfile(
        """
        import os, subprocess, sys

        def test_it(local_sonic):
            local_sonic.script([{"expect": {"said": "Goodbye"}, "emit": [{"say": "Bye."}]}])
            environ = {**os.environ, **local_sonic.environ}
            subprocess.run([sys.executable, "ask.py"], env=environ, capture_output=True, timeout=60)
        """
    )
    result = project.runpytest_subprocess(timeout=100)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*script: step 1: expected said: 'Goodbye'*"])


@pytest.mark.parametrize(
    ("marker", "message"),
    [("'echo'", "takes settings by name"), ("brian='echo'", "has no brian; it takes host*brain")],
)
def test_a_wrong_marker_is_explained(project: pytest.Pytester, marker: str, message: str) -> None:
    project.makepyfile(
        f"""
        import pytest

        @pytest.mark.local_sonic({marker})
        def test_it(local_sonic): ...
        """
    )
    result = project.runpytest_subprocess(timeout=60)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*The marker local_sonic {message}*"])


@pytest.mark.parametrize(("module", "package"), [("h2", "h2"), ("moonshine_voice", "moonshine-voice")])
def test_without_the_extra_the_test_is_skipped(project: pytest.Pytester, module: str, package: str) -> None:
    project.makeconftest(f"import sys\nsys.modules[{module!r}] = None\n")
    project.makepyfile("def test_it(local_sonic): ...\n")
    result = project.runpytest_subprocess("-rs", timeout=60)
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines([f"*needs the package '{package}'*uv sync --extra local*"])


def test_the_plugin_costs_no_import_that_takes_long() -> None:
    heavy = ("livekit", "boto3", "numpy", "pydantic", "h2", "onnxruntime", "structlog")
    program = f"import nova_agent.localsonic.pytest_plugin, sys; print(*({set(heavy)!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.split() == []


def test_the_fixtures_and_the_marker_explain_themselves(project: pytest.Pytester) -> None:
    project.runpytest_subprocess("--markers", timeout=60).stdout.fnmatch_lines(["@pytest.mark.local_sonic(*"])
    fixtures = project.runpytest_subprocess("--fixtures", timeout=60).stdout
    fixtures.fnmatch_lines(["local_sonic -- *", "*An offline Nova Sonic endpoint*", "local_sonic_environ -- *"])
