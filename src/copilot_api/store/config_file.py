"""config.json: read, watched, changed under a lock, never lost.

Owns the file, its last good copy and the order of writes. Must never know what a key means (`settings` does),
only which places hold secrets (sealing.py).

    load    the file, or the last good copy when the file cannot be read; plain secrets move to the vault
    update  lock -> read again -> change -> seal -> write -> keep as last good copy -> forget unused secrets
    watch   load again whenever the file's fingerprint changes

An unreadable file is never overwritten: until somebody mends it, changes are refused.
"""

import asyncio
import contextlib
import json
import math
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

import msgspec
import structlog

from copilot_api.errors import StoreUnavailable
from copilot_api.settings import (
    UNREADABLE_HASH,
    Environment,
    Overrides,
    Problem,
    Settings,
    read_document,
    resolve,
)
from copilot_api.store import sealing
from copilot_api.store.files import (
    LOCK_PATIENCE_S,
    Fingerprint,
    fingerprint,
    locked,
    prepare_directory,
    sweep_leftovers,
    write_atomically,
)
from copilot_api.store.sealing import Document
from copilot_api.store.vault import Vault, open_vault

_log = structlog.get_logger(__name__)


class ConfigState(msgspec.Struct, frozen=True):
    """The configuration as it stands.

    Shape: `problem` is set, and `is_read_only` True, when the file cannot be read; `document` is then the
    last good copy, or empty and `is_lost` when there is none.
    """

    document: Document
    problem: str | None = None
    is_read_only: bool = False
    is_lost: bool = False
    file_problems: tuple[Problem, ...] = ()
    version: Fingerprint | None = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that is wrong: with the file, and with what the document says."""
        return self.file_problems + read_document(self.document).problems


class _Unreadable(Exception):
    """The file is there and is not a configuration."""


class ConfigFile:
    """One config.json and the vault beside it.

    All methods but `watch` block for milliseconds: from an event loop call them through `asyncio.to_thread`.
    """

    def __init__(self, path: Path, vault: Vault, *, lock_patience_s: float = LOCK_PATIENCE_S) -> None:
        self.path = path
        self.vault = vault
        self.last_good_path = path.with_name(path.name + ".last-good")
        self._lock_path = path.with_name(path.name + ".lock")
        self._lock_patience_s = lock_patience_s

    def load(self) -> ConfigState:
        """Read the configuration. Raises: nothing; what went wrong is in the state."""
        version = fingerprint(self.path)
        try:
            document = self._read()
        except _Unreadable as error:
            return self._fall_back(str(error), version)
        problems: list[Problem] = []
        if sealing.has_plain(document):
            try:
                state = self.update(_change_nothing)
                document, version = state.document, state.version
            except StoreUnavailable as error:
                problems.append(_not_sealed(error))
        if not problems:
            problems.extend(self._keep_last_good(document))
        return _state(document, version, problems)

    def update(self, change: Callable[[Document], None]) -> ConfigState:
        """Change the configuration as it is now, whoever wrote it last.

        `change` edits the document in place, sees every concurrent change that came before, and may write
        plain secrets: they are sealed before they reach the disk. When it raises, nothing is written.
        Raises: StoreUnavailable when the file cannot be read or written, or the lock cannot be had.
        """
        prepare_directory(self.path.parent)
        with locked(self._lock_path, self._lock_patience_s):
            try:
                document = self._read()
            except _Unreadable as error:
                raise StoreUnavailable(f"Nothing was saved: {error}") from error
            before, references = _encode(document), sealing.references(document)
            change(document)
            sealing.seal_plain(document, self.vault.put_all)
            problems: list[Problem] = []
            after = _encode(document)
            if after != before:
                write_atomically(self.path, after)
                sweep_leftovers(self.path)
                problems.extend(self._keep_last_good(document))
                self._forget(references - sealing.references(document))
            return _state(document, fingerprint(self.path), problems)

    def resolve(
        self, state: ConfigState, environment: Environment, overrides: Overrides | None = None
    ) -> Settings:
        """Settle the settings of a state; `Settings.problems` then holds those of the file as well."""
        settings = resolve(environment, state.document, overrides, reveal=self.vault.reveal)
        if state.is_lost:
            # Whatever keys and admin secret the file held still hold: nobody is let in for the lack of them.
            locked_out = UNREADABLE_HASH if settings.admin_secret is None else None
            settings = msgspec.structs.replace(
                settings,
                has_unreadable_keys=True,
                admin_secret_hash=settings.admin_secret_hash or locked_out,
            )
        return msgspec.structs.replace(settings, problems=state.file_problems + settings.problems)

    async def watch(
        self,
        on_change: Callable[[ConfigState], Awaitable[None]],
        *,
        since: ConfigState | None = None,
        interval_s: float = 1.0,
    ) -> None:
        """Call `on_change` after every change of the file, ours and others', until cancelled.

        `since` is the state already applied. A file that cannot be read is reported only when it stays so for
        one more interval, because some editors write in place. What `on_change` raises is logged.
        """
        seen = await asyncio.to_thread(fingerprint, self.path) if since is None else since.version
        doubtful: Fingerprint | None = None
        while True:
            await asyncio.sleep(interval_s)
            version = await asyncio.to_thread(fingerprint, self.path)
            if version == seen:
                continue
            state = await asyncio.to_thread(self.load)
            if state.is_read_only and version != doubtful:
                doubtful = version
                continue
            seen, doubtful = state.version, None
            try:
                await on_change(state)
            except Exception:
                _log.exception("config.apply_failed", path=str(self.path))

    def export(self, *, reveal: bool) -> Document:
        """Copy the document with every secret in clear, or with every secret masked.

        Raises: StoreUnavailable when the file cannot be read, or a secret cannot be opened.
        """
        try:
            document = self._read()
        except _Unreadable as error:
            raise StoreUnavailable(str(error)) from error
        if reveal:
            sealing.reveal_all(document, self.vault.open)
        else:
            sealing.mask_all(document)
        return document

    def _read(self) -> Document:
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise _Unreadable(
                f"{str(self.path)!r} cannot be read: {error.strerror}. Give this user permission to read it."
            ) from error
        return _decode(data, self.path)

    def _fall_back(self, problem: str, version: Fingerprint | None) -> ConfigState:
        document: Document = {}
        is_lost, words = True, "There is no good copy of it to go on with."
        with contextlib.suppress(OSError, _Unreadable):
            document = _decode(self.last_good_path.read_bytes(), self.last_good_path)
            is_lost, words = False, "Until then the last good copy is in use and nothing can be changed."
        return ConfigState(
            document=document,
            problem=f"{problem} {words}",
            is_read_only=True,
            is_lost=is_lost,
            file_problems=(Problem("config.json", problem, words, stops_start=is_lost),),
            version=version,
        )

    def _keep_last_good(self, document: Document) -> list[Problem]:
        """Keep a copy to fall back on; a document that does not exist yet is not worth one."""
        if not document:
            return []
        data = _encode(document)
        try:
            if not self.last_good_path.exists() or self.last_good_path.read_bytes() != data:
                write_atomically(self.last_good_path, data)
        except (OSError, StoreUnavailable) as error:
            return [Problem("config.json.last-good", f"no good copy could be kept: {error}", "Mend that.")]
        return []

    def _forget(self, unused: set[str]) -> None:
        """Drop secrets that nothing refers to any more. An orphan is harmless, a failed save is not."""
        try:
            self.vault.delete_all(unused)
        except StoreUnavailable as error:
            _log.warning("vault.cleanup_failed", reason=error.message)


def open_config(environment: Environment) -> ConfigFile:
    """Give the configuration of the environment's data directory."""
    directory = environment.data_directory
    vault = open_vault(directory, key=environment.vault_key, use_keyring=environment.use_keyring)
    return ConfigFile(directory / "config.json", vault)


