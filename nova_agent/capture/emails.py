"""E-mail addresses, as written or as said: "john dot smith at example dot com"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from email_validator import EmailNotValidError, validate_email

from nova_agent.capture.digits import digit_runs
from nova_agent.capture.phrases import FILLERS, word_set
from nova_agent.capture.result import Captured, NotCaptured, Result
from nova_agent.capture.sounds import likeness
from nova_agent.capture.speech import corrected, rest_after, tokenise, trim_start
from nova_agent.capture.spelling import despell, spell_out

_HINT: Final = "Please tell me the e-mail address, for instance: john dot smith at example dot com."
_WRITTEN: Final = re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+")
_LETTERS: Final = re.compile(r"[^\W_](?:[-.][^\W_])+")
_ONE_WORD: Final = re.compile(r"\b(?:one word|no spaces?|together)\b", re.IGNORECASE)
_PIECE: Final = re.compile(r"[^\s,;:!?()\"<>]+")
_SYMBOLS: Final = {
    "dot": ".", "period": ".", "point": ".", "underscore": "_", "dash": "-", "hyphen": "-", "minus": "-", "plus": "+",
    "at": "@", "dots": ".", "underline": "_",
}  # fmt: skip
_IGNORED: Final = (FILLERS - {"so", "oh", "like", "well", "just", "hi"}) | {"lowercase", "uppercase", "then"}
_IGNORED_PHRASES: Final[tuple[tuple[str, ...], ...]] = (
    ("all", "one", "word"), ("one", "word"), ("no", "spaces"), ("no", "space"), ("all", "lowercase"),
    ("lower", "case"), ("all", "lower", "case"), ("at", "sign"), ("at", "symbol"), ("under", "score"),
    ("the", "number"), ("the", "letter"),
)  # fmt: skip
_REPLACED_PHRASES: Final[dict[tuple[str, ...], str]] = {
    ("at", "sign"): "at",
    ("at", "symbol"): "at",
    ("under", "score"): "underscore",
}
_PROVIDERS: Final = {
    "gmail": "com", "yahoo": "com", "hotmail": "com", "outlook": "com", "icloud": "com", "aol": "com", "proton": "me",
    "protonmail": "com", "comcast": "net", "verizon": "net", "live": "com", "msn": "com", "gmx": "com",
}  # fmt: skip
_ANNOUNCING: Final = frozenset({"is", "it's", "its", "was", "email", "address"})
_MISHEARD_ENDS: Final = {
    "calm": "com",
    "comm": "com",
    "come": "com",
    "kom": "com",
    "cam": "com",
    "con": "com",
    "orgue": "org",
    "nett": "net",
}
_COMMON_ENDS: Final = word_set(
    "com net org edu gov io co us uk de fr it es ca au info biz me ai app dev eu nl in nz ie ch at be se"
)


@dataclass(frozen=True, slots=True)
class _Address:
    local: str
    domain: str
    end: int
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A word or symbol of a spoken address and where it ends in the text."""

    word: str
    end: int


def capture_email(words: str) -> Result[str]:
    """Understand an e-mail address; it is given in lower case. Nothing is looked up on a network."""
    if not tokenise(words):
        return NotCaptured("empty", _HINT)
    return corrected(words, _read)


def _read(text: str) -> Result[str]:
    written = _WRITTEN.search(text)
    if written is not None:
        local, _, domain = written.group().strip(".").rpartition("@")
        return _checked(_Address(local, domain, written.end(), ()), text)
    pieces = _pieces(text)
    address = _spoken(pieces)
    if isinstance(address, NotCaptured):
        return address
    if _ONE_WORD.search(text):
        address = replace(address, doubts=tuple(doubt for doubt in address.doubts if doubt != "joined-words"))
    return _checked(address, text)


def _pieces(text: str) -> list[_Piece]:
    """Split into words and symbols; a dot inside a word ("example.com") comes apart."""
    pieces: list[_Piece] = []
    for match in _PIECE.finditer(text):
        bare = match.group().lower().rstrip(".…").strip("'’")
        if _LETTERS.fullmatch(bare):
            bare = bare.replace("-", ".").replace(".", " ")
        for part in re.findall(r"[.@_+]|[^.@_+\s]+", bare):
            word = {".": "dot", "@": "at", "_": "underscore", "+": "plus"}.get(part, part)
            pieces.append(_Piece(word, match.end()))
    return _cleaned(pieces)


def _cleaned(pieces: list[_Piece]) -> list[_Piece]:
    """Drop "all one word" and the like; "at sign" is "at"."""
    result: list[_Piece] = []
    position = 0
    while position < len(pieces):
        words = tuple(piece.word for piece in pieces[position : position + 3])
        phrase = next((known for known in _IGNORED_PHRASES if words[: len(known)] == known), None)
        length = len(phrase) if phrase else 1
        replaced = _REPLACED_PHRASES.get(phrase) if phrase else pieces[position].word
        if replaced and replaced not in _IGNORED:
            result.append(_Piece(replaced, pieces[position + length - 1].end))
        position += length
    return result


