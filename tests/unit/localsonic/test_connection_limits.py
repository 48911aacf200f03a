"""What a connection may take, without sockets: its frames, its time, and what it leaves unread."""

from __future__ import annotations

import time
from typing import Any

import h2.events
import pytest

from nova_agent.localsonic.limits import SLICE_BYTES, Limits
from tests.fakes.fuzzing.wire import frame
from tests.unit.localsonic.conftest import settle
from tests.unit.localsonic.test_http2 import Wire

_PING, _WINDOW_UPDATE = 6, 8


class PatientWire(Wire):
    """A client that can be told to wait, and to read nothing."""

    unread_bytes = 0
    is_reading_paused = False

    def get_write_buffer_size(self) -> int:
        return self.unread_bytes

    def pause_reading(self) -> None:
        self.is_reading_paused = True

    def resume_reading(self) -> None:
        self.is_reading_paused = False

    def abort(self) -> None:
        self.is_closed = True

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    def goaway(self) -> int | None:
        gone = [event for event in self.events if isinstance(event, h2.events.ConnectionTerminated)]
        return int(gone[-1].error_code or 0) if gone else None


@pytest.fixture
def wire() -> PatientWire:
    return PatientWire()


def test_a_connection_without_a_request_is_closed_in_time(wire: PatientWire) -> None:
    wire.connection.close_if_unused(time.monotonic() + Limits().first_request_s - 1)
    assert not wire.is_closed
    wire.connection.close_if_unused(time.monotonic() + Limits().first_request_s + 1)
    assert (wire.is_closed, wire.goaway()) == (True, 0)


def test_a_connection_with_a_stream_is_never_closed(wire: PatientWire) -> None:
    wire.request()
    wire.connection.close_if_unused(time.monotonic() + 10_000)
    assert not wire.is_closed


def test_a_connection_whose_streams_are_over_stays_for_longer(wire: PatientWire) -> None:
    wire.client.reset_stream(wire.request())
    wire.pump()
    wire.connection.close_if_unused(time.monotonic() + Limits().first_request_s + 1)
    assert not wire.is_closed
    wire.connection.close_if_unused(time.monotonic() + Limits().idle_s + 1)
    assert wire.is_closed


def test_a_flood_ends_its_connection_and_says_why(wire: PatientWire) -> None:
    wire.connection.data_received(frame(_PING, bytes(8)) * 900)
    assert not wire.is_closed
    for _ in range(3):
        wire.connection.data_received(frame(_PING, bytes(8)) * 900)
    assert (wire.is_closed, wire.goaway()) == (True, 11)


async def test_much_at_once_is_read_in_slices_and_all_of_it_in_order(wire: PatientWire) -> None:
    stream_id = wire.request()
    sent = bytes(range(256)) * 512
    for at in range(0, len(sent), 16_000):
        wire.client.send_data(stream_id, sent[at : at + 16_000])
    wire.connection.data_received(wire.client.data_to_send())
    assert wire.handlers[0].body == b""
    assert wire.is_reading_paused
    await settle()
    assert wire.handlers[0].body == sent
    assert not wire.is_reading_paused


async def test_what_comes_while_slices_wait_stays_behind_them(wire: PatientWire) -> None:
    stream_id = wire.request()
    for piece in (b"a" * 16_000, b"b" * 16_000):
        wire.client.send_data(stream_id, piece)
    wire.connection.data_received(wire.client.data_to_send())
    wire.client.send_data(stream_id, b"c")
    wire.connection.data_received(wire.client.data_to_send())
    await settle()
    assert wire.handlers[0].body == b"a" * 16_000 + b"b" * 16_000 + b"c"


async def test_what_a_client_sent_before_it_left_is_still_read(wire: PatientWire) -> None:
    stream_id = wire.request()
    for piece in (b"a" * 16_000, b"b" * 16_000):
        wire.client.send_data(stream_id, piece)
    wire.connection.data_received(wire.client.data_to_send())
    wire.connection.connection_lost(None)
    await settle()
    assert len(wire.handlers[0].body) == 32_000
    assert wire.handlers[0].is_lost


async def test_nothing_more_is_read_of_a_flood(wire: PatientWire) -> None:
    wire.connection.data_received(frame(_PING, bytes(8)) * 3_000 + frame(_WINDOW_UPDATE, bytes(4)) * SLICE_BYTES)
    await settle()
    assert (wire.is_closed, wire.goaway()) == (True, 11)
    assert not wire.connection._waiting


def test_answers_that_nobody_reads_cut_the_connection(wire: PatientWire) -> None:
    wire.connection.pause_writing()
    wire.unread_bytes = Limits().unread_bytes + 1
    wire.connection.data_received(frame(_PING, bytes(8)))
    assert wire.is_closed


def test_a_client_that_has_no_room_for_its_answer_loses_the_stream(wire: PatientWire) -> None:
    wire.request()
    wire.handlers[0].exchange.start(200, {})
    for _ in range(Limits().unsent_bytes // 100_000 + 2):
        wire.handlers[0].exchange.send(bytes(100_000))
    assert wire.handlers[0].is_lost
    assert not wire.is_closed


def test_headers_of_any_bytes_are_taken(wire: PatientWire) -> None:
    stream_id = wire.client.get_next_available_stream_id()
    headers: list[tuple[str | bytes, str | bytes]] = [(":method", "POST"), (":path", "/"), (":scheme", "https")]
    headers += [(":authority", "h"), (b"x", b"\xe9\xff")]
    wire.client.send_headers(stream_id, headers)
    wire.pump()
    assert wire.handlers[0].request.headers["x"] == "\xe9\xff"


def test_a_window_beyond_all_bounds_ends_the_connection(wire: PatientWire) -> None:
    wire.connection.data_received(frame(_WINDOW_UPDATE, (2**31 - 1).to_bytes(4, "big")))
    assert (wire.is_closed, wire.goaway()) == (True, 3)
