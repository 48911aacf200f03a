"""What a caller hears while no model can speak: three short recordings, made beforehand and read when the app opens.

``nova-agent messages make`` makes the files from the texts below, and an operator's own from others.
"""

from __future__ import annotations

import sys
import wave
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from nova_agent.errors import ContentInvalid

MessageName = Literal["apology", "busy", "wait"]
NAMES: Final[tuple[MessageName, ...]] = get_args(MessageName)

TEXTS: Final[Mapping[MessageName, str]] = {
    "apology": "We are sorry. Something went wrong on our side. Please call again later.",
    "busy": "All our lines are busy. Please call again in a few minutes.",
    "wait": "One moment, please. The line is being restored.",
}
"""What the recordings that ship say; each is in ``<name>.wav`` beside this file."""

RATES_HZ: Final = (8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
SHORTEST_S: Final = 0.5
LONGEST_S: Final = 12.0
"""Nobody listens to an apology for longer, and whoever waits for an answer waits for the rest of the message too."""
QUIETEST_PEAK: Final = 1_000
"""Of 32,767; about -30 dBFS. A recording that is softer at its loudest is one of nothing."""


@dataclass(frozen=True, slots=True)
class Message:
    """A recording. ``pcm`` is s16le, mono, at ``rate_hz``."""

    name: MessageName
    pcm: bytes
    rate_hz: int

    @property
    def duration_s(self) -> float:
        return len(self.pcm) / 2 / self.rate_hz


Messages = Mapping[MessageName, Message]


def load_messages(directory: Path | None = None) -> Messages:
    """Read all recordings of a folder; by default those that ship.

    Raises:
        ContentInvalid: a file is missing, is no 16-bit mono WAV, is silent, or lasts too long or hardly at all.
    """
    folder = Path(__file__).parent if directory is None else directory
    messages: dict[MessageName, Message] = {}
    findings: list[str] = []
    for name in NAMES:
        try:
            messages[name] = _read(name, folder / f"{name}.wav")
        except ContentInvalid as error:
            findings.append(str(error))
    if findings:
        raise ContentInvalid("\n".join(findings))
    return messages


def write_message(message: Message, folder: Path) -> Path:
    """Write a recording as the WAV file that :func:`load_messages` reads, and return its place.

    Raises:
        OSError: it cannot be written.
    """
    file = folder / f"{message.name}.wav"
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(message.rate_hz)
        out.writeframes(message.pcm)
    return file


def _read(name: MessageName, file: Path) -> Message:
    try:
        with wave.open(str(file), "rb") as recording:
            shape = (recording.getnchannels(), recording.getsampwidth() * 8)
            rate_hz = recording.getframerate()
            pcm = recording.readframes(min(recording.getnframes(), round(rate_hz * (LONGEST_S + 1))))
    except OSError as error:
        raise ContentInvalid(f"{file}: cannot be read ({error.strerror or error})") from error
    except (wave.Error, EOFError) as error:
        raise ContentInvalid(f"{file}: is no WAV file of plain PCM ({error})") from error
    if shape != (1, 16) or rate_hz not in RATES_HZ:
        rates = ", ".join(f"{rate:,}" for rate in RATES_HZ)
        raise ContentInvalid(
            f"{file}: has {shape[0]} channels, {shape[1]} bits and {rate_hz:,} Hz; "
            f"it has to be mono, 16 bits, and one of {rates} Hz"
        )
    message = Message(name, pcm, rate_hz)
    if not SHORTEST_S <= message.duration_s <= LONGEST_S:
        found = f"{message.duration_s:.1f} s" if message.duration_s <= LONGEST_S else f"longer than {LONGEST_S:.0f} s"
        raise ContentInvalid(f"{file}: is {found}; allowed are {SHORTEST_S} to {LONGEST_S:.0f} s")
    if peak(pcm) < QUIETEST_PEAK:
        raise ContentInvalid(f"{file}: is silent")
    return message


def peak(pcm: bytes) -> int:
    """The largest sample of PCM s16le, without its sign."""
    samples = array("h", pcm[: len(pcm) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return max((abs(sample) for sample in samples), default=0)
