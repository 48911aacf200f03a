"""What the log says of a stream that something of ours ended."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from nova_agent.errors import ScenarioFailed
from tests.unit.localsonic.test_stream import Driver


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ScenarioFailed("step 2 does not fit"), {"error_code": "scenario-failed", "reason": "step 2 does not fit"}),
        (RuntimeError("a defect"), {}),
    ],
)
async def test_only_a_defect_is_logged_with_its_traceback(
    clock: Any, outlet: Any, drive: Any, error: Exception, told: dict[str, str]
) -> None:
    driver = Driver(clock, outlet, drive())
    with capture_logs() as logs:
        driver.stream.fail(error)
    await asyncio.wait_for(driver.task, 5)
    (line,) = [line for line in logs if line["event"] == "localsonic.stream_failed"]
    assert {key: line[key] for key in ("error_code", "reason") if key in line} == told
    assert line.get("exc_info") is (None if told else error)
