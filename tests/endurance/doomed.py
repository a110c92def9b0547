"""A gateway that is written to through all of its admin until it is killed; started by fork, again and again.

Reads lines from standard input: each starts a child on the data directory given as the argument, the next one reaps
it. A fork of a process that has everything imported dies and is reborn in a tenth of a second.
"""

import asyncio
import contextlib
import io
import os
import random
import socket
import sys
from pathlib import Path

import aiohttp
import cryptography.hazmat.primitives.ciphers.aead  # noqa: F401 - so that no child pays for it

from copilot_api.settings import Overrides, read_environment
from copilot_api.store.config_file import open_config
from copilot_api.web.running import logs
from copilot_api.web.running.house import House
from copilot_api.web.running.serve import Server, server_config

API = "/admin/api"
NOBODY = "http://127.0.0.1:9"
"""Where nothing listens: no account ever answers, and all of the writing happens all the same."""


async def live(home: Path, seed: int) -> None:
    """Serve, and write to oneself as several pages do, until the end."""
    environment = read_environment(
        {
            "COPILOT_API_HOME": str(home),
            "COPILOT_API_GITHUB_URL": NOBODY,
            "COPILOT_API_GITHUB_API_URL": NOBODY,
            "COPILOT_API_UPSTREAM_URL": NOBODY,
            "COPILOT_API_KEYRING": "false",
        }
    )
    config = open_config(environment)
    state = await asyncio.to_thread(config.load)
    exchange_log = logs.configure("json", is_verbose=False, stream=io.StringIO())
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    async with (
        House(
            config=config,
            environment=environment,
            overrides=Overrides(),
            state=state,
            settings=config.resolve(state, environment, Overrides()),
            exchange_log=exchange_log,
        ) as house,
        aiohttp.ClientSession(f"http://127.0.0.1:{listener.getsockname()[1]}") as http,
        asyncio.TaskGroup() as group,
    ):
        group.create_task(Server(server_config(house)).serve(sockets=[listener]))
        page = Page(http, random.Random(seed))  # noqa: S311 - what to write next, not a secret
        await page.open()
        for write in (page.keys, page.mappings, page.settings, page.accounts, page.comings_and_goings):
            group.create_task(write())


class Page:
    """Writes without a pause."""

    def __init__(self, http: aiohttp.ClientSession, chance: random.Random) -> None:
        self._http = http
        self._chance = chance
        self._csrf = ""

    async def open(self) -> None:
        """Get what writing needs."""
        self._csrf = str((await self.ask("GET", "/session"))["csrf"])

    async def ask(
        self, method: str, path: str, body: object = None, version: object = None
    ) -> dict[str, object]:
        """One request; what is refused is refused."""
        headers = {"x-csrf-token": self._csrf} | ({"if-match": f'"{version}"'} if version else {})
        sent = {} if body is None and method != "GET" else body
        async with self._http.request(method, API + path, json=sent, headers=headers) as response:
            found: dict[str, object] = await response.json()
        if method != "GET" and response.status < 300:
            with contextlib.suppress(BrokenPipeError):
                print("written", flush=True)
        return found

    async def keys(self) -> None:
        """Make, rotate and revoke."""
        while True:
            made = await self.ask("POST", "/keys", {"name": f"key {self._chance.random()}"})
            key = made["key"]
            assert isinstance(key, dict)
            await self.ask("POST", f"/keys/{key['id']}/rotate", {"graceS": self._chance.choice((0, 60))})
            if self._chance.random() < 0.8:
                await self.ask("DELETE", f"/keys/{key['id']}")

    async def mappings(self) -> None:
        """Add and remove."""
        while True:
            name = f"name-{self._chance.randrange(30)}"
            await self.ask("POST", "/mappings", {"from": name, "to": "gpt-4.1"})
            await self.ask("POST", "/mappings/remove", {"from": f"name-{self._chance.randrange(30)}"})

    async def settings(self) -> None:
        """Change a setting, and one that is sealed."""
        while True:
            version = (await self.ask("GET", "/settings"))["version"]
            number = self._chance.randrange(100)
            changes = {"smallModel": f"model-{number}", "anthropicApiKey": f"sk-{number:010}"}
            await self.ask("PATCH", "/settings", {"changes": changes}, version)

    async def accounts(self) -> None:
        """Put them into another order, switch, change."""
        while True:
            shown = await self.ask("GET", "/accounts")
            accounts = shown["accounts"]
            assert isinstance(accounts, list)
            ids = [account["id"] for account in accounts]
            self._chance.shuffle(ids)
            await self.ask("PUT", "/accounts/order", {"ids": ids}, shown["version"])
            await self.ask("POST", f"/accounts/{ids[0]}/activate", {"force": True})
            kind = self._chance.choice(("individual", "business", "enterprise"))
            await self.ask("PATCH", f"/accounts/{ids[0]}", {"accountType": kind})

    async def comings_and_goings(self) -> None:
        """Remove an account and bring it back: its token leaves the vault and returns."""
        while True:
            removed = await self.ask("DELETE", f"/accounts/{self._chance.choice('23')}")
            undo = removed.get("undo")
            if isinstance(undo, dict):
                await self.ask("POST", f"/accounts/undo/{undo['id']}")


def main(home: Path) -> None:
    """Fork a gateway for each line."""
    for number, _ in enumerate(sys.stdin):
        child = os.fork()
        if child == 0:
            print(f"born {os.getpid()}", flush=True)
            asyncio.run(live(home, number))
        sys.stdin.readline()
        os.waitpid(child, 0)
        print("reaped", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
