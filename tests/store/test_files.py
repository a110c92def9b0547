"""Bytes on the disk: replaced whole or not at all."""

from pathlib import Path

import pytest

from copilot_api.errors import StoreUnavailable
from copilot_api.store.files import fingerprint, write_atomically


def test_a_write_into_a_missing_directory_is_told(tmp_path: Path) -> None:
    """The message names the file and what to check."""
    with pytest.raises(StoreUnavailable, match="cannot be written: No such file"):
        write_atomically(tmp_path / "gone" / "file", b"x")


def test_a_rename_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    """A mount point or a directory cannot be replaced; its place stays clean."""
    (tmp_path / "file").mkdir()
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        write_atomically(tmp_path / "file", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_every_replacement_has_a_fingerprint_of_its_own(tmp_path: Path) -> None:
    """Even when size and time are the same."""
    path = tmp_path / "file"
    assert fingerprint(path) is None
    write_atomically(path, b"a")
    first = fingerprint(path)
    write_atomically(path, b"b")
    assert first != fingerprint(path)
