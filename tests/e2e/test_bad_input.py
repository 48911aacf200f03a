"""What a user gets wrong is refused by name, place and remedy, and leaves nothing behind."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes.command import Command, Ran

Run = Callable[..., Ran]

NOBODY_THERE = "https://127.0.0.1:9"
"""An endpoint in the settings: the call needs no Local Sonic, and never gets as far as to connect."""

SCRIPT = "persona: survey\nsteps:\n  - {when: hello, say: Hi.}\n"


def refused(ran: Ran, *said: str) -> None:
    assert ran.exit_code == 2, ran
    assert ran.out == ""
    assert "Traceback" not in ran.err
    assert ran.err.count("nova-agent: ") + ran.err.count("Usage: ") == 1, ran.err
    for words in said:
        assert words in ran.err, ran.err


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, str], Path]:
    """Writes a file into the folder of the command."""

    def write(name: str, content: str) -> Path:
        path = tmp_path / name
        path.write_text(content)
        return path

    return write


# -- names ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("call", "servey"), ("no persona 'servey'", "Did you mean 'survey'?", "Available:", "[persona-not-found]")),
        (
            ("call", "survey", "--survey", "customer-satisfacton"),
            ("customer-satisfacton", "customer-satisfaction", "patient-intake", "[content-invalid]"),
        ),
        (("call", "--option", "survey"), ("--option 'survey'", "name=value")),
        (("call", "--caller", "nowhere.yaml"), ("nowhere.yaml", "No such file")),
        (("call", "--caller", "any.yaml", "--text"), ("either --text or --caller",)),
        (("call", "--caller", "any.yaml", "--identity", "ann"), ("--identity is for typed calls",)),
        (("call", "--aws", "--speed", "2"), ("--speed 2", "leave out --aws")),
        (("call", "--speed", "9"), ("'--speed'", "less than or equal to 4")),
        (("personas", "check", "servey", "any.yaml"), ("no persona 'servey'", "Did you mean 'survey'?")),
        (("scenarios", "."), ("no scenarios there",)),
        (("scenarios", ".", "--brain", "clever"), ("'--brain'", "'clever'", "'rules', 'difficult'")),
        (("sonic", "serve", "--brain", "clever"), ("'clever'", "rules, scripted, difficult, echo", "module:factory")),
        (("calls", "show", "last"), ("no call records in data/calls", "[record-error]")),
        (("calls", "shwo"), ("No such command 'shwo'", "Did you mean 'show'?")),
    ],
    ids=lambda value: " ".join(value) if value[0] in ("call", "calls", "personas", "scenarios", "sonic") else "",
)
def test_a_name_that_does_not_exist_is_refused(
    nova: Command, nova_here: Run, arguments: tuple[str, ...], said: tuple[str, ...]
) -> None:
    refused(nova_here(*arguments), *said)
    assert files(nova.folder) == set()


def test_a_script_for_an_unknown_survey_is_refused_before_the_call(
    nova: Command, nova_here: Run, written: Callable[[str, str], Path]
) -> None:
    script = written("caller.yaml", f"options: {{survey: intake}}\n{SCRIPT}")
    refused(nova_here("call", "--caller", script), "intake", "patient-intake")
    assert files(nova.folder) == {script}


# -- settings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("NOVA_LOCAL__BRAIN", "clever", "'rules', 'scripted', 'difficult' or 'echo'"),
        ("NOVA_SONIC__TURN_DETECTION", "FAST", "'HIGH', 'MEDIUM' or 'LOW'"),
        ("NOVA_SONIC__ENDPOINT_URL", "http://localhost:8443", "https://"),
        ("NOVA_CALL__TIME_ZONE", "Mars/Olympus", "Europe/Paris"),
        ("NOVA_STOER__URL", "sqlite+aiosqlite:///nova.db", "Did you mean NOVA_STORE__URL?"),
    ],
)
def test_a_bad_setting_is_refused(
    nova: Command, nova_here: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    refused(nova_here("call"), name, said, "[settings-invalid]")
    assert files(nova.folder) == set()


def test_every_bad_setting_is_named_at_once_and_no_password(nova_here: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOVA_LOG__LEVEL", "loud")
    monkeypatch.setenv("NOVA_STORE__URL", "Postgres://nova:secret@db/nova")
    ran = nova_here("doctor")
    refused(ran, "NOVA_LOG__LEVEL: 'loud'", "NOVA_STORE__URL")
    assert "secret" not in ran.err


# -- content -------------------------------------------------------------------------------------------------

BROKEN_SURVEY = """\
title: Broken
version: "1"
language: en-US
region: US
intro:
  text: Hello.
  consent: {ask: "May I begin?", declined: Goodbye.}
