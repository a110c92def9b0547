"""Files that survive a crash: atomic replacement, private modes, and a lock between processes.

Owns how bytes reach the disk. Must never know what the bytes mean.
"""

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

from copilot_api.errors import StoreUnavailable

LOCK_PATIENCE_S = 10.0
"""Every holder keeps a lock for milliseconds; whoever waits longer waits for a hung or stopped process."""
_POLL_S = 0.005

Fingerprint = tuple[int, int, int]


def prepare_directory(directory: Path) -> None:
    """Make the data directory, for its owner only.

    An existing directory is tightened only when it bears our own name: an operator may point us at one that
    others share.
    Raises: StoreUnavailable.
    """
    try:
        if not directory.is_dir():
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        elif directory.name == "copilot-api" and os.name == "posix":
            status = directory.stat()
            if status.st_uid == os.geteuid() and status.st_mode & 0o077:
                directory.chmod(0o700)
    except OSError as error:
        raise _unavailable(directory, error) from error


def fingerprint(path: Path) -> Fingerprint | None:
    """Tell one version of a file from another without reading it; None when it is not there.

    Units: modification time in ns, size in bytes, inode number.
    """
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file so that every reader, and every crash, sees either the old bytes or the new ones.

    The new file is 0600 from its first moment. A symbolic link is followed, so that it stays one.
    Raises: StoreUnavailable, and then the old file is untouched.
    """
    target = Path(os.path.realpath(path))
    try:
        descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".new", dir=target.parent)
    except OSError as error:
        raise _unavailable(path, error) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise _unavailable(path, error) from error
    _sync_directory(target.parent)


def sweep_leftovers(path: Path, older_than_s: float = 60.0) -> None:
    """Remove temporary files that a killed writer of `path` left behind. Call it under the lock."""
    target = Path(os.path.realpath(path))
    for leftover in target.parent.glob(f".{target.name}.*.new"):
        with contextlib.suppress(OSError):
            if time.time() - leftover.stat().st_mtime > older_than_s:
                leftover.unlink()


@contextlib.contextmanager
def locked(path: Path, patience_s: float = LOCK_PATIENCE_S) -> Generator[None]:
    """Hold the lock file `path` against every other process and thread.

    The system drops the lock when its holder dies, however it dies.
    Raises: StoreUnavailable when it cannot be had in time.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    except OSError as error:
        raise _unavailable(path, error) from error
    try:
        deadline_s = time.monotonic() + patience_s
        while not _try_lock(descriptor):
            if time.monotonic() >= deadline_s:
                raise StoreUnavailable(
                    f"{str(path)!r} is held by another process for more than {patience_s:g} s. "
                    "Look for a hung or stopped copilot-api process and end it."
                )
            time.sleep(_POLL_S)
        yield
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    if sys.platform == "win32":  # pragma: no cover - the tests run on POSIX
        import msvcrt  # noqa: PLC0415 - exists on Windows only

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl  # noqa: PLC0415 - exists on POSIX only

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sync_directory(directory: Path) -> None:
    """Make a rename durable. Not every file system can; the rename itself is atomic on all of them."""
    if os.name != "posix":  # pragma: no cover - the tests run on POSIX
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _unavailable(path: Path, error: OSError) -> StoreUnavailable:
    reason = error.strerror or type(error).__name__
    return StoreUnavailable(
        f"{str(path)!r} cannot be written: {reason}. Check that the directory exists, belongs to this user, "
        "is writable and has free space; a container must mount the directory, not the single file."
    )
