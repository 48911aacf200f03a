"""One prompt: its conversation, and the parts that hear, decide and speak for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from nova_agent.localsonic import rejections
from nova_agent.localsonic.backlog import Backlog
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
from nova_agent.localsonic.ledger import Ledger
from nova_agent.localsonic.listening import RATE_HZ, Listener, Utterance, UtteranceStarted
from nova_agent.localsonic.models import Model
from nova_agent.localsonic.mouth import Mouth
from nova_agent.localsonic.output import Outlet, PromptOutput, unnoted
from nova_agent.localsonic.outputs import Event, OutputEvents, new_id
from nova_agent.localsonic.rejections import StreamRejected
from nova_agent.localsonic.speaking import Speaker
from nova_agent.localsonic.timing import TurnTiming
from nova_agent.localsonic.turns import TurnTaker
from nova_agent.localsonic.verdicts import Verdicts
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
    ledger: Ledger = field(default_factory=Ledger)
    backlog: Backlog = field(default_factory=Backlog)


@dataclass(frozen=True, slots=True)
class StreamContext:
    """What a prompt takes from its stream.

    ``failed`` ends the stream over an internal error; ``sent`` is told of every event that leaves.
    """

    parts: Parts
    model: Model
    session_id: str
    sensitivity: Sensitivity
    max_tokens: int
    brain: Brain
    verdicts: Verdicts
    outlet: Outlet
    failed: Callable[[BaseException], None]
    sent: Callable[[Event], None] = unnoted


class Prompt:
    """Everything between promptStart and promptEnd."""

    def __init__(self, started: PromptStarted, context: StreamContext) -> None:
        config = context.parts.config
        self._conversation = Conversation(tools=_tool_specs(started), tool_choice=started.tool_choice)
        self._output = PromptOutput(
            context.outlet,
            OutputEvents(
                context.session_id,
                started.prompt_name,
                new_id(),
                speech_has_completion_id=config.switches.user_speech_completion_id,
                tool_use_has_role=config.switches.tool_use_role,
            ),
            rate_hz=started.output_rate_hz,
            switches=config.switches,
            reports_speech=context.model.reports_speech,
            sent=context.sent,
        )
        self._listener = Listener(
            context.parts.ears.voice_activity(), SILENCE_MS[config.endpointing][context.sensitivity]
        )
        self._speaker = self._new_speaker(started, context)
        self._turns = self._turn_taker(context, self._speaker)
        self._held_texts: list[str] = []
        self._model = context.model
        self._switches = config.switches
        self._verdicts = context.verdicts
        self._rate_hz = RATE_HZ
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
                self._rate_hz = fact.rate_hz
                self._listener.open(fact.rate_hz)
            case AudioStopped():
                self._found(self._listener.close())
            case TextTyped():
                # Version 1 takes typed text and does not answer it (pipecat plays a recorded clip there instead).
                if self._model.answers_typed_text:
                    self._held_texts.append(fact.text)
                    self._release_texts()
            case ToolResultGiven():
                self._take_result(fact)
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

    def _take_result(self, result: ToolResultGiven) -> None:
        self._output.read(result.content)
        if self._turns.tool_returned(result.tool_use_id, result.content):
            return
        match self._switches.unknown_tool_use_id:
            case "reject":
                self._verdicts.refuse(
                    StreamRejected(rejections.INVALID_INPUT),
                    instead="the result of a call that is not open was dropped",
                )
            case "call-again":
                self._speaker.call_again()
            case "ignore":
                pass

    def _hear(self, pcm: bytes) -> None:
        self._output.audio_received(len(pcm) * 500 / self._rate_hz)
        if self._speaker.waits_for_tools and self._switches.audio_while_tool_runs == "reject":
            self._verdicts.refuse(StreamRejected(rejections.INVALID_INPUT), instead="audio was heard while a tool ran")
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
            self._output.input_came()
            self._output.read(text)
            if self._switches.echo_typed_text:
                self._output.user_text(text)
            self._turns.caller_typed(text)

    def _new_speaker(self, started: PromptStarted, context: StreamContext) -> Speaker:
        return Speaker(
            output=self._output,
            conversation=self._conversation,
            mouth=context.parts.mouth,
            voice=voice_for(started.voice_id),
            clock=context.parts.clock,
            delivery_rate=context.parts.config.delivery_rate,
            chains_tools=_chains_tools(context),
            max_tokens=context.max_tokens,
            double_encoding=context.parts.config.switches.double_encoded_arguments,
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
            talks_during_tools=context.model.talks_during_tools,
            record=context.parts.record,
            failed=context.failed,
        )


def _chains_tools(context: StreamContext) -> bool:
    order = context.parts.config.switches.tool_order
    return context.model.chains_tools if order == "model" else order == "chained"


def _tool_specs(started: PromptStarted) -> tuple[ToolSpec, ...]:
    return tuple(ToolSpec(tool.name, tool.description, tool.schema_object) for tool in started.tools)
