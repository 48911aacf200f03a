"""Folders that are going to be written to are tried first."""

from __future__ import annotations

from pathlib import Path

import pytest

from nova_agent.cli.places import record_folder, writable_folder
from nova_agent.errors import RecordError


def test_a_folder_is_made_and_left_empty(tmp_path: Path) -> None:
    folder = writable_folder(tmp_path / "new" / "folder", remedy="None needed.")
    assert folder.is_dir()
    assert list(folder.iterdir()) == []


def test_a_file_in_the_way_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("I am a file")
    with pytest.raises(RecordError, match="NOVA_RECORD__DIRECTORY") as refused:
        record_folder(tmp_path / "taken" / "calls")
    assert f"{tmp_path}/taken/calls cannot be written (Not a directory)" in str(refused.value)
