"""How often and how soon another stream is asked for. Pure: time and chance are handed in."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from nova_agent.sonic.reasons import Failure


class Backoff:
    """Allows one series of attempts: a new one for each series, or :meth:`reset` between them.

    Args:
        attempts: at most so many in one series.
        budget_s: no attempt begins later than that after the first of a series.
        base_s: the second attempt comes about so long after the first, each further one twice as long after the one
            before.
        cap_s: no wait is longer, but for one that Nova Sonic asked for.
        healthy_s: a failure so long after the one before begins a new series.
        clock: monotonic seconds.
        random: between 0 and 1. Calls that lost their streams together shall not come back together.
    """

    def __init__(
        self,
        *,
        attempts: int = 8,
        budget_s: float = 20.0,
        base_s: float = 0.25,
        cap_s: float = 4.0,
        healthy_s: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = random.random,
    ) -> None:
        self._attempts = attempts
        self._budget_s = budget_s
        self._base_s = base_s
        self._cap_s = cap_s
        self._healthy_s = healthy_s
        self._clock = clock
        self._random = random
        self.reset()

    def reset(self) -> None:
        """A stream has served: the next failure is a first one again."""
        self._made = 0
        self._began_at = self._due_at = self._clock()
        self._reason, self._in_a_row = "", 0

    def next_delay(self, failure: Failure | None = None, *, elsewhere: bool = False) -> float | None:
        """Return how many seconds to wait before the next attempt; ``None`` when there shall be none.

        Args:
            failure: what happened last, which may forbid another attempt or ask for a longer wait.
            elsewhere: the attempt goes to another region, where neither applies.
        """
        now = self._clock()
        if now - self._due_at > self._healthy_s:
            self.reset()
        if failure is not None and not self._is_allowed(failure) and not elsewhere:
            return None
        if self._made == 0:
            self._began_at = now
        delay_s = self._delay_s(0.0 if failure is None or elsewhere else failure.delay_s)
        if self._made >= self._attempts or now + delay_s > self._began_at + self._budget_s:
            return None
        self._made += 1
        self._due_at = now + delay_s
        return delay_s

    def _is_allowed(self, failure: Failure) -> bool:
        self._in_a_row = self._in_a_row + 1 if failure.reason == self._reason else 1
        self._reason = failure.reason
        return failure.retry and (failure.retries is None or self._in_a_row <= failure.retries)

    def _delay_s(self, wished_s: float) -> float:
        if self._made == 0:
            return 0.0
        doubled_s = min(self._cap_s, self._base_s * 2.0 ** (self._made - 1))
        return max(doubled_s * (0.5 + self._random() / 2), wished_s)
