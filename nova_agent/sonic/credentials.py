"""AWS credentials from the usual chain, resolved off the event loop.

The plugin (1.8.9) walks boto3's chain on the event loop: with an instance or container role that is a network call
while every live call of the process stands still.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError
from smithy_aws_core.identity import AWSCredentialsIdentity
from smithy_core.aio.interfaces.identity import IdentityResolver

from nova_agent.errors import SonicError

RESOLVE_LIMIT_S: Final = 10.0
REFRESH_BEFORE_EXPIRY_S: Final = 180.0


class SonicCredentials(IdentityResolver[AWSCredentialsIdentity, Any]):
    """Credentials shared by every stream of the process."""

    def __init__(self) -> None:
        self._identity: AWSCredentialsIdentity | None = None
        self._lock: asyncio.Lock | None = None

    async def get_identity(self, *, properties: Any = None, **_: Any) -> AWSCredentialsIdentity:
        """Return valid credentials, asking boto3 in a thread when there are none or they expire soon.

        Raises:
            SonicError: there are no credentials, or finding them took too long.
        """
        if self._identity is not None and not self._expires_soon():
            return self._identity
        if self._lock is None:
            self._lock = asyncio.Lock()
        async with self._lock:
            if self._identity is None or self._expires_soon():
                self._identity = await self._resolve()
        return self._identity

    def forget(self) -> None:
        """The service refused these: ask the chain anew."""
        self._identity = None

    @property
    def expires_at(self) -> float | None:
        """Unix time of expiry; ``None`` for static credentials or before the first use."""
        expiry = self._identity.expiration if self._identity else None
        return expiry.timestamp() if expiry else None

    def _expires_soon(self) -> bool:
        return self.expires_at is not None and time.time() > self.expires_at - REFRESH_BEFORE_EXPIRY_S

    async def _resolve(self) -> AWSCredentialsIdentity:
        try:
            async with asyncio.timeout(RESOLVE_LIMIT_S):
                return await asyncio.to_thread(_from_boto3)
        except TimeoutError as error:
            raise SonicError(f"AWS credentials were not found within {RESOLVE_LIMIT_S:.0f} s; {_REMEDY}") from error


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
