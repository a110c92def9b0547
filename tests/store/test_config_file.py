"""config.json on the disk: nothing lost, nothing torn, nothing in clear."""

import asyncio
import json
import os
import random
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from copilot_api.errors import StoreUnavailable
from copilot_api.settings import read_environment
from copilot_api.store.config_file import ConfigFile, ConfigState, open_config
from copilot_api.store.files import locked
from copilot_api.store.vault import Vault

WRITER = Path(__file__).with_name("writer_process.py")
ENVIRONMENT = read_environment({"COPILOT_API_HOME": "/nowhere"})


def _config(directory: Path, patience_s: float = 10) -> ConfigFile:
    return ConfigFile(directory / "config.json", Vault(directory), lock_patience_s=patience_s)


def _write(directory: Path, document: object) -> None:
    (directory / "config.json").write_text(json.dumps(document))


def _read(directory: Path) -> dict[str, object]:
    found = json.loads((directory / "config.json").read_text())
    assert isinstance(found, dict)
    return found


def _set(name: str, value: object) -> object:
    def change(document: dict[str, object]) -> None:
        document[name] = value

    return change


def test_a_missing_file_is_an_empty_configuration(tmp_path: Path) -> None:
    """A first start needs no file and makes none."""
    state = _config(tmp_path / "new").load()
    assert state == ConfigState(document={})
    assert not (tmp_path / "new").exists()


def test_a_first_save_makes_private_files_in_a_private_directory(tmp_path: Path) -> None:
    """Tokens live here: 0600 in 0700, whatever the umask."""
    directory = tmp_path / "copilot-api"
    _config(directory).update(lambda document: document.update(accounts=[{"id": "1", "token": "gho_plain"}]))
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()}
    assert modes == {
        "config.json": 0o600,
        "config.json.last-good": 0o600,
        "config.json.lock": 0o600,
        "vault.json": 0o600,
        "vault.json.lock": 0o600,
        "vault.key": 0o600,
    }


def test_our_own_directory_is_tightened_and_foreign_ones_are_not(tmp_path: Path) -> None:
    """The reference gateway leaves its directory 0755; a directory of the operator's choice stays."""
    ours, theirs = tmp_path / "copilot-api", tmp_path / "shared"
    for directory in (ours, theirs):
        directory.mkdir(mode=0o755)
        directory.chmod(0o755)
        _config(directory).update(_set("a", 1))
    assert stat.S_IMODE(ours.stat().st_mode) == 0o700
    assert stat.S_IMODE(theirs.stat().st_mode) == 0o755


def test_unknown_keys_and_their_order_survive_a_save(tmp_path: Path) -> None:
    """The file also belongs to the reference gateway and to the person who edits it."""
    _write(
        tmp_path, {"zebra": {"b": 1, "a": [1.5, None]}, "smallModel": "m", "ünknown": "\ud800", "big": 10**30}
    )
    _config(tmp_path).update(_set("smallModel", "n"))
    found = _read(tmp_path)
    assert list(found) == ["zebra", "smallModel", "ünknown", "big"]
    assert found == {
        "zebra": {"b": 1, "a": [1.5, None]},
        "smallModel": "n",
        "ünknown": "\ud800",
        "big": 10**30,
    }


def test_reading_never_rewrites_the_file(tmp_path: Path) -> None:
    """A read that writes races with every other writer."""
    text = '{"smallModel":   "m", "premiumModelMultipliers": {}}'
    (tmp_path / "config.json").write_text(text)
    _config(tmp_path).load()
    assert (tmp_path / "config.json").read_text() == text


def test_a_change_that_changes_nothing_writes_nothing(tmp_path: Path) -> None:
    """The watcher of another process has nothing to wake up for."""
    config = _config(tmp_path)
    config.update(_set("a", 1))
    before = (tmp_path / "config.json").stat()
    state = config.update(_set("a", 1))
    after = (tmp_path / "config.json").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert state.document == {"a": 1}
    config.update(_set("a", True))
    assert _read(tmp_path)["a"] is True


