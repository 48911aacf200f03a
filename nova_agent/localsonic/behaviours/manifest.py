"""Reads the manifest. It ships with the package, so a wrong one is a defect and not a user's mistake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from importlib.resources import files
from typing import Annotated, Final, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field

Certainty = Literal["documented", "measured", "clients", "unconfirmed", "ours"]
CERTAINTIES: Final[Mapping[Certainty, str]] = {
    "documented": "AWS documentation says so",
    "measured": "seen on the real service by others, and published",
    "clients": "client libraries do it, or need it",
    "unconfirmed": "no source, a single one, or sources that disagree",
    "ours": "a decision of Local Sonic",
}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Behaviour(_Part):
    """One thing that the endpoint does.

    ``tests`` are paths below ``tests/`` with the name of the test. ``switch`` is the field of ``Switches`` that changes
    it, and ``values`` says what the other values do. ``note`` says what of it is less certain than the rest.
    """

    id: str = Field(pattern=r"^[a-z0-9.-]+\.[a-z0-9-]+$")
    says: str
    source: Annotated[list[str], Field(min_length=1)]
    certainty: Certainty
    tests: list[str]
    switch: str | None = None
    values: str | None = None
    note: str | None = None


class Group(_Part):
    title: str
    behaviours: list[Behaviour]


class Manifest(_Part):
    """``sources`` says what each short name of a source stands for."""

    sources: dict[str, str]
    groups: list[Group]

    @property
    def behaviours(self) -> list[Behaviour]:
        """All of them, in order."""
        return [behaviour for group in self.groups for behaviour in group.behaviours]

    def counts(self) -> dict[Certainty, int]:
        """How many behaviours there are of each certainty."""
        counted = Counter(behaviour.certainty for behaviour in self.behaviours)
        return {certainty: counted[certainty] for certainty in get_args(Certainty)}


def load_manifest() -> Manifest:
    """Read the manifest that comes with the package."""
    text = files(__package__).joinpath("manifest.yaml").read_text(encoding="utf-8")
    return Manifest.model_validate(yaml.safe_load(text))
