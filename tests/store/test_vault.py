"""The vault: what goes in comes out, only with the right key, and nothing is ever invented or lost."""

import base64
import json
import threading
import time
from pathlib import Path

import pytest

from copilot_api.errors import StoreUnavailable
from copilot_api.store.keyring_access import Backend, SystemKeyring, if_safe
from copilot_api.store.vault import Vault, open_vault

KEY = b"k" * 32
OTHER_KEY = b"o" * 32


class MemoryKeyring:
    """A keyring that works, until it is told not to."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.is_reachable = True

    def store(self, name: str, secret: str) -> bool:
        """Keep it."""
        if self.is_reachable:
            self.kept[name] = secret
        return self.is_reachable

    def fetch(self, name: str) -> str | None:
        """Bring it back."""
        return self.kept.get(name) if self.is_reachable else None


def test_what_is_sealed_can_be_opened_by_another_process(tmp_path: Path) -> None:
    """References stay good across restarts, for any text."""
    references = Vault(tmp_path).put_all(["gho_canary", "ünï\ud800", ""])
    assert all(Vault.is_reference(reference) for reference in references)
    assert [Vault(tmp_path).open(reference) for reference in references] == ["gho_canary", "ünï\ud800", ""]
    assert "canary" not in (tmp_path / "vault.json").read_text()


def test_a_text_that_is_no_reference_is_itself(tmp_path: Path) -> None:
    """A plain token not yet moved works like a sealed one."""
    assert Vault(tmp_path).open("gho_plain") == "gho_plain"


def test_an_unknown_reference_is_told(tmp_path: Path) -> None:
    """A config.json that came without its vault."""
    with pytest.raises(StoreUnavailable, match="no entry 'vault:gone'"):
        Vault(tmp_path).open("vault:gone")
    vault = Vault(tmp_path)
    vault.put("x")
    assert vault.reveal("vault:gone") is None


def test_a_forgotten_secret_is_gone_and_the_others_stay(tmp_path: Path) -> None:
    """Deleting touches nothing else, and deleting twice is no mistake."""
    vault = Vault(tmp_path)
    vault.delete("vault:before-there-is-one")
    first, second = vault.put_all(["a", "b"])
    vault.delete(first)
    vault.delete(first)
    assert vault.reveal(first) is None
    assert Vault(tmp_path).open(second) == "b"


def test_two_vaults_of_one_directory_see_each_other(tmp_path: Path) -> None:
    """The command line seals a token while the server runs."""
    server, command_line = Vault(tmp_path), Vault(tmp_path)
    first = server.put("a")
    second = command_line.put("b")
    assert (server.open(second), command_line.open(first)) == ("b", "a")


def test_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    """Entries are added under a lock to what is there."""
    references: list[str] = []
    threads = [
        threading.Thread(target=lambda n=n: references.append(Vault(tmp_path).put(f"secret {n}")))
        for n in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    vault = Vault(tmp_path)
    assert {vault.open(reference) for reference in references} == {f"secret {n}" for n in range(12)}


def test_an_entry_is_bound_to_its_reference(tmp_path: Path) -> None:
    """Whoever can write the file still cannot give one account another's token."""
    vault = Vault(tmp_path)
    first, second = vault.put_all(["a", "b"])
    document = json.loads(vault.path.read_text())
    document["entries"][first] = document["entries"][second]
    vault.path.write_text(json.dumps(document))
    with pytest.raises(StoreUnavailable, match="is damaged"):
        vault.open(first)
    document["entries"][first] = "not base64"
    vault.path.write_text(json.dumps(document))
    with pytest.raises(StoreUnavailable, match="is damaged"):
        vault.open(first)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"keySource": "moon", "keyId": ""}'])
def test_an_unreadable_vault_is_told_and_never_overwritten(tmp_path: Path, text: str) -> None:
    """Somebody may still mend it."""
    (tmp_path / "vault.json").write_text(text)
    vault = Vault(tmp_path)
    with pytest.raises(StoreUnavailable, match="left as it is"):
        vault.put("x")
    with pytest.raises(StoreUnavailable, match="left as it is"):
        vault.open("vault:1")
    assert (tmp_path / "vault.json").read_text() == text


def test_a_newer_vault_is_left_alone(tmp_path: Path) -> None:
    """An older program must not drop what it does not know."""
    (tmp_path / "vault.json").write_text('{"keySource": "file", "keyId": "", "version": 2, "new": 1}')
    with pytest.raises(StoreUnavailable, match="version 2"):
        Vault(tmp_path).put("x")


def test_the_key_comes_from_the_environment_first(tmp_path: Path) -> None:
    """Then neither keyring nor key file is touched."""
    keyring = MemoryKeyring()
    reference = Vault(tmp_path, key=KEY, keyring=keyring).put("x")
    assert not (tmp_path / "vault.key").exists()
    assert keyring.kept == {}
    assert Vault(tmp_path, key=KEY).open(reference) == "x"
    assert "COPILOT_API_VAULT_KEY" in Vault(tmp_path, key=KEY).check()
    with pytest.raises(StoreUnavailable, match="which is not set here"):
        Vault(tmp_path).open(reference)
    with pytest.raises(StoreUnavailable, match="another key than the one in COPILOT_API_VAULT_KEY"):
        Vault(tmp_path, key=OTHER_KEY).put("y")
    assert Vault(tmp_path, key=KEY).open(reference) == "x"


