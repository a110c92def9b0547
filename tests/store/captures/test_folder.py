"""Captures on disk: sealed, private, bounded, and never a reason to crash."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from copilot_api.errors import StoreUnavailable
from copilot_api.store.captures import Bounds, CaptureFolder, CaptureHead, folder_of, is_kept
from copilot_api.store.captures.form import name_of
from copilot_api.store.vault import Vault

KEY = ("0" * 32, b"k" * 32)
OTHER_KEY = ("1" * 32, b"k" * 32)
SAME_NAME_OTHER_KEY = ("0" * 32, b"x" * 32)


def head(trace_id: str, at_unix_s: float = 1000.0) -> CaptureHead:
    """What a list shows."""
    return CaptureHead(trace_id, at_unix_s, client="test", status=200, outcome="completed")


def folder(path: Path, key: tuple[str, bytes] = KEY, **bounds: float) -> CaptureFolder:
    """A folder with a given key."""
    return CaptureFolder(path / "captures", lambda: key, bounds=Bounds(**bounds))  # type: ignore[arg-type]


def file_of(path: Path, trace_id: str) -> Path:
    """Where a capture is."""
    return path / "captures" / f"{name_of(trace_id)}.capture"


def listed(found: CaptureFolder) -> list[str]:
    """The trace ids that a list shows."""
    return [kept.head.trace_id for kept in found.listing().captures]


def test_what_is_kept_is_read_again_and_nobody_else_can(tmp_path: Path) -> None:
    """Sealed, for its owner only, and named so that a client's trace id cannot choose a path."""
    kept = folder(tmp_path)
    kept.keep(head("../../evil"), b"the document")
    assert kept.read("../../evil") == (head("../../evil"), b"the document")
    assert kept.read("other") is None
    (path,) = tmp_path.joinpath("captures").iterdir()
    assert path == file_of(tmp_path, "../../evil")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    data = path.read_bytes()
    assert b"document" not in data
    assert b"evil" not in data
    assert b"test" not in data


def test_the_newest_of_a_trace_id_replaces_the_others(tmp_path: Path) -> None:
    """Clients may choose the same id twice."""
    kept = folder(tmp_path)
    kept.keep(head("a", 1.0), b"first")
    kept.keep(head("a", 2.0), b"second")
    assert kept.read("a") == (head("a", 2.0), b"second")
    assert listed(kept) == ["a"]


def test_a_list_is_newest_first_and_counts_bytes(tmp_path: Path) -> None:
    """Also with a head that is longer than what is read of a file at first."""
    kept = folder(tmp_path)
    kept.keep(head("old", 1.0), b"x")
    kept.keep(CaptureHead("long", 3.0, client="c" * 20_000), b"x")
    kept.keep(head("new", 2.0), b"x")
    assert listed(kept) == ["long", "new", "old"]
    assert kept.listing().stored_bytes == sum(one.size_bytes for one in kept.listing().captures)


def test_an_empty_folder_asks_for_no_key(tmp_path: Path) -> None:
    """Looking makes no vault where there is none."""
    found = folder_of(tmp_path, Vault(tmp_path))
    assert found.listing().captures == ()
    assert found.read("a") is None
    assert found.clear() == 0
    assert list(tmp_path.iterdir()) == []
    found.keep(head("a"), b"x")
    assert (tmp_path / "vault.json").exists()
    assert folder_of(tmp_path, Vault(tmp_path)).read("a") == (head("a"), b"x")
    assert is_kept(tmp_path, "a")
    assert not is_kept(tmp_path, "b")


@pytest.mark.parametrize("key", [OTHER_KEY, SAME_NAME_OTHER_KEY])
def test_files_of_another_key_are_skipped_and_counted(tmp_path: Path, key: tuple[str, bytes]) -> None:
    """A data directory that was copied without its vault."""
    folder(tmp_path, key).keep(head("foreign"), b"x")
    mine = folder(tmp_path)
    mine.keep(head("mine"), b"y")
    assert listed(mine) == ["mine"]
    assert mine.listing().unreadable == 1
    with pytest.raises(StoreUnavailable, match="capture clear"):
        mine.read("foreign")
    assert mine.clear() == 2


