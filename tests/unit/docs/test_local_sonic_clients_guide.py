"""The guide for other people's clients shows the programs that ``tests/e2e/clients`` runs, and facts that hold."""

from __future__ import annotations

import ast
import importlib
import re

import pytest

from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.models import Model, Refusal, find_model
from nova_agent.localsonic.rejections import IDLE
from nova_agent.localsonic.tls import default_state_dir
from settings.model import LocalSettings
from tests.unit.docs.pages import ROOT, blocks, code_in, files, guide

PAGE = guide("local-sonic-clients")
CLIENTS = ROOT / "tests" / "clients"
SHELL = "\n".join(blocks(PAGE, "sh"))


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("ask.py", "python_sdk"),
        ("ask.mjs", "node"),
        ("livekit_local.py", "livekit_plugin"),
        ("pipecat_local.py", "pipecat_service"),
    ],
)
def test_a_file_is_the_one_that_is_run(name: str, folder: str) -> None:
    assert files(PAGE)[name] == (CLIENTS / folder / name).read_text(encoding="utf-8")


def test_no_file_is_left_out() -> None:
    assert files(PAGE).keys() == {"ask.py", "ask.mjs", "livekit_local.py", "pipecat_local.py"}


@pytest.mark.parametrize(
    ("language", "number", "program"),
    [
        ("java", 0, "java/src/main/java/Ask.java"),
        ("java", 1, "java/src/main/java/Ask.java"),
        ("rust", 0, "rust/src/main.rs"),
    ],
)
def test_a_part_of_a_program_stands_in_it(language: str, number: int, program: str) -> None:
    lines = [line.strip() for line in (CLIENTS / program).read_text(encoding="utf-8").splitlines()]
    part = [line.strip() for line in blocks(PAGE, language)[number].splitlines()]
    assert any(lines[start : start + len(part)] == part for start in range(len(lines)))


@pytest.mark.parametrize("name", ["ask.py", "livekit_local.py"])
def test_imports_exist(name: str) -> None:
    imports = [node for node in ast.walk(ast.parse(files(PAGE)[name])) if isinstance(node, ast.ImportFrom)]
    assert len(imports) >= 5
    for node in imports:
        module = importlib.import_module(node.module or "")
        assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == []


def test_versions_are_the_ones_that_are_run() -> None:
    pom = (CLIENTS / "java/pom.xml").read_text(encoding="utf-8")
    pipecat = (CLIENTS / "pipecat_service/requirements.in").read_text(encoding="utf-8")
    oldest = (CLIENTS / "python_sdk/oldest.txt").read_text(encoding="utf-8")
    assert "<version>2.57.8</version>" in pom
    assert "bedrockruntime`, 2.57.8)" in PAGE
    assert "pipecat-ai[aws-nova-sonic]==1.14." in pipecat
    assert "`pipecat-ai[aws-nova-sonic]` 1.14 " in PAGE
    assert {"aws_sdk_bedrock_runtime==0.0.1", "aws_sdk_signers==0.0.3"} <= set(oldest.split())
    assert "0.0.1 needs `aws_sdk_signers==0.0.3`" in PAGE


def test_address_and_authority_are_where_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("HOME", "/home/reader")
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    (authority,) = re.findall(r"(?m)^authority=\$HOME(\S+)$", SHELL)
    assert str(default_state_dir() / "authority") == f"/home/reader{authority}"
    assert set(re.findall(r"https://127\.0\.0\.1:(\d+)", PAGE)) == {str(LocalSettings().port)}


def test_limits_and_messages_are_the_ones_in_force() -> None:
    symptoms = [code for code in code_in(PAGE) if code.startswith(("Timed out", "The provided model"))]
    refused = find_model("amazon.no-such-sonic")
    assert isinstance(refused, Refusal)
    assert IDLE.startswith(symptoms[1])
    assert refused.message.startswith(symptoms[0])
    assert f"| {LocalSonicConfig().idle_limit_s:.0f} seconds without either |" in PAGE


def test_the_models_it_names_are_served() -> None:
    named = re.findall(r"amazon\.nova[\w.:-]+", PAGE)
    assert len(set(named)) == 2
    assert all(isinstance(find_model(name), Model) for name in named)