def test_a_change_that_raises_writes_nothing(tmp_path: Path) -> None:
    """A half-made change must not reach the disk."""
    config = _config(tmp_path)
    config.update(_set("a", 1))

    def change(document: dict[str, object]) -> None:
        document["a"] = 2
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        config.update(change)
    assert _read(tmp_path) == {"a": 1}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '"x"', '{"a": NaN}', '{"a": 1e999}', "\x00", "[" * 100_000, '{"a": 1,}']
)
def test_an_unreadable_file_is_told_and_never_overwritten(tmp_path: Path, text: str) -> None:
    """The reference gateway overwrote a damaged file with defaults: accounts and admin secret were gone."""
    config = _config(tmp_path)
    config.update(_set("smallModel", "kept"))
    (tmp_path / "config.json").write_text(text)
    state = config.load()
    assert state.is_read_only
    assert not state.is_lost
    assert state.document == {"smallModel": "kept"}
    assert state.problem is not None
    assert "config.json" in state.problem
    assert "last good copy" in state.problem
    assert state.problems[0].stops_start is False
    with pytest.raises(StoreUnavailable, match="Nothing was saved"):
        config.update(_set("smallModel", "lost"))
    assert (tmp_path / "config.json").read_text() == text
    with pytest.raises(StoreUnavailable, match="config"):
        config.export(reveal=False)


def test_an_unreadable_file_without_a_copy_locks_everybody_out_and_stops_the_start(tmp_path: Path) -> None:
    """Nobody knows which keys it held, so nobody may come in for the lack of them."""
    (tmp_path / "config.json").write_text('{"auth": {"apiKey": ')
    config = _config(tmp_path)
    state = config.load()
    settings = config.resolve(state, ENVIRONMENT)
    assert state.is_lost
    assert settings.has_unreadable_keys
    assert settings.admin_secret_hash == "unreadable"
    assert settings.problems[0].stops_start
    with_secret = read_environment({"COPILOT_API_HOME": "/nowhere", "ADMIN_SECRET": "12345678"})
    assert config.resolve(state, with_secret).admin_secret_hash is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_told(tmp_path: Path) -> None:  # pragma: no cover
    """Permission is a reason like any other."""
    _write(tmp_path, {})
    (tmp_path / "config.json").chmod(0)
    assert "Give this user permission" in str(_config(tmp_path).load().problem)


def test_a_directory_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    """Container engines make one when a bind-mounted file is missing."""
    (tmp_path / "config.json").mkdir()
    assert "cannot be read" in str(_config(tmp_path).load().problem)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    """Some Windows editors write one."""
    (tmp_path / "config.json").write_bytes(b'\xef\xbb\xbf{"smallModel": "m"}')
    assert _config(tmp_path).load().document == {"smallModel": "m"}


def test_plain_tokens_move_to_the_vault_once(tmp_path: Path) -> None:
    """The reference gateway keeps them in clear; here no file shows them."""
    _write(
        tmp_path,
        {
            "accounts": [{"id": "1", "login": "a", "token": "gho_canary_1"}, "odd", {"id": "2"}],
            "auth": {"apiKey": "canary_2", "apiKeys": ["canary_3", 5]},
            "anthropicApiKey": "canary_4",
        },
    )
    config = _config(tmp_path)
    state = config.load()
    everything = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"canary" not in everything
    assert (tmp_path / "config.json.last-good").exists()
    settings = config.resolve(state, ENVIRONMENT)
    assert settings.plain_keys == ("canary_2",)
    assert settings.anthropic_api_key == "canary_4"
    assert config.vault.open(settings.accounts[0].token) == "gho_canary_1"
    assert config.load() == state
    assert config.export(reveal=True)["auth"] == {"apiKey": "canary_2", "apiKeys": ["canary_3", 5]}


def test_a_token_pasted_by_hand_later_moves_as_well(tmp_path: Path) -> None:
    """Editing the file is a supported way to add an account."""
    config = _config(tmp_path)
    config.update(_set("smallModel", "m"))
    document = _read(tmp_path)
    _write(tmp_path, {**document, "accounts": [{"id": "1", "login": "a", "token": " gho_pasted\n"}]})
    config.load()
    assert "gho_pasted" not in (tmp_path / "config.json").read_text()
    assert config.export(reveal=True)["accounts"] == [{"id": "1", "login": "a", "token": "gho_pasted"}]


