"""When a key was used last is told to pages that are open, soon and not with every request."""

import asyncio
from pathlib import Path

import pytest

from copilot_api.store.keys import KeyUses
from copilot_api.web.admin.keys.telling import UseTeller
from gate import running_gate
from web.admin.accounts.scene import three
from web.admin.keys.test_keys import make, use
from web.admin.listening import listening
from web.admin.visiting import Visitor


async def test_an_open_page_hears_of_a_use(tmp_path: Path) -> None:
    """Within seconds, with the version that it has: nothing about the key itself has changed."""
    async with running_gate(tmp_path, document=three()) as gate, listening(gate) as (page,):
        made = await make(gate)
        assert await use(gate, made["value"]) == 200
        key_id = made["key"]["id"]
        (shown,) = (await Visitor(gate).get("/keys")).document["keys"]
        heard = await page.hears("keys", 8.0, used={key_id: shown["lastUsedAt"]})
        assert heard == {"version": made["version"], "used": {key_id: shown["lastUsedAt"]}}


async def test_many_uses_are_one_event_and_none_is_none(tmp_path: Path) -> None:
    """Pages are told what is new between two looks; what nobody heard is not told later."""
    async with running_gate(tmp_path, document=three()) as gate:
        uses = KeyUses(tmp_path / "uses.json", clock=lambda: 1_700_000_000.25)
        teller = UseTeller(gate.house.desk, uses)
        first = (await make(gate, "first"))["key"]["id"]
        second = (await make(gate, "second"))["key"]["id"]
        by_id = {key.id: key for key in gate.house.settings.client_keys}
        uses.note(by_id[first])
        teller.tell()
        async with listening(gate) as (page,):
            for _ in range(100):
                uses.note(by_id[second])
            teller.tell()
            teller.tell()
            await page.hears("keys", used={second: "2023-11-14T22:13:20Z"})
            assert [one["used"] for one in page.of("keys") if "used" in one] == [
                {second: "2023-11-14T22:13:20Z"}
            ]


async def test_a_look_is_taken_every_few_seconds(tmp_path: Path) -> None:
    """The pause between two of them is never shorter than three seconds."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            raise asyncio.CancelledError

    async with running_gate(tmp_path, document=three()) as gate:
        teller = UseTeller(gate.house.desk, KeyUses(tmp_path / "uses.json"))
        with pytest.raises(asyncio.CancelledError):
            await teller.run(sleep)
    assert slept == [3.0, 3.0, 3.0]
