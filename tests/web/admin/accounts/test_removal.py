"""Accounts go, well or not, and come back for a moment as they were."""

import asyncio
import json
from pathlib import Path

import pytest

from copilot_api.store.edits.accounts import Forgotten
from copilot_api.web.admin.accounts.undo import Removed, Undo
from gate import CHAT, MESSAGES, request, running_gate, until
from web.admin.accounts.scene import ANN, BOB, EVE, by_id, ids, three
from web.admin.listening import listening
from web.admin.visiting import Visitor

SLOW = "[[sim: text=one two three four five six; chunks=6; interval_ms=100]]"


async def test_a_removed_account_comes_back_as_it_was(tmp_path: Path) -> None:
    """In its place, active again, with a token that works; its sealed token was gone in between."""
    async with running_gate(tmp_path, document=three()) as gate:
        browser = Visitor(gate)
        await until(lambda: gate.house.accounts.choose(BOB).state == "ready")
        answer = await browser.write("DELETE", f"/accounts/{ANN}")
        assert answer.status == 200
        undo, left = answer.document["undo"], answer.document["accounts"]
        assert (ids(left), left["activeAccountId"]) == ([BOB, EVE], BOB)
        assert answer.headers["etag"] == f'"{left["version"]}"'
        assert len(json.loads((tmp_path / "vault.json").read_text())["entries"]) == 2
        assert gate.house.accounts.get(ANN) is None
        answer = await browser.write("POST", f"/accounts/undo/{undo['id']}")
        assert (answer.status, ids(answer.document)) == (200, [ANN, BOB, EVE])
        assert answer.document["activeAccountId"] == ANN
        await until(lambda: gate.house.accounts.choose(ANN).state == "ready")
        assert (await gate.post(CHAT, request(CHAT, "hi", stream=False)))[0] == 200
        again = await browser.write("POST", f"/accounts/undo/{undo['id']}")
        assert (again.status, again.code) == (404, "undo_expired")
        assert again.document["error"]["remedy"] == "Log in with it again."
        assert "ghu_" not in (tmp_path / "config.json").read_text()


async def test_a_healthy_account_follows_the_removed_one(tmp_path: Path) -> None:
    """Eve stands first and is dead: she does not inherit. Where all are dead, the first does."""
    document = three()
    accounts = document["accounts"]
    assert isinstance(accounts, list)
    accounts.reverse()
    async with running_gate(tmp_path, document=document) as gate:
        browser = Visitor(gate)
        await until(lambda: gate.house.accounts.choose(BOB).state == "ready")
        left = (await browser.write("DELETE", f"/accounts/{ANN}")).document["accounts"]
        assert (ids(left), left["activeAccountId"]) == ([EVE, BOB], BOB)
        left = (await browser.write("DELETE", f"/accounts/{BOB}")).document["accounts"]
        assert (ids(left), left["activeAccountId"]) == ([EVE], EVE)
        left = (await browser.write("DELETE", f"/accounts/{EVE}")).document["accounts"]
        assert (left["accounts"], left["activeAccountId"]) == ([], None)


async def test_an_undo_does_not_double_who_is_there_again(tmp_path: Path) -> None:
    """Somebody logged in with the account meanwhile: their credential stays."""
    async with running_gate(tmp_path, document=three()) as gate:
        browser = Visitor(gate)
        undo = (await browser.write("DELETE", f"/accounts/{BOB}")).document["undo"]
        renewed = {"id": BOB, "login": "octo-free", "token": gate.simulator.github_token("free")}
        await asyncio.to_thread(gate.config.update, lambda document: _append(document, renewed))
        answer = await browser.write("POST", f"/accounts/undo/{undo['id']}")
        assert (answer.status, ids(answer.document)) == (200, [ANN, EVE, BOB])


def _append(document: dict[str, object], account: object) -> None:
    accounts = document["accounts"]
    assert isinstance(accounts, list)
    accounts.append(account)


async def test_an_undo_that_could_not_be_stored_may_be_tried_again(tmp_path: Path) -> None:
    """A full disk or a broken file does not cost the token."""
    async with running_gate(tmp_path, document=three()) as gate:
        browser = Visitor(gate)
        undo = (await browser.write("DELETE", f"/accounts/{BOB}")).document["undo"]
        good = gate.config.path.read_bytes()
        gate.config.path.write_bytes(b"{")
        assert (await browser.write("POST", f"/accounts/undo/{undo['id']}")).status == 503
        gate.config.path.write_bytes(good)
        assert (await browser.write("POST", f"/accounts/undo/{undo['id']}")).status == 200


async def test_a_token_is_kept_for_its_moment_and_no_longer() -> None:
    """The way back closes by itself; nothing prints the token."""
    undo = Undo(lambda: 1_700_000_000.0, undo_s=0.05)
    removed = Removed(Forgotten("1", {"token": "vault:x"}, 0, was_active=True), "ghu_secret", "ann")
    assert "ghu_secret" not in repr(removed)
    kept, dropped = undo.keep(removed), undo.keep(removed)
    assert kept.expires_at == "2023-11-14T22:13:20Z"
    assert undo.find(kept.id) is removed
    undo.drop(dropped.id)
    undo.drop(dropped.id)
    assert undo.find(dropped.id) is None
    await until(lambda: undo.find(kept.id) is None)


async def test_a_stale_page_does_not_remove(tmp_path: Path) -> None:
    """Who says which version they saw is held to it."""
    async with running_gate(tmp_path, document=three()) as gate:
        browser = Visitor(gate, {"if-match": '"0123456789abcdef"'})
        answer = await browser.write("DELETE", f"/accounts/{BOB}")
        assert (answer.status, ids(answer.document["current"])) == (412, [ANN, BOB, EVE])


