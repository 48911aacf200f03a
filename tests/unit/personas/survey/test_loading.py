"""Survey files: what is read, and how everything wrong with one is told at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nova_agent.errors import ContentInvalid
from personas.survey.loading import list_surveys, load_survey

HEAD = "title: T\nintro: {text: Hello.}\noutro: {text: Bye.}\nquestions:\n"


def findings(folder: Path, text: str) -> list[str]:
    (folder / "broken.yaml").write_text(text)
    with pytest.raises(ContentInvalid) as caught:
        load_survey("broken", folder)
    return str(caught.value).splitlines()


def of_question(folder: Path, question: str) -> str:
    (line,) = findings(folder, f"{HEAD}  - {{id: q, {question}}}\n")
    return line


def test_a_survey_is_found_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "short.yaml").write_text(f"{HEAD}  - {{id: q, kind: yes_no, ask: Well}}\n")
    assert list_surveys(tmp_path) == ["short"]
    assert load_survey("short", tmp_path) == load_survey(tmp_path / "short.yaml")
    assert load_survey("short", tmp_path).id == "short"


def test_an_unknown_name_lists_what_there_is(tmp_path: Path) -> None:
    (tmp_path / "short.yaml").write_text("title: T\n")
    with pytest.raises(ContentInvalid, match=r"shorts.yaml: no such survey; did you mean 'short'\? \(available"):
        load_survey("shorts", tmp_path)


def test_an_edited_file_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "short.yaml"
    path.write_text(f"{HEAD}  - {{id: q, kind: yes_no, ask: Old}}\n")
    load_survey(path)
    path.write_text(f"{HEAD}  - {{id: q, kind: yes_no, ask: New}}\n")
    os.utime(path, ns=(1, 1))
    assert load_survey(path).questions[0].ask == "New"


def test_broken_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    (line,) = findings(tmp_path, "title: T\nintro: {text: [Hello\n")
    assert line.startswith("broken.yaml: line 3, column 1: no valid YAML")


def test_a_file_that_holds_no_fields_is_refused(tmp_path: Path) -> None:
    assert "must hold fields" in findings(tmp_path, "- just\n- a list\n")[0]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("kind: yesno, ask: A", "question 'q' (number 1): field 'kind': 'yesno' is not known; did you mean 'yes_no'?"),
        ("kind: yes_no", "field 'ask': is missing"),
        ("kind: yes_no, ask: A, mesages: {}", "field 'mesages': unknown field; did you mean 'messages'?"),
        (
            "kind: yes_no, ask: A, messages: {out_of_rage: x}",
            "field 'messages.out_of_rage': unknown field; did you mean",
        ),
        ("kind: yes_no, ask: A, required: maybe", "field 'required'"),
        ("kind: yes_no, ask: A, choices: [a, b]", "field 'choices': does not belong to kind 'yes_no'; it is for:"),
        ("kind: single_choice, ask: A", "field 'choices': 'single_choice' needs at least 2 choices; there are 0"),
        ("kind: single_choice, ask: A, choices: [yes, maybe]", "field 'choices[0]': True is neither text"),
        ("kind: single_choice, ask: A, choices: [tea, Tea]", "field 'choices': 'tea' stands for 2 choices"),
        ("kind: multiple_choice, ask: A, choices: [a, b], maximum: 3", "field 'maximum': 3 is more than the 2 choices"),
        ("kind: integer, ask: A, minimum: 5, maximum: 2", "field 'minimum': 5 is more than the maximum 2"),
        ("kind: scale, ask: A", "field 'minimum': a scale needs both"),
        ("kind: scale, ask: A, minimum: 1, maximum: 5, labels: {9: x}", "field 'labels': 9 is outside the scale"),
        ("kind: date, ask: A, earliest: tomorrow", "field 'earliest'"),
        ("kind: date, ask: A, earliest: '2026-02-30'", "field 'earliest'"),
        ("kind: date, ask: A, earliest: 2026-02-03, latest: 2025-01-01", "field 'earliest': 2026-02-03 is after"),
        ("kind: yes_no, ask: A, when: q", "field 'when': 'q' is not asked before this question"),
        ("kind: yes_no, ask: A, when: other > 3", "field 'when': there is no question 'other'"),
        ("kind: yes_no, ask: A, when: 'q >'", "field 'when': 'q >' is not an expression"),
    ],
)
def test_a_finding_names_the_question_the_field_and_what_is_wrong(tmp_path: Path, question: str, expected: str) -> None:
    line = of_question(tmp_path, question)
    assert line.startswith("broken.yaml: question 'q' (number 1): ")
    assert expected in line


def test_every_finding_is_listed_even_when_one_question_has_no_sound_shape(tmp_path: Path) -> None:
    lines = findings(
        tmp_path,
        "titel: T\nintro: {text: Hello.}\noutro: {}\nquestions:\n"
        "  - {id: one, kind: colour, ask: A}\n"
        "  - {id: two, kind: integer, ask: A, minimum: 3, maximum: 1}\n"
        "  - {id: two, kind: yes_no, ask: A, when: three}\n"
        "  - {kind: yes_no, ask: A}\n",
    )
    told = "\n".join(lines)
    assert len(lines) == 8
    for expected in (
        "field 'titel': unknown field; did you mean 'title'?",
        "field 'title': is missing",
        "field 'outro.text': is missing",
        "question 'one' (number 1): field 'kind': 'colour' is not known",
        "question 'two' (number 2): field 'minimum'",
        "question 'two' (number 3): field 'id': is used already by question number 2",
        "question 'two' (number 3): field 'when': there is no question 'three'",
        "question number 4: field 'id': is missing",
    ):
        assert expected in told


def test_a_comparison_with_a_choice_that_does_not_exist_is_found(tmp_path: Path) -> None:
    (line,) = findings(
        tmp_path,
        f"{HEAD}  - {{id: how, kind: single_choice, ask: A, choices: [phone, mail]}}\n"
        "  - {id: q, kind: yes_no, ask: A, when: how == 'fone'}\n",
    )
    assert "'how' has no choice 'fone'; did you mean 'phone'?" in line


def test_an_id_that_means_something_else_is_refused(tmp_path: Path) -> None:
    (line,) = findings(tmp_path, f"{HEAD}  - {{id: consent, kind: yes_no, ask: A}}\n")
    assert "'consent' is reserved" in line


def test_an_id_that_differs_from_the_file_is_refused(tmp_path: Path) -> None:
    (line,) = findings(tmp_path, f"id: other\n{HEAD}  - {{id: q, kind: yes_no, ask: A}}\n")
    assert "field 'id': 'other' differs from the file's name" in line
