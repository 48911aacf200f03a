"""What the caller has heard so far. Audio is sent faster than it plays, so playing is counted by the clock."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class _Sentence:
    text: str
    item: int
    starts_at: float
    duration_s: float


@dataclass(frozen=True, slots=True)
class Heard:
    """The part of a sentence that was played. ``item``: the conversation item that it belongs to."""

    text: str
    item: int


class Playback:
    """The sentences of the answer that is playing. Times are the clock's seconds.

    A client plays from the first audio it gets, and plays what arrives meanwhile right after.
    """

    def __init__(self) -> None:
        self._sentences: list[_Sentence] = []

    @property
    def ends_at(self) -> float:
        """When the last sentence will have been played; 0.0 when there is none."""
        if not self._sentences:
            return 0.0
        last = self._sentences[-1]
        return last.starts_at + last.duration_s

    def is_playing(self, now: float) -> bool:
        return now < self.ends_at

    def add(self, text: str, *, item: int, duration_s: float, now: float) -> None:
        """The first audio of a sentence goes out now."""
        self._sentences.append(_Sentence(text, item, max(now, self.ends_at), duration_s))

    def finish(self) -> list[Heard]:
        """Everything has been played: return it and start anew."""
        heard = [Heard(sentence.text, sentence.item) for sentence in self._sentences]
        self._sentences = []
        return heard

    def cut(self, now: float) -> list[Heard]:
        """Playing stops now: return each sentence cut to its spoken words (empty if it was not reached)."""
        heard = [Heard(_spoken_words(sentence, now), sentence.item) for sentence in self._sentences]
        self._sentences = []
        return heard


def _spoken_words(sentence: _Sentence, now: float) -> str:
    """Cut in proportion to the time played, back to the last whole word."""
    if sentence.duration_s <= 0 or now >= sentence.starts_at + sentence.duration_s:
        return sentence.text
    share = max(0.0, (now - sentence.starts_at) / sentence.duration_s)
    played = sentence.text[: int(len(sentence.text) * share)]
    return played.rpartition(" ")[0]
