"""What happens to streams, as OpenTelemetry's metrics."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry import metrics as global_metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from nova_agent import metrics


@pytest.fixture(scope="module")
def reader() -> InMemoryMetricReader:
    """OpenTelemetry takes a provider once a process."""
    reader = InMemoryMetricReader()
    global_metrics.set_meter_provider(MeterProvider([reader]))
    return reader


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The events that are logged."""
    events = list[str]()

    class Log:
        def error(self, event: str, **_fields: Any) -> None:
            events.append(event)

        warning = error

    monkeypatch.setattr(metrics, "_log", Log())
    return events


def read(reader: InMemoryMetricReader) -> dict[tuple[str, str], Any]:
    """Each metric's data point, by name and reason."""
    data = reader.get_metrics_data()
    assert data is not None
    found = [metric for one in data.resource_metrics for scope in one.scope_metrics for metric in scope.metrics]
    return {
        (metric.name, str((point.attributes or {}).get("reason"))): point
        for metric in found
        for point in metric.data.data_points
    }


def test_events_of_streams_are_counted_by_reason(reader: InMemoryMetricReader) -> None:
    metrics.count("sonic.stream_opened", {"reason": "tcp-cut", "region": "eu-north-1", "ms": 80, "gap_ms": 300})
    metrics.count("sonic.stream_failed", {"reason": "tcp-cut", "age_ms": 5000})
    metrics.count("sonic.stream_failed", {"reason": "tcp-cut", "age_ms": 6000})
    metrics.count("sonic.stream_replayed", {"reason": "tcp-cut", "audio_ms": 1200, "gap_ms": 300})
    metrics.count("sonic.stream_rotated", {"reason": "age", "age_ms": 360_000, "gap_ms": 1})
    metrics.count("turn.user", {"text": "Hello."})
    points = read(reader)
    assert points["sonic.stream_opened", "tcp-cut"].value == 1
    assert dict(points["sonic.stream_opened", "tcp-cut"].attributes) == {"reason": "tcp-cut", "region": "eu-north-1"}
    assert points["sonic.stream_failed", "tcp-cut"].value == 2
    assert points["sonic.stream_replayed", "tcp-cut"].value == 1
    assert points["sonic.audio_replayed", "tcp-cut"].value == 1200
    assert (points["sonic.stream_gap", "tcp-cut"].count, points["sonic.stream_gap", "tcp-cut"].sum) == (1, 300)
    assert (points["sonic.stream_gap", "age"].count, points["sonic.stream_gap", "age"].sum) == (1, 1)
    assert not any(name.startswith("turn") for name, _ in points)


def refuse() -> Any:
    raise ValueError("interval value 0.0 is invalid")


class Stuck:
    """A provider whose collector does not answer."""

    def force_flush(self, _timeout_ms: int) -> bool:
        raise TimeoutError("the collector does not answer")


@pytest.mark.parametrize(("provider", "told"), [(refuse, "metrics.unavailable"), (Stuck, "metrics.unsent")])
async def test_metrics_that_cannot_be_sent_keep_no_call_from_being_held(
    monkeypatch: pytest.MonkeyPatch, logged: list[str], provider: Any, told: str
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318")
    monkeypatch.setattr(metrics, "_provider", provider)
    async with metrics.open_metrics():
        pass
    assert logged == [told]


async def test_without_an_endpoint_nothing_is_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in metrics.ENDPOINTS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(metrics, "_provider", lambda: pytest.fail("made a provider"))
    async with metrics.open_metrics():
        pass
