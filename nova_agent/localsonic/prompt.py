"""One prompt: its conversation, and the parts that hear, decide and speak for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nova_agent.localsonic import rejections
from nova_agent.localsonic.brain.port import Brain, Conversation, ToolSpec
from nova_agent.localsonic.clock import Clock
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.ears import Ears
from nova_agent.localsonic.endpointing import SILENCE_MS
from nova_agent.localsonic.facts import (
    AudioArrived,
    AudioStarted,
    AudioStopped,
    Fact,
    HistoryGiven,
    SystemGiven,
    TextTyped,
    ToolResultGiven,
)
from nova_agent.localsonic.inputs import PromptStarted, Sensitivity
from nova_agent.localsonic.listening import Listener, Utterance, UtteranceStarted
from nova_agent.localsonic.models import Model
from nova_agent.localsonic.mouth import Mouth
from nova_agent.localsonic.output import Outlet, PromptOutput
from nova_agent.localsonic.outputs import OutputEvents, new_id
from nova_agent.localsonic.rejections import StreamRejected
from nova_agent.localsonic.speaking import Speaker
from nova_agent.localsonic.timing import TurnTiming
from nova_agent.localsonic.turns import TurnTaker
from nova_agent.localsonic.voices import voice_for

# Typed text is answered once some audio has been heard: Nova 2 wants at least 68 ms (measured by others).
_PRIMING_MS: Final = 100


@dataclass(frozen=True, slots=True)
class Parts:
    """What all streams of an endpoint share."""

    config: LocalSonicConfig
    clock: Clock
    ears: Ears
    mouth: Mouth
    make_brain: Callable[[], Brain]
    record: Callable[[TurnTiming], None]


@dataclass(frozen=True, slots=True)
class StreamContext:
    """What a prompt takes from its stream. ``failed`` ends the stream over an internal error."""

    parts: Parts
    model: Model
    session_id: str
    sensitivity: Sensitivity
    brain: Brain
    outlet: Outlet
    failed: Callable[[BaseException], None]


class Prompt:
    """Everything between promptStart and promptEnd."""

    def __init__(self, started: PromptStarted, context: StreamContext) -> None:
        config = context.parts.config
        self._conversation = Conversation(tools=_tool_specs(started), tool_choice=started.tool_choice)
        self._output = PromptOutput(
            context.outlet,
            OutputEvents(context.session_id, started.prompt_name, new_id()),
            rate_hz=started.output_rate_hz,
            start_with_speech=config.switches.completion_start == "speech",
        )
        self._listener = Listener(
            context.parts.ears.voice_activity(), SILENCE_MS[config.endpointing][context.sensitivity]
        )
        self._turns = self._turn_taker(context, self._speaker(started, context))
        self._held_texts: list[str] = []
        for tool in started.tools:
            self._output.read(tool.description + tool.input_schema.text)

    async def run(self) -> None:
        """Take turns until cancelled."""
        await self._turns.run()

    def handle(self, fact: Fact) -> None:
        """Act on what the client sent.

        Raises:
            StreamRejected: a tool result answers no open call.
        """
        match fact:
            case AudioArrived():
                self._hear(fact.pcm)
            case AudioStarted():
                self._listener.open(fact.rate_hz)
            case AudioStopped():
                self._found(self._listener.close())
            case TextTyped():
                self._held_texts.append(fact.text)
                self._release_texts()
            case ToolResultGiven():
                self._output.read(fact.content)
                if not self._turns.tool_returned(fact.tool_use_id, fact.content):
                    raise StreamRejected(rejections.INVALID_INPUT)
            case _:
                self._remember(fact)

    def end(self) -> None:
        """Send what closes the prompt; :meth:`run` must be cancelled before."""
        self._turns.stop()
        self._output.ended()

    def _remember(self, fact: Fact) -> None:
        match fact:
            case SystemGiven():
                # One text, but for a lenient stream that was given a further one.
                self._conversation.system = "\n".join(filter(None, (self._conversation.system, fact.text)))
                self._output.read(fact.text)
            case HistoryGiven():
                self._conversation.history.append(fact.turn)
                self._output.read(fact.turn.text)
            case _:
                pass

    def _hear(self, pcm: bytes) -> None:
        for found in self._listener.hear(pcm):
            self._found(found)
        if self._held_texts:
            self._release_texts()

    def _found(self, found: UtteranceStarted | Utterance | None) -> None:
        match found:
            case UtteranceStarted():
                self._output.speech_started(found.start_ms)
                self._turns.caller_started()
            case Utterance():
                self._output.speech_ended(found.end_ms, found.detected_ms)
                self._turns.caller_finished(found)
            case None:
                pass

    def _release_texts(self) -> None:
        if self._listener.heard_ms < _PRIMING_MS:
            return
        texts, self._held_texts = self._held_texts, []
        for text in texts:
            self._output.read(text)
            self._turns.caller_typed(text)

    def _speaker(self, started: PromptStarted, context: StreamContext) -> Speaker:
        return Speaker(
            output=self._output,
            conversation=self._conversation,
            mouth=context.parts.mouth,
            voice=voice_for(started.voice_id),
            clock=context.parts.clock,
            delivery_rate=context.parts.config.delivery_rate,
            chains_tools=context.model.chains_tools,
        )

    def _turn_taker(self, context: StreamContext, speaker: Speaker) -> TurnTaker:
        return TurnTaker(
            ears=context.parts.ears,
            brain=context.brain,
            speaker=speaker,
            output=self._output,
            conversation=self._conversation,
            final_text_delay_s=context.parts.config.final_text_delay_s,
            lowercases_callers=context.model.lowercases_callers,
            record=context.parts.record,
            failed=context.failed,
        )


def _tool_specs(started: PromptStarted) -> tuple[ToolSpec, ...]:
    return tuple(ToolSpec(tool.name, tool.description, tool.schema_object) for tool in started.tools)
