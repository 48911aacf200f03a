"""Many callers at once, in a process of their own: each speaks, waits for the answer, hears it out, and speaks again.

``python -m benchmarks.callers`` reads a :class:`CallersJob` from standard input. It prints ``ready`` when every caller
is on the line, ``done`` when the time is over, and then a :class:`CallersRun`, each on a line.
"""

from __future__ import annotations

import asyncio
import base64
import random
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydantic import TypeAdapter

from benchmarks.light_client import LightClient, connect, event_data

CHUNK_SAMPLES: Final = 512
CHUNK_S: Final = 0.032
_RATE_HZ: Final = 16_000
_LOUD: Final = 300
_NOISE: Final = 12
_NOISE_CHUNKS: Final = 64
_PATIENCE_S: Final = 15.0
_OUTPUT_CHUNK_S: Final = 0.08
_RAMP_S: Final = 6.0
_PAUSE_S: Final = (0.3, 3.0)
_WHERE: Final = {"promptName": "p", "contentName": "audio"}
_FORM: Final = {"mediaType": "audio/lpcm", "sampleSizeBits": 16, "channelCount": 1, "encoding": "base64"}


@dataclass(frozen=True, slots=True)
class CallersJob:
    """``speech``: an ``.npz`` of utterances, mono s16 at 16 kHz."""

    endpoint_url: str
    ca_bundle: Path
    speech: Path
    streams: int
    seconds: float
    seed: int


@dataclass(slots=True)
class CallersRun:
    """``waits``: which utterance, and seconds from its last loud sample to the first audio of the answer.

    ``lags_s``: how much later than in real time each chunk was sent, the callers' own fault.
    """

    waits: list[tuple[int, float]] = field(default_factory=list)
    unanswered: int = 0
    failures: list[str] = field(default_factory=list)
    lags_s: list[float] = field(default_factory=list)
    cpu_s: float = 0.0

    @property
    def waits_s(self) -> list[float]:
        """The waits alone."""
        return [seconds for _, seconds in self.waits]


@dataclass(frozen=True, slots=True)
class Clip:
    """An utterance as frames to send. ``last_loud``: the chunk that holds its last sample above the noise."""

    chunks: tuple[bytes, ...]
    last_loud: int


def audio_data(samples: np.ndarray[Any, np.dtype[np.int16]]) -> bytes:
    """Return the frame that carries these samples."""
    return event_data("audioInput", {**_WHERE, "content": base64.b64encode(samples.astype("<i2").tobytes()).decode()})


