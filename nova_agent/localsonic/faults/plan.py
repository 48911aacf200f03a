"""The plan of an endpoint's faults: which are to come, which have struck, and what strikes now."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from itertools import count
from random import Random
from typing import Any, Final

from nova_agent.localsonic.faults.arguments import Value
from nova_agent.localsonic.faults.catalogue import Fault
from nova_agent.localsonic.faults.grammar import Order, parse_order
from nova_agent.localsonic.faults.points import Opportunity

_FIRED_KEPT: Final = 10_000


@dataclass(frozen=True, slots=True)
class Strike:
    """What is to be done now."""

    fault: Fault
    value: Value


@dataclass(frozen=True, slots=True)
class Fired:
    """A fault that struck. ``planned``: the id of its plan entry. ``at_s``: simulated seconds on the plan's clock."""

    planned: int
    fault: str
    point: str
    at_s: float
    stream: str


class Planned:
    """One entry of the plan, and how often it has struck."""

    def __init__(self, number: int, order: Order) -> None:
        self.number = number
        self.order = order
        self.fired = 0
        self._first_at = 0.0
        self._random = Random(order.seed)

    def is_spent(self, now: float) -> bool:
        """Whether it will never strike again."""
        if not self.fired:
            return False
        order = self.order
        out_of_times = order.times is not None and self.fired >= order.times
        return out_of_times or (order.for_s is not None and now >= self._first_at + order.for_s)

    def strike(self, opportunity: Opportunity, now: float) -> Strike | None:
        """Strike if this is the moment."""
        if not self.order.point.is_met_by(opportunity):
            return None
        drawn = self.order.draw(opportunity, self._random)
        if drawn is None:
            return None
        if not self.fired:
            self._first_at = now
        self.fired += 1
        return Strike(*drawn)

    def as_json(self, now: float) -> dict[str, Any]:
        order = self.order
        return {
            "id": self.number,
            "fault": order.text,
            "fired": self.fired,
            "times": order.times,
            "for_s": order.for_s,
            "chance": order.chance,
            "spent": self.is_spent(now),
        }


class FaultPlan:
    """Faults to come. One opportunity is struck by one fault: the first in the plan that it suits.

    Args:
        texts: the first entries, as :meth:`add` takes them.
        now: simulated seconds.
    """

    def __init__(self, texts: Iterable[str] = (), *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._numbers = count(1)
        self._planned: list[Planned] = []
        self._live: list[Planned] = []
        self._listeners: list[Callable[[Planned], None]] = []
        self.fired: deque[Fired] = deque(maxlen=_FIRED_KEPT)
        for text in texts:
            self.add(text)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is to come."""
        return not self._live

    @property
    def measures_audio(self) -> bool:
        """Whether an entry waits for an amount of an answer's audio."""
        return any(planned.order.point.kind == "audio" and planned.order.point.amount for planned in self._live)

    @property
    def pending(self) -> tuple[Planned, ...]:
        return tuple(self._live)

    def add(self, text: str) -> int:
        """Plan a fault and return its id.

        Raises:
            SettingsError: the text cannot be read.
        """
        planned = Planned(next(self._numbers), parse_order(text))
        self._planned.append(planned)
        self._live.append(planned)
        for listener in list(self._listeners):
            listener(planned)
        return planned.number

    def remove(self, number: int) -> bool:
        """Take one entry back; ``False`` if there is none with that id."""
        found = [planned for planned in self._planned if planned.number == number]
        self._planned = [planned for planned in self._planned if planned.number != number]
        self._live = [planned for planned in self._live if planned.number != number]
        return bool(found)

    def clear(self) -> None:
        """Take all entries back. What has struck goes on having its effect, and stays in :attr:`fired`."""
        self._planned.clear()
        self._live.clear()

    def as_json(self) -> dict[str, Any]:
        """Return the entries, each with how often it has struck, and what has struck, oldest first."""
        now = self._now()
        return {
            "faults": [planned.as_json(now) for planned in self._planned],
            "fired": [asdict(fired) for fired in self.fired],
        }

    def subscribe(self, listener: Callable[[Planned], None]) -> Callable[[], None]:
        """Hear of every entry that is added, until the returned function is called."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def strike(self, opportunity: Opportunity, *, stream: str = "") -> Strike | None:
        """Return what strikes at this opportunity, and count it."""
        for planned in self.pending if self._live else ():
            now = self._now()
            if planned.is_spent(now):
                self._live.remove(planned)
            elif (strike := planned.strike(opportunity, now)) is not None:
                self.fired.append(Fired(planned.number, strike.fault.name, _described(opportunity), now, stream))
                if planned.is_spent(now):
                    self._live.remove(planned)
                return strike
        return None


def _described(opportunity: Opportunity) -> str:
    match opportunity.kind:
        case "event":
            return f"event={opportunity.name}:{opportunity.number}"
        case "turn" | "tool":
            return f"{opportunity.kind}={opportunity.number}"
        case "audio":
            return f"audio={opportunity.number}:{opportunity.until:.0f}"
        case "seconds":
            return f"seconds={opportunity.until:g}"
        case _:
            return opportunity.kind
