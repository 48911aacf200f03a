"""Event-stream messages gone wrong: their bits, lengths, checksums, headers, nesting and order."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any, Final
from zlib import crc32

from nova_agent.localsonic.frames import Frame, HeaderValue, encode_frame
from tests.fakes.fuzzing.sessions import SESSIONS, as_json
from tests.fakes.fuzzing.values import DEPTHS, deep_json

SIGNED: Final[dict[str, HeaderValue]] = {
    ":date": datetime(2026, 1, 1, tzinfo=UTC),
    ":chunk-signature": bytes(32),
}
INNER: Final[dict[str, HeaderValue]] = {
    ":message-type": "event",
    ":event-type": "chunk",
    ":content-type": "application/json",
}
END_OF_INPUT: Final = encode_frame(Frame(SIGNED))
"""Both SDKs send it last."""

_EDGES: Final = (0, 1, 11, 12, 15, 16, 17, 255, 65_535, 131_072, 131_073, 2**24, 2**24 + 17, 2**31, 2**32 - 1)


def inner_message(event: bytes) -> bytes:
    """The inner of the two messages around an event."""
    return encode_frame(Frame(INNER, b'{"bytes":"' + base64.b64encode(event) + b'"}'))


def message(event: bytes) -> bytes:
    """What a client sends for one event."""
    return encode_frame(Frame(SIGNED, inner_message(event)))


def mutated_messages(random: Random) -> list[bytes]:
    """Return a session's messages with one to three of them wrong."""
    messages = list(random.choice(_sessions()))
    for _ in range(random.choice((1, 1, 2, 3))):
        random.choice(_MUTATIONS)(random, messages)
    return messages


@cache
def _sessions() -> tuple[tuple[bytes, ...], ...]:
    return tuple((*(message(as_json(event)) for event in session), END_OF_INPUT) for session in SESSIONS)


def _mend(raw: bytearray, random: Random) -> bytes:
    """Compute checksums anew for a part of the cases, so that what is wrong gets past them."""
    lot = random.random()
    if len(raw) >= 16 and lot < 0.9:
        raw[8:12] = crc32(raw[:8]).to_bytes(4, "big")
        if lot < 0.8:
            raw[-4:] = crc32(raw[:-4]).to_bytes(4, "big")
    return bytes(raw)


def _one(change: Callable[[Random, bytes], bytes]) -> Callable[[Random, list[bytes]], None]:
    """Apply a change to one message, one near the beginning more often."""

    def mutate(random: Random, messages: list[bytes]) -> None:
        at = min(random.randrange(len(messages)), random.randrange(len(messages)))
        messages[at] = change(random, messages[at])

    return mutate


def _flip(random: Random, raw: bytes) -> bytes:
    flipped = bytearray(raw)
    for _ in range(random.choice((1, 1, 2, 8))):
        if flipped:
            flipped[random.randrange(len(flipped))] ^= 1 << random.randrange(8)
    return _mend(flipped, random)


def _lengthen(random: Random, raw: bytes) -> bytes:
    """Another total length, or another length of headers."""
    changed = bytearray(raw)
    if len(changed) >= 16:
        at = random.choice((0, 4))
        near = int.from_bytes(changed[at : at + 4], "big") + random.choice((-5, -1, 1, 4))
        length = random.choice((*_EDGES, max(near, 0)))
        changed[at : at + 4] = length.to_bytes(4, "big")
    return _mend(changed, random)


def _behead(random: Random, raw: bytes) -> bytes:
    """Other headers around the same payload."""
    headers = bytearray(_headers(random))
    payload = random.choice((raw[12:-4], inner_message(b"{}"), b"", b"{}"))
    total = len(headers) + len(payload) + 16
    prelude = struct.pack("!II", total, len(headers))
    body = prelude + crc32(prelude).to_bytes(4, "big") + headers + payload
    whole = body + crc32(body).to_bytes(4, "big")
    return encode_frame(Frame(SIGNED, whole)) if random.random() < 0.5 else whole


