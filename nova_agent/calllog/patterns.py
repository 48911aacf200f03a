"""What phone numbers, cards, ids and e-mail addresses look like, written and spoken in English."""

from __future__ import annotations

import re
from typing import Final

from stdnum import iban, luhn

MASK: Final = re.compile(r"‹(?:phone|email|card|id|private|\d+ words?)›")
"""A mask, which no further pass may touch."""

SHORTEST_PHONE: Final = 7
"""Digits from which on a run of digits is taken for a phone number."""

_UNITS: Final = "one two three four five six seven eight nine"
_TEEN_WORDS: Final = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS_WORDS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"

_DIGIT_WORDS: Final = {word: str(digit) for digit, word in enumerate(_UNITS.split(), start=1)} | dict.fromkeys(
    ("zero", "oh", "o", "nought"), "0"
)
_TEENS: Final = {word: str(number) for number, word in enumerate(_TEEN_WORDS.split(), start=10)}
_TENS: Final = {word: str(digit) for digit, word in enumerate(_TENS_WORDS.split(), start=2)}
_ZEROS: Final = {"hundred": "00", "thousand": "000"}
_REPEATS: Final = {"double": 2, "triple": 3, "treble": 3}
_FILLERS: Final = ("plus", "and", "then", "um", "uh", "er", "erm", "dash", "hyphen", "space", "dot", "point")

_NUMBER_WORD: Final = "|".join([*_DIGIT_WORDS, *_TEENS, *_TENS, *_ZEROS, *_REPEATS])
_ATOM: Final = rf"(?:\d|(?:{_NUMBER_WORD})(?![a-z]))"
_GAP: Final = rf"[\s.,;()/+\-–—]{{0,4}}(?:(?:{'|'.join(_FILLERS)})[\s.,\-]{{1,4}}){{0,3}}"

_NO_PHONE: Final = (
    r"(?<![\w.])(?:"
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+\-]\d{2}:?\d{2})?)?(?!\d)"  # a date, a time
    r"|\d{1,2}(?P<between>[./-])\d{1,2}(?P=between)(?:19|20)\d{2}(?!\d)"  # a date
    r"|\d{1,3}(?:,\d{3})+(?![\d,])"  # an amount
    r"|[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}(?!\w)"  # a UUID
    r")"
)
_NUMBER: Final = re.compile(
    rf"(?P<keep>{MASK.pattern}|{_NO_PHONE})|(?<!\w)\+?\(?{_ATOM}(?:{_GAP}{_ATOM})*", re.IGNORECASE
)
_TOKEN: Final = re.compile(rf"\d+|{_NUMBER_WORD}", re.IGNORECASE)
_SSN: Final = re.compile(r"\d{3}[- ]\d{2}[- ]\d{4}")

_IBAN: Final = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?:[ -]?[A-Z\d]{1,4}){2,9}(?!\w)", re.IGNORECASE)

_WORD: Final = r"[a-z\d][\w+'-]{0,63}"
_LINK: Final = r"(?:dot|underscore|dash|hyphen|period|plus)"
_LOCAL: Final = rf"(?:(?:[a-z\d]\s+){{0,30}}{_WORD}(?:(?:\s+{_LINK}\s+|\.){_WORD}){{0,6}})"
_DOMAIN: Final = rf"(?:{_WORD}\s+){{0,2}}{_WORD}(?:(?:\s+dot\s+|\.)[a-z][a-z\d-]*){{1,4}}"
_EMAIL: Final = re.compile(
    rf"{MASK.pattern}|[\w.+'-]{{1,64}}@[\w-]{{1,63}}(?:(?:\.|\s+dot\s+)[\w-]{{1,63}}){{1,8}}|(?<![\w'’]){_LOCAL}\s+at\s+{_DOMAIN}",
    re.IGNORECASE,
)


def mask_patterns(text: str) -> str:
    """Replace everything that looks like a number or an address of a person by the name of what it was."""
    text = _EMAIL.sub(lambda found: found[0] if MASK.fullmatch(found[0]) else "‹email›", text)
    text = _IBAN.sub(_mask_iban, text)
    return _NUMBER.sub(_mask_number, text)


def _mask_iban(found: re.Match[str]) -> str:
    """The pattern may have run on into the words that follow, so the longest valid beginning counts."""
    text = found[0]
    for end in [len(text), *(gap.start() for gap in reversed(list(re.finditer(r"[ -]", text))))]:
        if iban.is_valid(text[:end]):
            return "‹id›" + text[end:]
    return text


def _mask_number(found: re.Match[str]) -> str:
    text = found[0]
    if found["keep"] is not None:
        return text
    digits = _digits(text)
    if len(digits) < SHORTEST_PHONE:
        return text
    if _SSN.fullmatch(text):
        return "‹id›"
    is_card = 13 <= len(digits) <= 19 and luhn.is_valid(digits)
    return "‹card›" if is_card else "‹phone›"


def _digits(text: str) -> str:
    """The digits that a run of numerals and number words stands for: "double five twenty six" is 5526."""
    digits, times, open_tens = "", 1, False
    for token in (found[0].lower() for found in _TOKEN.finditer(text)):
        if token in _REPEATS:
            times = _REPEATS[token]
            continue
        if open_tens and (unit := _DIGIT_WORDS.get(token, "0")) != "0":
            digits = digits[:-1] + unit
            open_tens = False
            continue
        spoken = _DIGIT_WORDS.get(token) or _TEENS.get(token) or _ZEROS.get(token) or token
        open_tens = token in _TENS
        digits += (_TENS[token] + "0" if open_tens else spoken) * times
        times = 1
    return digits
