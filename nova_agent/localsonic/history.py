"""What may be sent as chat history: USER first, in turn, and not too much of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from nova_agent.localsonic import rejections
from nova_agent.localsonic.brain.port import HistoryTurn
from nova_agent.localsonic.rejections import StreamRejected
from nova_agent.localsonic.switches import HistoryLimits
from nova_agent.localsonic.verdicts import Verdicts


@dataclass(frozen=True, slots=True)
class _Limits:
    message_bytes: int
    total_bytes: int
    messages: int | None = None


# "original": Amazon Nova user guide, "sonic-chat-history", and an AWS developer's 40 messages
# (sample-sonic-cdk-agent 31). "raised": sample-amazon-nova-sonic-eval-harness, commit of 2026-04-24.
LIMITS: Final[Mapping[HistoryLimits, _Limits]] = {
    "raised": _Limits(50 * 1024, 200 * 1024),
    "original": _Limits(1024, 40 * 1024, 40),
}


class HistoryRules:
    """Checks one prompt's history, turn by turn."""

    def __init__(self, limits: HistoryLimits, verdicts: Verdicts) -> None:
        self._limits = LIMITS[limits]
        self._verdicts = verdicts
        self._bytes = 0
        self._messages = 0
        self._last_role = ""

    def check(self, turn: HistoryTurn) -> None:
        """Take the next turn.

        Raises:
            StreamRejected: it is too long, one too many, or out of turn.
        """
        size = len(turn.text.encode())
        self._bytes += size
        self._messages += 1
        if self._is_too_much(size):
            self._verdicts.refuse(StreamRejected(rejections.HISTORY_TOO_LONG), instead="a long history was taken")
        if turn.role == (self._last_role or "ASSISTANT"):
            # The service refuses it; in which words is not known.
            self._verdicts.refuse(
                StreamRejected(rejections.INVALID_INPUT), instead="history out of turn was taken as it came"
            )
        self._last_role = turn.role

    def _is_too_much(self, size: int) -> bool:
        limits = self._limits
        too_many = limits.messages is not None and self._messages > limits.messages
        return too_many or size > limits.message_bytes or self._bytes > limits.total_bytes
