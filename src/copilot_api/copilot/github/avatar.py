"""Pictures of accounts, fetched here so that the admin's page asks nobody but us.

Owns where a picture may come from: the avatar host of the account's own GitHub, over https and without redirects,
or the operator's own override of GitHub. The address stands in config.json, which may have been brought from
elsewhere, so it is judged anew each time; a name that leads into our network fails at its certificate.
Source: GitHub REST documentation, `avatar_url` of `GET /user` (read 2026-11).
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol
from urllib.parse import urlsplit

import msgspec

from copilot_api.copilot.flight import SingleFlight, Spawn
from copilot_api.copilot.pictures import picture_type
from copilot_api.copilot.transport.answer import Answer
from copilot_api.copilot.transport.hosts import GITHUB_HOST, is_tenant
from copilot_api.errors import GatewayError
from copilot_api.settings import AccountEntry

MAX_AVATAR_BYTES = 1024 * 1024
"""GitHub takes uploads of up to 1 MB and answers with smaller ones."""
PATIENCE_S = 10.0
GOOD_FOR_S = 24 * 3600.0
MISSING_FOR_S = 600.0
"""An account without a picture, or a GitHub that does not answer, is not asked again for this long."""
MAX_KEPT = 64
GITHUB_ITSELF = ("https://github.com", "https://api.github.com")
"""No override: pictures of github.com accounts come from its avatar host alone."""


class Avatar(msgspec.Struct, frozen=True):
    """One picture: its media type by its own first bytes, and a tag that names its content."""

    media_type: str
    data: bytes
    tag: str


class FetchImage(Protocol):
    """Sends one request and reads no more than `max_bytes` of its answer (`Upstream.fetch`)."""

    async def __call__(
        self, method: str, url: str, headers: Mapping[str, str], /, *, max_bytes: int
    ) -> Answer:
        """Send. Raises: an UpstreamFault when there is no answer, or a larger one."""
        ...


class _Kept(msgspec.Struct):
    flight: SingleFlight[Avatar | None]
    avatar: Avatar | None = None
    until_unix_s: float = 0.0


class Avatars:
    """The pictures of all accounts, fetched once a day each. `own_bases` are the operator's overrides of GitHub."""

    def __init__(
        self,
        fetch: FetchImage,
        *,
        user_agent: str,
        clock: Callable[[], float],
        spawn: Spawn,
        own_bases: Iterable[str] = (),
    ) -> None:
        self._fetch = fetch
        self._user_agent = user_agent
        self._clock = clock
        self._spawn = spawn
        self._own_origins = frozenset(_origin(base) for base in own_bases if base not in GITHUB_ITSELF)
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def address(self, entry: AccountEntry) -> str | None:
        """Where an account's picture is; None where it has none, or none that may be asked for."""
        try:
            parts = urlsplit(entry.avatar_url.strip())
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return None
        if parts.username is not None or not parts.path.isprintable() or " " in parts.path:
            return None
        is_theirs = (
            parts.scheme == "https" and port in (None, 443) and _is_avatar_host(host, entry.github_host)
        )
        if not is_theirs and _origin(entry.avatar_url) not in self._own_origins:
            return None
        return parts._replace(fragment="").geturl()

    async def of(self, entry: AccountEntry) -> Avatar | None:
        """The picture of an account; None when there is none to be had now.

        Raises: Draining when the server stops meanwhile.
        """
        url = self.address(entry)
        if url is None:
            return None
        kept = self._kept.get(url)
        if kept is None:
            kept = self._kept[url] = _Kept(SingleFlight(lambda: self._get(url), self._spawn))
            while len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(url)
        if self._clock() >= kept.until_unix_s:
            kept.avatar = await kept.flight.join()
            kept.until_unix_s = self._clock() + (MISSING_FOR_S if kept.avatar is None else GOOD_FOR_S)
        return kept.avatar

    async def _get(self, url: str) -> Avatar | None:
        headers = {"Accept": "image/png, image/jpeg, image/gif, image/webp", "User-Agent": self._user_agent}
        try:
            async with asyncio.timeout(PATIENCE_S):
                answer = await self._fetch("GET", url, headers, max_bytes=MAX_AVATAR_BYTES)
        except (GatewayError, TimeoutError):
            return None
        media_type = picture_type(answer.body)
        if answer.status != 200 or media_type is None:
            return None
        return Avatar(media_type, answer.body, hashlib.sha256(answer.body).hexdigest()[:16])


def _is_avatar_host(host: str, github_host: str) -> bool:
    if github_host == GITHUB_HOST:
        return host.endswith(".githubusercontent.com")
    return is_tenant(github_host) and (host == github_host or host.endswith(f".{github_host}"))


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
