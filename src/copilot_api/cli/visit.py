"""One visit to GitHub and Copilot from the command line, with the configured proxies, certificates and addresses."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from copilot_api.copilot.accounts import Account, Accounts, Surroundings
from copilot_api.copilot.client import Upstream
from copilot_api.copilot.flight import Spawn
from copilot_api.copilot.github import GitHub
from copilot_api.copilot.headers import IDENTITIES
from copilot_api.copilot.transport.proxy import chosen_proxies
from copilot_api.settings import Settings
from copilot_api.store.vault import Vault

T = TypeVar("T")


class Visit:
    """An open road: `github` for questions, `account` for one that answers for requests."""

    def __init__(self, settings: Settings, vault: Vault, upstream: Upstream, spawn: Spawn) -> None:
        self.settings = settings
        self.upstream = upstream
        self.github = GitHub(
            upstream.fetch,
            user_agent=IDENTITIES[settings.identity].user_agent,
            github_url=settings.github_url,
            github_api_url=settings.github_api_url,
        )
        self._accounts = Accounts(
            Surroundings(
                github=self.github,
                upstream=upstream,
                spawn=spawn,
                clock=time.time,
                new_id=lambda: str(uuid.uuid4()),
                open_token=lambda entry: vault.open(entry.token),
            )
        )

    async def account(self, account_id: str | None = None) -> Account:
        """Choose an account of the settings.

        Raises: NoAccount with the remedy.
        """
        await self._accounts.apply(self.settings)
        return self._accounts.choose(account_id)


def visit(
    settings: Settings, vault: Vault, variables: Mapping[str, str], errand: Callable[[Visit], Awaitable[T]]
) -> T:
    """Open the road, run one errand, close everything.

    Raises: whatever the errand raises; SettingsError for proxies or a CA bundle that cannot be used.
    """
    return asyncio.run(_visit(settings, vault, variables, errand))


async def _visit(
    settings: Settings, vault: Vault, variables: Mapping[str, str], errand: Callable[[Visit], Awaitable[T]]
) -> T:
    proxies = chosen_proxies(settings, variables)
    background: set[asyncio.Task[None]] = set()
    async with Upstream(
        timeouts=settings.timeouts,
        proxies=proxies,
        ca_bundle=settings.ca_bundle,
        api_base_override=settings.upstream_url,
    ) as upstream:
        # Not a TaskGroup: it would wrap the errand's own error, and wait for work nobody needs any more.
        loop = asyncio.get_running_loop()

        def spawn(coroutine: object) -> "asyncio.Task[None]":
            task: asyncio.Task[None] = loop.create_task(coroutine)  # type: ignore[arg-type]  # Spawn types it
            background.add(task)
            return task

        try:
            return await errand(Visit(settings, vault, upstream, spawn))
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