def clip_of(samples: np.ndarray[Any, np.dtype[np.int16]]) -> Clip:
    """Cut an utterance into chunks; the last one is filled up with silence."""
    whole = np.pad(samples, (0, -len(samples) % CHUNK_SAMPLES))
    last = int(np.flatnonzero(np.abs(samples.astype(np.int32)) > _LOUD)[-1])
    return Clip(tuple(map(audio_data, whole.reshape(-1, CHUNK_SAMPLES))), last // CHUNK_SAMPLES)


class Caller:
    """One stream and the person on it."""

    def __init__(
        self, job: CallersJob, seed: str, clips: Sequence[Clip], noise: Sequence[bytes], run: CallersRun
    ) -> None:
        self._job = job
        self._draw = random.Random(seed)
        self._clips = clips
        self._noise = noise
        self._run = run
        self._deck: list[int] = []
        self._clip = 0
        self._asked_at: float | None = None
        self._playing_until: float | None = None
        self._due_at = 0.0
        self.counts = False
        """Whether turns are counted: from when all callers are on the line."""

    async def hold(self, ready: asyncio.Barrier, until: asyncio.Future[float]) -> None:
        """Open a stream, wait for the others, and talk until the time that ``until`` gets."""
        await asyncio.sleep(self._draw.uniform(0, _RAMP_S if self._job.streams > 1 else 0.0))
        client = await connect(self._job.endpoint_url, self._job.ca_bundle, self._received)
        try:
            for name, body in _opening():
                client.send(event_data(name, body))
            self._due_at = time.monotonic()
            joining = asyncio.create_task(ready.wait())
            joining.add_done_callback(lambda _: setattr(self, "counts", True))
            while client.failure is None and (not until.done() or time.monotonic() < until.result()):
                await self._turn(client)
            if client.failure is not None:
                self._run.failures.append(client.failure)
        finally:
            client.close()

    async def _turn(self, client: LightClient) -> None:
        clip = self._clips[self._next_clip()]
        self._asked_at, self._playing_until = None, None
        for index, chunk in enumerate(clip.chunks):
            await self._pace()
            client.send(chunk)
            if index == clip.last_loud:
                self._asked_at = time.monotonic()
        spoken_at = time.monotonic()
        pause_s = self._draw.uniform(*_PAUSE_S)
        while self._playing_until is None or time.monotonic() < self._playing_until + pause_s:
            if client.failure is not None or self._is_fed_up(spoken_at):
                self._run.unanswered += 1
                return
            await self._pace()
            client.send(self._draw.choice(self._noise))

    def _next_clip(self) -> int:
        """Draw without putting back, so that a caller says everything before anything twice."""
        if not self._deck:
            self._deck = self._draw.sample(range(len(self._clips)), len(self._clips))
        self._clip = self._deck.pop()
        return self._clip

    def _is_fed_up(self, spoken_at: float) -> bool:
        return self._playing_until is None and time.monotonic() > spoken_at + _PATIENCE_S

    async def _pace(self) -> None:
        """Wait until the next chunk would have been recorded."""
        self._due_at += CHUNK_S
        await asyncio.sleep(max(self._due_at - time.monotonic(), 0))
        if self.counts:
            self._run.lags_s.append(time.monotonic() - self._due_at)

    def _received(self, name: str, body: Mapping[str, Any]) -> None:
        if name != "audioOutput":
            return
        now = time.monotonic()
        if self._asked_at is not None:
            if self.counts:
                self._run.waits.append((self._clip, now - self._asked_at))
            self._asked_at, self._playing_until = None, now
        if self._playing_until is not None:
            self._playing_until += _OUTPUT_CHUNK_S


async def call(job: CallersJob) -> CallersRun:
    """Let all callers talk."""
    with np.load(job.speech) as spoken:
        clips = [clip_of(samples) for samples in spoken.values()]
    draw = np.random.default_rng(job.seed)
    noise = [audio_data(draw.integers(-_NOISE, _NOISE, CHUNK_SAMPLES).astype(np.int16)) for _ in range(_NOISE_CHUNKS)]
    run = CallersRun()
    ready = asyncio.Barrier(job.streams + 1)
    until: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    callers = [Caller(job, f"{job.seed}-{number}", clips, noise, run) for number in range(job.streams)]
    async with asyncio.TaskGroup() as tasks:
        for caller in callers:
            tasks.create_task(caller.hold(ready, until))
        await ready.wait()
        cpu_before = time.process_time()
        print("ready", flush=True)
        until.set_result(time.monotonic() + job.seconds)
        await asyncio.sleep(job.seconds)
        run.cpu_s = time.process_time() - cpu_before
        print("done", flush=True)
    return run


def _opening() -> list[tuple[str, dict[str, Any]]]:
    """Everything up to the open audio content."""
    text = {"promptName": "p", "contentName": "system"}
    spoken = {**_FORM, "sampleRateHertz": 24000, "voiceId": "tiffany", "audioType": "SPEECH"}
    heard = {**_FORM, "sampleRateHertz": _RATE_HZ, "audioType": "SPEECH"}
    return [
        ("sessionStart", {"inferenceConfiguration": {"maxTokens": 1024, "topP": 0.9, "temperature": 0.7}}),
        ("promptStart", {"promptName": "p", "audioOutputConfiguration": spoken}),
        ("contentStart", {**text, "type": "TEXT", "role": "SYSTEM", "interactive": False}),
        ("textInput", {**text, "content": "You are helpful."}),
        ("contentEnd", text),
        (
            "contentStart",
            {**_WHERE, "type": "AUDIO", "role": "USER", "interactive": True, "audioInputConfiguration": heard},
        ),
    ]


def main() -> None:
    """Take the job, let them call, hand the result back."""
    job = TypeAdapter(CallersJob).validate_json(sys.stdin.buffer.read())
    print(TypeAdapter(CallersRun).dump_json(asyncio.run(call(job))).decode(), flush=True)


if __name__ == "__main__":
    main()
