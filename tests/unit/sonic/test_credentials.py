"""Credentials that are renewed in time, and used to their end when they cannot be."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from smithy_aws_core.identity import AWSCredentialsIdentity

from nova_agent.errors import SonicError
from nova_agent.sonic import credentials as module
from nova_agent.sonic.credentials import REFRESH_BEFORE_EXPIRY_S, TOO_LATE_S, SonicCredentials


class Chain:
    """Stands in for boto3: credentials that last so long, or none."""

    def __init__(self) -> None:
        self.lasts_s: float | None = 3600.0
        self.asked = 0

    def __call__(self) -> AWSCredentialsIdentity:
        self.asked += 1
        if self.lasts_s is None:
            raise SonicError("there are no AWS credentials")
        expiration = datetime.now(UTC) + timedelta(seconds=self.lasts_s)
        return AWSCredentialsIdentity(access_key_id=f"key {self.asked}", secret_access_key="s", expiration=expiration)


@pytest.fixture
def chain(monkeypatch: pytest.MonkeyPatch) -> Chain:
    made = Chain()
    monkeypatch.setattr(module, "_from_boto3", made)
    return made


async def key_of(credentials: SonicCredentials) -> str:
    return (await credentials.get_identity()).access_key_id


async def test_credentials_that_last_are_asked_for_once(chain: Chain) -> None:
    credentials = SonicCredentials()
    assert [await key_of(credentials) for _ in range(2)] == ["key 1", "key 1"]
    assert credentials.expires_at == pytest.approx(time.time() + 3600, abs=60)


async def test_credentials_that_expire_soon_are_renewed(chain: Chain) -> None:
    credentials = SonicCredentials()
    chain.lasts_s = REFRESH_BEFORE_EXPIRY_S - 10
    assert [await key_of(credentials) for _ in range(2)] == ["key 1", "key 2"]


async def test_credentials_that_cannot_be_renewed_are_used_while_they_last(chain: Chain) -> None:
    credentials = SonicCredentials()
    chain.lasts_s = REFRESH_BEFORE_EXPIRY_S - 10
    await key_of(credentials)
    chain.lasts_s = None
    assert await key_of(credentials) == "key 1"
    chain.lasts_s = 3600.0
    assert await key_of(credentials) == "key 3"


async def test_credentials_that_are_over_are_not_used(chain: Chain) -> None:
    credentials = SonicCredentials()
    chain.lasts_s = TOO_LATE_S - 1
    await key_of(credentials)
    chain.lasts_s = None
    with pytest.raises(SonicError, match="no AWS credentials"):
        await credentials.get_identity()


async def test_credentials_that_were_refused_are_not_used_again(chain: Chain) -> None:
    credentials = SonicCredentials()
    await key_of(credentials)
    credentials.forget()
    chain.lasts_s = None
    with pytest.raises(SonicError, match="no AWS credentials"):
        await credentials.get_identity()
