"""Finding personas without knowing their names: folders of ``personas/`` and entry points of other packages.

A folder ``personas/<name>/`` with a ``persona.py`` that has a ``PERSONA`` is a persona; so is an entry point of the
group ``nova_agent.personas`` that names such a class.
"""

from __future__ import annotations

import importlib
import pkgutil
from difflib import get_close_matches
from importlib.metadata import entry_points
from typing import Final

import personas
from nova_agent.errors import PersonaInvalid, PersonaNotFound
from nova_agent.persona import Persona

ENTRY_POINT_GROUP: Final = "nova_agent.personas"


class PersonaRegistry:
    """The personas there are; each is imported when it is first asked for."""

    def __init__(self) -> None:
        self._places: dict[str, str] = {
            module.name: f"{personas.__name__}.{module.name}.persona:PERSONA"
            for module in pkgutil.iter_modules(personas.__path__)
            if module.ispkg
        }
        self._places |= {point.name: point.value for point in entry_points(group=ENTRY_POINT_GROUP)}

    def names(self) -> list[str]:
        """The names of all personas, sorted."""
        return sorted(self._places)

    def get(self, name: str) -> type[Persona]:
        """Return the persona of that name.

        Raises:
            PersonaNotFound: there is none; the message lists those there are.
            PersonaInvalid: its package cannot be imported or holds no persona.
        """
        if (place := self._places.get(name)) is None:
            close = get_close_matches(name, self._places, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise PersonaNotFound(
                f"there is no persona {name!r}.{hint} Available: {', '.join(self.names()) or 'none'}."
            )
        module, _, attribute = place.partition(":")
        try:
            found = getattr(importlib.import_module(module), attribute or "PERSONA")
        except (ImportError, AttributeError) as error:
            raise PersonaInvalid(f"persona {name!r}: {place} cannot be loaded: {error}") from error
        if not (isinstance(found, type) and issubclass(found, Persona)):
            raise PersonaInvalid(f"persona {name!r}: {place} is {found!r}, not a subclass of nova_agent.Persona")
        return found

    def services(self) -> dict[str, str]:
        """Each persona's name and what it is for, in a few words."""
        return {name: self.get(name).SUMMARY for name in self.names()}
