"""The port for hearing, and its adapter: Silero VAD and Moonshine tiny, both on the CPU and offline.

Measured on two cores: 0.08 ms per 32 ms window, 45 to 390 ms per utterance.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.metadata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from nova_agent.errors import MissingExtra
from nova_agent.localsonic.endpointing import WINDOW_SAMPLES
from nova_agent.localsonic.listening import RATE_HZ, Samples, VoiceActivity

_PADDING: Final = np.zeros(RATE_HZ // 5, dtype=np.float32)
_CONTEXT_SAMPLES: Final = 64
_PURPOSE: Final = "Local Sonic's hearing"


class Ears(Protocol):
    """Hears callers. One instance serves every stream."""

    async def load(self) -> None:
        """Load the models; calling it again does nothing.

        Raises:
            MissingExtra: a package is not installed.
        """
        ...

    def voice_activity(self) -> VoiceActivity:
        """Return a speech detector for one caller."""
        ...

    async def transcribe(self, samples: Samples) -> str:
        """Return the words, or an empty text when there are none."""
        ...

    async def aclose(self) -> None:
        """Free the models."""
        ...


class MoonshineEars:
    """Silero VAD for speech, Moonshine tiny for words. Recognition runs in one thread, one utterance at a time."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="localsonic-ears")
        self._vad: Any = None
        self._transcriber: Any = None

    async def load(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._executor, self._load)

    def voice_activity(self) -> VoiceActivity:
        return SileroActivity(self._vad)

    async def transcribe(self, samples: Samples) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._transcribe, samples)

    async def aclose(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._executor, self._free)
        self._executor.shutdown(wait=False)

    def _load(self) -> None:
        if self._transcriber is None:
            self._vad = _load_silero()
            self._transcriber = _load_moonshine()

    def _free(self) -> None:
        if self._transcriber is not None:
            self._transcriber.close()
            self._transcriber = None

    def _transcribe(self, samples: Samples) -> str:
        # Moonshine drops words that touch the edges of its input.
        padded = np.concatenate((_PADDING, samples, _PADDING))
        transcript = self._transcriber.transcribe_without_streaming(padded.tolist(), RATE_HZ)
        return " ".join(text for line in transcript.lines if (text := line.text.strip()))


class SileroActivity:
    """Silero VAD for one caller: 64 samples of context and a recurrent state carry over from window to window."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._state = np.zeros((2, 1, 128), dtype=np.float32)
        self._input = np.zeros((1, _CONTEXT_SAMPLES + WINDOW_SAMPLES), dtype=np.float32)
        self._rate = np.array(RATE_HZ, dtype=np.int64)

    def probability(self, window: Samples) -> float:
        self._input[0, :_CONTEXT_SAMPLES] = self._input[0, -_CONTEXT_SAMPLES:]
        self._input[0, _CONTEXT_SAMPLES:] = window
        feed = {"input": self._input, "state": self._state, "sr": self._rate}
        output, self._state = self._session.run(None, feed)
        return float(output[0, 0])


def _load_silero() -> Any:
    try:
        runtime = importlib.import_module("onnxruntime")
        files = importlib.metadata.files("livekit-plugins-silero") or ()
    except ModuleNotFoundError as error:
        raise MissingExtra("local", error.name or "livekit-plugins-silero", _PURPOSE) from error
    models = [path for file in files if file.name == "silero_vad.onnx" and (path := Path(str(file.locate()))).is_file()]
    if not models:
        raise MissingExtra("local", "livekit-plugins-silero", _PURPOSE)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return runtime.InferenceSession(str(models[0]), options, providers=["CPUExecutionProvider"])


def _load_moonshine() -> Any:
    try:
        moonshine = importlib.import_module("moonshine_voice")
    except ModuleNotFoundError as error:
        raise MissingExtra("local", "moonshine-voice", _PURPOSE) from error
    # moonshine-voice 0.1.0 is the last wheel that carries its English model.
    model = Path(str(moonshine.__file__)).parent / "assets" / "tiny-en"
    return moonshine.Transcriber(model_path=model, model_arch=moonshine.ModelArch.TINY)
