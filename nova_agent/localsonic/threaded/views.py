"""An endpoint's faults and ledger, for other threads: every call is made on the endpoint's loop, and returns copies."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from nova_agent.localsonic.faults.plan import FaultPlan, Fired
from nova_agent.localsonic.ledger import Ledger, NumberedAudio, Overlap, StreamLedger
from nova_agent.localsonic.threaded.loop import LoopThread


class ThreadedFaults:
    """What goes wrong at the endpoint, and when."""

    def __init__(self, plan: FaultPlan, thread: LoopThread) -> None:
        self._plan = plan
        self._thread = thread

    def add(self, text: str) -> int:
        """Plan a fault, such as "throttlingException@turn=2", and return its id.

        Raises:
            SettingsError: the text cannot be read.
        """
        return self._thread.call(lambda: self._plan.add(text))

    def remove(self, number: int) -> bool:
        """Take one back; ``False`` if there is none with that id."""
        return self._thread.call(lambda: self._plan.remove(number))

    def clear(self) -> None:
        """Take all back."""
        self._thread.call(self._plan.clear)

    @property
    def fired(self) -> list[Fired]:
        """What has struck, oldest first."""
        return self._thread.call(lambda: list(self._plan.fired))


class ThreadedLedger:
    """What the endpoint received."""

    def __init__(self, ledger: Ledger, thread: LoopThread) -> None:
        self._ledger = ledger
        self._thread = thread

    @property
    def streams(self) -> list[StreamLedger]:
        """Every stream as it is now, oldest first; open ones grow, these do not."""
        return self._copied(lambda: self._ledger.streams)

    def find(self, stream_id: str) -> StreamLedger | None:
        """The stream of that id as it is now; "last" is the one that was opened last."""
        return self._copied(lambda: self._ledger.find(stream_id))

    def overlaps(self) -> list[Overlap]:
        """Every pair of streams that were open at once, in order of opening."""
        return self._thread.call(self._ledger.overlaps)

    @property
    def max_open(self) -> int:
        """How many streams were open at once, at most."""
        return self._thread.call(lambda: self._ledger.max_open)

    def numbered_audio(
        self, *, since_at_s: float = 0.0, first: int | None = None, end: int | None = None
    ) -> NumberedAudio:
        """Say what became of audio that went through ``number_audio``; the arguments are the ledger's."""
        return self._thread.call(lambda: self._ledger.numbered_audio(since_at_s=since_at_s, first=first, end=end))

    def as_json(self) -> dict[str, Any]:
        """Everything, as JSON can hold it."""
        return self._thread.call(self._ledger.as_json)

    def clear(self) -> None:
        """Forget all streams."""
        self._thread.call(self._ledger.clear)

    def _copied[Value](self, read: Callable[[], Value]) -> Value:
        return self._thread.call(lambda: deepcopy(read()))
