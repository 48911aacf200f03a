"""Strict or lenient: whether a violation ends the stream, as it does on the service, or is forgiven and logged."""

from __future__ import annotations

from collections import Counter
from typing import Final, Literal

import structlog

from nova_agent.localsonic.rejections import StreamRejected

Profile = Literal["strict", "lenient"]
PROFILES: Final[tuple[Profile, ...]] = ("strict", "lenient")

_log = structlog.get_logger(__name__)


class Verdicts:
    """Judges one stream's violations."""

    def __init__(self, profile: Profile, *, stream: str = "") -> None:
        self._lenient = profile == "lenient"
        self._log = _log.bind(stream=stream)
        self.forgiven: Counter[str] = Counter()

    @property
    def lenient(self) -> bool:
        return self._lenient

    def refuse(self, rejection: StreamRejected, *, instead: str) -> None:
        """End the stream if it is strict. Otherwise return; the caller then does what ``instead`` says.

        The first of a kind is logged, the others are counted: a client repeats the same mistake with every chunk.

        Raises:
            StreamRejected: the profile is strict.
        """
        if not self._lenient:
            raise rejection
        self.forgiven[instead] += 1
        if self.forgiven[instead] == 1:
            self._log.warning("localsonic.violation_forgiven", reason=rejection.message, outcome=instead)