async def test_a_removal_is_told_and_written_down(tmp_path: Path) -> None:
    """Every page learns of it; the audit log says who, from where, and what, and holds no token."""
    async with running_gate(tmp_path, document=three()) as gate, listening(gate) as (page,):
        browser = Visitor(gate)
        undo = (await browser.write("DELETE", f"/accounts/{BOB}")).document["undo"]
        await browser.write("POST", f"/accounts/undo/{undo['id']}")
        await until(lambda: any(ids(told) == [ANN, EVE] for told in page.of("accounts")))
        await until(lambda: ids(page.of("accounts")[-1]) == [ANN, BOB, EVE])
        lines = (tmp_path / "audit.jsonl").read_text().splitlines()
        assert [
            (line["action"], line["target"], line["who"], line["peer"]) for line in map(json.loads, lines)
        ] == [
            ("accounts.remove", BOB, "loopback", "127.0.0.1"),
            ("accounts.undo_remove", BOB, "loopback", "127.0.0.1"),
        ]
        assert "ghu_" not in "".join(lines)


@pytest.mark.parametrize("deed", ["switch", "remove"])
async def test_a_running_stream_ends_on_the_account_it_began_with(tmp_path: Path, deed: str) -> None:
    """Switched away from, or removed in the middle: every byte still comes; the next request goes elsewhere."""
    async with running_gate(tmp_path, document=three()) as gate:
        await until(lambda: gate.house.accounts.choose(BOB).state == "ready")
        ann, bob = (gate.house.accounts.choose(who).credential for who in (ANN, BOB))
        tokens = {(await ann.bearer()).token: ANN, (await bob.bearer()).token: BOB}
        body = {"model": "gpt-4.1", "stream": True, "messages": [{"role": "user", "content": SLOW}]}
        async with gate.http.post(gate.url + CHAT, json=body) as response:
            first = await response.content.readany()
            if deed == "switch":
                answer = await Visitor(gate).write("POST", f"/accounts/{BOB}/activate")
            else:
                answer = await Visitor(gate).write("DELETE", f"/accounts/{ANN}")
            assert answer.status == 200
            assert gate.house.accounts.choose().id == BOB
            second, _, _ = await gate.post(CHAT, request(CHAT, "hi", stream=False))
            text = (first + await response.content.read()).decode()
        assert second == 200
        assert "".join(_said(text)).split() == ["one", "two", "three", "four", "five", "six"]
        assert text.rstrip().endswith("data: [DONE]")
        bearers = [_bearer(entry) for entry in gate.inference_requests()]
        assert [tokens[bearer] for bearer in bearers] == [ANN, BOB]


def _bearer(entry: dict[str, object]) -> str:
    headers = entry["headers"]
    assert isinstance(headers, dict)
    return str(headers["authorization"]).removeprefix("Bearer ")


def _said(stream: str) -> list[str]:
    """The text of a chat stream."""
    frames = [line[6:] for line in stream.splitlines() if line.startswith("data: {")]
    choices = [choice for frame in frames for choice in json.loads(frame)["choices"]]
    return [choice["delta"].get("content") or "" for choice in choices]


async def test_a_stream_of_another_protocol_survives_the_removal_too(tmp_path: Path) -> None:
    """A translated answer reads upstream to its end as well."""
    async with running_gate(tmp_path, document=three()) as gate:
        body = request(MESSAGES, SLOW) | {"model": "gpt-4.1"}
        async with gate.http.post(gate.url + MESSAGES, json=body) as response:
            first = await response.content.readany()
            assert (await Visitor(gate).write("DELETE", f"/accounts/{ANN}")).status == 200
            text = (first + await response.content.read()).decode()
        assert "six" in text
        assert text.count("event: message_stop") == 1
        assert '"type":"error"' not in text


async def test_a_key_keeps_its_account_whoever_is_active(tmp_path: Path) -> None:
    """Its own account answers; when that is gone, the key says so and nobody else answers for it."""
    async with running_gate(tmp_path, document=three()) as gate:
        browser = Visitor(gate)
        made = (await browser.write("POST", "/keys", {"name": "work", "accountId": BOB})).document
        free = (await browser.write("POST", "/keys", {"name": "any"})).document
        await until(lambda: gate.house.accounts.choose(BOB).state == "ready")
        ann, bob = (gate.house.accounts.choose(who).credential for who in (ANN, BOB))
        tokens = {(await ann.bearer()).token: ANN, (await bob.bearer()).token: BOB}
        body = request(CHAT, "hi", stream=False)
        for value in (made["value"], free["value"]):
            assert (await gate.post(CHAT, body, {"authorization": f"Bearer {value}"}))[0] == 200
        assert [tokens[_bearer(entry)] for entry in gate.inference_requests()] == [BOB, ANN]
        shown = (await browser.get("/accounts")).document
        assert by_id(shown, BOB)["boundKeys"] == ["work"]
        undo = (await browser.write("DELETE", f"/accounts/{BOB}")).document["undo"]
        status, _, answer = await gate.post(CHAT, body, {"x-api-key": made["value"]})
        assert (status, json.loads(answer)["error"]["code"]) == (503, "no_account")
        assert len(gate.inference_requests()) == 2
        keys = (await browser.get("/keys")).document["keys"]
        assert [(key["name"], key["state"]) for key in keys] == [("work", "unbound"), ("any", "active")]
        await browser.write("POST", f"/accounts/undo/{undo['id']}")
        assert (await gate.post(CHAT, body, {"x-api-key": made["value"]}))[0] == 200
