"""The faults that are measured, by name: what goes wrong, at which moment of the call, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LEAST_TURNS: Final = 10
LIFE_S: Final = 32.0
"""Stands for the service's 8 minutes."""
AGE_S: Final = 24.0
"""When a client is set to leave a stream: three quarters of its life, as 6 of 8 minutes are."""


@dataclass(frozen=True, slots=True)
class Row:
    """``faults`` are planned from the beginning, ``then`` when one of them has struck; words of ``faults.grammar``.

    ``{turn}`` in them is the turn in the middle of the call, ``{tool}`` the tool call in its middle.
    ``lasts``: the endpoint does not get well soon, so the call is graded by what the caller heard and how it ended.
    ``life_s``: how long the endpoint lets a stream live, and ``age_s``: when clients are to leave it.
    ``quota_used``: the host has no stream left, which only a client that counts them knows.
    """

    name: str
    faults: tuple[str, ...]
    then: tuple[str, ...] = ()
    lasts: bool = False
    life_s: float | None = None
    age_s: float | None = None
    quota_used: bool = False

    def suits(self, column: str) -> bool:
        """Whether this can happen to the client of a column."""
        return column == "ours" or not self.quota_used

    def planned(self, turns: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return both plans for a call of so many turns, at least :data:`LEAST_TURNS`."""
        places = {"turn": turns // 2 - 1, "tool": turns // 10}
        return (
            tuple(fault.format(**places) for fault in self.faults),
            tuple(fault.format(**places) for fault in self.then),
        )


def _in_turn(*faults: str) -> tuple[Row, ...]:
    """Each of these when an answer is due, before its first output."""
    return tuple(Row(fault, (f"{fault}@turn={{turn}}",)) for fault in faults)


_ONCE: Final = (
    Row("none", ()),
    *_in_turn(
        "internalServerException",
        "modelStreamErrorException",
        "validationException",
        "throttlingException",
        "modelTimeoutException",
        "serviceUnavailableException",
        "rst-531",
        "system-instability",
        "idle-532",
        "content-filter",
        "invalid-input",
        "unknown-exception",
        "error-frame",
        "truncated-frame",
        "corrupt-checksum",
        "corrupt-prelude",
        "silent-end",
        "rst",
        "tcp-cut",
        "tcp-close",
        "mute",
        "trickle",
        "blocked-window",
        "goaway",
    ),
    Row("exception while it speaks", ("modelStreamErrorException@audio={turn}:300",)),
    Row("tcp-cut while it speaks", ("tcp-cut@audio={turn}:300",)),
    Row("mute while it speaks", ("mute@audio={turn}:300",)),
    Row("exception while a tool runs", ("modelStreamErrorException@tool={tool}",)),
    Row("tcp-cut while a tool runs", ("tcp-cut@tool={tool}",)),
    Row("400 quota at open", ("http-400-quota@open",)),
    Row("403 at open", ("http-403@open",)),
    Row("404 at open", ("http-404@open",)),
    Row("408 at open", ("http-408@open",)),
    Row("424 at open", ("http-424@open",)),
    Row("429 at open", ("http-429@open",)),
    Row("500 at open", ("http-500@open",)),
    Row("503 at open", ("http-503@open",)),
    Row("headers come late at open", ("slow-headers@open",)),
    Row("headers never come at open", ("no-headers@open",)),
    Row("TLS fails at open", ("tls-failure@connect",)),
    Row("TLS certificate of a stranger at open", ("tls-failure:authority@connect",)),
    Row("TLS stalls at open", ("tls-stall@connect",)),
    Row("connection refused at open", ("refused@connect",)),
    Row("exception, then 429 at open", ("modelStreamErrorException@turn={turn}",), then=("http-429@open",)),
    # The service may still count the stream that was lost.
    Row("exception, then 400 quota at open", ("modelStreamErrorException@turn={turn}",), then=("http-400-quota@open",)),
    # What the service shows of credentials that ran out: 531 on the stream, 403 for whoever opens with the old ones.
    Row("credentials expire", ("rst-531@turn={turn}",), then=("http-403:ExpiredTokenException@open",)),
    Row("8-minute limit, scaled", (), life_s=LIFE_S, age_s=AGE_S),
)

_LASTING: Final = (
    Row("403 at call start", ("http-403:AccessDeniedException@open,for=600",), lasts=True),
    Row("429 for a minute at call start", ("http-429@open,for=60",), lasts=True),
    Row("region down at call start", ("refused@connect,for=600",), lasts=True),
    Row("region silent at call start", ("tls-stall@connect,for=600",), lasts=True),
    Row("429 for a minute in mid-call", ("throttlingException@turn=3",), then=("http-429@open,for=60",), lasts=True),
    Row("region down in mid-call", ("tcp-cut@turn=3",), then=("refused@connect,for=600",), lasts=True),
    Row("region silent in mid-call", ("mute@turn=3",), then=("tls-stall@connect,for=600",), lasts=True),
    Row("quota of this host used up", (), lasts=True, quota_used=True),
)

ROWS: Final = {row.name: row for row in (*_ONCE, *_LASTING)}
