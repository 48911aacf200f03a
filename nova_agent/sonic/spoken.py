"""What of an answer has been heard when it was cut off.

Nova Sonic sends each sentence as text and then its audio, so the words that belong to a stretch of audio are known
without guessing a rate of speech for the whole answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_REMEMBERED: Final = 8
"""Answers that are kept: the one that plays, and a few that may still be waiting to."""


@dataclass(slots=True)
class _Sentence:
    text: str
    audio_s: float = 0.0


class SpokenAnswers:
    """The sentences of the last few answers and how long each sounds."""

    def __init__(self) -> None:
        self._answers: dict[str, list[_Sentence]] = {}

    def add_text(self, answer_id: str, text: str) -> None:
        """Begin a sentence; the audio that follows belongs to it."""
        self._answers.setdefault(answer_id, []).append(_Sentence(text))
        while len(self._answers) > _REMEMBERED:
            self._answers.pop(next(iter(self._answers)))

    def add_audio(self, answer_id: str, seconds: float) -> None:
        """Add audio to the sentence that was begun last."""
        if sentences := self._answers.get(answer_id):
            sentences[-1].audio_s += seconds

    def heard(self, answer_id: str, played_s: float) -> str | None:
        """The words of an answer that had been played after so long; ``None`` when the answer is not known.

        A sentence that was cut counts word by word, in proportion to its audio.
        """
        if (sentences := self._answers.get(answer_id)) is None:
            return None
        heard: list[str] = []
        for sentence in sentences:
            share = 1.0 if played_s >= sentence.audio_s else max(0.0, played_s / sentence.audio_s)
            words = sentence.text.split()
            heard += words[: round(share * len(words))]
            played_s -= sentence.audio_s
            if played_s <= 0:
                break
        return " ".join(heard)