def test_an_export_masks_what_it_does_not_reveal(tmp_path: Path) -> None:
    """An export is made to be shown to somebody."""
    config = _config(tmp_path)
    config.update(
        lambda document: document.update(
            accounts=[{"id": "1", "token": "gho_x"}],
            adminAuth={"secretHash": "scrypt$a$b"},
            clientKeys=[{"id": "k", "sha256": "ab"}, 5],
        )
    )
    assert config.export(reveal=False) == {
        "accounts": [{"id": "1", "token": "***"}],
        "adminAuth": {"secretHash": "***"},
        "clientKeys": [{"id": "k", "sha256": "***"}, 5],
    }


def test_a_key_in_the_wrong_form_is_masked_as_well(tmp_path: Path) -> None:
    """Whoever typed it there still has a secret there."""
    _write(tmp_path, {"auth": {"apiKeys": "canary"}})
    assert _config(tmp_path).export(reveal=False) == {"auth": {"apiKeys": "***"}}


def test_plain_tokens_still_work_when_the_vault_does_not(tmp_path: Path) -> None:
    """A broken vault is told; it takes no account away that stands in the file."""
    _write(tmp_path, {"accounts": [{"id": "1", "login": "a", "token": "gho_plain"}]})
    (tmp_path / "vault.json").write_text("broken")
    config = _config(tmp_path)
    state = config.load()
    assert state.is_read_only is False
    assert "could not be moved to the vault" in state.problems[0].message
    assert config.resolve(state, ENVIRONMENT).accounts[0].token == "gho_plain"
    assert not (tmp_path / "config.json.last-good").exists()
    assert (tmp_path / "vault.json").read_text() == "broken"


def test_a_secret_nobody_refers_to_is_forgotten(tmp_path: Path) -> None:
    """Removing an account removes its token, not just the way to it."""
    config = _config(tmp_path)
    state = config.update(_set("anthropicApiKey", "sk-old"))
    reference = str(state.document["anthropicApiKey"])
    assert config.vault.open(reference) == "sk-old"
    config.update(lambda document: document.pop("anthropicApiKey"))
    assert config.vault.reveal(reference) is None


def test_a_save_survives_a_vault_that_cannot_forget(tmp_path: Path) -> None:
    """An orphaned secret is harmless, a failed save is not."""
    config = _config(tmp_path)
    config.update(_set("anthropicApiKey", "sk-old"))
    (tmp_path / "vault.json").write_text("broken")
    config.update(lambda document: document.pop("anthropicApiKey"))
    assert _read(tmp_path) == {}


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    """People keep their configuration in a repository of dotfiles."""
    (tmp_path / "dotfiles").mkdir()
    (tmp_path / "config.json").symlink_to(tmp_path / "dotfiles" / "real.json")
    _config(tmp_path).update(_set("a", 1))
    assert (tmp_path / "config.json").is_symlink()
    assert json.loads((tmp_path / "dotfiles" / "real.json").read_text()) == {"a": 1}


def test_a_lock_that_cannot_be_had_is_told(tmp_path: Path) -> None:
    """A hung process must not hang the others."""
    config = _config(tmp_path, patience_s=0.05)
    with (
        locked(tmp_path / "config.json.lock"),
        pytest.raises(StoreUnavailable, match="held by another process"),
    ):
        config.update(_set("a", 1))


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """The message names the place and what to check."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="must mount the directory"):
        _config(tmp_path / "file").update(_set("a", 1))
    (tmp_path / "dir" / "config.json.lock").mkdir(parents=True)
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        _config(tmp_path / "dir").update(_set("a", 1))


def test_a_failed_write_leaves_the_old_file_and_no_leftovers(tmp_path: Path) -> None:
    """A full disk or a file that is a mount point costs the new bytes, never the old ones."""
    config = _config(tmp_path)
    config.update(_set("a", 1))
    config.last_good_path.unlink()
    config.last_good_path.mkdir()
    state = config.update(_set("a", 2))
    assert state.problems[0].path == "config.json.last-good"
    assert _read(tmp_path) == {"a": 2}
    assert list(tmp_path.glob(".*.new")) == []


def test_leftovers_of_a_killed_writer_are_swept(tmp_path: Path) -> None:
    """Old ones go with the next save; a young one may be somebody's at work."""
    config = _config(tmp_path)
    old, young = tmp_path / ".config.json.aa.new", tmp_path / ".config.json.bb.new"
    for leftover in (old, young):
        leftover.write_text("half")
    os.utime(old, (time.time() - 3600, time.time() - 3600))
    config.update(_set("a", 1))
    assert not old.exists()
    assert young.exists()


