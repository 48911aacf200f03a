"""The guarded global fallback: finding the UserData of a call where no usable context was passed.

In livekit-agents 1.8.9 a realtime tool call gets a full ``RunContext``; the fallbacks serve callbacks, RPC
handlers, timers and foreign threads. The rule is: never guess, never return a closed call's data.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

from livekit.agents import get_job_context

from nova_agent.errors import AmbiguousCall, NoActiveCall
from nova_agent.userdata import RunContext_T, UserData

Path = Literal["context", "context_variable", "job", "only_call"]

_current: ContextVar[UserData | None] = ContextVar("nova_agent_userdata", default=None)
_live: dict[str, UserData] = {}
_live_guard = threading.Lock()


@contextmanager
def live_call(userdata: UserData) -> Iterator[UserData]:
    """Make a call findable while it lasts; everything started inside resolves to it.

    Raises:
        AmbiguousCall: a call with the same job id is already live in this process.
    """
    job_id = userdata.ctx.job.id
    with _live_guard:
        if job_id in _live:
            raise AmbiguousCall(f"job {job_id!r} already has a live call; every call needs a job id of its own")
        _live[job_id] = userdata
    token = _current.set(userdata)
    try:
        yield userdata
    finally:
        userdata.closed = True
        _current.reset(token)
        with _live_guard:
            _live.pop(job_id, None)


def live_call_ids() -> frozenset[str]:
    """The calls that are live in this process."""
    with _live_guard:
        return frozenset(userdata.call_id for userdata in _live.values())


def userdata_for(context: RunContext_T | None = None) -> UserData:
    """Return the UserData of the call that the running code belongs to.

    Tried in this order: the given ``RunContext``; the variable bound when the call started; the LiveKit job's id
    among the live calls; and the only live call of the process.

    Raises:
        NoActiveCall: no call is live, or the one that is meant is over.
        AmbiguousCall: there is nothing to tell by, and more than one call is live.
    """
    path, userdata = _resolve(context)
    if userdata.closed:
        raise NoActiveCall(f"call {userdata.call_id} is over (found by {path}); its data is no longer given out")
    if path != "context":
        userdata.on_event("userdata.fallback_used", path=path)
    return userdata


def _of_job(job_id: str) -> UserData:
    """Return the call of a job; another call is never a substitute for it."""
    if (userdata := _live.get(job_id)) is None:
        raise NoActiveCall(f"job {job_id!r} has no live call: it has not begun or is over")
    return userdata


def _resolve(context: RunContext_T | None) -> tuple[Path, UserData]:
    if context is not None and isinstance(given := getattr(context, "userdata", None), UserData):
        return "context", given
    if (bound := _current.get()) is not None:
        return "context_variable", bound
    with _live_guard:
        job = get_job_context(required=False)
        if job is not None:
            return "job", _of_job(job.job.id)
        live = list(_live.values())
    if not live:
        raise NoActiveCall("no call is live in this process, so there is no UserData to use")
    if len(live) > 1:
        raise AmbiguousCall(
            f"{len(live)} calls are live and nothing tells which one is meant; pass the RunContext, "
            "or start the task or thread with the call's context (contextvars.copy_context)"
        )
    return "only_call", live[0]