def test_the_key_lives_in_the_keyring_where_there_is_one(tmp_path: Path) -> None:
    """A later start without the keyring says so instead of inventing a new key."""
    keyring = MemoryKeyring()
    reference = Vault(tmp_path, keyring=keyring).put("x")
    assert not (tmp_path / "vault.key").exists()
    assert Vault(tmp_path, keyring=keyring).open(reference) == "x"
    assert "the system's keyring" in Vault(tmp_path, keyring=keyring).check()
    for absent in (None, keyring):
        keyring.is_reachable = False
        before = (tmp_path / "vault.json").read_bytes()
        with pytest.raises(StoreUnavailable, match="not reachable from here"):
            Vault(tmp_path, keyring=absent).put("y")
        assert (tmp_path / "vault.json").read_bytes() == before
    keyring.is_reachable = True
    keyring.kept = dict.fromkeys(keyring.kept, "rubbish")
    with pytest.raises(StoreUnavailable, match="is not a vault key"):
        Vault(tmp_path, keyring=keyring).open(reference)


def test_the_key_file_is_the_last_resort(tmp_path: Path) -> None:
    """A keyring that does not keep it, or none at all: a file for the owner only."""
    keyring = MemoryKeyring()
    keyring.is_reachable = False
    reference = Vault(tmp_path, keyring=keyring).put("x")
    assert (tmp_path / "vault.key").stat().st_mode & 0o777 == 0o600
    assert "vault.key" in Vault(tmp_path).check()
    key = (tmp_path / "vault.key").read_text()
    (tmp_path / "vault.key").write_text("rubbish!")
    with pytest.raises(StoreUnavailable, match="is not a vault key"):
        Vault(tmp_path).open(reference)
    (tmp_path / "vault.key").unlink()
    with pytest.raises(StoreUnavailable, match="cannot be read"):
        Vault(tmp_path).open(reference)
    (tmp_path / "vault.key").write_text(key)
    assert Vault(tmp_path).open(reference) == "x"


def test_a_new_vault_uses_the_key_file_that_is_there(tmp_path: Path) -> None:
    """After vault.json was moved away, an old copy of it can still be brought back."""
    Vault(tmp_path).put("x")
    key = (tmp_path / "vault.key").read_text()
    (tmp_path / "vault.json").unlink()
    Vault(tmp_path).put("y")
    assert (tmp_path / "vault.key").read_text() == key


def test_an_empty_directory_has_nothing_to_check(tmp_path: Path) -> None:
    """Checking makes no file."""
    assert Vault(tmp_path).check() == "There is no vault yet; the first secret makes one."
    assert list(tmp_path.iterdir()) == []


def test_the_keyring_can_be_kept_out(tmp_path: Path) -> None:
    """COPILOT_API_KEYRING=off means the key file, even on a desktop."""
    open_vault(tmp_path, use_keyring=False).put("x")
    assert (tmp_path / "vault.key").exists()
    assert open_vault(tmp_path, use_keyring=True).check().startswith("1 secret(s)")


class MemoryBackend:
    """A backend of the `keyring` package, by its interface."""

    priority = 5.0

    def __init__(self, keeps: bool = True) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.keeps = keeps

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it, or pretend to."""
        if self.keeps:
            self.kept[service, username] = password

    def get_password(self, service: str, username: str) -> str | None:
        """Bring it back."""
        return self.kept.get((service, username))


class FailingBackend(MemoryBackend):
    """The backend that stands for "there is none"."""


FailingBackend.__module__ = "keyring.backends.fail"


def test_a_keyring_is_believed_when_it_gives_back_what_it_got() -> None:
    """Some backends accept everything and keep nothing."""
    backend = MemoryBackend()
    keyring = SystemKeyring(lambda: backend)
    assert keyring.store("name", "secret")
    assert keyring.fetch("name") == "secret"
    assert backend.kept == {("copilot-api", "name"): "secret"}
    assert not SystemKeyring(lambda: MemoryBackend(keeps=False)).store("name", "secret")


def test_no_keyring_is_an_answer() -> None:
    """Neither an absent nor a failing nor a silent one holds anybody up."""

    def fail() -> Backend | None:
        raise OSError("no bus")

    def hang() -> Backend | None:
        time.sleep(0.5)
        return None

    for find in (lambda: None, fail, hang):
        keyring = SystemKeyring(find, patience_s=0.05)
        assert keyring.store("name", "secret") is False
        assert keyring.fetch("name") is None


def test_a_backend_that_keeps_nothing_safe_is_not_used() -> None:
    """The `keyring` package always finds some backend; the failing one and the weak ones are none."""
    good, weak = MemoryBackend(), MemoryBackend()
    weak.priority = 0.5
    assert if_safe(good) is good
    assert if_safe(weak) is None
    assert if_safe(FailingBackend()) is None


def test_a_derived_key_is_the_same_for_its_purpose_and_no_other(tmp_path: Path) -> None:
    """It comes from the vault's key and tells nothing of it; asking makes a vault where there is none."""
    key_id, captures = Vault(tmp_path).derive("captures")
    assert Vault(tmp_path).derive("captures") == (key_id, captures)
    assert Vault(tmp_path).derive("other")[1] != captures
    assert len(captures) == 32
    assert captures not in base64.b64decode((tmp_path / "vault.key").read_text())
    other = tmp_path / "other"
    assert Vault(other).derive("captures")[1] != captures
