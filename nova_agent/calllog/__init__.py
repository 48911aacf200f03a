"""The call record: what was said and done in a call, redacted, line by line, as it happens."""

from nova_agent.calllog.events import call_record_schema
from nova_agent.calllog.reader import Record, RecordHead, find_record, list_records, read_record
from nova_agent.calllog.redaction import Level, Redactor
from nova_agent.calllog.summary import CallSummary
from nova_agent.calllog.writer import CallRecord

__all__ = [
    "CallRecord",
    "CallSummary",
    "Level",
    "Record",
    "RecordHead",
    "Redactor",
    "call_record_schema",
    "find_record",
    "list_records",
    "read_record",
]
