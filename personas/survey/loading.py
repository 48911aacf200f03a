"""Reads survey files: YAML in, a checked :class:`Survey` out, or one error that lists everything wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from nova_agent.errors import ContentInvalid
from personas.survey.checks import Finding, Placed, check_questions, did_you_mean
from personas.survey.survey import ChoiceItem, Consent, Content, Intro, Messages, Outro, Question, Survey

SURVEYS_FOLDER: Final = Path(__file__).with_name("surveys")
SUFFIX: Final = ".yaml"

_MODELS: Final[dict[str, type[Content]]] = {
    "intro": Intro,
    "consent": Consent,
    "outro": Outro,
    "questions": Question,
    "choices": ChoiceItem,
    "messages": Messages,
}

_PLAIN_PROBLEMS: Final = {
    "missing": "is missing",
    "string_type": "{given!r} is no text; put it in quotes",
    "model_type": "{given!r} is neither text nor a group of fields; put text in quotes",
}


def list_surveys(folder: Path = SURVEYS_FOLDER) -> list[str]:
    """The ids of all surveys in a folder, sorted."""
    return sorted(path.stem for path in folder.glob(f"*{SUFFIX}"))


def load_survey(name_or_path: str | Path, folder: Path = SURVEYS_FOLDER) -> Survey:
    """Read a survey by its id, or from a path that ends in ``.yaml``.

    Raises:
        ContentInvalid: there is no such survey (the message lists those there are), or the file is wrong
            (the message has one line for each finding).
    """
    path = Path(name_or_path)
    if path.suffix != SUFFIX:
        path = folder / f"{name_or_path}{SUFFIX}"
    if not path.is_file():
        known = list_surveys(path.parent)
        hint = did_you_mean(path.stem, known)
        raise ContentInvalid(f"{path.name}: no such survey{hint} (available: {', '.join(known) or 'none'})")
    return _load(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _load(path: Path, _modified_ns: int) -> Survey:
    """A survey is immutable, so calls share one; the file's time makes an edited file a new one."""
    raw = _read_yaml(path)
    findings = list(_header_findings(raw, path))
    survey, shape_findings = _validate(raw, path)
    findings += shape_findings
    findings += check_questions(*_sound_questions(raw))
    if findings or survey is None:
        lines = (f"{path.name}: {finding.place}: {finding.problem}" for finding in findings)
        raise ContentInvalid("\n".join(lines))
    return survey


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "somewhere"
        raise ContentInvalid(f"{path.name}: {place}: no valid YAML: {error.problem or error.context}") from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: no UTF-8, or a date that does not exist
        raise ContentInvalid(f"{path.name}: no valid YAML: {error}") from error
    if not isinstance(raw, dict):
        raise ContentInvalid(f"{path.name}: the file must hold fields such as 'title:' and 'questions:'")
    return {str(key): value for key, value in raw.items()}


def _header_findings(raw: Mapping[str, Any], path: Path) -> Iterator[Finding]:
    if raw.get("id", path.stem) != path.stem:
        yield Finding("field 'id'", f"{raw['id']!r} differs from the file's name; allowed: '{path.stem}', or no id")


def _validate(raw: Mapping[str, Any], path: Path) -> tuple[Survey | None, list[Finding]]:
    try:
        return Survey.model_validate({**raw, "id": path.stem}), []
    except ValidationError as error:
        return None, [_finding(details, raw) for details in error.errors()]


def _sound_questions(raw: Mapping[str, Any]) -> tuple[list[Placed], dict[str, int]]:
    """The questions that pass on their own, and the first position of every id there is."""
    listed = raw.get("questions")
    items = listed if isinstance(listed, list) else []
    placed: list[Placed] = []
    positions: dict[str, int] = {}
    for position, item in enumerate(items, start=1):
        if isinstance(item, dict) and isinstance(item.get("id"), str):
            positions.setdefault(item["id"], position)
        try:
            placed.append(Placed(position, Question.model_validate(item)))
        except ValidationError:
            continue
    return placed, positions


def _finding(details: ErrorDetails, raw: Mapping[str, Any]) -> Finding:
    *owner, field = details["loc"]
    if isinstance(field, int):  # an item of a list is wrong as a whole
        *owner, field = [*owner[:-1], f"{owner[-1]}[{field}]"]
    return Finding(_place(owner, str(field), raw), _problem(details, owner))


def _place(owner: list[int | str], field: str, raw: Mapping[str, Any]) -> str:
    """``question 'nps' (number 2): field 'choices[0].label'``; the id is missing when the file has none."""
    if owner[:1] != ["questions"] or len(owner) < 2:
        return f"field '{_dotted([*owner, field])}'"
    index = int(owner[1])
    item = raw["questions"][index]
    name = item.get("id") if isinstance(item, dict) else None
    question = f"question '{name}' (number {index + 1})" if isinstance(name, str) else f"question number {index + 1}"
    return f"{question}: field '{_dotted([*owner[2:], field])}'"


def _dotted(parts: list[int | str]) -> str:
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def _problem(details: ErrorDetails, owner: list[int | str]) -> str:
    given = details["input"]
    match details["type"]:
        case "extra_forbidden":
            return _unknown_field(str(details["loc"][-1]), [part for part in owner if isinstance(part, str)])
        case "literal_error":
            return _unknown_value(str(given), details["ctx"]["expected"])
        case "string_pattern_mismatch":
            return f"{given!r} has the wrong form; allowed: {details['ctx']['pattern']}"
    plain = _PLAIN_PROBLEMS.get(details["type"])
    return plain.format(given=given) if plain else f"{details['msg']}, not {given!r}"


def _unknown_field(field: str, owners: list[str]) -> str:
    allowed = sorted((_MODELS[owners[-1]] if owners else Survey).model_fields)
    return f"unknown field{did_you_mean(field, allowed)} (allowed: {', '.join(allowed)})"


def _unknown_value(given: str, expected: str) -> str:
    allowed = re.findall(r"'([^']+)'", expected)
    return f"'{given}' is not known{did_you_mean(given, allowed)} (allowed: {', '.join(allowed)})"
