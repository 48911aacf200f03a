"""Tool calls that were given to the framework, until it runs them.

It runs none of a speech that was interrupted before it began, tells of no result, and the model waits for one
(livekit-agents 1.8.9, ``_realtime_generation_task_impl``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

LOOK_S: Final = 0.25
TIMES: Final = 3
"""A call that the framework will not have is left to the time limit of results."""


class OfferedCalls:
    """Offers a call again when the framework has let it fall.

    Args:
        is_wanted: whether the model still waits for the result of this call.
        is_free: whether the framework says nothing and runs nothing, and the caller is silent: seen twice, no speech is
            left that could still run the call.
        offer: gives the call to the framework again; takes its toolUse event.
    """

    def __init__(
        self,
        *,
        is_wanted: Callable[[str], bool],
        is_free: Callable[[], bool],
        offer: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        self._is_wanted = is_wanted
        self._is_free = is_free
        self._offer = offer
        self._watched: dict[str, asyncio.Task[None]] = {}

    def offered(self, event: dict[str, Any]) -> None:
        """A call was given to the framework."""
        tool_use_id = event["event"]["toolUse"]["toolUseId"]
        if tool_use_id not in self._watched:
            watching = asyncio.create_task(self._watch(tool_use_id, event), name="sonic-offered-call")
            self._watched[tool_use_id] = watching
            watching.add_done_callback(lambda _: self._watched.pop(tool_use_id, None))

    def begun(self, tool_use_id: str) -> None:
        """The framework runs it, or has told its result."""
        if (watching := self._watched.get(tool_use_id)) is not None:
            watching.cancel()

    def stop(self) -> None:
        """Watch none any more."""
        for watching in self._watched.values():
            watching.cancel()

    async def _watch(self, tool_use_id: str, event: dict[str, Any]) -> None:
        for _ in range(TIMES):
            if not await self._was_dropped(tool_use_id):
                return
            await self._offer(event)

    async def _was_dropped(self, tool_use_id: str) -> bool:
        """Wait until the framework has been free for two looks, the call still wanted; ``False`` if it is not."""
        free = 0
        while free < 2:
            await asyncio.sleep(LOOK_S)
            if not self._is_wanted(tool_use_id):
                return False
            free = free + 1 if self._is_free() else 0
        return True
