"""What every account needs from the outside."""

import asyncio
from collections.abc import Awaitable, Callable

from copilot_api.copilot.catalog import Catalog
from copilot_api.copilot.client import Upstream
from copilot_api.copilot.flight import Spawn
from copilot_api.copilot.github import GitHub
from copilot_api.settings import AccountEntry


class Surroundings:
    """What every account needs from the outside, as arguments so that tests own time and chance."""

    __slots__ = (
        "clock",
        "github",
        "new_id",
        "on_catalog",
        "open_token",
        "show_token",
        "sleep",
        "spawn",
        "upstream",
    )

    def __init__(
        self,
        *,
        github: GitHub,
        upstream: Upstream,
        spawn: Spawn,
        clock: Callable[[], float],
        new_id: Callable[[], str],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        open_token: Callable[[AccountEntry], str] = lambda entry: entry.token,
        show_token: Callable[[str, str], None] | None = None,
        on_catalog: Callable[[str, Catalog], None] = lambda _id, _catalog: None,
    ) -> None:
        """Units: `clock` gives Unix seconds. `open_token` opens the vault reference of an entry.

        `show_token` is told login and token after each exchange, where the operator asked for it (SHOW_TOKEN).
        `on_catalog` is told account id and models after each fetch.
        """
        self.github = github
        self.upstream = upstream
        self.spawn = spawn
        self.clock = clock
        self.new_id = new_id
        self.sleep = sleep
        self.open_token = open_token
        self.show_token = show_token
        self.on_catalog = on_catalog
