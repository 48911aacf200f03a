"""The metrics of a process, over all of its calls, by OpenTelemetry: what happened to their streams.

Everything is measured through OpenTelemetry's global meter, so that a process with a ``MeterProvider`` of its own gets
it there. Without one, and with the standard ``OTEL_EXPORTER_OTLP_ENDPOINT`` set, :func:`open_metrics` sends it by OTLP.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import structlog
from opentelemetry import metrics

ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
EXPORT_LIMIT_S: Final = 3
"""The longest that an attempt to send may take; at the end of the process there may be two."""
_ATTRIBUTES: Final = ("reason", "region")
_GAPS_MS: Final = (10, 50, 100, 250, 500, 1000, 2000, 4000, 6000, 8000, 12000, 20000)

_log = structlog.get_logger()
_meter = metrics.get_meter("nova_agent")
_events = {
    event: _meter.create_counter(event, "{stream}", description)
    for event, description in {
        "sonic.stream_opened": "streams that began to serve at a start or after a failure",
        "sonic.stream_rotated": "streams that took over from one that still served",
        "sonic.stream_failed": "streams that failed, or could not be opened",
        "sonic.stream_replayed": "streams that got words of the caller again",
    }.items()
}
_replayed = _meter.create_counter("sonic.audio_replayed", "ms", "the caller's audio that was sent again")
_gap = _meter.create_histogram(
    "sonic.stream_gap",
    "ms",
    "from when a stream was wanted to when it served",
    explicit_bucket_boundaries_advisory=_GAPS_MS,
)


def count(event: str, fields: Mapping[str, Any]) -> None:
    """Take an event of a call's record; those that are no metric are let pass."""
    if (counter := _events.get(event)) is None:
        return
    attributes = {name: fields[name] for name in _ATTRIBUTES if fields.get(name) is not None}
    counter.add(1, attributes)
    if event == "sonic.stream_replayed":
        _replayed.add(fields["audio_ms"], attributes)
    elif (gap_ms := fields.get("gap_ms")) is not None:
        _gap.record(gap_ms, attributes)


@asynccontextmanager
async def open_metrics() -> AsyncIterator[None]:
    """Send metrics by OTLP while this lasts, and what is left at its end; nothing unless an endpoint is set.

    OpenTelemetry's own variables say where to, how often, and with which headers.
    """
    if not any(os.environ.get(name) for name in ENDPOINTS):
        yield
        return
    try:
        provider = await asyncio.to_thread(_provider)
    except Exception as error:  # noqa: BLE001 – whatever a variable of OpenTelemetry's does: calls are held without it
        _log.error("metrics.unavailable", error=str(error))
        yield
        return
    try:
        yield
    finally:
        try:
            await asyncio.to_thread(provider.force_flush, EXPORT_LIMIT_S * 1000)
        except Exception as error:  # noqa: BLE001 – lost figures are no reason to fail
            _log.warning("metrics.unsent", error=str(error))


def _provider() -> Any:
    """The process's provider, made if nobody has made one: OpenTelemetry takes the first one for good."""
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # noqa: PLC0415 – 0.2 s
    from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader  # noqa: PLC0415
    from opentelemetry.sdk.metrics.view import DropAggregation, View  # noqa: PLC0415
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource  # noqa: PLC0415

    current = metrics.get_meter_provider()
    if isinstance(current, MeterProvider):
        return current
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(timeout=EXPORT_LIMIT_S))
    resource = Resource.create({} if os.environ.get("OTEL_SERVICE_NAME") else {SERVICE_NAME: "nova-agent"})
    # LiveKit's own metrics have the ids of call and room on each: a series for every call, for ever.
    others = View(meter_name="livekit-agents", aggregation=DropAggregation())
    provider = MeterProvider([reader], resource=resource, views=[others], shutdown_on_exit=False)
    metrics.set_meter_provider(provider)
    return provider
