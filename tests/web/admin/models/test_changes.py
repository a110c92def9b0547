"""What has changed in the catalogue: noticed when a list is fetched anyway, remembered over a restart."""

import asyncio
from pathlib import Path

import msgspec

from copilot_api.copilot.catalog import Catalog, read_catalog
from copilot_api.copilot.catalog.changes import compare, facts_by_id
from copilot_api.simulator.world.catalogue import Model
from copilot_api.store.memory.catalogs import (
    MAX_ACCOUNTS,
    MAX_CHANGES,
    CatalogFile,
    ModelChange,
    Remembered,
    bounded,
)
from copilot_api.web.admin.models.history import History
from gate import Gate, running_gate, until
from web.admin.visiting import Visitor

NOON = 1_700_000_000.0


def catalog(*entries: dict[str, object]) -> Catalog:
    """A list of models as Copilot would send it."""
    return read_catalog(msgspec.json.encode({"data": list(entries)}), NOON)


def gpt(**fields: object) -> dict[str, object]:
    """One entry of such a list."""
    return {"id": "gpt-9", "name": "GPT-9", "capabilities": {"type": "chat"}, **fields}


def test_models_that_came_and_went_and_facts_that_changed() -> None:
    """Each difference by its field, with the value before and after."""
    limits = {"max_context_window_tokens": 128000}
    before = facts_by_id(catalog(gpt(), {"id": "old", "name": "Old"}))
    after = facts_by_id(
        catalog(
            gpt(
                capabilities={"type": "chat", "limits": limits, "supports": {"vision": True}},
                billing={"token_prices": {"batch_size": 1000000, "default": {"input_price": 250}}},
                policy={"state": "disabled"},
            ),
            {"id": "new", "name": "New"},
        )
    )
    at = "2023-11-14T22:13:20Z"
    none = {"cacheRead": None, "cacheWrite": None, "output": None}
    assert compare(before, after, at) == (
        ModelChange(at, "new", "New", "added"),
        ModelChange(at, "old", "Old", "removed"),
        ModelChange(at, "gpt-9", "GPT-9", "changed", "contextWindow", None, 128000),
        ModelChange(at, "gpt-9", "GPT-9", "changed", "features", [], ["vision"]),
        ModelChange(at, "gpt-9", "GPT-9", "changed", "policyState", None, "disabled"),
        ModelChange(at, "gpt-9", "GPT-9", "changed", "prices", None, {"input": 250.0, **none}),
    )
    assert compare(after, after, at) == ()


def test_a_fact_that_an_older_version_did_not_know_is_no_change() -> None:
    """An update of this program is no news about models."""
    assert compare({"gpt-9": {"name": "GPT-9"}}, facts_by_id(catalog(gpt())), "") == ()


def test_the_memory_is_bounded() -> None:
    """The newest changes stay, and the accounts written last."""
    changes = tuple(ModelChange(f"{number:04}", "m", "m", "added") for number in range(MAX_CHANGES + 5))
    remembered = {str(number): Remembered("", {}, changes) for number in range(MAX_ACCOUNTS + 2)}
    kept = bounded(remembered)
    assert list(kept) == [str(number) for number in range(2, MAX_ACCOUNTS + 2)]
    assert [change.at for change in (kept["9"].changes[0], kept["9"].changes[-1])] == ["0005", "0504"]


def test_a_broken_memory_is_begun_anew(tmp_path: Path) -> None:
    """Nothing depends on it, so nothing fails for it; neither does a disk that refuses."""
    for content in (b"{", b"[]", b'{"1": 5}', b"\xff"):
        (tmp_path / "catalogs.json").write_bytes(content)
        assert CatalogFile(tmp_path / "catalogs.json").load() == {}
    CatalogFile(tmp_path / "nowhere" / "catalogs.json").save({})


async def test_an_empty_list_is_no_news(tmp_path: Path) -> None:
    """Copilot that offers nothing at all has a bad day."""
    spawned: list[object] = []
    told: list[str] = []
    history = History(CatalogFile(tmp_path / "catalogs.json"), spawn=spawned.append)
    history.follow(told.append)
    history.saw("1", Catalog())
    assert (spawned, told) == ([], ["1"])


async def test_changes_are_told_newest_first_and_within_the_days(tmp_path: Path) -> None:
    """An account's first list is no change; an equal one writes nothing."""
    now = [NOON]
    file = CatalogFile(tmp_path / "catalogs.json")
    history = History(file, spawn=lambda _: None, clock=lambda: now[0])
    assert await history.changes("1", 7) == (None, [])
    await history.take_in("1", facts_by_id(catalog(gpt())))
    assert await history.changes("1", 7) == ("2023-11-14T22:13:20Z", [])
    written = file.path.stat().st_mtime_ns
    await history.take_in("1", facts_by_id(catalog(gpt())))
    assert file.path.stat().st_mtime_ns == written
    for day, name in ((1, "GPT-9b"), (5, "GPT-9c")):
        now[0] = NOON + day * 86400
        await history.take_in("1", facts_by_id(catalog(gpt(name=name))))
    again = History(file, spawn=lambda _: None, clock=lambda: now[0])
    since, found = await again.changes("1", 7)
    assert since == "2023-11-14T22:13:20Z"
    assert [(change.before, change.after) for change in found] == [("GPT-9b", "GPT-9c"), ("GPT-9", "GPT-9b")]
    assert [change.after for change in (await again.changes("1", 2))[1]] == ["GPT-9c"]
    assert await again.changes("2", 7) == (None, [])


def _change(gate: Gate) -> None:
    gate.simulator.catalogue.withdraw("gpt-4")
    gate.simulator.catalogue.offer(
        Model({"id": "gpt-9", "name": "<b>", "capabilities": {"type": "chat"}, "vendor": "OpenAI"})
    )


async def test_what_changed_survives_a_restart(tmp_path: Path) -> None:
    """Noticed by a server that ran, told by the next; asking for it fetches nothing."""
    async with running_gate(tmp_path) as gate:
        await until((tmp_path / "catalogs.json").exists)
        visitor = Visitor(gate)
        _change(gate)
        assert (await visitor.write("POST", "/models/refresh")).status == 200
        changes: list[dict[str, object]] = []
        async with asyncio.timeout(5):
            while not changes:
                await asyncio.sleep(0.01)
                changes = (await visitor.get("/models-changes")).document["changes"]
        told = sorted((str(one["modelId"]), one["kind"]) for one in changes)
        assert told == [("gpt-4", "removed"), ("gpt-9", "added")]
    async with running_gate(tmp_path) as gate:
        visitor = Visitor(gate)
        asked = [str(entry.to_json()["path"]) for entry in gate.simulator.recorder.entries]
        document = (await visitor.get("/models-changes?accountId=1&days=90")).document
        assert [one for one in document["changes"] if one in changes] == changes
        assert (document["accountId"], document["since"].endswith("Z")) == ("1", True)
        now = [str(entry.to_json()["path"]) for entry in gate.simulator.recorder.entries]
        assert [path for path in now if path.endswith("/models")] == [
            p for p in asked if p.endswith("/models")
        ]
        added = next(one for one in changes if one["modelId"] == "gpt-9")
        assert (added["name"], added["field"], added["before"], added["after"]) == ("<b>", "", None, None)
