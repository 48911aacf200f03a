"""Where the next stream of a session comes from: a region, credentials, a place among the concurrent streams."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from nova_agent.sonic.credentials import SonicCredentials
from nova_agent.sonic.endpoint import SonicEndpoint
from nova_agent.sonic.failures import Failure
from nova_agent.sonic.quota import Slot, StreamQuotas
from nova_agent.sonic.regions import Regions
from nova_agent.sonic.stream import SonicStream


class TooManyStreams(Exception):
    """The host already has as many streams as the account may have: there is no place for another call."""


class NoPlaceYet(Exception):
    """The same in the middle of a call, for which a place will be free again soon."""


class SessionConnector:
    """Opens the streams of one session.

    Args:
        regions: where to try, and what is known of each.
        quotas: shared by all sessions of the host.
        opening: makes the first events of a stream: sessionStart and promptStart.
        system: the SYSTEM text as it stands when a stream begins.
        under_way: the session is for a call that is held already, and gets one of the places kept for those.
    """

    def __init__(
        self,
        *,
        regions: Regions,
        quotas: StreamQuotas,
        credentials: SonicCredentials,
        model_id: str,
        opening: Callable[[SonicStream], Sequence[str]],
        system: Callable[[], str],
        under_way: bool = False,
    ) -> None:
        self._regions = regions
        self._quotas = quotas
        self._credentials = credentials
        self._model_id = model_id
        self._opening = opening
        self._system = system
        self._slots: dict[SonicStream, Slot] = {}
        self._vacant: dict[str, Slot] = {}
        self._is_under_way = under_way
        self._closing = set[asyncio.Task[None]]()

    @property
    def endpoint(self) -> SonicEndpoint:
        """Where the next stream is asked for."""
        return self._regions.current

    async def connect(self) -> SonicStream:
        """Ask for a stream.

        Raises:
            TooManyStreams, NoPlaceYet: the host has no place left in this region.
            SonicError: there are no credentials, or the CA bundle cannot be read.
        """
        endpoint = self._regions.current
        slot = self._place_in(endpoint.region)
        try:
            stream = SonicStream(endpoint, self._credentials, self._model_id)
        except BaseException:
            slot.release()
            raise
        self._slots[stream] = slot
        try:
            await stream.request(self._opening(stream))
        except BaseException:
            # Also when the call is over meanwhile: a connection may have been made.
            closing = asyncio.create_task(self._close(stream), name="sonic-close-unasked")
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
            await asyncio.shield(closing)
            raise
        return stream

    async def _close(self, stream: SonicStream) -> None:
        await stream.close()
        self.released(stream)

    def _place_in(self, region: str) -> Slot:
        if (vacant := self._vacant.pop(region, None)) is not None:
            return vacant
        quota = self._quotas.of(region)
        if (slot := quota.acquire(reserved=self._is_under_way)) is not None:
            return slot
        refusal = NoPlaceYet if self._is_under_way else TooManyStreams
        raise refusal(f"{quota.limit} streams in {region} are open already on this host")

    def system(self) -> str:
        return self._system()

    def failed(self, stream: SonicStream | None, failure: Failure) -> bool:
        """Note a failure; return whether the next stream is asked for in another region that may help."""
        endpoint = stream.endpoint if stream is not None else self._regions.current
        self._regions.failed(endpoint, failure)
        if failure.reason.startswith("credentials-"):
            self._credentials.forget()
        following = self._regions.current
        return following != endpoint and not self._regions.refuses(following)

    def serves(self, stream: SonicStream) -> None:
        self._is_under_way = True
        self._regions.served(stream.endpoint)
        self.over()

    def vacates(self, stream: SonicStream) -> None:
        """Keep the place of a stream that ends for the one that follows: all others may be taken."""
        if (slot := self._slots.pop(stream, None)) is None:
            return
        region = stream.endpoint.region
        if region in self._vacant:
            slot.release()
        else:
            self._vacant[region] = slot

    def released(self, stream: SonicStream) -> None:
        if (slot := self._slots.pop(stream, None)) is not None:
            slot.release()

    def over(self) -> None:
        """Give the places back that were kept for a stream to come."""
        while self._vacant:
            self._vacant.popitem()[1].release()
