"""Telephone numbers, as digits said one by one, in groups, or with "double" and "oh"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

from nova_agent.capture.digits import Run, digit_runs, digits_of
from nova_agent.capture.result import Captured, NotCaptured, Result
from nova_agent.capture.speech import Correction, Tokens, corrections, rest_after, tokenise, words_of

_HINT: Final = "Please tell me the telephone number, digit by digit."
_EXTENSION: Final = frozenset({"extension", "ext"})
_LONGEST: Final = 15
_SHORTEST_GROUP: Final = 2
_REPEATED: Final = re.compile(r"(\d)\1{2,}")


def capture_phone(words: str, region: str) -> Result[str]:
    """Understand a telephone number and give it in E.164; ``region`` is where numbers without a country code are."""
    if not tokenise(words):
        return NotCaptured("empty", _HINT)
    for correction in corrections(words):
        result = _read_correction(correction, region)
        if result is not None:
            return result
    return _read(words, region)


def _read_correction(correction: Correction, region: str) -> Captured[str] | None:
    """Read the number after a correction, or put a corrected group in the place of the one it replaces."""
    after = _read(correction.after, region)
    if isinstance(after, Captured):
        return after
    before, new = _all_digits(correction.before), _groups(correction.after)
    if not before or not new or len(new[0]) < _SHORTEST_GROUP or len(new[0]) > len(before):
        return None
    mended = _parsed(before[: -len(new[0])] + "".join(new), region)
    if mended is None or not phonenumbers.is_valid_number(mended):
        return None
    return _captured(mended, region).doubted("corrected-group")


def _all_digits(text: str) -> str:
    return "".join(digits_of(run) for run in digit_runs(tokenise(text)))


def _groups(text: str) -> list[str]:
    """The digits of a text, one item for each group between pauses."""
    tokens = tokenise(text)
    groups: list[str] = [""]
    for run in digit_runs(tokens):
        for piece in run:
            groups[-1] += piece.digits
            if tokens[piece.end - 1].pause:
                groups.append("")
    return [group for group in groups if group]


def _read(text: str, region: str) -> Result[str]:
    tokens = tokenise(text)
    end = next((index for index, token in enumerate(tokens) if token.word in _EXTENSION), len(tokens))
    runs = list(digit_runs(tokens[:end]))
    international = _is_international(text, tokens)
    for digits, last in _candidates(runs):
        number = _parsed(("+" if international else "") + digits, region)
        if number is not None and phonenumbers.is_valid_number(number):
            return _captured(number, region, rest=_rest(text, tokens, last, end))
    return _without_stutter(runs, region) or _not_valid(runs, international, region)


def _without_stutter(runs: list[Run], region: str) -> Captured[str] | None:
    """Read "5 5 5 5" as "5 5 5" when that makes a valid number: recognisers stutter on a digit said several times."""
    digits = max((digits_of(run) for run in runs), key=len, default="")
    for repeated in _REPEATED.finditer(digits):
        number = _parsed(digits[: repeated.start()] + digits[repeated.start() + 1 :], region)
        if number is not None and phonenumbers.is_valid_number(number):
            return _captured(number, region).doubted("repeated-digit")
    return None


def _candidates(runs: list[Run]) -> Iterator[tuple[str, int]]:
    """Yield digits worth trying, with the token that ends them: each run, all together, without edge sound-alikes."""
    for run in sorted(runs, key=lambda run: len(digits_of(run)), reverse=True):
        digits = digits_of(run)
        yield digits, run[-1].end
        if digits[: len(digits) // 2] * 2 == digits:  # said twice
            yield digits[: len(digits) // 2], run[-1].end
        yield from _without_edges(run)
    if len(runs) > 1:
        yield "".join(map(digits_of, runs)), runs[-1][-1].end


def _without_edges(run: Run) -> Iterator[tuple[str, int]]:
    head = run[1:] if run[0].doubtful else run
    if head != run:
        yield digits_of(head), head[-1].end
    if run[-1].doubtful and len(head) > 1:
        yield digits_of(run[:-1]), run[-2].end
        yield digits_of(head[:-1]), head[-2].end


def _is_international(text: str, tokens: Tokens) -> bool:
    """ "+44 …" or "plus four four …"."""
    if re.search(r"\+\s*\d", text):
        return True
    words = words_of(tokens)
    return any(
        word == "plus" and next(iter(digit_runs(tokens[index + 1 : index + 3])), None) is not None
        for index, word in enumerate(words)
    )


def _parsed(digits: str, region: str) -> PhoneNumber | None:
    if not 0 < len(digits) <= _LONGEST + 4:
        return None
    try:
        return phonenumbers.parse(digits, region)
    except NumberParseException:
        return None


def _captured(number: PhoneNumber, region: str, rest: str = "") -> Captured[str]:
    return Captured(phonenumbers.format_number(number, PhoneNumberFormat.E164), read_back(number, region), rest=rest)


def read_back(number: PhoneNumber, region: str) -> str:
    """Say a number digit by digit in its usual groups: "4 1 5, 5 5 5, 2 6 7 1"."""
    home = phonenumbers.country_code_for_region(region) == number.country_code
    style = PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL
    groups = re.findall(r"\d+", phonenumbers.format_number(number, style))
    spoken = ", ".join(" ".join(group) for group in groups)
    return spoken if home else f"plus {spoken}"


def _rest(text: str, tokens: Tokens, last: int, end: int) -> str:
    return rest_after(text, tokens[last - 1].end) if last <= end else ""


def _not_valid(runs: list[Run], international: bool, region: str) -> Result[str]:
    digits = max((digits_of(run) for run in runs), key=len, default="")
    if len(digits) < _SHORTEST_GROUP:
        return NotCaptured("not-understood", _HINT)
    number = _parsed(("+" if international else "") + digits, region)
    reason = phonenumbers.is_possible_number_with_reason(number) if number is not None else ValidationResult.TOO_SHORT
    heard = " ".join(digits)
    if number is not None and reason == ValidationResult.IS_POSSIBLE:
        return _captured(number, region).doubted("unusual-number")
    if reason in (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        count = f"{len(digits)} digit{'' if len(digits) == 1 else 's'}"
        return NotCaptured("incomplete", f"I heard only {count}: {heard}. Please tell me the whole number.", heard)
    if reason == ValidationResult.TOO_LONG or len(digits) > _LONGEST:
        return NotCaptured("too-long", f"I heard {len(digits)} digits, which is too many. {_HINT}", heard)
    return NotCaptured(
        "not-understood", f"I heard {heard}, which is not a telephone number that I know. {_HINT}", heard
    )
