"""Calls by every client, each against an endpoint of its own with the real ears and mouth."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from nova_agent.localsonic.brain.port import Action, CallTool, Conversation, Say, ToolReturned, UserSaid
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.mouth import HibariMouth
from nova_agent.localsonic.server import LocalSonic
from nova_agent.localsonic.voices import PLAIN
from tests.e2e.clients.programs import PROGRAMS, Program

LINES: Final = {
    "answer": ["I would like to book an appointment."],
    "tool": ["What is the weather like in Paris?"],
    "barge-in": ["Please tell me a long story.", "Stop, I have another question."],
}


class WeatherBrain:
    """Repeats what it heard; "weather" calls the tool first; a "story" is told at length."""

    async def act(self, conversation: Conversation) -> Sequence[Action]:
        last = conversation.items[-1]
        if isinstance(last, ToolReturned):
            return [Say(f"It is {json.loads(last.content)['sky']} there.")]
        assert isinstance(last, UserSaid)
        if "weather" in last.text.lower():
            return [CallTool("get_weather", {"city": "Paris"})]
        if "story" in last.text.lower():
            return [Say(" ".join(f"This is sentence number {n} of a long story that goes on." for n in range(1, 7)))]
        return [Say(f"You said the following. {last.text}")]


@dataclass(frozen=True, slots=True)
class Calls:
    """One call a scenario, and what the endpoint logged of all of them."""

    program: Program
    outcomes: dict[str, dict[str, Any] | BaseException]
    logged: list[EventDict]

    def seen(self, scenario: str) -> dict[str, Any]:
        """What the client saw.

        Raises:
            ClientFailed: it did not come to its end.
        """
        outcome = self.outcomes[scenario]
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


def require(program: Program) -> None:
    """Skip on a machine without the client; where CI runs, it must be there."""
    if program.missing:
        (pytest.fail if program.in_ci and os.environ.get("CI") else pytest.skip)(program.missing)


@pytest.fixture(scope="module", params=PROGRAMS, ids=lambda program: program.name)
def calls(
    request: pytest.FixtureRequest, speech: dict[str, list[Path]], tmp_path_factory: pytest.TempPathFactory
) -> Calls:
    """All scenarios with one client, at the same time."""
    program: Program = request.param
    require(program)
    return asyncio.run(_call(program, speech, tmp_path_factory.mktemp(program.name)))


@pytest.fixture(scope="package")
def speech(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """What the caller says, by scenario: files of PCM s16le, mono, 16 kHz."""
    return asyncio.run(_synthesise(tmp_path_factory.mktemp("speech")))


async def _synthesise(folder: Path) -> dict[str, list[Path]]:
    mouth = HibariMouth()
    await mouth.load()
    files: dict[str, list[Path]] = {}
    for scenario, lines in LINES.items():
        files[scenario] = [folder / f"{scenario}-{number}.pcm" for number in range(len(lines))]
        for file, line in zip(files[scenario], lines, strict=True):
            file.write_bytes(await mouth.speak(line, voice=PLAIN, rate_hz=16_000))
    await mouth.aclose()
    return files


async def _call(program: Program, speech: dict[str, list[Path]], folder: Path) -> Calls:
    with capture_logs() as logged:
        async with LocalSonic(LocalSonicConfig(ca_dir=folder), brain_factory=WeatherBrain) as sonic:
            environment = await client_environment(sonic)
            running = (
                program.run(scenario, sonic.endpoint_url, *files, environment=environment)
                for scenario, files in speech.items()
            )
            outcomes = await asyncio.gather(*running, return_exceptions=True)
    return Calls(program, dict(zip(speech, outcomes, strict=True)), logged)


async def client_environment(sonic: LocalSonic) -> dict[str, str]:
    """What the guide tells a reader to export."""
    environment = {
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": sonic.endpoint_url,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "SSL_CERT_FILE": str(sonic.ca_bundle),
        "NODE_EXTRA_CA_CERTS": str(sonic.ca_certificate),
    }
    if shutil.which("keytool"):
        environment["JAVA_TOOL_OPTIONS"] = await _java_options(sonic.ca_certificate)
    return environment


async def _java_options(certificate: Path) -> str:
    """A trust store that has our authority, and the options with which a JVM uses it."""
    store = certificate.with_name("local-sonic.p12")
    if not store.exists():
        options = ("-importcert", "-noprompt", "-alias", "local-sonic", "-storepass", "local-sonic")
        process = await asyncio.create_subprocess_exec(
            "keytool", *options, "-file", certificate, "-keystore", store, stderr=asyncio.subprocess.DEVNULL
        )
        assert await asyncio.wait_for(process.wait(), 30) == 0
    return f"-Djavax.net.ssl.trustStore={store} -Djavax.net.ssl.trustStorePassword=local-sonic"