def _change_nothing(document: Document) -> None:
    """Leave the document as it is; `update` seals what is plain."""


def _not_sealed(error: StoreUnavailable) -> Problem:
    return Problem(
        "config.json",
        f"plain tokens stay in the file, because they could not be moved to the vault: {error.message}",
        "They move as soon as that is mended.",
    )


def _state(document: Document, version: Fingerprint | None, problems: list[Problem]) -> ConfigState:
    return ConfigState(document=document, version=version, file_problems=tuple(problems))


def _encode(document: Document) -> bytes:
    try:
        return (json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
    except UnicodeEncodeError:  # a lone surrogate, which JSON can only spell as an escape
        return (json.dumps(document, indent=2, allow_nan=False) + "\n").encode()


def _decode(data: bytes, path: Path) -> Document:
    """Decode with the standard library: it says line and column, and keeps integers of any size."""
    try:
        document: object = json.loads(
            data.decode("utf-8-sig"), parse_constant=_refuse_constant, parse_float=_finite
        )
    except (ValueError, RecursionError) as error:
        raise _Unreadable(
            f"{str(path)!r} is not valid JSON: {error}. Mend it, or move it away to start afresh."
        ) from error
    if not isinstance(document, dict):
        raise _Unreadable(
            f"{str(path)!r} holds {type(document).__name__!r} instead of a JSON object. Mend it, or move it "
            "away to start afresh."
        )
    return cast(Document, document)


def _refuse_constant(text: str) -> object:
    raise ValueError(f"{text} is not a JSON value")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text} is too large")
    return value
