from __future__ import annotations

from pathlib import Path

import pytest

from nova_agent.errors import ContentInvalid
from nova_agent.simulate.script import Script, load_script

GOOD = """
persona: survey
options: {survey: customer-satisfaction}
speed: 2
steps:
  - {when: how likely, say: Eight., after_ms: 300}
  - {when: [anything else, good bye], hang_up: true}
expect:
  status: completed
  answers: {nps: 8, reason: {contains: friendly}, visited: {skipped: true}, born: 1985-03-14, phone: {absent: true}}
  changed: [nps]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "a-caller.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def findings(folder: Path, text: str) -> str:
    with pytest.raises(ContentInvalid) as caught:
        load_script(write(folder, text))
    assert "a-caller.yaml" in str(caught.value)
    return str(caught.value)


def test_a_script_is_named_for_its_file(tmp_path: Path) -> None:
    script = load_script(write(tmp_path, GOOD))
    assert (script.name, script.persona, script.speed) == ("a-caller", "survey", 2)
    assert script.steps[1].when == ("anything else", "good bye")


def test_a_bare_answer_is_an_exact_one(tmp_path: Path) -> None:
    answers = load_script(write(tmp_path, GOOD)).expect.answers
    assert answers["nps"].equals == 8
    assert answers["born"].equals == "1985-03-14"
    assert answers["reason"].contains == ("friendly",)
    assert answers["phone"].absent


def test_an_unknown_field_is_named_with_its_step(tmp_path: Path) -> None:
    assert "step 2, wehn: Extra inputs" in findings(
        tmp_path, "persona: p\nsteps: [{any: true, say: a}, {wehn: b, say: c}]"
    )


@pytest.mark.parametrize(
    ("step", "finding"),
    [
        ("{say: hello}", "needs `when`, `any: true` or `barge_in_ms`"),
        ("{when: a, any: true, say: b}", "both `when` and `any`"),
        ("{when: a}", "does nothing"),
        ("{when: a, silent_ms: 5, mumble: true}", "needs `say`"),
        ("{barge_in_ms: 800, silent_ms: 100, say: b}", "no other delay"),
        ("{barge_in_ms: 800, hang_up: true}", "needs `say` to barge in"),
        ("{when: a, say: b, anytime: true, optional: true}", "cannot be `optional`"),
    ],
)
def test_a_step_that_makes_no_sense_is_refused(tmp_path: Path, step: str, finding: str) -> None:
    message = findings(tmp_path, f"persona: p\nsteps: [{step}]")
    assert "step 1" in message
    assert finding in message


@pytest.mark.parametrize(
    "text", ["steps: [", "- a", "persona: p\nsteps: []", "persona: p\nspeed: 9\nsteps: [{any: true, say: a}]"]
)
def test_a_file_that_is_no_script_is_refused(tmp_path: Path, text: str) -> None:
    findings(tmp_path, text)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentInvalid, match="cannot be read"):
        load_script(tmp_path / "none.yaml")


def test_two_expectations_of_one_answer_are_refused(tmp_path: Path) -> None:
    text = "persona: p\nsteps: [{any: true, say: a}]\nexpect: {answers: {nps: {skipped: true, contains: x}}}"
    assert "exactly one of" in findings(tmp_path, text)


def test_every_finding_is_reported_at_once(tmp_path: Path) -> None:
    message = findings(tmp_path, "persona: p\nvoice: bob\nsteps: [{any: true, say: a, after_ms: -1}]")
    assert "voice" in message
    assert "step 1, after_ms" in message


def test_the_open_scenarios_are_valid() -> None:
    folder = Path(__file__).parents[2] / "scenarios" / "open"
    scripts = [load_script(path) for path in sorted(folder.glob("*.yaml"))]
    assert len({script.name for script in scripts}) == len(scripts) >= 10
    assert all(isinstance(script, Script) and script.expect.status for script in scripts)
