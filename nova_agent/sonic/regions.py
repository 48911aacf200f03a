"""Which region to ask next: the first that has not just failed. Pure: time is handed in."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from nova_agent.sonic.endpoint import SonicEndpoint
from nova_agent.sonic.reasons import Failure

AVOID_S: Final = 30.0
AVOID_LIMIT_S: Final = 600.0
SERVED_S: Final = 45.0
"""A region that has served for so long since its last failure begins with a clean slate."""
_SUSPICIOUS: Final = 2
"""So many failures in a row are the region's, of whatever kind they are."""


@dataclass(slots=True)
class _Record:
    """What is known of a region.

    ``in_a_row``: failures since a stream there last began to serve. ``unanswered``: streams that served and gave no
    answer; a region that is mute opens them as well as any. ``times_avoided`` since it last served for long.
    ``refuses``: it does not let us in, and will not when it is asked again.
    """

    in_a_row: int = 0
    unanswered: int = 0
    times_avoided: int = 0
    avoided_until: float = 0.0
    serves_since: float | None = None
    refuses: bool = False


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
        self._records = {endpoint: _Record() for endpoint in endpoints}
        self._clock = clock

    @property
    def current(self) -> SonicEndpoint:
        """Where the next stream is to be asked for."""
        return self.order()[0]

    def order(self) -> list[SonicEndpoint]:
        """All of them, best first: as given, then those that are avoided; last those that do not let us in."""
        free = [endpoint for endpoint in self._records if not self.is_avoided(endpoint)]
        avoided = [endpoint for endpoint in self._records if endpoint not in free]
        return [*free, *sorted(avoided, key=lambda endpoint: (self.refuses(endpoint), self._until(endpoint)))]

    def is_avoided(self, endpoint: SonicEndpoint) -> bool:
        """Whether it has failed a short while ago: the others are asked first."""
        return self._until(endpoint) > self._clock()

    def refuses(self, endpoint: SonicEndpoint) -> bool:
        """Whether it is avoided because it does not let us in, so that no further stream is worth asking for."""
        return self._records[endpoint].refuses and self.is_avoided(endpoint)

    def failed(self, endpoint: SonicEndpoint, failure: Failure) -> None:
        """Avoid a region for a while, if another one may help; for longer each time it fails again."""
        if failure.reason in ("too-many-streams", "no-place-yet"):
            return
        now, record = self._clock(), self._records[endpoint]
        since, record.serves_since = record.serves_since, None
        if since is not None and now - since >= SERVED_S:
            record.unanswered = record.times_avoided = 0
        record.in_a_row += 1
        record.unanswered += failure.reason == "no-answer"
        record.refuses = not failure.retry
        if failure.other_region or max(record.in_a_row, record.unanswered) >= _SUSPICIOUS:
            record.times_avoided += 1
            record.avoided_until = now + min(AVOID_LIMIT_S, AVOID_S * 2.0 ** (record.times_avoided - 1))

    def served(self, endpoint: SonicEndpoint) -> None:
        """A stream there has begun to serve: nothing is avoided any more; how often it has failed is kept a while."""
        record = self._records[endpoint]
        record.in_a_row, record.avoided_until = 0, 0.0
        if record.serves_since is None:
            record.serves_since = self._clock()

    def _until(self, endpoint: SonicEndpoint) -> float:
        return self._records[endpoint].avoided_until
