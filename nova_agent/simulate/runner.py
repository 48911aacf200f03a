"""Scenarios against the whole product, offline: Local Sonic and the app in this process, one call after another."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from pydantic import AnyHttpUrl

from nova_agent.bootstrap import App, open_app
from nova_agent.call import Call
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.server import LocalSonic
from nova_agent.simulate.callee import AppCallee
from nova_agent.simulate.grading import grade_call
from nova_agent.simulate.local_speech import CallerParts, LocalHearing, LocalVoice, caller_parts
from nova_agent.simulate.scenario import ScenarioResult, run_scenario
from nova_agent.simulate.script import Expectation, Script
from settings import Settings, naming

_ANY_CREDENTIALS: Final = {"AWS_ACCESS_KEY_ID": "local-sonic", "AWS_SECRET_ACCESS_KEY": "local-sonic"}
"""Local Sonic takes any signature, and must not be sent a real one's key id."""
_REAL_CREDENTIALS: Final = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN")
"""Put aside meanwhile: a profile that does not exist must not stop an offline call."""


@asynccontextmanager
async def local_app(settings: Settings, *, speed: float = 1.0) -> AsyncIterator[App]:
    """Open the app over a Local Sonic of its own that runs ``speed`` times as fast as real time.

    Raises:
        MissingExtra: a package of Local Sonic is not installed.
        StoreError: the database cannot be opened.
    """
    config = LocalSonicConfig(
        speed=speed,
        brain=settings.local.brain,
        ca_dir=settings.local.ca_directory,
        faults=settings.local.fault_list,
    )
    with naming("NOVA_LOCAL__FAULTS"):
        endpoint = LocalSonic(config)
    async with endpoint as sonic:
        there = {"endpoint_url": AnyHttpUrl(sonic.endpoint_url), "ca_bundle": sonic.ca_bundle}
        pointed = settings.model_copy(update={"sonic": settings.sonic.model_copy(update=there)})
        with _any_credentials():
            async with open_app(pointed) as app:
                yield app


async def run_scenarios(
    scripts: Sequence[Script],
    settings: Settings,
    *,
    recordings: Path | None = None,
    on_result: Callable[[ScenarioResult], None] | None = None,
) -> list[ScenarioResult]:
    """Hold the scripted calls one after another, offline, and return what came of each, in order.

    Args:
        scripts: the scenarios; those of one speed share a Local Sonic.
        settings: where the database and the records go; where Nova Sonic is does not matter.
        recordings: a folder for one stereo WAV a call, or ``None`` for no recordings.
        on_result: called as each scenario is over.

    Raises:
        MissingExtra: a package of Local Sonic is not installed.
        StoreError: the database cannot be opened.
    """
    results: dict[int, ScenarioResult] = {}
    async with caller_parts() as parts:
        for speed in sorted({script.speed for script in scripts}):
            async with local_app(settings, speed=speed) as app:
                for position, script in enumerate(scripts):
                    if script.speed != speed:
                        continue
                    recording = recordings / f"{script.name}.wav" if recordings else None
                    results[position] = await run_against(app, script, parts, recording=recording)
                    if on_result is not None:
                        on_result(results[position])
    return [results[position] for position in range(len(scripts))]


async def run_against(
    app: App,
    script: Script,
    parts: CallerParts,
    *,
    recording: Path | None = None,
    on_call: Callable[[Call], None] | None = None,
) -> ScenarioResult:
    """Hold one scripted call to ``app``, whose Nova Sonic must run at the script's speed.

    Args:
        app: who is called.
        script: what the caller says and expects.
        parts: the caller's ears and mouth.
        recording: where to keep a stereo WAV of the call.
        on_call: gets the call before it begins.
    """
    grade = partial(_grade, database_url=app.settings.store.url)
    return await run_scenario(
        script,
        AppCallee(app, on_call=on_call),
        LocalHearing(parts.ears),
        LocalVoice(parts.mouth, script.voice),
        grade,
        recording=recording,
    )


async def _grade(expect: Expectation, call_id: str, *, database_url: str) -> list[str]:
    return await grade_call(expect, call_id, database_url)


@contextmanager
def _any_credentials() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in (*_ANY_CREDENTIALS, *_REAL_CREDENTIALS)}
    for name in _REAL_CREDENTIALS:
        os.environ.pop(name, None)
    os.environ.update(_ANY_CREDENTIALS)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
