"""Settings of the whole suite."""

from __future__ import annotations

from nova_agent.log import configure_logging

configure_logging("info", json=False)
