"""The folder of captures: kept atomically, listed, read, removed, and pruned by age, number and bytes.

Owns `captures/` in the data directory. Files that cannot be opened are counted and left to their age; they stop
nothing.
Everything blocks for milliseconds: call it through `asyncio.to_thread`. Two processes may share the folder.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from copilot_api.errors import StoreUnavailable
from copilot_api.store.captures.form import (
    CaptureHead,
    DerivedKey,
    Foreign,
    name_of,
    open_document,
    open_head,
    seal,
)
from copilot_api.store.files import prepare_directory, write_atomically
from copilot_api.store.vault import Vault

_SUFFIX: Final = ".capture"
_HEAD_READ_BYTES: Final = 8 * 1024
"""A head is some hundred bytes; texts in it are the client's and may be longer."""
_LEFTOVER_S: Final = 60.0
_PURPOSE: Final = "captures"


class Bounds(msgspec.Struct, frozen=True):
    """How much is kept. The newest stay."""

    max_captures: int = 200
    max_bytes: int = 64 * 1024 * 1024
    max_age_s: float = 24 * 3600.0


class Kept(NamedTuple):
    """One capture in a list."""

    head: CaptureHead
    size_bytes: int


class Listing(NamedTuple):
    """Every capture, newest first. `unreadable` counts files that another key sealed or that are damaged."""

    captures: tuple[Kept, ...]
    unreadable: int
    stored_bytes: int


class _File(NamedTuple):
    path: Path
    modified_unix_s: float
    size_bytes: int


class CaptureFolder:
    """`key` gives the key that seals; it is asked for only when there is something to seal or to open."""

    def __init__(
        self,
        directory: Path,
        key: Callable[[], DerivedKey],
        *,
        bounds: Bounds | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.directory = directory
        self.bounds = bounds or Bounds()
        self._key = key
        self._clock = clock

    def keep(self, head: CaptureHead, document: bytes) -> None:
        """Seal and write one; what was kept of the same trace id is replaced. Older ones go where it is too much.

        Raises: StoreUnavailable, and then nothing is changed.
        """
        sealed = seal(self._key(), head, document)
        prepare_directory(self.directory)
        write_atomically(self.directory / (name_of(head.trace_id) + _SUFFIX), sealed)
        self.prune()

    def version(self) -> int:
        """Another number after a capture came or went, whichever process did it; 0 while there is no folder."""
        try:
            return self.directory.stat().st_mtime_ns
        except OSError:
            return 0

    def listing(self) -> Listing:
        """List what there is. Raises: StoreUnavailable when the key that opens it cannot be had."""
        files = self._current()
        if not files:
            return Listing((), 0, 0)
        key, found, unreadable = self._key(), list[Kept](), 0
        for file in files:
            try:
                with file.path.open("rb") as stream:
                    data = stream.read(_HEAD_READ_BYTES)
                found.append(Kept(self._head(key, file, data), file.size_bytes))
            except FileNotFoundError:
                continue
            except (OSError, Foreign):
                unreadable += 1
        found.sort(key=lambda kept: kept.head.started_unix_s, reverse=True)
        return Listing(tuple(found), unreadable, sum(file.size_bytes for file in files))

    def read(self, trace_id: str) -> tuple[CaptureHead, bytes] | None:
        """Open one; None when it is not there. Raises: StoreUnavailable when it cannot be opened."""
        name = name_of(trace_id)
        path = self.directory / (name + _SUFFIX)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreUnavailable(f"{str(path)!r} cannot be read: {error.strerror}.") from error
        key = self._key()
        return open_head(key, name, data), open_document(key, name, data)

    def remove(self, trace_id: str) -> bool:
        """Forget one; whether it was there. Raises: StoreUnavailable."""
        return self._unlink(self.directory / (name_of(trace_id) + _SUFFIX))

    def clear(self) -> int:
        """Forget all, also what cannot be opened; how many there were. Raises: StoreUnavailable."""
        self._sweep(0.0)
        return sum(self._unlink(file.path) for file in self._files())

    def prune(self) -> int:
        """Let go of what is too old or too much; how many went. Raises: StoreUnavailable."""
        self._sweep(_LEFTOVER_S)
        kept = {file.path for file in self._current()}
        return sum(self._unlink(file.path) for file in self._files() if file.path not in kept)

    def _current(self) -> list[_File]:
        """The files within the bounds, newest first: what is too old is not shown, pruned or not."""
        files = sorted(self._files(), key=lambda file: file.modified_unix_s, reverse=True)
        oldest_unix_s = self._clock() - self.bounds.max_age_s
        current, size_bytes = list[_File](), 0
        for file in files[: self.bounds.max_captures]:
            size_bytes += file.size_bytes
            if file.modified_unix_s < oldest_unix_s or size_bytes > self.bounds.max_bytes:
                break
            current.append(file)
        return current

    def _files(self) -> Iterator[_File]:
        for path in self.directory.glob("*" + _SUFFIX):
            with contextlib.suppress(OSError):
                status = path.stat()
                yield _File(path, status.st_mtime, status.st_size)

    def _head(self, key: DerivedKey, file: _File, data: bytes) -> CaptureHead:
        try:
            return open_head(key, file.path.stem, data)
        except Foreign:
            if len(data) >= file.size_bytes:
                raise
            return open_head(key, file.path.stem, file.path.read_bytes())

    def _sweep(self, older_than_s: float) -> None:
        """Remove what a killed writer left half written."""
        for leftover in self.directory.glob(f".*{_SUFFIX}.*.new"):
            with contextlib.suppress(OSError):
                if self._clock() - leftover.stat().st_mtime >= older_than_s:
                    leftover.unlink()

    def _unlink(self, path: Path) -> bool:
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StoreUnavailable(
                f"{str(path)!r} cannot be removed: {error.strerror}. Check the directory's permissions."
            ) from error
        return True


def folder_of(data_directory: Path, vault: Vault, *, bounds: Bounds | None = None) -> CaptureFolder:
    """Give the folder of a data directory, sealed with a key of its own that the vault's yields."""
    return CaptureFolder(data_directory / "captures", lambda: vault.derive(_PURPOSE), bounds=bounds)


def is_kept(data_directory: Path, trace_id: str) -> bool:
    """Whether a trace was captured, as far as a look at the folder tells."""
    return (data_directory / "captures" / (name_of(trace_id) + _SUFFIX)).exists()
