"""An account as the client sees it, and a scripted Copilot for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from copilot_api.copilot.auth import Credential
from copilot_api.copilot.client import Upstream
from copilot_api.copilot.github import TokenEnvelope
from copilot_api.settings import CredentialMode
from exchange.copilot.servers import (
    Script,
    Server,
    http_server,
)
from unit.copilot.world import Clock, task_group


class Addressee:
    """The least an account is to the client."""

    def __init__(self, base: str, credential: Credential) -> None:
        self.base = base
        self.credential = credential
        self.doubts = 0

    async def locate(self) -> str:
        """Where it lives."""
        return self.base

    def doubt(self) -> None:
        """Count."""
        self.doubts += 1


class Tokens:
    """Numbered tokens."""

    def __init__(self) -> None:
        self.issued = 0

    async def __call__(self) -> TokenEnvelope:
        """One exchange."""
        self.issued += 1
        return TokenEnvelope(token=f"tid={self.issued}", refresh_in_s=1500)


@asynccontextmanager
async def addressee(base: str, mode: CredentialMode = "exchange") -> AsyncIterator[tuple[Addressee, Tokens]]:
    """An account at `base`."""
    tokens, clock = Tokens(), Clock()
    async with task_group() as group:
        credential = Credential(
            github_token="ghu_x",
            mode=mode,
            exchange=tokens,
            clock=clock,
            sleep=clock.sleep,
            spawn=group.create_task,
        )
        yield Addressee(base, credential), tokens


@asynccontextmanager
async def upstream_at(
    script: Script, *, has_short_way: bool = True
) -> AsyncIterator[tuple[Server, Upstream, Addressee, Tokens]]:
    """A scripted Copilot, the client and an account there."""
    async with (
        http_server(script) as server,
        Upstream(api_base_override=server.url, has_short_way=has_short_way) as upstream,
        addressee(server.url) as (account, tokens),
    ):
        yield server, upstream, account, tokens