def test_fifty_writers_in_several_processes_lose_nothing(tmp_path: Path) -> None:
    """Lost updates were the reference gateway's way: 2 of 10 kept."""
    workers = [
        subprocess.Popen([sys.executable, WRITER, tmp_path, "write", f"p{number}", "10"])
        for number in range(3)
    ]
    config = _config(tmp_path)

    def add(number: int) -> None:
        config.update(lambda document: document.update({f"key-{number}": number}))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(20)))
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    found = _read(tmp_path)
    assert isinstance(found["modelMapping"], dict)
    assert len(found["modelMapping"]) == 30
    assert {name for name in found if name.startswith("key-")} == {f"key-{n}" for n in range(20)}


def test_a_writer_killed_at_any_moment_leaves_a_whole_file(tmp_path: Path) -> None:
    """Killed between any two instructions: the file loads, its secret opens, the next writer gets in."""
    _write(tmp_path, {"mark": "always here"})
    config = _config(tmp_path)
    chance = random.Random(7)  # noqa: S311 - moments to strike, not secrets
    with subprocess.Popen(
        [sys.executable, WRITER, tmp_path, "fork"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as nursery:
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        for attempt in range(60):
            nursery.stdin.write(f"w{attempt}\n")
            nursery.stdin.flush()
            child = int(nursery.stdout.readline())
            if attempt % 2:  # the others may be struck before their first write
                assert nursery.stdout.readline() == "begun\n"
            time.sleep(chance.random() * 0.03)
            os.kill(child, signal.SIGKILL)
            nursery.stdin.write("reap\n")
            nursery.stdin.flush()
            assert any(nursery.stdout.readline() == "reaped\n" for _ in range(2))  # perhaps after "begun"
            state = config.load()
            assert state.problems == (), state.problem
            assert state.document["mark"] == "always here"
            key = state.document.get("anthropicApiKey")
            assert key is None or config.vault.open(str(key)).startswith("sk-")
        nursery.stdin.close()
        assert nursery.wait(10) == 0
    config.update(_set("after", True))
    assert config.load().document["after"] is True
    assert len(_names(state)) >= 30


def _names(state: ConfigState) -> set[str]:
    """Which of the killed writers got something written."""
    mapping = state.document["modelMapping"]
    assert isinstance(mapping, dict)
    return {str(name).split("-")[0] for name in mapping}


async def test_edits_by_hand_are_picked_up_while_running(tmp_path: Path) -> None:
    """No restart after editing the file."""
    config = _config(tmp_path)
    config.update(_set("smallModel", "a"))
    seen: list[ConfigState] = []
    changed = asyncio.Event()

    async def on_change(state: ConfigState) -> None:
        seen.append(state)
        changed.set()
        if len(seen) == 1:
            raise ValueError("a bug in whoever applies it")

    async with asyncio.timeout(10):
        task = asyncio.get_running_loop().create_task(
            config.watch(on_change, since=config.load(), interval_s=0.01)
        )
        await asyncio.sleep(0.05)
        assert seen == []
        for model in ("b", "c"):
            changed.clear()
            _write(tmp_path, {"smallModel": model, "n": len(model)})
            await changed.wait()
        changed.clear()
        (tmp_path / "config.json").write_text("{")
        await changed.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert [state.document.get("smallModel") for state in seen] == ["b", "c", "c"]
    assert [state.is_read_only for state in seen] == [False, False, True]


async def test_watching_starts_from_now_unless_told_otherwise(tmp_path: Path) -> None:
    """Without a state to start from, only later changes count."""
    config = _config(tmp_path)
    config.update(_set("a", 1))
    seen: list[ConfigState] = []

    async def on_change(state: ConfigState) -> None:
        seen.append(state)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await config.watch(on_change, interval_s=0.01)
    assert seen == []


def test_the_environment_names_the_place(tmp_path: Path) -> None:
    """One call gives the configuration and vault of a data directory."""
    environment = read_environment({"COPILOT_API_HOME": str(tmp_path), "COPILOT_API_KEYRING": "off"})
    config = open_config(environment)
    assert config.path == tmp_path / "config.json"
    assert config.vault.path == tmp_path / "vault.json"
