"""A call record to write to, on a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nova_agent.calllog import CallRecord, Level, Redactor
from tests.fakes.record import FakeClock, NewRecord


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """The folder of all records."""
    return tmp_path / "calls"


@pytest.fixture
def new_record(records: Path, clock: FakeClock) -> Iterator[NewRecord]:
    """Begins records; those still open are ended with the test."""
    made: list[CallRecord] = []

    def begin(call_id: str = "c1", *, level: Level = "default", strict: bool = True) -> CallRecord:
        record = CallRecord.create(
            records, call_id, redactor=Redactor(level), clock=clock.now, monotonic=clock.monotonic, strict=strict
        )
        made.append(record)
        return record

    yield begin
    for record in made:
        record.end("test over")


@pytest.fixture
def record(new_record: NewRecord) -> CallRecord:
    return new_record()


@pytest.fixture
def seen(record: CallRecord) -> list[dict[str, Any]]:
    """What a subscriber of ``record`` gets."""
    events: list[dict[str, Any]] = []
    record.subscribe(events.append)
    return events
