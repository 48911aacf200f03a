"""The guide to Local Sonic names every option and brain; its script loads and its clients can be imported."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest
import yaml

from nova_agent.localsonic.brain import BRAIN_NAMES, ScriptedBrain, make_brain
from nova_agent.localsonic.brain.port import CallTool, Conversation, Say, ToolReturned, UserSaid
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.endpointing import SILENCE_MS
from nova_agent.localsonic.models import Model, find_model
from tests.unit.docs.commands import command_named
from tests.unit.docs.pages import code_in, files, guide, table

PAGE = guide("local-sonic")
CLIENTS = [name for name in files(PAGE) if name.endswith(".py")]


def test_every_option_of_serve_is_described() -> None:
    options = [name for parameter in command_named("sonic", "serve").params for name in parameter.opts]
    assert list(table(PAGE, "option")) == [name for name in options if name != "--help"]


def test_every_brain_is_described() -> None:
    assert table(PAGE, "brain").keys() == set(BRAIN_NAMES)


def test_the_models_it_names_are_served() -> None:
    named = [code for code in code_in(PAGE) if code.startswith("amazon.")]
    assert len(named) == 2
    assert all(isinstance(find_model(name), Model) for name in named)


def test_pauses_and_limits_are_the_ones_in_force() -> None:
    pauses = table(PAGE, "option")["--model-profile"][-1]
    for profile in SILENCE_MS.values():
        assert ", ".join(str(pause) for pause in profile.values()) in pauses
    config = LocalSonicConfig()
    assert f"for {config.idle_limit_s:.0f} seconds" in PAGE
    assert f"after {config.life_limit_s / 60:.0f} minutes" in PAGE


async def test_the_script_plays(tmp_path: Path) -> None:
    path = tmp_path / "weather.yaml"
    path.write_text(files(PAGE)["weather.yaml"], encoding="utf-8")
    brain, conversation = ScriptedBrain(path), Conversation()
    conversation.items.append(UserSaid("What's the weather in Rome?"))
    assert list(await brain.act(conversation)) == [
        Say("One moment."),
        CallTool("get_weather", {"city": "What's the weather in Rome?"}),
    ]
    conversation.items.append(ToolReturned("1", "get_weather", '{"status": "ok", "say": "It is sunny."}'))
    assert list(await brain.act(conversation)) == [Say("It is sunny.")]


async def test_the_brain_of_ones_own_can_be_named_and_plays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_brain.py").write_text(files(PAGE)["my_brain.py"], encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    brain = make_brain("my_brain:ShopBrain")()
    conversation = Conversation(items=[UserSaid("What is the price of tea?")])
    assert list(await brain.act(conversation)) == [
        Say("One moment."),
        CallTool("look_up_price", {"words": "What is the price of tea?"}),
    ]
    conversation.items.append(ToolReturned("1", "look_up_price", '{"pounds": 3}'))
    assert list(await brain.act(conversation)) == [Say('I found this: {"pounds": 3}')]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_clients_imports_exist(client: str) -> None:
    imports = [node for node in ast.walk(ast.parse(files(PAGE)[client])) if isinstance(node, ast.ImportFrom)]
    assert len(imports) >= 2
    for node in imports:
        module = importlib.import_module(node.module or "")
        assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == []


def test_the_script_of_the_page_is_yaml() -> None:
    assert [sorted(step) for step in yaml.safe_load(files(PAGE)["weather.yaml"])] == [["emit", "expect"]] * 2
