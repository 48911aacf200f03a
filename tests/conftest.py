"""Settings of the whole suite."""

from __future__ import annotations

from hypothesis import settings

from nova_agent.log import configure_logging

configure_logging("info", json=False)
# A busy machine is no failure.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
