"""How many streams a host has open."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from nova_agent.errors import SonicError
from nova_agent.sonic.quota import Slot, StreamQuota, StreamQuotas, default_directory

KEY = "eu-north-1/123456789012"


@pytest.fixture(params=["this process", "the host"])
def directory(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return None if request.param == "this process" else tmp_path


def taken(quota: StreamQuota, *, reserved: bool = False) -> list[Slot]:
    """All the places that can be had."""
    slots = []
    while (slot := quota.acquire(reserved=reserved)) is not None:
        slots.append(slot)
    return slots


def test_calls_leave_the_reserve_to_calls_under_way(directory: Path | None) -> None:
    quota = StreamQuota(5, directory, KEY, reserve=2)
    assert len(taken(quota)) == 3
    assert len(taken(quota, reserved=True)) == 2
    assert quota.in_use() == 5


def test_a_place_that_was_given_back_can_be_had_again(directory: Path | None) -> None:
    quota = StreamQuota(3, directory, KEY)
    slots = taken(quota)
    slots[0].release()
    assert quota.in_use() == 1
    assert quota.acquire() is not None


def test_giving_back_twice_frees_nobody_elses_place(directory: Path | None) -> None:
    quota = StreamQuota(2, directory, KEY)
    slot = quota.acquire()
    assert slot is not None
    slot.release()
    assert quota.acquire() is not None
    slot.release()
    assert quota.in_use() == 1


def test_after_a_change_of_streams_the_reserve_is_free_again(directory: Path | None) -> None:
    quota = StreamQuota(3, directory, KEY, reserve=1)
    leaving, _ = taken(quota)
    for _ in range(5):
        following = quota.acquire(reserved=True)
        assert following is not None
        assert quota.acquire(reserved=True) is None
        leaving.release()
        leaving = following
    assert quota.in_use() == 2
    assert quota.acquire() is None


def test_the_smallest_account_can_still_take_a_call(directory: Path | None) -> None:
    assert len(taken(StreamQuota(1, directory, KEY))) == 1


def test_without_a_limit_there_is_always_a_place(directory: Path | None) -> None:
    quota = StreamQuota(0, directory, KEY)
    slots = [quota.acquire() for _ in range(100)]
    assert quota.in_use() == 100
    for slot in slots:
        assert slot is not None
        slot.release()
    assert quota.in_use() == 0


def test_accounts_and_regions_are_counted_apart(tmp_path: Path) -> None:
    taken(StreamQuota(3, tmp_path, "eu-north-1/1"))
    for key in ("us-east-1/1", "eu-north-1/2", "../eu-north-1/1"):
        assert StreamQuota(3, tmp_path, key).in_use() == 0


def test_each_region_has_a_quota_of_its_own(directory: Path | None) -> None:
    quotas = StreamQuotas(3, directory)
    assert quotas.of("eu-north-1") is quotas.of("eu-north-1")
    assert len(taken(quotas.of("eu-north-1"))) == len(taken(quotas.of("us-east-1"))) == 2


def test_no_file_stays_open_behind(tmp_path: Path) -> None:
    open_before = len(list(Path("/proc/self/fd").iterdir()))
    quota = StreamQuota(20, tmp_path, KEY)
    for slot in [*taken(quota), *taken(quota, reserved=True)]:
        slot.release()
    assert quota.in_use() == 0
    assert len(list(Path("/proc/self/fd").iterdir())) == open_before


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SonicError, match="NOVA_SONIC__STREAMS_DIRECTORY"):
        StreamQuota(3, tmp_path / "file", KEY)


def test_a_folder_that_is_gone_turns_no_caller_away(tmp_path: Path) -> None:
    quota = StreamQuota(1, tmp_path / "gone", KEY)
    next((tmp_path / "gone").iterdir()).rmdir()
    slots = [quota.acquire(), quota.acquire()]
    for slot in slots:
        assert slot is not None
        slot.release()


def test_a_host_has_one_place_to_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert default_directory() == default_directory()
    taken(StreamQuota(3, default_directory(), KEY))
    assert StreamQuota(3, default_directory(), KEY).in_use() == 2


def test_the_place_to_count_is_open_to_this_user_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / f"nova-agent-{os.getuid()}").mkdir(mode=0o777)
    assert default_directory().stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("trap", ["a link", "a file", "somebody else's"])
def test_a_place_to_count_that_is_not_this_users_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, trap: str
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = tmp_path / f"nova-agent-{os.getuid()}"
    if trap == "a link":
        folder.symlink_to(tmp_path)
    elif trap == "a file":
        folder.touch()
    else:
        another = os.getuid() + 1
        (tmp_path / f"nova-agent-{another}").mkdir()
        monkeypatch.setattr(os, "getuid", lambda: another)
    with pytest.raises(SonicError, match="NOVA_SONIC__STREAMS_DIRECTORY has to name"):
        default_directory()
