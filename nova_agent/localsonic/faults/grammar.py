"""A fault as text: ``NAME[:ARGUMENT]@POINT[,times=N][,for=SECONDS][,chance=P]``, or ``mix:SEED@POINT…``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from nova_agent.errors import SettingsError
from nova_agent.localsonic.faults import arguments
from nova_agent.localsonic.faults.arguments import Value
from nova_agent.localsonic.faults.catalogue import CATALOGUE, Fault, find_fault, suggestion
from nova_agent.localsonic.faults.points import Opportunity, Point, parse_point

GRAMMAR: Final = "NAME[:ARGUMENT]@POINT[,times=N][,for=SECONDS][,chance=P]"
_OPTIONS: Final = ("times", "for", "chance", "names")


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for. ``faults``: one, or those of a mix. ``times`` ``None`` is without end.

    ``for_s``: simulated seconds from the first time it strikes. ``seed`` makes the draws of ``chance`` and of a mix.
    """

    text: str
    faults: tuple[Fault, ...]
    value: Value
    point: Point
    times: int | None
    for_s: float | None
    chance: float
    seed: str

    @property
    def is_mix(self) -> bool:
        return self.text.startswith("mix")

    def draw(self, opportunity: Opportunity, random: Random) -> tuple[Fault, Value] | None:
        """Say what strikes at an opportunity that meets the point; ``None`` spares it."""
        if self.chance < 1 and random.random() >= self.chance:
            return None
        if not self.is_mix:
            return self.faults[0], self.value
        fitting = [fault for fault in self.faults if opportunity.kind in fault.strikes]
        if not fitting:
            return None
        fault = random.choice(fitting)
        return fault, fault.default


def parse_order(text: str) -> Order:
    """Read a fault's text.

    Raises:
        SettingsError: it cannot be read, or the fault cannot strike at that point.
    """
    try:
        return _order(text.strip())
    except ValueError as error:
        raise SettingsError(
            f"The fault {text!r} cannot be planned: {error}. "
            f"Write {GRAMMAR}; docs/local-sonic-faults.md lists names and points."
        ) from error


def _order(text: str) -> Order:
    head, at, tail = text.rpartition("@")
    if not at:
        raise ValueError("it does not say where it strikes, such as @turn=2")
    point_text, *option_texts = tail.split(",")
    options = _options(option_texts)
    name, _, argument = head.partition(":")
    is_mix = name == "mix"
    faults, value = _mixed(argument, options) if is_mix else _single(name, argument, options)
    point = parse_point(point_text)
    _check_place(faults, point, is_mix=is_mix)
    for_s = _option(options, "for", arguments.seconds)
    times = _option(options, "times", arguments.whole_number)
    endless = is_mix or for_s is not None
    return Order(
        text=text,
        faults=faults,
        value=value,
        point=point,
        times=1 if times is None and not endless else times,
        for_s=for_s,
        chance=_option(options, "chance", arguments.chance) or 1.0,
        seed=argument if is_mix else text,
    )


def _options(texts: list[str]) -> Mapping[str, str]:
    options: dict[str, str] = {}
    for text in texts:
        name, _, value = text.strip().partition("=")
        if name not in _OPTIONS:
            raise ValueError(f"there is no option {text!r}{suggestion(name, _OPTIONS)}")
        options[name] = value
    return options


def _option[T](options: Mapping[str, str], name: str, parse: Callable[[str], T]) -> T | None:
    if name not in options:
        return None
    try:
        return parse(options[name])
    except ValueError as error:
        raise ValueError(f"{name}={options[name]} does not do: {error}") from error


def _single(name: str, argument: str, options: Mapping[str, str]) -> tuple[tuple[Fault, ...], Value]:
    if "names" in options:
        raise ValueError("only a mix takes names=")
    if name not in CATALOGUE and name:
        raise ValueError(f"there is no fault {name!r}{suggestion(name, (*CATALOGUE, 'mix'))}")
    fault = find_fault(name)
    return (fault,), fault.value(argument)


def _mixed(seed: str, options: Mapping[str, str]) -> tuple[tuple[Fault, ...], Value]:
    if not seed:
        raise ValueError("a mix needs a seed, such as mix:7@turn")
    if "chance" not in options:
        raise ValueError("a mix needs a chance, such as chance=0.05")
    names = options["names"].split("|") if "names" in options else list(CATALOGUE)
    return tuple(find_fault(name.strip()) for name in names), None


def _check_place(faults: tuple[Fault, ...], point: Point, *, is_mix: bool) -> None:
    if point.kind == "any":
        if not is_mix:
            raise ValueError("only a mix strikes at any point")
    elif not any(point.kind in fault.strikes for fault in faults):
        places = sorted(frozenset[str]().union(*(fault.strikes for fault in faults)))
        raise ValueError(f"{faults[0].name} does not strike at {point.kind}, but at: {', '.join(places)}")
