"""The persona of the guide, as it stands on the page: found, talked to, and tested by its own tests."""

from __future__ import annotations

import importlib.util
import json
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from livekit.agents import llm

import personas
from nova_agent.localsonic.brain import RulesBrain
from nova_agent.persona import Persona
from nova_agent.registry import ENTRY_POINT_GROUP, PersonaRegistry
from tests.fakes.conversation import Talk
from tests.fakes.store import fake_stores
from tests.unit.docs.pages import blocks, files, guide, table

PAGE = guide("personas")
OWN_TEST = "tests/unit/personas/callback/test_rules.py"


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with all files of the page, whose ``personas`` are found beside ours."""
    for name, content in files(PAGE).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    (tmp_path / "personas" / "callback" / "__init__.py").touch()
    monkeypatch.setattr(personas, "__path__", [*personas.__path__, str(tmp_path / "personas")])
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("personas.callback")]:
        del sys.modules[name]
    vars(personas).pop("callback", None)


@pytest.fixture
def desk(written: Path) -> type[Persona]:
    return PersonaRegistry().get("callback")


async def hold(desk: type[Persona], book: Path, *lines: str) -> Talk:
    said = iter(lines)
    talk = Talk(desk, RulesBrain(), fake_stores(), {"book": str(book)})
    await talk.hold(lambda _heard: next(said, None))
    return talk


def test_a_folder_is_listed_with_what_it_is_for(desk: type[Persona]) -> None:
    assert PersonaRegistry().services()["callback"] == desk.SUMMARY == "callback desk"


async def test_a_caller_leaves_a_number(desk: type[Persona], tmp_path: Path) -> None:
    talk = await hold(
        desk, tmp_path / "book", "Four one five, five five five, two six seven one.", "Yes, that's right."
    )
    row = {"call_id": talk.userdata.call_id, "number": "+14155552671"}
    assert talk.userdata.end_reason == "completed"
    assert talk.userdata.tasks == [row]
    assert json.loads((tmp_path / "book").read_text(encoding="utf-8")) == row
    assert talk.said[-1] == "agent: Thank you. A colleague will call you back. Goodbye."


async def test_a_number_that_was_misheard_is_asked_for_again(desk: type[Persona], tmp_path: Path) -> None:
    lines = ("415 555 2671", "No.", "Could you say that again?", "415 555 2672", "Yes.")
    talk = await hold(desk, tmp_path / "book", *lines)
    assert [row["number"] for row in talk.userdata.tasks] == ["+14155552672"]


async def test_a_caller_who_wants_to_stop_leaves_nothing(desk: type[Persona], tmp_path: Path) -> None:
    talk = await hold(desk, tmp_path / "book", "I want to stop. Goodbye.")
    assert (talk.userdata.end_reason, talk.userdata.tasks) == ("stopped", [])


async def test_a_number_that_cannot_be_kept_is_not_confirmed(desk: type[Persona], tmp_path: Path) -> None:
    talk = await hold(desk, tmp_path, "415 555 2671", "Yes.")
    assert json.loads(talk.returned[-1])["status"] == "error"
    assert (talk.userdata.end_reason, talk.userdata.tasks) == (None, [])


async def test_what_the_caller_says_is_private(desk: type[Persona], tmp_path: Path) -> None:
    talk = await hold(desk, tmp_path / "book", "415 555 2671")
    assert talk.userdata.privacy.private_ask


def test_the_tests_of_the_page_pass(written: Path) -> None:
    spec = importlib.util.spec_from_file_location("callback_tests", written / OWN_TEST)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    tests = [found for name, found in vars(module).items() if name.startswith("test_")]
    assert len(tests) == 2
    for test in tests:
        test()


def test_an_installed_package_is_found_by_its_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (declared,) = blocks(PAGE, "toml")
    points = tomllib.loads(declared)["project"]["entry-points"][ENTRY_POINT_GROUP]
    installed = tmp_path / "acme_callback-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-callback\nVersion: 1.0\n")
    lines = "\n".join(f"{name} = {value}" for name, value in points.items())
    (installed / "entry_points.txt").write_text(f"[{ENTRY_POINT_GROUP}]\n{lines}\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert "callback" in PersonaRegistry().names()


def test_every_tool_of_the_base_class_is_named_with_its_method() -> None:
    tools = table(PAGE, "tool")
    assert tools.keys() == {name for name, member in vars(Persona).items() if isinstance(member, llm.FunctionTool)}
    for argument, method, _meaning in tools.values():
        assert method == "–" or hasattr(Persona, method.strip("`"))
        assert argument in ("–", "`words`", "`reason`", "`persona`")
