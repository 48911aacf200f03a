"""The manifest: what Local Sonic does on the wire, where each fact comes from, how sure it is, and what holds it."""

from __future__ import annotations

from nova_agent.localsonic.behaviours.manifest import (
    CERTAINTIES,
    Behaviour,
    Certainty,
    Group,
    Manifest,
    load_manifest,
)

__all__ = ["CERTAINTIES", "Behaviour", "Certainty", "Group", "Manifest", "load_manifest"]
