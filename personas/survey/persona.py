"""The survey taker: LiveKit tools around the rules of ``flow.py``; answers are committed before a tool replies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

from livekit.agents import function_tool

from nova_agent.errors import ContentInvalid
from nova_agent.persona import Persona
from nova_agent.reply import ToolReply
from nova_agent.userdata import ProgressSlot, RunContext_T, UserData
from personas.survey import flow
from personas.survey.keeping import keep, open_run
from personas.survey.loading import list_surveys, load_survey
from personas.survey.progress import SurveyProgress
from personas.survey.steps import Step
from personas.survey.survey import Survey

PROGRESS: Final = ProgressSlot("survey", SurveyProgress)
DEFAULT_SURVEY: Final = "customer-satisfaction"

Rule = Callable[[Survey, SurveyProgress], Step]


class SurveyTaker(Persona):
    """Takes one survey in one call; which one is the call's option ``survey``."""

    NAME: ClassVar[str] = "survey"
    VOICE: ClassVar[str] = "tiffany"
    SUMMARY: ClassVar[str] = "survey team"

    @classmethod
    def contents(cls) -> dict[str, str]:
        return {name: load_survey(name).title for name in list_surveys()}

    @classmethod
    def check_content(cls, file: Path) -> str:
        survey = load_survey(file)
        return f"{survey.title}, {len(survey.questions)} questions"

    @classmethod
    def check_options(cls, options: Mapping[str, str]) -> None:
        if unknown := sorted(set(options) - {"survey"}):
            raise ContentInvalid(f"the survey persona has no option {unknown[0]!r}; it knows: survey")
        load_survey(options.get("survey", DEFAULT_SURVEY))

    @classmethod
    async def opening(cls, userdata: UserData) -> ToolReply:
        """Begin the survey, or go on with one that this caller paused or that was cut off."""
        survey = survey_of(userdata)
        step = flow.open_survey(survey, await open_run(userdata, survey))
        await cls._commit(userdata, survey, step)
        return step.reply

    @staticmethod
    async def _commit(userdata: UserData, survey: Survey, step: Step) -> None:
        """Write first, remember second: when a write fails, nothing has changed."""
        await keep(userdata, survey, step)
        PROGRESS.write(userdata, step.progress)
        if step.outcome is not None:
            userdata.end_reason = step.outcome

    async def _follow(self, userdata: UserData, rule: Rule) -> ToolReply:
        survey = survey_of(userdata)
        progress = PROGRESS.read(userdata)
        if progress is None:
            return await self.opening(userdata)
        step = rule(survey, progress)
        await self._commit(userdata, survey, step)
        return step.reply

    # -- the caller answers ----------------------------------------------------------------------------------

    @function_tool
    async def record_answer(self, context: RunContext_T, ask: str, answer: str) -> str:
        """The caller answered the open question, or said yes or no to a read-back.

        Args:
            ask: The value of expect.arguments.ask, unchanged.
            answer: What the caller said, word for word.
        """
        arguments = {"ask": ask, "answer": answer}
        return await self._serve(context, "record_answer", arguments, partial(flow.answer, words=answer))

    @function_tool
    async def record_answers(self, context: RunContext_T, ask: str, answers: str) -> str:
        """The caller answered several questions in one go.

        Args:
            ask: The value of expect.arguments.ask, unchanged.
            answers: One line for each, as "question id: the caller's words".
        """
        arguments = {"ask": ask, "answers": answers}
        return await self._serve(context, "record_answers", arguments, partial(flow.answer_several, answers=answers))

    @function_tool
    async def change_answer(self, context: RunContext_T, ask: str, request: str) -> str:
        """The caller wants to change an answer given earlier.

        Args:
            ask: The value of expect.arguments.ask, unchanged.
            request: What the caller said, word for word, naming the question and perhaps the new answer.
        """
        arguments = {"ask": ask, "request": request}
        return await self._serve(context, "change_answer", arguments, partial(flow.change, request=request))

    # -- the caller wants something else ---------------------------------------------------------------------

    @function_tool
    async def skip_question(self, context: RunContext_T, ask: str) -> str:
        """The caller does not want to answer the open question.

        Args:
            ask: The value of expect.arguments.ask, unchanged.
        """
        return await self._serve(context, "skip_question", {"ask": ask}, flow.skip)

    @function_tool
    async def go_back(self, context: RunContext_T, ask: str) -> str:
        """The caller wants to return to the previous question.

        Args:
            ask: The value of expect.arguments.ask, unchanged.
        """
        return await self._serve(context, "go_back", {"ask": ask}, flow.go_back)

    @function_tool
    async def pause_survey(self, context: RunContext_T, ask: str) -> str:
        """The caller wants to go on with the survey another time.

        Args:
            ask: The value of expect.arguments.ask, unchanged.
        """
        return await self._serve(context, "pause_survey", {"ask": ask}, flow.pause)

    @function_tool
    async def finish_survey(self, context: RunContext_T, ask: str) -> str:
        """The caller wants to stop the survey now; the answers so far are kept.

        Args:
            ask: The value of expect.arguments.ask, unchanged.
        """
        return await self._serve(context, "finish_survey", {"ask": ask}, flow.finish)

    async def _serve(
        self, context: RunContext_T, tool: str, arguments: dict[str, str], rule: Callable[..., Step]
    ) -> str:
        """Run a tool by its rule, which gets what the caller was heard to say and the caller's date."""
        return await self.take(
            context, tool, arguments, lambda userdata: self._follow(userdata, _heard(userdata, rule))
        )

    async def repeated(self, userdata: UserData, words: str) -> ToolReply:
        return await self._follow(userdata, lambda s, p: flow.repeat(s, p, words=words))

    async def handed_over(self, userdata: UserData, reason: str) -> ToolReply:
        await self._follow(userdata, flow.put_away)
        return await super().handed_over(userdata, reason)

    async def ended(self, userdata: UserData) -> ToolReply:
        return await self._follow(userdata, _heard(userdata, flow.finish))


def _heard(userdata: UserData, rule: Callable[..., Step]) -> Rule:
    return partial(rule, heard=userdata.heard(), today=userdata.today())


def survey_of(userdata: UserData) -> Survey:
    """The survey that this call is about.

    Raises:
        ContentInvalid: there is no such survey, or its file is wrong.
    """
    return load_survey(userdata.options.get("survey", DEFAULT_SURVEY))


PERSONA = SurveyTaker
