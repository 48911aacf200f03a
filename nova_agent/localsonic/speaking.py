"""Carries out what the brain decided: speaks sentences, calls tools, and keeps track of what the caller has heard."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final

from nova_agent.localsonic.brain.port import Action, AgentSaid, CallTool, Conversation, ToolCalled
from nova_agent.localsonic.clock import Clock
from nova_agent.localsonic.mouth import Mouth
from nova_agent.localsonic.output import PromptOutput
from nova_agent.localsonic.outputs import new_id
from nova_agent.localsonic.playback import Heard, Playback
from nova_agent.localsonic.sentences import split_sentences, within
from nova_agent.localsonic.switches import Encoding
from nova_agent.localsonic.timing import TurnTiming
from nova_agent.localsonic.usage import text_tokens
from nova_agent.localsonic.voices import Voice

_CHUNK_MS: Final = 80
# Audio leaves in groups, the first two at once. The real service sends faster than it plays, but not all at once, so a
# client can be interrupted while a block is still open.
_GROUP_MS: Final = 240
_HEAD_START_MS: Final = 480


class Speaker:
    """Speaks and calls tools for one prompt."""

    def __init__(
        self,
        *,
        output: PromptOutput,
        conversation: Conversation,
        mouth: Mouth,
        voice: Voice,
        clock: Clock,
        delivery_rate: float,
        chains_tools: bool,
        max_tokens: int,
        double_encoding: Encoding,
    ) -> None:
        self._output = output
        self._conversation = conversation
        self._mouth = mouth
        self._voice = voice
        self._clock = clock
        self._delivery_rate = delivery_rate
        self._chains_tools = chains_tools
        self._max_tokens = max_tokens
        self._double_encoding = double_encoding
        self._calls = 0
        self._playback = Playback()
        self._waiting_calls: deque[CallTool] = deque()
        self._outstanding: dict[str, CallTool] = {}

    @property
    def is_playing(self) -> bool:
        """Whether the caller is hearing an answer right now."""
        return self._playback.is_playing(self._clock.now())

    @property
    def waits_for_tools(self) -> bool:
        return bool(self._outstanding)

    async def perform(self, actions: Sequence[Action], timing: TurnTiming) -> None:
        """Send the actions; returns when all of them are on their way, long before they have been played."""
        calls = [action for action in actions if isinstance(action, CallTool)]
        if calls and self._chains_tools:
            self._waiting_calls.extend(calls)
            self.call_next_tool()
            return
        for index, action in enumerate(actions):
            if isinstance(action, CallTool):
                self._call(action)
            else:
                await self._say(action.text, timing, ends_turn=index == len(actions) - 1)

    async def play_out(self, final_text_delay_s: float) -> None:
        """Wait until the caller has heard everything, then send the texts as spoken."""
        if self._playback.ends_at:
            await self._clock.sleep(self._playback.ends_at + final_text_delay_s - self._clock.now())
            self._output.sentences_spoken([heard.text for heard in self._playback.finish()])

    def interrupt(self) -> None:
        """The caller speaks over the answer: stop it, and remember only what was heard of it."""
        heard = self._playback.cut(self._clock.now())
        self._output.interrupted([part.text for part in heard if part.text.strip()])
        self._forget_unheard(heard)

    def tool_returned(self, tool_use_id: str) -> str | None:
        """Take a result; return the tool's name, or ``None`` if that call is not open."""
        call = self._outstanding.pop(tool_use_id, None)
        self._conversation.outstanding = tuple(self._outstanding)
        return None if call is None else call.name

    def call_again(self) -> None:
        """Make every open call anew, under another id."""
        calls, self._outstanding = list(self._outstanding.values()), {}
        for call in calls:
            self._call(call)

    def call_next_tool(self) -> bool:
        """Make the next call of a chain, if there is one."""
        if not self._waiting_calls:
            return False
        self._call(self._waiting_calls.popleft())
        return True

    def _call(self, action: CallTool) -> None:
        tool_use_id = new_id()
        self._outstanding[tool_use_id] = action
        self._conversation.outstanding = tuple(self._outstanding)
        self._conversation.items.append(ToolCalled(tool_use_id, action.name, action.arguments))
        self._output.tool_called(
            tool_use_id, action.name, dict(action.arguments), double_encoded=self._is_double_encoded(action)
        )

    def _is_double_encoded(self, action: CallTool) -> bool:
        """The real service sometimes encodes arguments twice (livekit/agents 5411)."""
        self._calls += 1
        by_switch = self._double_encoding == "always" or (self._double_encoding == "alternate" and self._calls % 2 == 0)
        return action.double_encoded or by_switch

    async def _say(self, text: str, timing: TurnTiming, *, ends_turn: bool) -> None:
        sentences = within(split_sentences(text), self._max_tokens, text_tokens)
        item = -1
        for index, sentence in enumerate(sentences):
            pcm = await self._mouth.speak(sentence, voice=self._voice, rate_hz=self._output.rate_hz)
            timing.sentence_ready()
            if index == 0:
                item = self._remember(text)
            stop_here = ends_turn and index == len(sentences) - 1
            self._start_sentence(f" {sentence}" if index else sentence, pcm, item)
            timing.audio_sent()
            await self._send_audio(pcm)
            self._output.audio_ended("END_TURN" if stop_here else "PARTIAL_TURN")

    def _remember(self, text: str) -> int:
        self._conversation.items.append(AgentSaid(text))
        return len(self._conversation.items) - 1

    def _start_sentence(self, text: str, pcm: bytes, item: int) -> None:
        duration_s = len(pcm) / 2 / self._output.rate_hz
        self._output.sentence_announced(text)
        self._output.audio_started()
        self._playback.add(text, item=item, duration_s=duration_s, now=self._clock.now())

    async def _send_audio(self, pcm: bytes) -> None:
        sent_ms = 0
        for group in _pieces(pcm, _GROUP_MS, self._output.rate_hz):
            for chunk in _pieces(group, _CHUNK_MS, self._output.rate_hz):
                self._output.audio(chunk)
            await self._output.drained()
            sent_ms += _GROUP_MS
            if sent_ms >= _HEAD_START_MS:
                await self._clock.sleep(_GROUP_MS / 1000 / self._delivery_rate)

    def _forget_unheard(self, heard: Sequence[Heard]) -> None:
        spoken: dict[int, str] = {}
        for part in heard:
            spoken[part.item] = spoken.get(part.item, "") + part.text
        for item, text in spoken.items():
            said = self._conversation.items[item]
            if isinstance(said, AgentSaid) and text.split() != said.text.split():
                self._conversation.items[item] = AgentSaid(text.strip(), interrupted=True)


def _pieces(pcm: bytes, duration_ms: int, rate_hz: int) -> Iterator[bytes]:
    size = rate_hz * duration_ms // 1000 * 2
    return (pcm[start : start + size] for start in range(0, len(pcm), size))