def test_every_change_makes_another_version(tmp_path: Path) -> None:
    """Also one by another process; to look changes nothing."""
    kept, other = folder(tmp_path), folder(tmp_path)
    versions = [kept.version()]
    for change in (
        lambda: kept.keep(head("one"), b""),
        lambda: other.keep(head("two"), b""),
        lambda: other.remove("one"),
        kept.clear,
    ):
        time.sleep(0.02)  # a file system's clock ticks every few milliseconds
        change()
        kept.listing()
        versions.append(kept.version())
    assert versions[0] == 0
    assert versions == sorted(set(versions))
    (tmp_path / "captures").rmdir()
    assert kept.version() == 0


@pytest.mark.parametrize("damage", ["empty", "short", "text", "flipped head", "flipped end", "cut"])
def test_a_damaged_file_is_skipped_and_counted(tmp_path: Path, damage: str) -> None:
    """Whatever happened to it."""
    kept = folder(tmp_path)
    kept.keep(head("good"), b"fine")
    kept.keep(head("bad"), b"document" * 100)
    path = file_of(tmp_path, "bad")
    data = bytearray(path.read_bytes())
    if damage == "flipped head":
        data[80] ^= 1
    if damage == "flipped end":
        data[-1] ^= 1
    told = {"empty": b"", "short": bytes(data[:30]), "text": b"hello\n" * 50, "cut": bytes(data[:-5])}
    path.write_bytes(told.get(damage, bytes(data)))
    with pytest.raises(StoreUnavailable):
        kept.read("bad")
    assert "good" in listed(kept)
    is_head_whole = damage in {"flipped end", "cut"}
    assert kept.listing().unreadable == (0 if is_head_whole else 1)
    kept.keep(head("another"), b"works")
    assert kept.remove("bad")
    assert not kept.remove("bad")


def test_files_cannot_be_swapped(tmp_path: Path) -> None:
    """A capture under another's name would explain the wrong request."""
    kept = folder(tmp_path)
    kept.keep(head("a"), b"of a")
    kept.keep(head("b"), b"of b")
    os.replace(file_of(tmp_path, "a"), file_of(tmp_path, "b"))
    with pytest.raises(StoreUnavailable, match="damaged"):
        kept.read("b")


def test_too_many_and_too_much_lets_the_oldest_go(tmp_path: Path) -> None:
    """By number and by bytes."""
    few = folder(tmp_path, max_captures=3)
    for number in range(5):
        few.keep(head(f"t{number}", number), b"x")
        _age(file_of(tmp_path, f"t{number}"), 100 - number)
    few.prune()
    assert listed(few) == ["t4", "t3", "t2"]
    size = few.listing().captures[0].size_bytes
    small = folder(tmp_path, max_bytes=2 * size)
    assert small.prune() == 1
    assert listed(small) == ["t4", "t3"]


def test_what_is_too_old_is_neither_shown_nor_kept(tmp_path: Path) -> None:
    """A day after it was written."""
    kept = folder(tmp_path, max_age_s=3600)
    kept.keep(head("old"), b"x")
    kept.keep(head("new"), b"x")
    _age(file_of(tmp_path, "old"), 3700)
    assert listed(kept) == ["new"]
    assert kept.prune() == 1
    assert not file_of(tmp_path, "old").exists()


def test_a_full_disk_is_told_and_changes_nothing(tmp_path: Path) -> None:
    """Here: a folder that is a file."""
    (tmp_path / "captures").write_text("in the way")
    with pytest.raises(StoreUnavailable):
        folder(tmp_path).keep(head("a"), b"x")


def test_a_writer_that_is_killed_leaves_whole_captures_or_none(tmp_path: Path) -> None:
    """Twenty sudden deaths; what a dead writer left half written is swept."""
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from copilot_api.store.captures import CaptureFolder, CaptureHead\n"
        "found = CaptureFolder(Path(sys.argv[1]), lambda: ('0' * 32, b'k' * 32))\n"
        "print('begun', flush=True)\n"
        "for n in range(100000):\n"
        "    found.keep(CaptureHead(f't{n % 7}', float(n)), (b'%d ' % n) * 50000)\n"
    )
    kept = folder(tmp_path)
    for death in range(20):
        with subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / "captures")], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(0.01 + 0.007 * death)
            writer.kill()
        assert kept.listing().unreadable == 0
        for one in kept.listing().captures:
            assert kept.read(one.head.trace_id) is not None
    for leftover in (tmp_path / "captures").glob(".*.new"):
        _age(leftover, 100)
    kept.prune()
    assert list((tmp_path / "captures").glob(".*.new")) == []


def _age(path: Path, seconds: float) -> None:
    then_s = time.time() - seconds
    os.utime(path, (then_s, then_s))
