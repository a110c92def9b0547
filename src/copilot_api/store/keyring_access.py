"""The system's keyring, kept at arm's length.

Owns whether there is a usable one. Must never hang: a keyring is asked in a thread of its own, because a
session without a desktop can leave a D-Bus call unanswered for minutes. The `keyring` package
costs 120 ms to import, so it is imported inside that thread, by those who need it.
"""

import contextlib
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar, cast

T = TypeVar("T")
SERVICE = "copilot-api"
PATIENCE_S = 3.0
_UNSAFE_BACKENDS = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")


class KeyringAccess(Protocol):
    """Where the vault may keep its key."""

    def store(self, name: str, secret: str) -> bool:
        """Keep a secret; False when there is no keyring that really keeps it."""
        ...

    def fetch(self, name: str) -> str | None:
        """Bring a secret back; None when it is not there or cannot be reached."""
        ...


class Backend(Protocol):
    """What we use of a backend of the `keyring` package."""

    @property
    def priority(self) -> float:
        """How much the backend recommends itself; below 1 it only works in a pinch."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a password."""
        ...

    def get_password(self, service: str, username: str) -> str | None:
        """Bring a password back."""
        ...


def system_backend() -> Backend | None:
    """Choose the backend as the `keyring` package does."""
    import keyring  # noqa: PLC0415 - see the module's docstring

    return if_safe(cast(Backend, keyring.get_keyring()))


def if_safe(backend: Backend) -> Backend | None:
    """Refuse a backend that would keep nothing, or in clear."""
    if type(backend).__module__.startswith(_UNSAFE_BACKENDS) or backend.priority < 1:
        return None
    return backend


class SystemKeyring:
    """The keyring of the desktop session, if it answers in time."""

    def __init__(
        self, find: Callable[[], Backend | None] = system_backend, patience_s: float = PATIENCE_S
    ) -> None:
        self._find = find
        self._patience_s = patience_s

    def store(self, name: str, secret: str) -> bool:
        """Keep a secret and read it back; False when there is no keyring that really keeps it."""

        def ask() -> bool:
            backend = self._find()
            if backend is None:
                return False
            backend.set_password(SERVICE, name, secret)
            return backend.get_password(SERVICE, name) == secret

        return _in_time(ask, self._patience_s) is True

    def fetch(self, name: str) -> str | None:
        """Bring a secret back; None when it is not there or cannot be reached."""

        def ask() -> str | None:
            backend = self._find()
            return None if backend is None else backend.get_password(SERVICE, name)

        return _in_time(ask, self._patience_s)


def _in_time(ask: Callable[[], T], patience_s: float) -> T | None:
    """Ask in a thread that nobody waits for at exit; None when it fails or takes too long."""
    answers: list[T] = []

    def run() -> None:
        # Backends raise what they like; each failure means "no keyring here".
        with contextlib.suppress(Exception):
            answers.append(ask())

    thread = threading.Thread(target=run, daemon=True, name="keyring")
    thread.start()
    thread.join(patience_s)
    return answers[0] if answers else None
