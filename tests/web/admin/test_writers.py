"""Fifty writers at once, through the API, the command line and edits of the file: nothing is lost."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from copilot_api.settings import Settings, read_environment
from copilot_api.simulator import Simulator
from copilot_api.store.config_file import ConfigFile, open_config
from copilot_api.store.keys import KeyRing
from gate import Gate, running_gate, until
from web.admin.accounts.scene import entry
from web.admin.visiting import Visitor

PLANS = ("individual", "free", "free-legacy", "business", "enterprise")
IDS = [str(9_000_001 + number) for number in range(5)]
"""One of each plan; in this test nobody needs to answer."""


def document() -> dict[str, object]:
    """Five accounts, a mapping of a person's own, and something that is not ours."""
    logins = ("octo-dev", "octo-free", "octo-free-legacy", "octo-business", "octo-enterprise")
    accounts = [
        entry(account_id, login, Simulator.github_token(plan))
        for account_id, login, plan in zip(IDS, logins, PLANS, strict=True)
    ]
    return {
        "accounts": accounts,
        "activeAccountId": IDS[0],
        "modelMapping": {"own": "gpt-4.1"},
        "theirs": {"a": 1},
    }


async def command(home: Path, *arguments: str) -> None:
    """Run one command of the real command line."""
    environment = {"COPILOT_API_HOME": str(home), "COPILOT_API_KEYRING": "false", "PATH": os.environ["PATH"]}
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("copilot-api")),
        *arguments,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()


async def edit(config: ConfigFile, change: Callable[[dict[str, object]], None]) -> None:
    """Change the file as another program does that takes its lock."""
    await asyncio.to_thread(config.update, change)


async def put_setting(gate: Gate, name: str, value: object) -> None:
    """Save one setting as the page does: on a conflict it reads anew and says it again."""
    browser = Visitor(gate)
    for _ in range(60):
        browser.headers["if-match"] = (await browser.get("/settings")).headers["etag"]
        answer = await browser.write("PATCH", "/settings", {"changes": {name: value}})
        if answer.status != 412:
            assert answer.status == 200, answer.body
            return
    raise AssertionError(f"{name} was never saved")


async def write(gate: Gate, method: str, path: str, body: object = None) -> None:
    """One write through the API that must succeed."""
    answer = await Visitor(gate).write(method, path, body)
    assert answer.status in {200, 201}, answer.body


SETTINGS: dict[str, object] = {
    "smallModel": "gpt-4.1",
    "rateLimitWait": True,
    "usageTestIntervalMinutes": 7,
    "tokenEndpoint": False,
}


def writers(gate: Gate, home: Path) -> list[Awaitable[None]]:
    """Everybody: 24 through the API, 8 commands, 18 editors of the file."""
    kinds = ("business", "enterprise", "individual", "business", "enterprise")
    other = ConfigFile(gate.config.path, gate.config.vault)
    return [
        *(write(gate, "POST", "/keys", {"name": f"api {number}"}) for number in range(8)),
        *(
            write(gate, "POST", "/mappings", {"from": f"api-{number}", "to": "gpt-4.1"})
            for number in range(7)
        ),
        *(
            write(gate, "PATCH", f"/accounts/{account_id}", {"accountType": kind})
            for account_id, kind in zip(IDS, kinds, strict=True)
        ),
        *(put_setting(gate, name, value) for name, value in SETTINGS.items()),
        *(command(home, "keys", "create", f"cli {number}") for number in range(3)),
        *(command(home, "mappings", "add", f"cli-{number}", "gpt-4.1") for number in range(3)),
        *(
            command(home, "accounts", "set", account_id, "--credential-mode", "direct")
            for account_id in (IDS[0], IDS[4])
        ),
        *(edit(other, _add_theirs(number)) for number in range(9)),
        *(edit(gate.config, _add_mapping(number)) for number in range(9)),
    ]


def _add_theirs(number: int) -> Callable[[dict[str, object]], None]:
    def change(stored: dict[str, object]) -> None:
        theirs = stored["theirs"]
        assert isinstance(theirs, dict)
        theirs[f"editor {number}"] = number

    return change


def _add_mapping(number: int) -> Callable[[dict[str, object]], None]:
    def change(stored: dict[str, object]) -> None:
        mapping = stored["modelMapping"]
        assert isinstance(mapping, dict)
        mapping[f"file-{number}"] = "gpt-4.1"
        if number == 4:
            stored["anthropicApiKey"] = "sk-plain-and-to-be-sealed"

    return change