outro: {text: Goodbye.}
questions:
  - {id: rating, kind: scael, ask: "How was it?"}
  - {id: why, kind: open_text, ask: "Why?", requierd: false}
"""


def test_a_broken_survey_is_refused_with_all_its_findings(nova_here: Run, written: Callable[[str, str], Path]) -> None:
    broken = written("broken.yaml", BROKEN_SURVEY)
    findings = ("broken.yaml: question 'rating' (number 1)", "'scael'", "did you mean", "question 'why' (number 2)")
    refused(nova_here("personas", "check", "survey", broken), *findings, "requierd")


def test_a_call_with_a_broken_survey_is_refused(
    nova: Command, nova_here: Run, written: Callable[[str, str], Path]
) -> None:
    broken = written("broken.yaml", BROKEN_SURVEY)
    refused(nova_here("call", "survey", "--survey", broken), "question 'rating' (number 1)", "'scael'")
    assert files(nova.folder) == {broken}


def test_good_and_bad_survey_files_are_each_told(nova_here: Run, written: Callable[[str, str], Path]) -> None:
    written("no-yaml.yaml", "title: [")
    good = Path(__file__).parents[2] / "personas" / "survey" / "surveys" / "patient-intake.yaml"
    ran = nova_here("personas", "check", "survey", "no-yaml.yaml", good)
    assert ran.exit_code == 2
    assert "no-yaml.yaml: line 1" in ran.err
    assert "Patient intake" in ran.out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("steps: [", "is not valid YAML"),
        ("- one\n- two\n", "a scenario is a mapping"),
        ("persona: survey\nsteps:\n  - {when: hello, sya: Hi.}\n", "step 1, sya"),
        ("persona: survey\nsteps:\n  - {when: hello}\n", "step 1: "),
        ("persona: survey\nsteps: []\n", "steps"),
    ],
)
@pytest.mark.parametrize("command", [("call", "--caller"), ("scenarios",)], ids=["call", "scenarios"])
def test_a_broken_script_is_refused(
    nova: Command,
    nova_here: Run,
    written: Callable[[str, str], Path],
    command: tuple[str, ...],
    content: str,
    said: str,
) -> None:
    script = written("caller.yaml", content)
    refused(nova_here(*command, script), f"{script}: ", said, "[content-invalid]")
    assert files(nova.folder) == {script}


# -- places --------------------------------------------------------------------------------------------------


def make_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("PRAGMA journal_mode = WAL; CREATE TABLE something (id INTEGER)")


def scribble(path: Path) -> None:
    """Damage a database behind the magic words at its beginning."""
    make_database(path)
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xa5" * 3996)


@pytest.mark.parametrize(
    ("prepare", "url", "said"),
    [
        (scribble, "{path}", ("is damaged", "backup")),
        (lambda path: path.write_bytes(b"Dear diary. " * 100), "{path}", ("is not a SQLite database", "another file")),
        (lambda path: path.mkdir(), "{path}", ("cannot be opened", "Check that")),
        (lambda path: path.write_bytes(b""), "{path}/nova.db", ("the folder", "cannot be made", "Choose a path")),
        (make_database, "file:{path}?mode=ro&uri=true", ("cannot be written", "permission")),
    ],
    ids=["damaged", "no-database", "a-folder", "parent-is-a-file", "read-only"],
)
def test_a_database_that_cannot_be_used_is_refused(
    nova: Command,
    nova_here: Run,
    monkeypatch: pytest.MonkeyPatch,
    prepare: Callable[[Path], object],
    url: str,
    said: tuple[str, ...],
) -> None:
    path = nova.folder / "nova.db"
    prepare(path)
    before = {file: file.read_bytes() for file in files(nova.folder) if file.name == "nova.db"}
    monkeypatch.setenv("NOVA_STORE__URL", f"sqlite+aiosqlite:///{url.format(path=path)}")
    monkeypatch.setenv("NOVA_SONIC__ENDPOINT_URL", NOBODY_THERE)
    refused(nova_here("call"), str(path), *said, "[store-error]")
    assert {file: file.read_bytes() for file in before} == before
    assert files(nova.records) == set()


@pytest.mark.parametrize("command", [("call",), ("call", "--caller", "{script}"), ("demo",)], ids=" ".join)
def test_records_that_cannot_be_written_are_refused(
    nova: Command,
    nova_here: Run,
    monkeypatch: pytest.MonkeyPatch,
    written: Callable[[str, str], Path],
    command: tuple[str, ...],
) -> None:
    script, taken = written("caller.yaml", SCRIPT), written("taken", "I am a file")
    monkeypatch.setenv("NOVA_RECORD__DIRECTORY", str(taken / "calls"))
    ran = nova_here(*(part.format(script=script) for part in command))
    refused(ran, str(taken / "calls"), "NOVA_RECORD__DIRECTORY", "[record-error]")
    assert files(nova.folder) == {script, taken}


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (("call", "--record", "{taken}/call.wav"), "--record"),
        (("scenarios", "{script}", "--keep", "{taken}"), "--keep"),
    ],
    ids=["call", "scenarios"],
)
def test_what_is_to_be_kept_where_nothing_can_be_is_refused(
    nova: Command, nova_here: Run, written: Callable[[str, str], Path], command: tuple[str, ...], option: str
) -> None:
    script, taken = written("caller.yaml", SCRIPT), written("taken", "I am a file")
    refused(nova_here(*(part.format(script=script, taken=taken) for part in command)), str(taken), f"with {option}")
    assert files(nova.folder) == {script, taken}


def test_a_port_in_use_is_refused(nova: Command, nova_here: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        monkeypatch.setenv("NOVA_LOCAL__PORT", port)
        refused(nova_here("sonic", "serve"), f"127.0.0.1:{port}", "choose another port")
    assert files(nova.folder) == set()


# -- what is not installed -----------------------------------------------------------------------------------


@pytest.fixture
def without(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, str]]:
    """The environment of a process in which a package is not to be found."""

    def hide(package: str) -> dict[str, str]:
        folder = tmp_path_factory.mktemp("hidden")
        (folder / f"{package}.py").write_text(f"raise ModuleNotFoundError('hidden', name={package!r})\n")
        return {"PYTHONPATH": str(folder)}

    return hide


@pytest.mark.parametrize(("package", "arguments"), [("h2", ("call",)), ("moonshine_voice", ("sonic", "serve"))])
def test_a_missing_extra_is_named_with_the_command_that_installs_it(
    nova: Command, without: Callable[[str], dict[str, str]], package: str, arguments: tuple[str, ...]
) -> None:
    ran = nova.run(*arguments, **without(package))
    refused(ran, package.partition("_")[0], "is not installed", "uv sync --extra local")
    assert files(nova.folder) == set()


@pytest.mark.parametrize("arguments", [("--help",), ("calls", "list"), ("sonic", "serve", "--help")], ids=" ".join)
def test_what_needs_no_extra_works_without(
    nova: Command, without: Callable[[str], dict[str, str]], arguments: tuple[str, ...]
) -> None:
    assert nova.run(*arguments, **without("h2")).exit_code == 0


def test_a_process_ends_as_the_function_does(nova: Command) -> None:
    command = [sys.executable, "-m", "nova_agent", "calls", "show", "last"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=30, check=False, cwd=nova.folder, env=nova.environment()
    )
    assert done.returncode == 2
    assert done.stderr == "nova-agent: there are no call records in data/calls.\n[record-error]\n"
