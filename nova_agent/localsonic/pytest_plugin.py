"""A pytest plugin: the fixture ``local_sonic`` is an offline Nova Sonic endpoint for one test.

pytest imports this module in every project where the package is installed, so it imports nothing else until a test
asks for the fixture.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from nova_agent.localsonic.config import LocalSonicConfig
    from nova_agent.localsonic.threaded.endpoint import ThreadedLocalSonic
    from nova_agent.localsonic.threaded.loop import LoopThread
    from nova_agent.localsonic.threaded.models import SpeechModels

_MARKER: Final = "local_sonic(**settings): settings of the endpoint that the fixture local_sonic starts, such as brain"
_LOAD_LIMIT_S: Final = 120.0
# They would win over, or be sent with, the credentials of the fixture.
_FOREIGN_CREDENTIALS: Final = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture
def local_sonic(request: pytest.FixtureRequest) -> Iterator[ThreadedLocalSonic]:
    """An offline Nova Sonic endpoint, in a thread of its own; set it up with the marker ``local_sonic``."""
    config = _config(request)  # checked before the models are loaded
    workshop: _Workshop = request.getfixturevalue("_local_sonic_workshop")
    from nova_agent.localsonic.threaded.endpoint import ThreadedLocalSonic  # noqa: PLC0415 - see above

    endpoint = ThreadedLocalSonic(replace(config, ca_dir=workshop.ca_dir), workshop.models, workshop.thread)
    endpoint.start()
    try:
        yield endpoint
    finally:
        endpoint.stop()
    if endpoint.script_failures:
        pytest.fail("\n".join(endpoint.script_failures), pytrace=False)


@pytest.fixture
def local_sonic_environ(local_sonic: ThreadedLocalSonic, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The endpoint's address, authority and credentials, set in this process's environment for the test."""
    for name in _FOREIGN_CREDENTIALS:
        monkeypatch.delenv(name, raising=False)
    for name, value in local_sonic.environ.items():
        monkeypatch.setenv(name, value)
    return local_sonic.environ


@dataclass(frozen=True)
class _Workshop:
    """What a session's endpoints share."""

    thread: LoopThread
    models: SpeechModels
    ca_dir: Path


@pytest.fixture(scope="session")
def _local_sonic_workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Workshop]:
    """Load the models once, and make one certificate authority."""
    from nova_agent.errors import MissingExtra  # noqa: PLC0415 - see above

    try:
        thread, models = _make_models()
    except MissingExtra as missing:
        pytest.skip(str(missing))
    yield _Workshop(thread, models, tmp_path_factory.mktemp("local-sonic"))
    thread.run(models.aclose(), limit_s=_LOAD_LIMIT_S)
    thread.stop()


def _make_models() -> tuple[LoopThread, SpeechModels]:
    """Import what endpoints need, and load the models.

    Raises:
        MissingExtra: a package is not installed.
    """
    from nova_agent.errors import MissingExtra  # noqa: PLC0415 - see above

    try:
        importlib.import_module("nova_agent.localsonic.threaded.endpoint")
        from nova_agent.localsonic.threaded.loop import LoopThread  # noqa: PLC0415 - see above
        from nova_agent.localsonic.threaded.models import SpeechModels  # noqa: PLC0415 - see above
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in ("", "nova_agent"):
            raise
        raise MissingExtra("local", missing, "The fixture local_sonic") from error
    thread, models = LoopThread("local-sonic"), SpeechModels()
    try:
        thread.run(models.load(), limit_s=_LOAD_LIMIT_S)
    except BaseException:
        thread.stop()
        raise
    return thread, models


def _config(request: pytest.FixtureRequest) -> LocalSonicConfig:
    """The settings of all markers; those nearest to the test win."""
    from nova_agent.localsonic.config import LocalSonicConfig  # noqa: PLC0415 - see above

    settings: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers("local_sonic"))):
        if marker.args:
            pytest.fail("The marker local_sonic takes settings by name, such as brain='echo'.", pytrace=False)
        settings |= marker.kwargs
    known = [field.name for field in fields(LocalSonicConfig)]
    if unknown := sorted(settings.keys() - set(known)):
        pytest.fail(f"The marker local_sonic has no {', '.join(unknown)}; it takes {', '.join(known)}.", pytrace=False)
    return LocalSonicConfig(**settings)
