"""What callers say, turned into values. Pure functions; no I/O, no clock of their own."""

from nova_agent.capture.grounding import fuzzy_same, grounded
from nova_agent.capture.intent import RepeatKind, asks_back, repeat_kind
from nova_agent.capture.kinds import (
    Choice,
    Date,
    Email,
    Integer,
    Kind,
    MultipleChoice,
    OpenText,
    Phone,
    Scale,
    SingleChoice,
    YesNo,
)
from nova_agent.capture.result import Captured, NotCaptured, Reason, Result
from nova_agent.capture.wishes import Wish, wants

__all__ = [
    "Captured",
    "Choice",
    "Date",
    "Email",
    "Integer",
    "Kind",
    "MultipleChoice",
    "NotCaptured",
    "OpenText",
    "Phone",
    "Reason",
    "RepeatKind",
    "Result",
    "Scale",
    "SingleChoice",
    "Wish",
    "YesNo",
    "asks_back",
    "fuzzy_same",
    "grounded",
    "repeat_kind",
    "wants",
]
