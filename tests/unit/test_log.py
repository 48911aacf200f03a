"""Logging: listed events, safe keys, and nobody's words."""

from __future__ import annotations

import ast
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

import nova_agent
from nova_agent.log import EVENTS, SAFE_KEYS, WITHHELD, LogGuard, Marked, UnsafeLog, configure_logging


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    output = capsys.readouterr()
    assert output.out == ""
    return [json.loads(line) for line in output.err.splitlines()]


def log_calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call of a method of ``_log`` in the product, and where it stands."""
    root = Path(nova_agent.__file__).parent.parent
    for path in [*root.glob("nova_agent/**/*.py"), *root.glob("personas/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                target = ast.unparse(node.func.value)
                if target in ("_log", "self._log") and node.func.attr != "setLevel":
                    yield f"{path.name}:{node.lineno}", node


def test_every_log_call_uses_a_listed_event_and_keys_that_are_safe() -> None:
    found = list(log_calls())
    assert len(found) > 5
    for place, call in found:
        events = {arg.value for arg in call.args if isinstance(arg, ast.Constant)}
        keys = {word.arg for word in call.keywords if word.arg and not ast.unparse(word.value).startswith("Marked(")}
        assert events <= EVENTS, f"{place}: list the event in nova_agent.log.Event"
        assert keys <= SAFE_KEYS, f"{place}: {keys - SAFE_KEYS} is neither known safe nor Marked"


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_an_event_is_an_area_and_what_happened(event: str) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z]+(_[a-z]+)*", event)


def test_a_strict_guard_refuses_a_key_that_nobody_vouched_for() -> None:
    with pytest.raises(UnsafeLog, match="caller_name"):
        LogGuard(strict=True)(None, "info", {"event": "call.started", "caller_name": "Anna"})


def test_a_strict_guard_refuses_an_event_that_is_not_listed() -> None:
    with pytest.raises(UnsafeLog, match=r"call\.exploded"):
        LogGuard(strict=True)(None, "info", {"event": "call.exploded"})


def test_a_guard_lets_safe_keys_and_marked_values_through() -> None:
    line = {"event": "call.started", "call_id": "c1", "size": Marked(7)}
    assert LogGuard(strict=True)(None, "info", line) == {"event": "call.started", "call_id": "c1", "size": 7}


def test_a_lenient_guard_withholds_and_flags() -> None:
    line = LogGuard(strict=False)(None, "info", {"event": "call.exploded", "words": "a secret", "call_id": "c1"})
    assert line == {"event": "call.exploded", "words": WITHHELD, "call_id": "c1", "unlisted": True}


def test_lines_are_json_on_stderr_with_what_was_bound(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info", json=True)
    structlog.contextvars.bind_contextvars(call_id="c1")
    structlog.get_logger("nova").info("call.started", room="r")
    (line,) = printed(capsys)
    assert line.pop("timestamp")
    assert line == {"event": "call.started", "call_id": "c1", "room": "r", "level": "info", "logger": "nova"}


def test_the_level_is_the_least_that_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("warning", json=True)
    structlog.get_logger().info("call.started")
    structlog.get_logger().warning("call.failed")
    logging.getLogger("other").info("not this")
    assert [line["event"] for line in printed(capsys)] == ["call.failed"]


def test_other_libraries_are_printed_without_their_extras(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("debug", json=True)
    logging.getLogger("livekit.agents").debug("received user transcript", extra={"lk.pii.user_transcript": "a secret"})
    (line,) = printed(capsys)
    assert (line["event"], line["logger"]) == ("received user transcript", "livekit.agents")
    assert "a secret" not in json.dumps(line)


def test_a_second_set_up_replaces_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        configure_logging("info", json=True)
    structlog.get_logger().info("call.started")
    assert len(printed(capsys)) == 1


def test_people_get_a_line_without_json(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info", json=False)
    structlog.get_logger().info("call.started", call_id="c1")
    line = capsys.readouterr().err
    assert "call.started" in line
    assert "call_id=c1" in line
    assert "{" not in line


@pytest.mark.parametrize("as_json", [True, False])
def test_an_exception_is_printed_without_the_variables_around_it(
    as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("info", json=as_json)
    words = ["a", "secret"]
    try:
        words.index("the missing word")
    except ValueError:
        structlog.get_logger().exception("call.failed")
    line = capsys.readouterr().err
    assert "ValueError" in line
    assert "'secret'" not in line


@pytest.mark.parametrize(("level", "shown"), [("error", False), ("debug", True)])
def test_another_librarys_traceback_is_for_debugging(
    capsys: pytest.CaptureFixture[str], level: str, shown: bool
) -> None:
    configure_logging(level, json=False)
    refused = ValueError("refused")
    logging.getLogger("another.package").error("it broke", exc_info=refused)
    printed = capsys.readouterr().err
    assert "it broke" in printed
    assert ("ValueError" in printed) is shown
