"""Which region to ask next: the last that served, and none that has just failed. Pure: time is handed in."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from nova_agent.sonic.endpoint import SonicEndpoint
from nova_agent.sonic.reasons import Failure

AVOID_S: Final = 30.0
AVOID_LIMIT_S: Final = 600.0
_SUSPICIOUS: Final = 2
"""So many failures in a row are the region's, of whatever kind they are."""


class Regions:
    """The places where Nova Sonic may be reached, and what is known of each; shared by the calls of a process.

    Args:
        endpoints: in the order of preference; the first is where calls begin.
        clock: monotonic seconds.

    Raises:
        ValueError: there is no endpoint.
    """

    def __init__(self, endpoints: Sequence[SonicEndpoint], *, clock: Callable[[], float] = time.monotonic) -> None:
        if not endpoints:
            raise ValueError("there has to be at least one endpoint")
        self._endpoints = tuple(dict.fromkeys(endpoints))
        self._clock = clock
        self._last_served = self._endpoints[0]
        self._failures: dict[SonicEndpoint, int] = {}
        self._avoided_until: dict[SonicEndpoint, float] = {}

    @property
    def current(self) -> SonicEndpoint:
        """Where the next stream is to be asked for."""
        return self.order()[0]

    @property
    def has_choice(self) -> bool:
        """Whether there is a region that is not avoided now."""
        return any(not self.is_avoided(endpoint) for endpoint in self._endpoints)

    def order(self) -> list[SonicEndpoint]:
        """All of them, best first: the last that served, the others as given, then those that are avoided."""
        sticky = (self._last_served, *self._endpoints)
        free = [endpoint for endpoint in dict.fromkeys(sticky) if not self.is_avoided(endpoint)]
        avoided = [endpoint for endpoint in self._endpoints if endpoint not in free]
        return [*free, *sorted(avoided, key=self._avoided_until.__getitem__)]

    def is_avoided(self, endpoint: SonicEndpoint) -> bool:
        return self._avoided_until.get(endpoint, 0.0) > self._clock()

    def failed(self, endpoint: SonicEndpoint, failure: Failure) -> None:
        """Avoid a region for a while, if another one may help; for longer each time it fails again."""
        if failure.reason in ("too-many-streams", "no-place-yet"):
            return
        count = self._failures[endpoint] = self._failures.get(endpoint, 0) + 1
        if failure.other_region or count >= _SUSPICIOUS:
            avoid_s = min(AVOID_LIMIT_S, AVOID_S * 2.0 ** (count - 1))
            self._avoided_until[endpoint] = self._clock() + avoid_s

    def served(self, endpoint: SonicEndpoint) -> None:
        """A stream there has answered: all is well, and further streams go there."""
        self._last_served = endpoint
        self._failures.pop(endpoint, None)
        self._avoided_until.pop(endpoint, None)
