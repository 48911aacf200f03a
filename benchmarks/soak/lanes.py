"""Holds the calls: lanes side by side in one process, each with an endpoint of its own and one call at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks.serving import Served, serve
from benchmarks.soak.caller import Caller
from benchmarks.soak.clerk import Clerk, OneClerk
from benchmarks.soak.plan import CallPlan, Leaving
from nova_agent.bootstrap import App, open_app
from nova_agent.call import Call
from nova_agent.calllog.reader import read_head
from nova_agent.errors import NovaError
from nova_agent.simulate.callee import place_call
from nova_agent.simulate.line import Line
from nova_agent.sonic import RealtimeModel, Regions, SonicEndpoint
from nova_agent.sonic.conductor import Limits
from settings import load

HUNG_S: Final = 120.0
"""A call that is not over by then is stuck."""
_WINDOW_S: Final = 2.0
_REGION: Final = "us-east-1"
_DATABASE_CONNECTIONS: Final = 5
"""As many as the pool keeps (SQLAlchemy 2.0)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended. ``stuck_at``: where it stood when it should have been over, or what broke beside it.

    ``closing_s``: how long it took to be over once somebody had left.
    """

    plan: CallPlan
    end_reason: str
    stuck_at: str
    record_status: str
    row_has_ended: bool
    rotations: int
    failures: int
    seconds: float
    closing_s: float | None


@dataclass(frozen=True, kw_only=True)
class SoakApp(App):
    """The product's parts, with streams that are changed when the plan of a call says so."""

    rotate_s: float | None = None

    def _new_model(self, voice: str, observer: Callable[..., None]) -> RealtimeModel:
        model = super()._new_model(voice, observer)
        if self.rotate_s is not None:
            model.limits = Limits(rotate_s=self.rotate_s, rotate_by_s=self.rotate_s + _WINDOW_S)
        return model


class Lanes:
    """Places for calls side by side."""

    def __init__(self, app: App, endpoints: list[Served], speed: float) -> None:
        self._speed = speed
        self._lanes = [(_at(app, served), served) for served in endpoints]

    async def hold(self, plans: Iterable[CallPlan], ended: Callable[[Outcome], None]) -> None:
        """Hold these calls, each in the next lane that is free."""
        waiting = iter(plans)

        async def use(app: SoakApp, served: Served) -> None:
            for plan in waiting:
                await served.plan_faults(plan.faults)
                ended(await _held(plan, app, self._speed))

        async with asyncio.TaskGroup() as tasks:
            for app, served in self._lanes:
                tasks.create_task(use(app, served))


@asynccontextmanager
async def open_lanes(count: int, speed: float) -> AsyncIterator[Lanes]:
    """Open the app, with a database and a folder of records for this time, and the endpoints."""
    async with AsyncExitStack() as stack:
        set_up = {"endpoints": count, "speed": speed}
        served = await stack.enter_async_context(serve("benchmarks.soak.serving", set_up))
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="nova-benchmarks-")))
        base = load()
        settings = base.model_copy(
            update={
                "store": base.store.model_copy(update={"url": f"sqlite+aiosqlite:///{folder}/nova.db"}),
                "record": base.record.model_copy(update={"directory": folder / "calls"}),
                "sonic": base.sonic.model_copy(update={"streams_directory": folder / "streams", "max_streams": 0}),
            }
        )
        app = await stack.enter_async_context(open_app(settings))
        await _fill_pool(app)
        yield Lanes(app, served, speed)


async def _fill_pool(app: App) -> None:
    """Open the connections that the database keeps, each of which has a thread."""
    assert app.stores.database is not None  # noqa: S101 - opened by open_app
    async with AsyncExitStack() as stack:
        for _ in range(_DATABASE_CONNECTIONS):
            await stack.enter_async_context(app.stores.database.reading())


def _at(app: App, served: Served) -> SoakApp:
    """The same parts for one lane: everything but the way to Nova Sonic is shared."""
    endpoint = SonicEndpoint(served.url, _REGION, Path(served.ca_bundle))
    shared = {name: getattr(app, name) for name in App.__dataclass_fields__}
    return SoakApp(**shared | {"endpoint": endpoint, "regions": Regions([endpoint]), "registry": OneClerk()})


async def _held(plan: CallPlan, app: SoakApp, speed: float) -> Outcome:
    call = replace(app, rotate_s=plan.rotate_s).new_call(Clerk.NAME)
    line = Line(speed=speed)
    began, left = time.monotonic(), list[float]()
    caller = Caller(plan, call, line, speed=speed)
    holding = asyncio.create_task(_place(call, line))
    beside = [asyncio.create_task(line.run()), asyncio.create_task(caller.talk())]
    noting = asyncio.create_task(_note_end(line, left))
    if plan.leaving is Leaving.CANCELLED:
        beside.append(asyncio.create_task(_cancel_after(plan.leaves_s / speed, holding, left)))
    await asyncio.wait((holding,), timeout=HUNG_S)
    over = time.monotonic()
    stuck_at = "" if holding.done() else _where(holding)
    for task in (holding, noting, *beside):
        task.cancel()
    line.hang_up()
    await asyncio.wait((holding, noting, *beside), timeout=HUNG_S)
    troubles = [error for task in beside if (error := _error_of(task)) is not None]
    row = await app.stores.calls.get(call.request.call_id)
    head = read_head(call.record.path)
    return Outcome(
        plan=plan,
        end_reason=_reason_of(holding),
        stuck_at=stuck_at or "; ".join(map(repr, troubles)),
        record_status=head.status,
        row_has_ended=row is not None and row.ended_at is not None,
        rotations=head.summary["streams"]["rotated"] if head.summary else 0,
        failures=head.summary["streams"]["failed"] if head.summary else 0,
        seconds=over - began,
        closing_s=over - left[0] if left else None,
    )


def _reason_of(holding: asyncio.Task[str]) -> str:
    """Why the call ended."""
    if not holding.done():
        return "never"
    error = _error_of(holding)
    if holding.cancelled():
        return "cancelled"
    return holding.result() if error is None else type(error).__name__


def _error_of(task: asyncio.Task[Any]) -> BaseException | None:
    return task.exception() if task.done() and not task.cancelled() else None


def _where(task: asyncio.Task[Any]) -> str:
    """The innermost places of a task that waits."""
    return " < ".join(f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}" for frame in task.get_stack())


async def _place(call: Call, line: Line) -> str:
    try:
        return (await place_call(call, line)).end_reason
    except NovaError as error:
        return error.code


async def _note_end(line: Line, left: list[float]) -> None:
    await line.wait_ended()
    left.append(time.monotonic())


async def _cancel_after(seconds: float, holding: asyncio.Task[str], left: list[float]) -> None:
    await asyncio.sleep(seconds)
    left.append(time.monotonic())
    holding.cancel()
