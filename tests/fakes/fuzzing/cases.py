"""A case: what one stream is fed, and how its endpoint is set up. Each is drawn from its number alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Final, Literal

from nova_agent.localsonic.switches import SWITCH_NAMES, Switches, allowed_values
from nova_agent.localsonic.verdicts import Profile
from tests.fakes.fuzzing.framing import mutated_messages
from tests.fakes.fuzzing.sequences import mutated_sequence

Kind = Literal["sequence", "frame"]
KINDS: Final[tuple[Kind, ...]] = ("sequence", "frame")

MODELS: Final = ("amazon.nova-2-sonic-v1:0", "amazon.nova-2-5-sonic", "amazon.nova-sonic-v1:0")


@dataclass(frozen=True, slots=True)
class Case:
    """``pieces``: JSON texts of events, or, where ``is_framed``, pieces of the request's body."""

    pieces: tuple[bytes, ...]
    profile: Profile = "strict"
    is_framed: bool = False
    ends: Literal["half-close", "reset", "silence"] = "half-close"
    model_id: str = MODELS[0]
    switches: Switches = field(default_factory=Switches)
    brain: Literal["talkative", "rules"] = "talkative"


def draw_case(kind: Kind, number: int, profile: Profile) -> Case:
    """Return the case of that number: a mutated event sequence, or a good one in mutated messages."""
    random = Random(f"{kind} {number} {profile}")
    is_framed = kind == "frame"
    pieces = _pieces(random, mutated_messages(random)) if is_framed else mutated_sequence(random)
    return Case(
        tuple(pieces),
        profile,
        is_framed,
        random.choice(("half-close", "half-close", "reset", "silence")),
        random.choice(MODELS),
        _switches(random),
        random.choice(("talkative", "talkative", "rules")),
    )


def _pieces(random: Random, messages: list[bytes]) -> list[bytes]:
    """As they come, all at once, or a few bytes at a time."""
    match random.choice(("whole", "whole", "joined", "split")):
        case "joined":
            return [b"".join(messages)]
        case "split":
            whole = b"".join(messages)
            size = max(random.choice((1, 100, 5_000)), len(whole) // 200)
            return [whole[at : at + size] for at in range(0, len(whole), size)]
        case _:
            return messages


def _switches(random: Random) -> Switches:
    """The defaults for every other case, else four of them on any value."""
    if random.random() < 0.5:
        return Switches()
    names = random.sample([name for name in SWITCH_NAMES if allowed_values(name)], 4)
    return Switches.parse(f"{name}={random.choice(allowed_values(name))}" for name in names)
