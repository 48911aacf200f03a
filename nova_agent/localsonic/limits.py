"""What clients may take of an endpoint, so that none of them is felt by the others. All far above what clients need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Times are real seconds, whatever the endpoint's speed: they guard the machine, and are no part of the service.

    ``handshake_s``: until TLS stands (asyncio's own limit). ``first_request_s``: from there to the first request.
    ``idle_s``: how long a connection stays without a stream; clients keep theirs for the next session.
    ``unread_bytes``: answers to SETTINGS and PING, and the like, that a client leaves unread.
    ``unsent_bytes``: of one stream's answer. Audio waits from 256 KiB on, other events do not.
    ``unfinished_bytes``: of messages that are not complete, over all streams; one message has 16 MiB at most. When
    there are more, the stream with most of them ends.
    ``streams``: open at once in the whole endpoint, whatever the switch for the service's own quota says.
    """

    handshake_s: float = 60.0
    first_request_s: float = 30.0
    idle_s: float = 300.0
    unread_bytes: int = MIB
    unsent_bytes: int = 4 * MIB
    unfinished_bytes: int = 64 * MIB
    streams: int = 1_000


# Of one prompt: its texts, each with something on top for what is kept around it, and what is open in it at once.
TEXT_CHARS: Final = 8 * MIB
CHARS_A_TEXT: Final = 100
OPEN_CONTENTS: Final = 1_000
# A prompt's name is sent back with every event. Clients use UUIDs.
NAME_CHARS: Final = 1_024
# A stream lives for eight minutes; who speaks for longer, or sends faster than can be listened to, is no caller.
SPEECH_S: Final = 480
UNHEARD_S: Final = 960

# SETTINGS_MAX_FRAME_SIZE as announced, which is the default.
FRAME_BYTES: Final = 16 * 1024
# What is read at once of one connection before the others get their turn: 10 to 40 ms of work at worst.
SLICE_BYTES: Final = 16 * 1024
