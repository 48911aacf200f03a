"""The port for speaking, and its adapter: hibari, offline, over a hundred times faster than real time."""

from __future__ import annotations

import asyncio
import importlib
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Protocol

import numpy as np
import soxr
from numpy.typing import NDArray

from nova_agent.errors import MissingExtra
from nova_agent.localsonic.voices import Voice

_NATIVE_RATE_HZ: Final = 24_000
_CACHE_BYTES: Final = 32 * 1024 * 1024
_SILENCE: Final = 0.004
_LEAD_SAMPLES: Final = _NATIVE_RATE_HZ * 40 // 1000
_TRAIL_SAMPLES: Final = _NATIVE_RATE_HZ * 220 // 1000


class Mouth(Protocol):
    """Speaks for the model. One instance serves every stream."""

    async def load(self) -> None:
        """Load the model; calling it again does nothing.

        Raises:
            MissingExtra: the package is not installed.
        """
        ...

    async def speak(self, text: str, *, voice: Voice, rate_hz: int) -> bytes:
        """Return the sentence as PCM s16le, mono, at ``rate_hz``."""
        ...

    async def aclose(self) -> None:
        """Free the model."""
        ...


class HibariMouth:
    """hibari, in one thread. Recently spoken sentences are kept, up to 32 MiB (11 minutes at 24 kHz)."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="localsonic-mouth")
        self._synthesise: Any = None
        self._cache = SpeechCache(_CACHE_BYTES)

    async def load(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._executor, self._load)

    async def speak(self, text: str, *, voice: Voice, rate_hz: int) -> bytes:
        key = (text, voice.name, rate_hz)
        if (known := self._cache.get(key)) is not None:
            return known
        pcm = await asyncio.get_running_loop().run_in_executor(self._executor, self._speak, text, voice, rate_hz)
        self._cache.put(key, pcm)
        return pcm

    async def aclose(self) -> None:
        self._executor.shutdown(wait=False)
        self._synthesise = None

    def _load(self) -> None:
        if self._synthesise is not None:
            return
        try:
            hibari = importlib.import_module("hibari")
        except ModuleNotFoundError as error:
            raise MissingExtra("local", "hibari-tts", "Local Sonic's voice") from error
        self._synthesise = hibari.Hibari()
        self._synthesise("Hello.")  # the first sentence costs extra: pay before a caller waits

    def _speak(self, text: str, voice: Voice, rate_hz: int) -> bytes:
        # The same sentence always sounds the same: the model's noise would otherwise differ from run to run.
        samples = without_edges(np.asarray(self._synthesise(text, seed=0), dtype=np.float32))
        # Reading the samples as if they were recorded faster raises pitch and tempo together.
        source_rate_hz = _NATIVE_RATE_HZ * voice.factor
        if source_rate_hz != rate_hz:
            samples = soxr.resample(samples, source_rate_hz, rate_hz)
        return (np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes()


def without_edges(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cut the silence around a sentence to a breath (mono, 24 kHz).

    The model puts 0.24–0.30 s before a sentence and 0.29–0.48 s behind it (hibari-tts 0.2.1, measured): a caller
    would wait for the first, and hear both as a hole between two sentences.
    """
    loud = np.flatnonzero(np.abs(samples) > _SILENCE)
    if not loud.size:
        return samples
    return samples[max(0, loud[0] - _LEAD_SAMPLES) : loud[-1] + _TRAIL_SAMPLES]


class SpeechCache:
    """Keeps the most recently used sentences, bounded in bytes."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._held_bytes = 0
        self._entries: OrderedDict[tuple[str, str, int], bytes] = OrderedDict()

    def get(self, key: tuple[str, str, int]) -> bytes | None:
        if key not in self._entries:
            return None
        self._entries.move_to_end(key)
        return self._entries[key]

    def put(self, key: tuple[str, str, int], pcm: bytes) -> None:
        self._held_bytes += len(pcm) - len(self._entries.pop(key, b""))
        self._entries[key] = pcm
        while self._held_bytes > self._limit_bytes:
            _, dropped = self._entries.popitem(last=False)
            self._held_bytes -= len(dropped)
