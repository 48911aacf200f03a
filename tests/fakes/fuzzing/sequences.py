"""Event sequences gone wrong: in their order, in their values, and in their text."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any, Final

from tests.fakes.fuzzing.sessions import SESSIONS, Event
from tests.fakes.fuzzing.values import DEPTHS, deep_json, odd_value, paths

Sequence = list[Event | bytes]
"""Events, and texts that stand where an event should."""

_LONG: Final = 500_000
_SCHEMAS: Final = (
    '{"type": "object", "properties": {"city": 5}}',
    '{"properties": []}',
    '{"type": "object", "properties": {"city": {"enum": [], "anyOf": [{}]}}, "required": "city"}',
    '{"type": ["object"], "properties": {"a": {"type": "array", "items": {"type": "integer"}}}, "required": ["b"]}',
    '{"$ref": "#"}',
)

_IDS: Final = ("promptName", "contentName", "toolUseId")


def mutated_sequence(random: Random) -> list[bytes]:
    """Return the JSON texts of a session with one to four mutations."""
    events: Sequence = list(random.choice(SESSIONS))
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 4))):
        if events:
            random.choice(_MUTATIONS)(random, events)
    return [event if isinstance(event, bytes) else _text(random, event) for event in events]


def _text(random: Random, event: Event) -> bytes:
    """An event as JSON; some clients write it with blanks and line ends."""
    name, body = event
    indent = 2 if random.random() < 0.05 else None
    return json.dumps({"event": {name: body}}, indent=indent, ensure_ascii=random.random() < 0.9).encode(
        errors="surrogatepass"
    )


def _drop(random: Random, events: Sequence) -> None:
    start = random.randrange(len(events))
    del events[start : start + random.choice((1, 1, 2, 3))]


def _repeat(random: Random, events: Sequence) -> None:
    start = random.randrange(len(events))
    piece = events[start : start + random.choice((1, 1, 3))]
    events[start:start] = piece * random.choice((1, 1, 2, 10))


def _swap(random: Random, events: Sequence) -> None:
    first, second = random.randrange(len(events)), random.randrange(len(events))
    events[first], events[second] = events[second], events[first]


def _move(random: Random, events: Sequence) -> None:
    events.insert(random.randrange(len(events)), events.pop(random.randrange(len(events))))


def _cut(random: Random, events: Sequence) -> None:
    del events[random.randrange(len(events)) :]


def _splice(random: Random, events: Sequence) -> None:
    """Go on as another session does."""
    other = random.choice(SESSIONS)
    events[random.randrange(len(events)) :] = other[random.randrange(len(other)) :]


def _interleave(random: Random, events: Sequence) -> None:
    for event in random.choice(SESSIONS):
        events.insert(random.randrange(len(events) + 1), event)


def _change(change: Callable[[Random, Any, Any], None]) -> Callable[[Random, Sequence], None]:
    """Apply a change to one place within one event: its container and its key there."""

    def mutate(random: Random, events: Sequence) -> None:
        at = random.randrange(len(events))
        event = events[at]
        if isinstance(event, bytes):
            return
        name, body = event[0], copy.deepcopy(event[1])
        places = [path for path in paths(body) if path]
        if places:
            *way, key = random.choice(places)
            container: Any = body
            for step in way:
                container = container[step]
            change(random, container, key)
        events[at] = (name, body)

    return mutate


def _set(random: Random, container: Any, key: Any) -> None:
    container[key] = odd_value(random)


def _delete(_: Random, container: Any, key: Any) -> None:
    del container[key]


def _wrap(random: Random, container: Any, key: Any) -> None:
    value = container[key]
    container[key] = random.choice(([value], {"a": value}, json.dumps(value), str(value) * 2))


def _shorten(random: Random, container: Any, key: Any) -> None:
    """Cut base64, ids and words off in their middle."""
    if isinstance(value := container[key], str) and value:
        container[key] = value[: random.randrange(len(value))]


def _rename(_: Random, container: Any, key: Any) -> None:
    if isinstance(container, dict):
        container[key.swapcase()] = container.pop(key)


def _confuse(random: Random, events: Sequence) -> None:
    """Put another id in an id's place."""
    at = random.randrange(len(events))
    event = events[at]
    if not isinstance(event, bytes):
        ids = [key for key in _IDS if key in event[1]]
        if ids:
            events[at] = (event[0], {**event[1], random.choice(ids): random.choice(("p", "q", "a", "s", "r", "x"))})


