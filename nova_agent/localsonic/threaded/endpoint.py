"""A running endpoint, as other threads use it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from nova_agent.errors import ScenarioFailed
from nova_agent.localsonic.brain import Brain, ScriptedBrain, make_brain
from nova_agent.localsonic.brain.port import Action, Conversation
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.server import LocalSonic
from nova_agent.localsonic.threaded.loop import LoopThread
from nova_agent.localsonic.threaded.models import SpeechModels
from nova_agent.localsonic.threaded.views import ThreadedFaults, ThreadedLedger

_START_LIMIT_S: Final = 60.0
_STOP_LIMIT_S: Final = 30.0


class ThreadedLocalSonic:
    """Runs an endpoint on ``thread``; :meth:`start` and :meth:`stop` are its owner's."""

    def __init__(self, config: LocalSonicConfig, models: SpeechModels, thread: LoopThread) -> None:
        """Prepare an endpoint.

        Raises:
            SettingsError: there is no such brain, or it lacks its script.
            ContentInvalid: the script is wrong.
        """
        self._thread = thread
        self._brain_factory = make_brain(config.brain, script=config.brain_script)
        self._sonic = LocalSonic(config, brain_factory=self._make_brain, ears=models.ears, mouth=models.mouth)
        self._script_failures: list[str] = []
        self.faults = ThreadedFaults(self._sonic.faults, thread)
        self.ledger = ThreadedLedger(self._sonic.ledger, thread)

    @property
    def endpoint_url(self) -> str:
        """The URL for clients, without a slash at its end."""
        return self._sonic.endpoint_url

    @property
    def port(self) -> int:
        return self._sonic.port

    @property
    def ca_certificate(self) -> Path:
        """The endpoint's authority alone, in PEM: for clients that add it to what they trust (Node)."""
        return self._sonic.ca_certificate

    @property
    def ca_bundle(self) -> Path:
        """The endpoint's authority and the public ones, in PEM: for clients that replace what they trust."""
        return self._sonic.ca_bundle

    @property
    def environ(self) -> dict[str, str]:
        """The variables that point AWS clients, Python's and Node's, at the endpoint."""
        return {
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": self.endpoint_url,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "SSL_CERT_FILE": str(self.ca_bundle),
            "NODE_EXTRA_CA_CERTS": str(self.ca_certificate),
        }

    @property
    def control_url(self) -> str | None:
        """The URL of the control port; ``None`` without one."""
        return self._sonic.control_url

    @property
    def script_failures(self) -> list[str]:
        """What scripts of :meth:`script` did not find as they expected it."""
        return list(self._script_failures)

    def script(self, steps: Path | Sequence[Mapping[str, Any]]) -> None:
        """Play these steps, a list or a YAML file, in every stream that is opened from now on.

        Raises:
            ContentInvalid: the script is wrong.
        """
        ScriptedBrain(steps)
        self.use_brain(lambda: _WatchedScript(steps, self._script_failures))

    def use_brain(self, factory: Callable[[], Brain]) -> None:
        """Let a brain of this factory decide in every stream that is opened from now on."""
        self._brain_factory = factory

    def start(self) -> None:
        """Listen.

        Raises:
            PortInUse: something else listens there.
            MissingExtra: a package for hearing or speaking is not installed.
            SonicError: the certificates cannot be kept, or the address cannot be used.
        """
        self._thread.run(self._started(), limit_s=_START_LIMIT_S)

    def stop(self) -> None:
        """End every stream and stop listening; calling it again does nothing."""
        self._thread.run(self._sonic.stop(), limit_s=_STOP_LIMIT_S)

    def _make_brain(self) -> Brain:
        """Called for each stream: the factory may have changed since the last one."""
        return self._brain_factory()

    async def _started(self) -> None:
        await self._sonic.start()


class _WatchedScript(ScriptedBrain):
    """Notes its failures where a test can see them: the client only gets an internalServerException."""

    def __init__(self, steps: Path | Sequence[Mapping[str, Any]], failures: list[str]) -> None:
        super().__init__(steps)
        self._failures = failures

    async def act(self, conversation: Conversation) -> Sequence[Action]:
        try:
            return await super().act(conversation)
        except ScenarioFailed as failure:
            self._failures.append(str(failure))
            raise
