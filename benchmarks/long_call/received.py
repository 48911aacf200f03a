"""What the endpoint received: the caller's audio sample by sample, and what each stream was told at its beginning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.serving import Served


@dataclass(frozen=True, slots=True)
class Told:
    """The beginning of one stream. ``systems``: SYSTEM texts that it was given. ``history``: roles and texts."""

    systems: int
    history: tuple[tuple[str, str], ...]

    @property
    def faults(self) -> list[str]:
        """What is wrong with it: nothing, if it begins with the caller, is in turn and says nothing twice."""
        roles, texts = [role for role, _ in self.history], [text for _, text in self.history]
        found = [] if self.systems == 1 else [f"{self.systems} SYSTEM texts"]
        if roles != [("USER", "ASSISTANT")[index % 2] for index in range(len(roles))]:
            found.append("not in turn")
        if len(set(texts)) < len(texts):
            found.append("a turn twice")
        if not _ascend(texts):
            found.append("turns out of order, or one is missing")
        return found


def _ascend(texts: Sequence[str]) -> bool:
    """Whether "question 104", "Answer 104.", "question 105" follow each other."""
    numbers = [int(number) for text in texts if (number := text.rstrip(".").rpartition(" ")[2]).isdigit()]
    return numbers == [numbers[0] + index // 2 for index in range(len(numbers))] if numbers else True


@dataclass(frozen=True, slots=True)
class Received:
    """``received``: different samples that came; ``unknown``: those that the caller never said."""

    first: int
    end: int
    received: int
    lost: int
    doubled: int
    unknown: int
    streams: int
    told: tuple[Told, ...]


async def ask_what_came(served: Served) -> Received:
    """Read the endpoint's ledger."""
    audio = await served.ask("/audio")
    streams = (await served.ask("/streams"))["streams"]
    return Received(
        first=audio["first"],
        end=audio["end"],
        received=audio["received_samples"],
        lost=audio["lost_samples"],
        doubled=audio["doubled_samples"],
        unknown=sum(stream["other_samples"] for stream in audio["streams"]),
        streams=len(streams),
        told=tuple([await _told(served, stream["stream_id"]) for stream in streams if stream["audio_samples"]]),
    )


async def _told(served: Served, stream_id: str) -> Told:
    history = (await served.ask(f"/streams/{stream_id}/history"))["history"]
    events = await served.ask(f"/streams/{stream_id}/events")
    return Told(
        systems=sum(map(_opens_system, events["events"])),
        history=tuple((turn["role"], turn["text"]) for turn in history),
    )


def _opens_system(event: dict[str, Any]) -> bool:
    return event["name"] == "contentStart" and (event["body"] or {}).get("role") == "SYSTEM"
