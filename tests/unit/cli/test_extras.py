"""A package that is not installed becomes the command that installs it."""

from __future__ import annotations

import importlib

import pytest

from nova_agent.cli.extras import local_parts
from nova_agent.errors import MissingExtra


def test_a_missing_package_is_named_with_its_purpose_and_remedy() -> None:
    with pytest.raises(MissingExtra) as missing, local_parts("The demo"):
        importlib.import_module("surely_not_installed.at_all")
    assert str(missing.value).startswith("The demo needs the package 'surely_not_installed'")
    assert "uv sync --extra local" in str(missing.value)


def test_a_module_of_ours_that_is_missing_is_a_defect_and_stays_one() -> None:
    with pytest.raises(ModuleNotFoundError), local_parts("The demo"):
        importlib.import_module("nova_agent.no_such_module")
