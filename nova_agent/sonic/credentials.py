"""AWS credentials from the usual chain, resolved off the event loop.

The plugin (1.8.9) walks boto3's chain on the event loop: with an instance or container role that is a network call
while every live call of the process stands still.
"""

from __future__ import annotations

import asyncio
import math
import time
from typing import Any, Final

import boto3
import structlog
from botocore.exceptions import BotoCoreError
from smithy_aws_core.identity import AWSCredentialsIdentity
from smithy_core.aio.interfaces.identity import IdentityResolver

from nova_agent.errors import SonicError

RESOLVE_LIMIT_S: Final = 10.0
RENEW_LIMIT_S: Final = 2.0
"""While those that are there still last, no caller waits for longer."""
REFRESH_BEFORE_EXPIRY_S: Final = 180.0
TOO_LATE_S: Final = 5.0
"""A stream that is opened with credentials which expire sooner may find them expired when it arrives."""

_log = structlog.get_logger(__name__)


class SonicCredentials(IdentityResolver[AWSCredentialsIdentity, Any]):
    """Credentials shared by every stream of the process."""

    def __init__(self) -> None:
        self._identity: AWSCredentialsIdentity | None = None
        self._lock: asyncio.Lock | None = None

    async def get_identity(self, *, properties: Any = None, **_: Any) -> AWSCredentialsIdentity:
        """Return valid credentials, asking boto3 in a thread when there are none or they expire soon.

        Those that expire soon are used as long as they last when no others can be had; the next stream asks again.

        Raises:
            SonicError: there are no credentials, or finding them took too long.
        """
        if self._identity is not None and not self._expires_soon():
            return self._identity
        if self._lock is None:
            self._lock = asyncio.Lock()
        async with self._lock:
            if self._identity is None or self._expires_soon():
                self._identity = await self._renewed(self._identity)
            return self._identity

    async def _renewed(self, present: AWSCredentialsIdentity | None) -> AWSCredentialsIdentity:
        if present is None or _ends_at(present) - time.time() < TOO_LATE_S:
            return await self._resolve(RESOLVE_LIMIT_S)
        try:
            return await self._resolve(RENEW_LIMIT_S)
        except SonicError as error:
            if self._identity is not present:
                # They were refused meanwhile.
                raise
            _log.warning("sonic.credentials_unrenewed", error=str(error))
            return present

    def forget(self) -> None:
        """The service refused these: ask the chain anew."""
        self._identity = None

    @property
    def expires_at(self) -> float | None:
        """Unix time of expiry; ``None`` for static credentials or before the first use."""
        ends_at = _ends_at(self._identity) if self._identity is not None else math.inf
        return ends_at if math.isfinite(ends_at) else None

    def _expires_soon(self) -> bool:
        return self.expires_at is not None and time.time() > self.expires_at - REFRESH_BEFORE_EXPIRY_S

    async def _resolve(self, limit_s: float) -> AWSCredentialsIdentity:
        try:
            async with asyncio.timeout(limit_s):
                return await asyncio.to_thread(_from_boto3)
        except TimeoutError as error:
            raise SonicError(f"AWS credentials were not found within {limit_s:.0f} s; {_REMEDY}") from error


class FixedIdentity(IdentityResolver[AWSCredentialsIdentity, Any]):
    """The credentials of one stream, to its end: what it sends has to be signed with those that opened it."""

    def __init__(self, identity: AWSCredentialsIdentity) -> None:
        self._identity = identity

    async def get_identity(self, *, properties: Any = None, **_: Any) -> AWSCredentialsIdentity:
        """Return them."""
        return self._identity


_REMEDY = (
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or run with a role "
    "(`nova-agent doctor` shows what is found)"
)


def _ends_at(identity: AWSCredentialsIdentity) -> float:
    """Unix time of expiry; infinite for static credentials."""
    return identity.expiration.timestamp() if identity.expiration is not None else math.inf


def _from_boto3() -> AWSCredentialsIdentity:
    try:
        credentials = boto3.Session().get_credentials()
        frozen = credentials.get_frozen_credentials() if credentials is not None else None
    except BotoCoreError as error:
        raise SonicError(f"the AWS credentials cannot be used: {error}; {_REMEDY}") from error
    if frozen is None:
        raise SonicError(f"there are no AWS credentials; {_REMEDY}")
    if not frozen.access_key or not frozen.secret_key:
        raise SonicError(f"the AWS credentials lack a key id or a secret key; {_REMEDY}")
    return AWSCredentialsIdentity(
        access_key_id=frozen.access_key,
        secret_access_key=frozen.secret_key,
        session_token=frozen.token or None,
        expiration=getattr(credentials, "_expiry_time", None),
    )