async def test_fifty_writers_lose_nothing(tmp_path: Path) -> None:
    """All start at the same time; each finds what it wrote, and nobody else's is missing."""
    async with running_gate(tmp_path, document=document(), is_ready=False) as gate:
        everybody = writers(gate, tmp_path)
        assert len(everybody) == 50
        async with asyncio.timeout(90):
            await asyncio.gather(*everybody)
        stored = gate.config.load()
        assert stored.problems == ()
        mapping = stored.document["modelMapping"]
        assert isinstance(mapping, dict)
        assert set(mapping) == {
            "own",
            *(f"api-{number}" for number in range(7)),
            *(f"cli-{number}" for number in range(3)),
            *(f"file-{number}" for number in range(9)),
        }
        assert stored.document["theirs"] == {"a": 1} | {f"editor {number}": number for number in range(9)}
        settings = _resolved(tmp_path)
        assert sorted(key.name for key in settings.client_keys) == sorted(
            [*(f"api {number}" for number in range(8)), *(f"cli {number}" for number in range(3))]
        )
        assert (settings.small_model, settings.rate_limit_wait) == ("gpt-4.1", True)
        assert (settings.usage_test_interval_minutes, settings.token_endpoint) == (7, False)
        assert {account.id: account.account_type for account in settings.accounts} == dict(
            zip(IDS, ("business", "enterprise", "individual", "business", "enterprise"), strict=True)
        )
        modes = [account.credential_mode for account in settings.accounts]
        assert modes == ["direct", "auto", "auto", "auto", "direct"]
        vault = gate.config.vault
        assert [vault.open(account.token) for account in settings.accounts] == [
            Simulator.github_token(plan) for plan in PLANS
        ]
        assert vault.open(str(stored.document["anthropicApiKey"])) == "sk-plain-and-to-be-sealed"
        await until(lambda: len(gate.house.settings.client_keys) == 11)  # the running server has all of it
        assert gate.house.settings.model_mapping == mapping
        lines = (tmp_path / "audit.jsonl").read_text().splitlines()
        actions = [json.loads(line)["action"] for line in lines]
        assert (actions.count("keys.create"), actions.count("accounts.change")) == (11, 7)


def _resolved(home: Path) -> Settings:
    environment = read_environment({"COPILOT_API_HOME": str(home), "COPILOT_API_KEYRING": "false"})
    config = open_config(environment)
    return config.resolve(config.load(), environment)


@pytest.mark.parametrize("attempt", range(3))
async def test_who_comes_and_who_goes_do_not_disturb_each_other(tmp_path: Path, attempt: int) -> None:
    """Removals, undos, orders and keys at once: what is left is what was not removed."""
    async with running_gate(tmp_path, document=document(), is_ready=False) as gate:
        made = [(await Visitor(gate).write("POST", "/keys", {"name": f"k{n}"})).document for n in range(6)]

        async def come_back(account_id: str) -> None:
            browser = Visitor(gate)
            undo = (await browser.write("DELETE", f"/accounts/{account_id}")).document["undo"]
            assert (await browser.write("POST", f"/accounts/undo/{undo['id']}")).status == 200

        async def shuffle() -> None:
            browser = Visitor(gate)
            for _ in range(5):
                shown = (await browser.get("/accounts")).document
                browser.headers["if-match"] = f'"{shown["version"]}"'
                ids = [account["id"] for account in shown["accounts"]]
                answer = await browser.write("PUT", "/accounts/order", {"ids": ids[::-1]})
                assert answer.status in {200, 412}

        await asyncio.gather(
            come_back(IDS[1]),
            come_back(IDS[2]),
            write(gate, "DELETE", f"/accounts/{IDS[3]}"),
            shuffle(),
            shuffle(),
            *(write(gate, "DELETE", f"/keys/{one['key']['id']}") for one in made[:3]),
            *(write(gate, "POST", f"/keys/{one['key']['id']}/rotate", {"graceS": 60}) for one in made[3:]),
        )
        settings = _resolved(tmp_path)
        assert {account.id for account in settings.accounts} == {IDS[0], IDS[1], IDS[2], IDS[4]}
        ring = KeyRing.of(settings)
        assert [ring.verify(one["value"]) is not None for one in made] == [False] * 3 + [True] * 3
        tokens = {account.id: gate.config.vault.open(account.token) for account in settings.accounts}
        assert tokens[IDS[1]] == Simulator.github_token("free")
        assert tokens[IDS[2]] == Simulator.github_token("free-legacy")
