"""Whom LiveKit is asked to transfer, and what comes of it when that does not work."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit import rtc

from nova_agent.errors import TransferFailed
from nova_agent.transfer import SipTransfer

SIP = rtc.ParticipantKind.PARTICIPANT_KIND_SIP
STANDARD = rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD


class Job:
    """A job context that is asked for transfers."""

    def __init__(self, outcome: Exception | None = None, *, answers: bool = True) -> None:
        self.asked: list[tuple[str, str]] = []
        self._outcome = outcome
        self._answers = answers

    def transfer_sip_participant(self, participant: Any, transfer_to: str) -> asyncio.Future[None]:
        self.asked.append((participant.identity, transfer_to))
        asked = asyncio.get_running_loop().create_future()
        if self._outcome is not None:
            asked.set_exception(self._outcome)
        elif self._answers:
            asked.set_result(None)
        return asked


def room(**kinds: Any) -> rtc.Room:
    participants = {name: SimpleNamespace(identity=name, kind=kind) for name, kind in kinds.items()}
    return cast("rtc.Room", SimpleNamespace(remote_participants=participants))


def transfer(job: Job, in_room: rtc.Room | None) -> SipTransfer:
    return SipTransfer(cast("Any", job), in_room, limit_s=0.05)


async def test_the_participant_who_came_by_sip_is_transferred() -> None:
    job = Job()
    await transfer(job, room(listener=STANDARD, caller=SIP)).transfer("tel:+14155550100")
    assert job.asked == [("caller", "tel:+14155550100")]


@pytest.mark.parametrize("in_room", [None, room(), room(listener=STANDARD)], ids=["no room", "nobody", "no phone"])
async def test_who_did_not_come_by_sip_cannot_be_transferred(in_room: rtc.Room | None) -> None:
    job = Job()
    with pytest.raises(TransferFailed) as caught:
        await transfer(job, in_room).transfer("tel:+14155550100")
    assert (caught.value.reason, job.asked) == ("no-sip-participant", [])


@pytest.mark.parametrize(("job", "reason"), [(Job(RuntimeError("403")), "refused"), (Job(answers=False), "timed-out")])
async def test_a_trunk_that_refuses_or_is_slow_is_told_apart(job: Job, reason: str) -> None:
    with pytest.raises(TransferFailed) as caught:
        await transfer(job, room(caller=SIP)).transfer("tel:+14155550100")
    assert caught.value.reason == reason
