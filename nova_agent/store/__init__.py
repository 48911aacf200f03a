"""The database: calls, surveys and what else must outlive a call, behind one port per domain.

A port and its values stand in the module of the domain (``calls``, ``surveys``); its tables and adapter in the
module of the same name under ``sql``; its migrations under ``migrations/versions``.
"""

from nova_agent.store.calls import CallRow, CallStore
from nova_agent.store.database import Database
from nova_agent.store.stores import Stores, open_stores
from nova_agent.store.surveys import Answer, AnswerStatus, Recorded, RunStatus, SurveyRun, SurveyStore

__all__ = [
    "Answer",
    "AnswerStatus",
    "CallRow",
    "CallStore",
    "Database",
    "Recorded",
    "RunStatus",
    "Stores",
    "SurveyRun",
    "SurveyStore",
    "open_stores",
]