def _misname(random: Random, events: Sequence) -> None:
    at = random.randrange(len(events))
    if not isinstance(event := events[at], bytes):
        other = random.choice(SESSIONS)
        events[at] = (random.choice(other)[0], event[1])


def _grow(random: Random, events: Sequence) -> None:
    """Say a lot: many words, or a lot of silence."""
    at = random.randrange(len(events))
    if not isinstance(event := events[at], bytes) and isinstance(content := event[1].get("content"), str):
        longer = (content * random.choice((2, 50, 1_000)))[:_LONG]
        events[at] = (event[0], {**event[1], "content": longer})


def _refill(random: Random, events: Sequence) -> None:
    """Put another text where JSON stands in JSON: a tool's result, or its schema."""
    deep = deep_json(random.choice(DEPTHS), random.choice("[{"))
    says = ('"\\ud800"', "5", '{"say": []}', deep)
    texts = (f'{{"say": {random.choice(says)}}}', deep, "[1]", "7", "NaN")
    for at, event in enumerate(events):
        if isinstance(event, bytes):
            continue
        if event[0] == "toolResult":
            events[at] = (event[0], {**event[1], "content": random.choice(texts)})
        elif event[0] == "promptStart" and random.random() < 0.5:
            body = copy.deepcopy(event[1])
            with suppress(AttributeError, KeyError, TypeError):  # another mutation may have been here
                for tool in body["toolConfiguration"]["tools"]:
                    tool["toolSpec"]["inputSchema"]["json"] = random.choice((*_SCHEMAS, *texts))
            events[at] = (event[0], body)


def _garble(random: Random, events: Sequence) -> None:
    """Spoil the text itself."""
    at = random.randrange(len(events))
    event = events[at]
    raw = event if isinstance(event, bytes) else _text(random, event)
    place = random.randrange(len(raw) + 1)
    events[at] = random.choice(_GARBLERS)(random, raw, place)


_GARBLERS: Final[tuple[Callable[[Random, bytes, int], bytes], ...]] = (
    lambda _, raw, place: raw[:place],
    lambda _, raw, place: raw[place:],
    lambda random, raw, place: raw[:place] + random.randbytes(random.choice((1, 2, 8))) + raw[place:],
    lambda random, raw, place: raw[:place] + bytes((random.randrange(256),)) + raw[place + 1 :],
    lambda _, raw, __: raw.decode(errors="replace").encode("utf-16"),
    lambda _, raw, __: b"\xef\xbb\xbf" + raw,
    lambda _, raw, __: raw + raw,
    lambda _, raw, __: b"",
    lambda random, _, __: deep_json(random.choice(DEPTHS), random.choice("[{")).encode(),
    lambda random, raw, __: raw.replace(b'"', b"'") if random.random() < 0.5 else raw.replace(b":", b""),
    lambda random, raw, __: b'{"event":' + raw + b"}" if random.random() < 0.5 else b"[" + raw + b"]",
    lambda random, _, __: random.choice((b"null", b"0", b'""', b"[]", b"{}", b'{"event":{}}', b'{"event":null}')),
    lambda _, raw, place: raw[:place] + b"1" * 5_000 + raw[place:],
    lambda random, raw, __: raw[:-2] + b',"more":' + deep_json(random.choice(DEPTHS)).encode() + raw[-2:],
)

_MUTATIONS: Final[tuple[Callable[[Random, Sequence], None], ...]] = (
    _drop,
    _repeat,
    _swap,
    _move,
    _cut,
    _splice,
    _interleave,
    _change(_set),
    _change(_set),
    _change(_set),
    _change(_delete),
    _change(_wrap),
    _change(_shorten),
    _change(_rename),
    _confuse,
    _misname,
    _grow,
    _refill,
    _garble,
)
