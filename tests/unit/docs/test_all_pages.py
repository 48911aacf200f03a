"""What holds for every page: links lead somewhere, commands and settings exist, examples are YAML or Python."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

from settings import variables
from tests.unit.docs.commands import problem_with
from tests.unit.docs.pages import GUIDES, ROOT, blocks, commands, guide

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"\[[^\]]+\]\((?!\w+:|#)([^)#\s]+)")
_SETTING = re.compile(r"NOVA_[A-Z]+__[A-Z_]+")


def pages() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@pages()
def test_links_lead_to_files(page: Path) -> None:
    links = _LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pages()
def test_commands_and_their_options_exist(page: Path) -> None:
    found = {line: problem_with(line) for line in commands(page.read_text(encoding="utf-8"))}
    assert {line: problem for line, problem in found.items() if problem} == {}


@pages()
def test_settings_exist(page: Path) -> None:
    named = set(_SETTING.findall(page.read_text(encoding="utf-8")))
    assert named - {name for name, _ in variables()} == set()


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_shows_commands_and_links_to_others(name: str) -> None:
    text = guide(name)
    assert list(commands(text))
    assert _LINK.findall(text)


@pytest.mark.parametrize("name", GUIDES)
def test_examples_are_yaml_and_python(name: str) -> None:
    for code in blocks(guide(name), "yaml"):
        assert yaml.safe_load(code)
    for code in blocks(guide(name), "python"):
        assert ast.parse(code).body


@pytest.mark.parametrize(
    "line", ["nova-agent cals list", "nova-agent calls list --lmit 3", "nova-agent scenarios x --brain rulse"]
)
def test_a_wrong_command_is_noticed(line: str) -> None:
    assert problem_with(line)
