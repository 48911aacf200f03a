"""Asking for a stream: the SDK's request, which comes to an end whatever happens (I/O, no policy)."""

from __future__ import annotations

import asyncio
from typing import Any, Final, Self

from aws_sdk_bedrock_runtime.models import InvokeModelWithBidirectionalStreamOperationInput
from smithy_aws_core.identity import AWSCredentialsIdentity
from smithy_core.interceptors import Interceptor, OutputContext

from nova_agent.sonic.credentials import FixedIdentity
from nova_agent.sonic.endpoint import SonicEndpoint, Transport, bedrock_client, look_at

ASK_LIMIT_S: Final = 3.0
"""The SDK does not wait for the network here: it signs, and begins to send (smithy_core 0.9)."""


class NotOpened(Exception):
    """The service did not answer the request in time."""


async def ask(endpoint: SonicEndpoint, identity: AWSCredentialsIdentity, transport: Transport, *, model_id: str) -> Any:
    """Ask for a stream, and return the SDK's response as soon as something can be sent; the service answers later.

    Raises:
        NotOpened: the SDK did not get so far in 3 s.
        Exception: whatever the SDK raises, for instance when the credentials have expired meanwhile.
    """
    watch = _Watch()
    client = await bedrock_client(endpoint, FixedIdentity(identity), transport, watch)
    asking = asyncio.create_task(
        client.invoke_model_with_bidirectional_stream(
            InvokeModelWithBidirectionalStreamOperationInput(model_id=model_id)
        ),
        name="sonic-ask-for-stream",
    )
    asking.add_done_callback(_take_errors)
    try:
        await _either(asking, watch.failed)
    except asyncio.CancelledError:
        # Cut off in the middle, the SDK would begin to send and let go of it (smithy_core 0.9).
        await _either(asking, watch.failed)
        raise
    finally:
        asking.cancel()
    if asking.done():
        return asking.result()
    if watch.failed.done():
        raise watch.failed.result()
    raise NotOpened(f"nothing could be sent to {endpoint.url} within {ASK_LIMIT_S:.0f} s")


async def _either(asking: asyncio.Task[Any], failed: asyncio.Future[Exception]) -> None:
    await asyncio.wait((asking, failed), timeout=ASK_LIMIT_S, return_when=asyncio.FIRST_COMPLETED)


def _take_errors(asking: asyncio.Task[Any]) -> None:
    """Take those of a stream that is closed before it is answered, of which nobody reads."""
    look_at(asking)
    if not asking.cancelled() and asking.exception() is None:
        asking.result()._output_future.add_done_callback(look_at)  # noqa: SLF001 – smithy_core 0.9 shows it nowhere


class _Watch(Interceptor[Any, Any, Any, Any]):
    """Tells of a request that fails before it is sent: whoever asked would wait for ever (smithy_core 0.9).

    So it is with credentials that expire just then, and with an address that is none.
    """

    def __init__(self) -> None:
        self.failed: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()
        """The error, once there is one."""

    def __deepcopy__(self, _: object) -> Self:
        """Stay who it is: the SDK copies its configuration for each request."""
        return self

    def read_before_execution(self, context: object) -> None:
        """Take the error of the SDK's own task, which nobody asks for when nothing was sent."""
        if (task := asyncio.current_task()) is not None:
            task.add_done_callback(look_at)

    def read_after_execution(self, context: OutputContext[Any, Any, Any, Any]) -> None:
        if isinstance(context.response, Exception) and not self.failed.done():
            self.failed.set_result(context.response)
