"""What happens to a call's streams reaches a collector, by OTLP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from tests.fakes.command import Command


class Collector(ThreadingHTTPServer):
    """Takes metrics."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.last: dict[str, Any] = {}
        self.service = ""
        self.scopes: set[str] = set()

    def take(self, body: bytes) -> None:
        for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
            named = {one.key: one.value.string_value for one in resource.resource.attributes}
            self.service = named["service.name"]
            for scope in resource.scope_metrics:
                self.scopes.add(scope.scope.name)
                self.last |= {metric.name: metric for metric in scope.metrics if scope.scope.name == "nova_agent"}


class _Taking(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        self.server.take(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    yield server
    server.shutdown()
    serving.join(5)
    server.server_close()


def total(metric: Any) -> tuple[int, str]:
    """The sum of the first data point, and its reason."""
    (point, *_) = metric.sum.data_points
    reason = next(one.value.string_value for one in point.attributes if one.key == "reason")
    return point.as_int, reason


def test_a_failure_in_a_call_reaches_the_collector(nova: Command, collector: Collector) -> None:
    environment = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "NOVA_LOCAL__FAULTS": "modelStreamErrorException@turn=2",
    }
    ran = nova.run("call", "--speed", "4", typed="Yes, that's fine.\nI want to stop now.\n", **environment)
    assert ran.exit_code == 0, ran
    assert collector.service == "nova-agent"
    assert collector.scopes == {"nova_agent"}
    assert total(collector.last["sonic.stream_failed"]) == (1, "model-stream-error")
    opened = {point.attributes[0].value.string_value for point in collector.last["sonic.stream_opened"].sum.data_points}
    assert "start" in opened or "model-stream-error" in opened
    assert collector.last["sonic.stream_gap"].histogram.data_points


def test_a_collector_that_is_not_there_keeps_no_call_from_ending(nova: Command) -> None:
    ran = nova.run(
        "call", "--speed", "4", typed="I want to stop now.\n", OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9"
    )
    assert ran.exit_code == 0, ran
