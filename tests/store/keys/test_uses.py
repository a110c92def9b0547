"""The last use of each key: kept off the disk, and not lost either."""

import asyncio
import contextlib
import json
from pathlib import Path

from copilot_api.settings import ClientKeyEntry
from copilot_api.store.keys import KeyUses

LAPTOP, CI = (ClientKeyEntry(f"key_{number}", str(number), f"{number}" * 64) for number in (1, 2))


class Clock:
    """Tells what it was told."""

    now = 1_700_000_000.5

    def __call__(self) -> float:
        """The time."""
        return self.now


def test_a_use_is_known_at_once_and_survives_a_restart(tmp_path: Path) -> None:
    """Written when asked to, and not before."""
    clock = Clock()
    uses = KeyUses(tmp_path / "uses.json", clock=clock)
    uses.note(LAPTOP)
    assert (uses.last("key_1"), uses.last("key_2")) == (1_700_000_000.5, None)
    assert not uses.path.exists()
    uses.save()
    assert json.loads(uses.path.read_bytes()) == {"version": 1, "keys": {"key_1": 1_700_000_000}}
    after = KeyUses(uses.path, clock=clock)
    after.load()
    assert after.last("key_1") == 1_700_000_000
    clock.now += 5
    after.note(LAPTOP)
    assert after.last("key_1") == 1_700_000_005.5


def test_nothing_new_is_not_written(tmp_path: Path) -> None:
    """A sleeping disk is left asleep."""
    uses = KeyUses(tmp_path / "uses.json", clock=Clock())
    uses.save()
    assert not uses.path.exists()
    uses.note(LAPTOP)
    uses.save()
    uses.path.unlink()
    uses.note(LAPTOP)
    uses.save()
    assert not uses.path.exists()


def test_two_processes_lose_nothing_of_each_other(tmp_path: Path) -> None:
    """The newest use counts, whoever saw it."""
    early, late = Clock(), Clock()
    late.now += 100
    one, two = KeyUses(tmp_path / "uses.json", clock=early), KeyUses(tmp_path / "uses.json", clock=late)
    one.note(CI)
    two.note(LAPTOP)
    two.save()
    one.note(LAPTOP)
    one.save()
    keys = json.loads(one.path.read_bytes())["keys"]
    assert keys == {"key_1": 1_700_000_100, "key_2": 1_700_000_000}
    assert one.last("key_1") == 1_700_000_100


def test_keys_of_long_ago_fade_away(tmp_path: Path) -> None:
    """A thousand, those used last."""
    clock = Clock()
    uses = KeyUses(tmp_path / "uses.json", clock=clock)
    for number in range(1001):
        clock.now += 1
        uses.note(ClientKeyEntry(f"key_{number}", "", ""))
    uses.save()
    kept = json.loads(uses.path.read_bytes())["keys"]
    assert len(kept) == 1000
    assert "key_0" not in kept


def test_a_damaged_file_begins_anew(tmp_path: Path) -> None:
    """Nothing hangs on it."""
    uses = KeyUses(tmp_path / "uses.json", clock=Clock())
    for damage in (b"{", b'{"keys": []}', b"\xff"):
        uses.path.write_bytes(damage)
        uses.load()
        assert uses.last("key_1") is None
    uses.note(LAPTOP)
    uses.save()
    uses.load()
    assert uses.last("key_1") == 1_700_000_000.5


def test_a_disk_that_refuses_costs_nothing_but_the_writing(tmp_path: Path) -> None:
    """It is tried again the next time."""
    uses = KeyUses(tmp_path / "missing" / "uses.json", clock=Clock())
    uses.note(LAPTOP)
    uses.save()
    assert uses.last("key_1") == 1_700_000_000.5
    uses.path.parent.mkdir()
    uses.save()
    assert uses.path.exists()


async def test_uses_are_written_once_a_minute(tmp_path: Path) -> None:
    """While the server runs."""
    uses = KeyUses(tmp_path / "uses.json", clock=Clock())
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            raise asyncio.CancelledError
        uses.note(LAPTOP)

    with contextlib.suppress(asyncio.CancelledError):
        await uses.run(sleep)
    assert slept == [60.0] * 3
    assert uses.path.exists()
