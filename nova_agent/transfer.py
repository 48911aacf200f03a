"""Handing a caller over to another number, by way of the SIP trunk that the call came in on."""

from __future__ import annotations

import asyncio

from livekit import rtc
from livekit.agents import JobContext

from nova_agent.errors import TransferFailed


class SipTransfer:
    """Transfers the caller of a LiveKit room, if that is a SIP participant.

    Args:
        ctx: the job, through which LiveKit is asked.
        room: the room of the call; ``None`` for a call that is in none.
        limit_s: how long LiveKit and the trunk may take.
    """

    def __init__(self, ctx: JobContext, room: rtc.Room | None, *, limit_s: float = 10.0) -> None:
        self._ctx = ctx
        self._room = room
        self._limit_s = limit_s

    async def transfer(self, to: str) -> None:
        """Transfer the caller, and return when the trunk has taken them.

        Args:
            to: a ``tel:`` or ``sip:`` URI.

        Raises:
            TransferFailed: nobody is there who could be transferred, the trunk refused, or it took too long.
        """
        caller = self._caller()
        if caller is None:
            raise TransferFailed("no-sip-participant", "no SIP participant is in the room")
        try:
            async with asyncio.timeout(self._limit_s):
                await self._ctx.transfer_sip_participant(caller, to)
        except TimeoutError as error:
            raise TransferFailed("timed-out", f"the transfer took longer than {self._limit_s:g} s") from error
        except Exception as error:
            # The API's client raises what aiohttp and Twirp have.
            raise TransferFailed("refused", f"the transfer was refused: {type(error).__name__}") from error

    def _caller(self) -> rtc.RemoteParticipant | None:
        participants = self._room.remote_participants.values() if self._room is not None else ()
        sip = rtc.ParticipantKind.PARTICIPANT_KIND_SIP
        return next((participant for participant in participants if participant.kind == sip), None)
