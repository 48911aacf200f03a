"""What the adapters do without their models."""

from __future__ import annotations

import importlib
from types import ModuleType

import pytest

from nova_agent.errors import MissingExtra
from nova_agent.localsonic.ears import Ears, MoonshineEars
from nova_agent.localsonic.mouth import HibariMouth, Mouth, SpeechCache


@pytest.mark.parametrize(
    ("make", "module", "package"),
    [
        (MoonshineEars, "onnxruntime", "onnxruntime"),
        (MoonshineEars, "moonshine_voice", "moonshine-voice"),
        (HibariMouth, "hibari", "hibari-tts"),
    ],
)
async def test_a_missing_package_is_named_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, make: type[MoonshineEars | HibariMouth], module: str, package: str
) -> None:
    real = importlib.import_module

    def without(name: str) -> ModuleType:
        if name == module:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name)

    monkeypatch.setattr(importlib, "import_module", without)
    part: Ears | Mouth = make()
    with pytest.raises(MissingExtra, match=rf"{package}.*--extra local"):
        await part.load()
    await part.aclose()


def test_the_cache_forgets_what_was_used_least_recently() -> None:
    cache = SpeechCache(limit_bytes=10)
    a, b, c = ("a", "v", 1), ("b", "v", 1), ("c", "v", 1)
    cache.put(a, bytes(4))
    cache.put(b, bytes(4))
    assert cache.get(a) is not None
    cache.put(c, bytes(4))
    assert cache.get(b) is None
    assert cache.get(a) is not None


def test_a_sentence_that_is_too_large_is_not_kept() -> None:
    cache = SpeechCache(limit_bytes=10)
    cache.put(("a", "v", 1), bytes(11))
    assert cache.get(("a", "v", 1)) is None