def _spoken(pieces: list[_Piece]) -> _Address | NotCaptured:
    words = [piece.word for piece in pieces]
    ats = [index for index, word in enumerate(words) if word == "at"]
    for at in reversed(ats):
        domain = _domain(pieces[at + 1 :])
        if domain is not None:
            name, end, doubts = domain
            previous = max((other for other in ats if other < at), default=-1)
            local, local_doubts = _local(words[previous + 1 : at])
            return _Address(local, name, end, (*local_doubts, *doubts))
    if ats:
        return NotCaptured("incomplete", "I didn't hear the whole part after the at. " + _HINT)
    if "dot" in words:
        return NotCaptured("incomplete", "I didn't hear the at in the e-mail address. " + _HINT)
    return NotCaptured("not-understood", _HINT)


def _domain(pieces: list[_Piece]) -> tuple[str, int, tuple[str, ...]] | None:
    """The domain that begins the pieces, where it ends in the text, and doubts."""
    words = [piece.word for piece in pieces]
    dots = [index for index, word in enumerate(words) if word in ("dot", "period", "point")]
    if not dots or dots[0] == 0:
        return _known_provider(pieces)
    last = dots[0]
    for dot in dots[1:]:
        if dot != last + 2:
            break
        last = dot
    if last + 1 >= len(words):
        return None
    host, spelled = _joined(words[: dots[0]])
    ends = [_MISHEARD_ENDS.get(word, word) for word in words[dots[0] + 1 : last + 2 : 2]]
    end = last + 2
    if len(ends[-1]) == 1:
        ends[-1], end = _spelled_end(words, last + 1)
    doubts = ("spelled",) if spelled else ()
    return ".".join([host, *ends]), pieces[end - 1].end, doubts


def _spelled_end(words: Sequence[str], start: int) -> tuple[str, int]:
    end = start
    while end < len(words) and len(words[end]) == 1:
        end += 1
    return "".join(words[start:end]), end


def _known_provider(pieces: list[_Piece]) -> tuple[str, int, tuple[str, ...]] | None:
    """ "john at gmail" lacks its end, which everybody knows."""
    for length in (1, 2):
        name = "".join(piece.word for piece in pieces[:length])
        if name in _PROVIDERS and len(pieces) >= length:
            return f"{name}.{_PROVIDERS[name]}", pieces[length - 1].end, ("completed-domain",)
    return None


def _local(words: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The part before the at, without lead-ins, and the doubts about how it was put together."""
    announced = max((index for index, word in enumerate(words) if word in _ANNOUNCING), default=-1)
    text = " ".join(words[announced + 1 :])
    kept = trim_start(tokenise(text))
    parts, spelled = _parts(text[kept[0].start :].split() if kept else [])
    doubts = (("spelled",) if spelled else ()) + (("joined-words",) if _has_neighbours(parts) else ())
    return "".join(parts), doubts


def _has_neighbours(parts: Sequence[str]) -> bool:
    """Whether two whole words stand side by side: nothing says that they are one."""
    return any(left.isalpha() and right.isalpha() for left, right in pairwise(parts))


def _joined(words: Sequence[str]) -> tuple[str, bool]:
    parts, spelled = _parts(words)
    return "".join(parts), spelled


def _parts(words: Sequence[str]) -> tuple[list[str], bool]:
    """Turn symbols, spelled letters and spoken digits into characters; the flag tells if anything was spelled."""
    letters, spelled = despell(words)
    tokens = tokenise(" ".join(letters))
    parts = list(letters)
    if len(tokens) == len(letters):
        for piece in (piece for run in digit_runs(tokens) for piece in run):
            parts[piece.start : piece.end] = [piece.digits] + [""] * (piece.end - piece.start - 1)
    return [_SYMBOLS.get(part, part) for part in parts if part], spelled


def _checked(address: _Address, text: str) -> Result[str]:
    if not address.local:
        return NotCaptured("incomplete", "I didn't hear the part before the at. " + _HINT)
    try:
        valid = validate_email(f"{address.local}@{address.domain}".lower(), check_deliverability=False)
    except EmailNotValidError:
        heard = say_email(address.local.lower(), address.domain.lower())
        return NotCaptured("not-understood", f"I heard {heard}, which is not an e-mail address. {_HINT}", heard)
    local, domain = valid.local_part, valid.domain
    doubts = tuple(dict.fromkeys((*address.doubts, *_domain_doubts(domain))))
    spoken = say_email(local, domain) + (f", spelled {spell_out(local)}" if doubts else "")
    return Captured(valid.normalized, spoken, doubts, rest_after(text, address.end))


def _domain_doubts(domain: str) -> tuple[str, ...]:
    """A rare ending, or a host that is nearly a well-known one, was probably misheard."""
    host, _, end = domain.rpartition(".")
    near = host not in _PROVIDERS and any(len(name) > 3 and likeness(host, name) >= 80 for name in _PROVIDERS)
    return ("uncommon-domain",) if near or end not in _COMMON_ENDS else ()


def say_email(local: str, domain: str) -> str:
    """Say an address: "john dot smith at example dot com"."""
    names = {".": " dot ", "_": " underscore ", "-": " dash ", "+": " plus "}
    spoken = "".join(names.get(char, char) for char in local)
    return " ".join(f"{spoken} at {domain.replace('.', ' dot ').replace('-', ' dash ')}".split())
