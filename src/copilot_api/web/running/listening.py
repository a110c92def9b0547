"""Where the gateway listens, and when it refuses to."""

import asyncio
import socket
import sys
from collections.abc import Callable

import msgspec
import structlog

from copilot_api.settings import Settings, SettingsError
from copilot_api.web.guard import is_loopback

_log: structlog.stdlib.BoundLogger = structlog.get_logger()


def require_closed_door(settings: Settings) -> None:
    """Refuse to answer the network without a client key: anyone could spend the subscription.

    Raises: SettingsError with the command that makes a key.
    """
    if _is_open_wide(settings):
        raise SettingsError(
            f"HOST={settings.host!r} lets other machines in, and there is no client key to keep strangers out. "
            "Make one first with: copilot-api keys create NAME (or set COPILOT_API_KEY), or listen on 127.0.0.1."
        )


def keep_door_closed(settings: Settings) -> Settings:
    """The same settings, but with a shut door where the last key of a wide bind went away while running."""
    if not _is_open_wide(settings):
        return settings
    _log.error("door.shut", reason="no client key is left", remedy="run: copilot-api keys create NAME")
    return msgspec.structs.replace(settings, has_unreadable_keys=True)


def is_wide(settings: Settings) -> bool:
    """Whether other machines can reach the address that we listen on."""
    return not is_loopback(settings.host) and settings.host != "localhost"


def _is_open_wide(settings: Settings) -> bool:
    return is_wide(settings) and not (
        settings.client_keys or settings.plain_keys or settings.has_unreadable_keys
    )


def listen(settings: Settings) -> socket.socket:
    """The listening socket.

    Raises: SettingsError when the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only on sockets that name TCP; with it an answer waits 40 ms (uvloop always).
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}. Another copilot-api may be "
            "running there; choose another port with PORT or --port."
        ) from error
    listener.setblocking(False)
    return listener


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where there is one."""
    if sys.platform == "win32":
        return None
    import uvloop  # noqa: PLC0415 - not on Windows

    return uvloop.new_event_loop