def _headers(random: Random) -> bytes:
    names = (b":date", b":chunk-signature", b":message-type", b":event-type", b"", b"x" * 255, b"\xff\xfe", b"a")
    block = b""
    for _ in range(random.choice((0, 1, 2, 3, 50))):
        name = random.choice(names)
        block += bytes((random.choice((len(name), len(name), 255, 0)),)) + name
        block += bytes((random.choice((*range(10), 10, 200)),)) + _value(random)
    return block


def _value(random: Random) -> bytes:
    text = random.choice((b"event", b"chunk", b"", b"\xc3\x28", b"x" * 40_000))
    return random.choice(
        (
            b"",
            random.randbytes(random.choice((1, 2, 4, 8, 16))),
            b"\x7f" + b"\xff" * 7,
            b"\x80" + bytes(7),
            struct.pack("!H", len(text) & 0xFFFF) + text,
            b"\xff\xff" + text,
        )
    )


def _renest(random: Random, _: bytes) -> bytes:
    """Messages within messages, but not the way it should be."""
    event = random.choice((as_json(random.choice(SESSIONS)[0]), b"", b"{}", b"\x00"))
    inner, whole = inner_message(event), message(event)
    payload = random.choice(
        (inner + inner, inner[:-1], inner + b"\x00", whole, encode_frame(Frame(SIGNED, whole)), b"\x00" * 16, event)
    )
    return random.choice((encode_frame(Frame(SIGNED, payload)), encode_frame(Frame({}, payload)), inner, payload))


def _refill(random: Random, _: bytes) -> bytes:
    """An inner message with another payload."""
    headers = random.choice((INNER, INNER, {**INNER, ":event-type": "other"}, {**INNER, ":message-type": 5}, {}))
    return encode_frame(Frame(SIGNED, encode_frame(Frame(headers, _payload(random)))))


def _payload(random: Random) -> bytes:
    good = base64.b64encode(as_json(random.choice(SESSIONS)[0])).decode()
    deep = deep_json(random.choice(DEPTHS), random.choice("[{"))
    values: tuple[Any, ...] = (
        None,
        5,
        [],
        {},
        [good],
        good[:-1],
        good[:-3],
        good + "=",
        f" {good}",
        good.replace("A", "-"),
        "é",
        "\ud800",
    )
    return random.choice(
        (
            json.dumps({"bytes": random.choice(values)}).encode(),
            json.dumps({"bytes": good, "p": "abc", "more": [1]}).encode(),
            json.dumps({"Bytes": good}).encode(),
            json.dumps([good]).encode(),
            deep.encode(),
            b'{"bytes":' + deep.encode() + b"}",
            b'{"bytes":"' + base64.b64encode(deep.encode()) + b'"}',
            b'{"bytes":"' + good.encode() + b'"}' + b" " * 10_000,
            b'{"bytes":"' + good.encode() + b'","bytes":"AA=="}',
            b'{"bytes":1' + b"0" * 5_000 + b"}",
            b"",
            random.randbytes(20),
        )
    )


def _truncate(random: Random, messages: list[bytes]) -> None:
    at = random.randrange(len(messages))
    messages[at] = messages[at][: random.randrange(len(messages[at]) + 1)]
    if random.random() < 0.7:
        del messages[at + 1 :]


def _insert(random: Random, messages: list[bytes]) -> None:
    junk = random.choice((bytes(1), bytes(12), bytes(64), b"GET / HTTP/1.1\r\n\r\n", random.randbytes(40)))
    messages.insert(random.randrange(len(messages) + 1), junk)


def _repeat(random: Random, messages: list[bytes]) -> None:
    at = random.randrange(len(messages))
    messages[at:at] = [messages[at]] * random.choice((1, 2, 20))


def _end_early(random: Random, messages: list[bytes]) -> None:
    messages.insert(random.randrange(len(messages)), END_OF_INPUT)


_MUTATIONS: Final[tuple[Callable[[Random, list[bytes]], None], ...]] = (
    _one(_flip),
    _one(_flip),
    _one(_flip),
    _one(_lengthen),
    _one(_lengthen),
    _one(_behead),
    _one(_behead),
    _one(_renest),
    _one(_refill),
    _one(_refill),
    _truncate,
    _insert,
    _repeat,
    _end_early,
)
