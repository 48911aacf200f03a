"""AWS credentials for forwarded streams, from boto3's chain."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError
from smithy_aws_core.identity import AWSCredentialsIdentity
from smithy_core.aio.interfaces.identity import IdentityResolver

from nova_agent.errors import SonicError

_LIMIT_S: Final = 10.0
_REMEDY: Final = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or run with a role."


class FixedCredentials(IdentityResolver[AWSCredentialsIdentity, Any]):
    """The same ones for a whole stream: the service refuses messages signed with others (livekit/agents#4250)."""

    def __init__(self, identity: AWSCredentialsIdentity) -> None:
        self._identity = identity

    async def get_identity(self, *, properties: Any = None, **_: Any) -> AWSCredentialsIdentity:
        return self._identity


async def find_credentials() -> AWSCredentialsIdentity:
    """Ask boto3, in a thread: with a role that is a network call.

    Raises:
        SonicError: there are none, or finding them took too long.
    """
    try:
        async with asyncio.timeout(_LIMIT_S):
            return await asyncio.to_thread(_from_boto3)
    except TimeoutError as error:
        raise SonicError(f"AWS credentials were not found within {_LIMIT_S:.0f} s. {_REMEDY}") from error


def _from_boto3() -> AWSCredentialsIdentity:
    try:
        credentials = boto3.Session().get_credentials()
        frozen = credentials.get_frozen_credentials() if credentials is not None else None
    except BotoCoreError as error:
        raise SonicError(f"The AWS credentials cannot be used: {error}. {_REMEDY}") from error
    if frozen is None or not frozen.access_key or not frozen.secret_key:
        raise SonicError(f"There are no AWS credentials. {_REMEDY}")
    return AWSCredentialsIdentity(
        access_key_id=frozen.access_key,
        secret_access_key=frozen.secret_key,
        session_token=frozen.token or None,
    )
