"""The recordings that ship fit the table of their texts, and an operator's own are checked when they are read."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

import nova_agent.messages
from nova_agent.errors import ContentInvalid
from nova_agent.messages import NAMES, QUIETEST_PEAK, TEXTS, Message, load_messages, peak, write_message

SHIPPED = Path(nova_agent.messages.__file__).parent
RATE_HZ = 24_000


def tone(seconds: float, *, rate_hz: int = RATE_HZ) -> Message:
    return Message("busy", b"\x00\x20\x00\xe0" * round(seconds * rate_hz / 2), rate_hz)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for message in load_messages().values():
        write_message(message, tmp_path)
    return tmp_path


def test_there_is_a_recording_for_each_text_and_no_other() -> None:
    assert set(TEXTS) == set(NAMES) == {file.stem for file in SHIPPED.glob("*.wav")}


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_is_as_long_as_its_text_takes_and_can_be_heard(name: nova_agent.messages.MessageName) -> None:
    message = load_messages()[name]
    assert message.rate_hz == RATE_HZ
    assert len(TEXTS[name]) / 25 < message.duration_s < len(TEXTS[name]) / 10
    assert peak(message.pcm) > 5 * QUIETEST_PEAK


def test_all_recordings_together_are_small() -> None:
    assert sum(file.stat().st_size for file in SHIPPED.glob("*.wav")) < 600_000


def test_recordings_of_ones_own_take_their_place(folder: Path) -> None:
    own = tone(1, rate_hz=8_000)
    write_message(own, folder)
    assert load_messages(folder)["busy"] == own


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (tone(0.2), "0.2 s"),
        (tone(90), "longer than 12 s"),
        (Message("busy", bytes(2 * RATE_HZ), RATE_HZ), "silent"),
        (tone(1, rate_hz=11_025), "11,025 Hz"),
    ],
    ids=["short", "long", "silent", "rate"],
)
def test_what_cannot_be_a_message_is_refused_by_file_and_reason(folder: Path, message: Message, said: str) -> None:
    write_message(message, folder)
    with pytest.raises(ContentInvalid, match=said) as caught:
        load_messages(folder)
    assert str(folder / "busy.wav") in str(caught.value)


def test_all_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "wait.wav").write_bytes(b"ID3 no such thing")
    with pytest.raises(ContentInvalid) as caught:
        load_messages(tmp_path)
    findings = str(caught.value).splitlines()
    assert [line.split(": ")[0].rpartition("/")[2] for line in findings] == ["apology.wav", "busy.wav", "wait.wav"]
    assert "no WAV file" in findings[2]


def test_stereo_is_refused(folder: Path) -> None:
    with wave.open(str(folder / "busy.wav"), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(tone(2).pcm)
    with pytest.raises(ContentInvalid, match="2 channels"):
        load_messages(folder)
