"""How much a client may send: acknowledges what arrives at once, or blocks a stream so that its client has to wait."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from typing import Final

import h2.connection
import h2.exceptions
import h2.settings
from hyperframe.frame import SettingsFrame

WINDOW_BYTES: Final = 1024 * 1024
"""What a client may have on its way, for each stream and for the connection."""

_INITIAL_WINDOW: Final = h2.settings.SettingCodes.INITIAL_WINDOW_SIZE


class InboundWindows:
    """The inbound flow control of one connection.

    A window that was granted cannot be taken back for one stream. A smaller SETTINGS_INITIAL_WINDOW_SIZE takes from all
    streams at once (RFC 9113, 6.9.2), so the others get the same amount back. Those SETTINGS frames go past h2, which
    then believes in a larger window than the client does, and so accepts everything that may still come.
    """

    def __init__(self, connection: h2.connection.H2Connection, write: Callable[[bytes], None]) -> None:
        self._h2 = connection
        self._write = write
        self._withheld: dict[int, int] = {}

    def announce(self) -> None:
        """Grant the first window; call it after ``initiate_connection``, which announces the default one (h2 4.4)."""
        self._h2.update_settings({_INITIAL_WINDOW: WINDOW_BYTES})
        self._h2.increment_flow_control_window(WINDOW_BYTES)

    def opened(self, stream_id: int) -> None:
        """A stream has begun: while another one is blocked, the client believes that its window is empty."""
        if self._withheld and stream_id not in self._withheld:
            self._give_back(stream_id)

    def received(self, stream_id: int, flow_bytes: int) -> None:
        """Acknowledge so many bytes of a stream, or remember them while it is blocked."""
        if not flow_bytes:
            return
        if stream_id in self._withheld:
            self._withheld[stream_id] += flow_bytes
        else:
            with contextlib.suppress(h2.exceptions.ProtocolError):
                self._h2.acknowledge_received_data(flow_bytes, stream_id)

    def block(self, stream_id: int, others: Iterable[int]) -> None:
        """Let the client send nothing more on this stream; ``others`` are the open streams beside it.

        At once for the first stream of a connection; a second one still uses up the window that it has.
        """
        if stream_id in self._withheld:
            return
        if not self._withheld:
            self._set_initial(0)
            for other in others:
                self._give_back(other)
        self._withheld[stream_id] = 0

    def unblock(self, stream_id: int) -> None:
        """Give a blocked stream its window again; without one this does nothing."""
        withheld = self._withheld.pop(stream_id, None)
        if withheld is None:
            return
        # Before the SETTINGS: the AWS CRT wakes a stalled stream for a WINDOW_UPDATE alone (awscrt 0.32).
        self._give_back(stream_id)
        if not self._withheld:
            self._set_initial(WINDOW_BYTES)
        self.received(stream_id, withheld)

    def _set_initial(self, window_bytes: int) -> None:
        self._write(SettingsFrame(0, settings={int(_INITIAL_WINDOW): window_bytes}).serialize())

    def _give_back(self, stream_id: int) -> None:
        with contextlib.suppress(h2.exceptions.ProtocolError):  # the stream may just have ended
            self._h2.increment_flow_control_window(WINDOW_BYTES, stream_id)
