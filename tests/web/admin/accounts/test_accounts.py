"""Accounts over the API: shown as they are, switched only when they can answer, ordered, changed."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gate import CHAT, Gate, request, running_gate, until
from web.admin.accounts.scene import ANN, BOB, EVE, by_id, count, entry, ids, three
from web.admin.listening import listening
from web.admin.visiting import Visitor


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncIterator[Gate]:
    """Three accounts, all of them started."""
    async with running_gate(tmp_path, document=three()) as running:
        accounts = running.house.accounts
        await until(lambda: all(account.state != "starting" for account in accounts.all()))
        await until(lambda: all(account.meter.asked_at_unix_s > 0 for account in accounts.all()))
        await until(lambda: count(running, "/copilot_internal/user") == 3)  # the last that a start asks
        yield running


async def test_every_account_is_shown_as_it_is(gate: Gate) -> None:
    """What works, what does not and why; never a token, and GitHub is not asked for it."""
    before = len(gate.simulator.recorder.entries)
    answer = await Visitor(gate).get("/accounts")
    assert answer.status == 200
    assert answer.headers["etag"] == f'"{answer.document["version"]}"'
    assert answer.headers["cache-control"] == "no-store"
    shown = answer.document
    assert (ids(shown), shown["activeAccountId"], shown["problems"]) == ([ANN, BOB, EVE], ANN, [])
    ann = by_id(shown, ANN)
    quota = ann.pop("quota")
    credential = ann.pop("credential")
    assert ann == {
        "id": ANN,
        "login": "octo-dev",
        "host": "github.com",
        "accountType": "individual",
        "plan": "individual_pro",
        "sku": "plus_monthly_subscriber_quota",
        "avatar": None,
        "initials": "OD",
        "isActive": True,
        "state": "ready",
        "problem": None,
        "createdAt": "2026-01-02T03:04:05Z",
        "modelCount": 40,
        "boundKeys": [],
    }
    assert (credential["mode"], credential["isUsable"]) == ("auto", True)
    assert credential["lastRefreshAt"] < credential["expiresAt"]
    assert [bucket["name"] for bucket in quota["buckets"]] == ["premium_interactions", "chat", "completions"]
    eve = by_id(shown, EVE)
    assert (eve["state"], eve["isActive"], eve["credential"]["isUsable"]) == ("failed", False, False)
    assert eve["problem"] == {
        "message": "GitHub answered 401 to GET /copilot_internal/v2/token: 'Bad credentials'.",
        "remedy": "The GitHub token is no longer valid; run `copilot-api login` again.",
        "code": "bad_credentials",
    }
    assert b"ghu_" not in answer.body
    assert b"vault:" not in answer.body
    assert len(gate.simulator.recorder.entries) == before


async def test_a_switch_is_in_force_for_the_next_request(gate: Gate) -> None:
    """Token and models first; then the file, the running server and every page know."""
    async with listening(gate) as (page,):
        answer = await Visitor(gate).write("POST", f"/accounts/{BOB}/activate")
        assert (answer.status, answer.document["activeAccountId"]) == (200, BOB)
        assert by_id(answer.document, BOB)["isActive"] is True
        assert gate.config.load().document["activeAccountId"] == BOB
        body = request(CHAT, "hi", stream=False)
        assert (await gate.post(CHAT, body))[0] == 200
        assert gate.house.accounts.choose().id == BOB
        heard = await page.hears("accounts", activeAccountId=BOB)
        assert heard["version"] == answer.document["version"]


async def test_an_account_that_cannot_answer_is_not_switched_to(gate: Gate) -> None:
    """Nothing changes; the reason and the remedy are said. A person may insist."""
    before = gate.config.path.read_bytes()
    browser = Visitor(gate)
    answer = await browser.write("POST", f"/accounts/{EVE}/activate")
    assert (answer.status, answer.code) == (409, "account_not_usable")
    error = answer.document["error"]
    assert error["message"].startswith("'octo-free-legacy' cannot answer now, so nothing was changed. GitHub")
    assert error["remedy"] == "The GitHub token is no longer valid; run `copilot-api login` again."
    assert gate.config.path.read_bytes() == before
    assert gate.house.accounts.choose().id == ANN
    answer = await browser.write("POST", f"/accounts/{EVE}/activate", {"force": True})
    assert (answer.status, answer.document["activeAccountId"]) == (200, EVE)
    assert (await gate.post(CHAT, request(CHAT, "hi", stream=False)))[0] == 401
    assert (await browser.write("POST", f"/accounts/{ANN}/activate")).status == 200
    assert (await gate.post(CHAT, request(CHAT, "hi", stream=False)))[0] == 200


async def test_a_switch_finds_out_that_a_token_died_meanwhile(gate: Gate) -> None:
    """What worked an hour ago is asked again: the model list is fetched with the token at hand."""
    gate.simulator.change_account({"plan": "free", "revoked": True, "expire_tokens": True})
    answer = await Visitor(gate).write("POST", f"/accounts/{BOB}/activate")
    assert (answer.status, answer.code) == (409, "account_not_usable")
    assert gate.house.accounts.choose().id == ANN


async def test_a_network_that_fails_is_no_reason_to_switch(gate: Gate) -> None:
    """Copilot's own words are in the refusal."""
    gate.simulator.break_route("/capi/individual/models", "502")
    answer = await Visitor(gate).write("POST", f"/accounts/{BOB}/activate")
    assert (answer.status, answer.code) == (409, "account_not_usable")
    assert "502" in answer.document["error"]["message"]
    assert answer.document["error"]["remedy"] == "Try again, or switch to it all the same."


async def test_an_account_whose_token_cannot_be_opened_is_shown_and_does_not_block(tmp_path: Path) -> None:
    """The vault lost it: it is failed, cannot be switched to, and can be removed."""
    async with running_gate(tmp_path, document=three()) as gate:
        document = gate.config.load().document
        accounts = document["accounts"]
        assert isinstance(accounts, list)
        gate.config.vault.delete(accounts[1]["token"])
        await gate.house.accounts.apply(gate.house.settings)
        browser = Visitor(gate)
        bob = by_id((await browser.get("/accounts")).document, BOB)
        assert (bob["state"], bob["problem"]["code"], bob["quota"]) == ("failed", "token_unreadable", None)
        assert "run `copilot-api login` again" in bob["problem"]["message"]
        refused = await browser.write("POST", f"/accounts/{BOB}/activate")
        assert (refused.status, refused.code) == (409, "account_not_usable")
        looked = await browser.write("POST", f"/accounts/{BOB}/retry")
        assert looked.document["state"] == "failed"
        refreshed = await browser.write("POST", f"/accounts/{BOB}/refresh")
        assert (refreshed.status, refreshed.document["nextRefreshAt"]) == (200, None)
        assert (await browser.write("DELETE", f"/accounts/{BOB}")).status == 200


async def test_accounts_take_an_order(gate: Gate) -> None:
    """The whole list or nothing, and only by who has seen the newest."""
    browser = Visitor(gate)
    version = (await browser.get("/accounts")).document["version"]
    refused = await browser.write("PUT", "/accounts/order", {"ids": [BOB, EVE, ANN]})
    assert (refused.status, refused.code) == (428, "version_missing")
    browser.headers["if-match"] = f'"{version}"'
    for wrong in ([BOB, EVE], [BOB, EVE, ANN, "7"], [BOB, BOB, ANN], []):
        refused = await browser.write("PUT", "/accounts/order", {"ids": wrong})
        assert (refused.status, refused.document["error"]["fields"]) == (
            422,
            {"ids": "Name each account once."},
        )
    answer = await browser.write("PUT", "/accounts/order", {"ids": [BOB, EVE, ANN]})
    assert (answer.status, ids(answer.document)) == (200, [BOB, EVE, ANN])
    assert answer.document["activeAccountId"] == ANN
    assert answer.headers["etag"] == f'"{answer.document["version"]}"'
    stale = await browser.write("PUT", "/accounts/order", {"ids": [ANN, BOB, EVE]})
    assert (stale.status, stale.code) == (412, "stale_version")
    assert ids(stale.document["current"]) == [BOB, EVE, ANN]
    assert [account.id for account in gate.house.accounts.all()] == [BOB, EVE, ANN]


async def test_kind_and_credential_are_changed(gate: Gate) -> None:
    """The running account follows at once; what is not said stays."""
    browser = Visitor(gate)
    answer = await browser.write("PATCH", f"/accounts/{BOB}", {"accountType": "business"})
    assert by_id(answer.document, BOB)["accountType"] == "business"
    before = gate.house.accounts.get(BOB)
    answer = await browser.write("PATCH", f"/accounts/{BOB}", {"credentialMode": "direct"})
    bob = by_id(answer.document, BOB)
    assert (bob["accountType"], bob["credential"]["mode"]) == ("business", "direct")
    now = gate.house.accounts.get(BOB)
    assert now is not before
    assert now is not None
    assert now.credential.is_direct
    assert by_id(answer.document, BOB)["quota"] is not None  # the same person: what is known of them stays
    refused = await browser.write("PATCH", f"/accounts/{BOB}", {"accountType": "gold", "plan": 1})
    assert (refused.status, sorted(refused.document["error"]["fields"])) == (422, ["accountType", "plan"])


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/accounts/77/activate", {}),
        ("POST", "/accounts/77/activate", {"force": True}),
        ("PATCH", "/accounts/77", {"accountType": "business"}),
        ("DELETE", "/accounts/77", {}),
        ("POST", "/accounts/77/refresh", {}),
        ("POST", "/accounts/77/retry", {}),
        ("GET", "/accounts/77/avatar", None),
        ("POST", "/accounts/undo/nothing", {}),
    ],
)
async def test_who_is_not_there_is_not_found(gate: Gate, method: str, path: str, body: object) -> None:
    """And nothing is written."""
    before = gate.config.path.read_bytes()
    browser = Visitor(gate)
    answer = await (browser.get(path) if body is None else browser.write(method, path, body))
    assert answer.status == 404
    assert answer.code in {"account_unknown", "undo_expired", "avatar_missing"}
    assert gate.config.path.read_bytes() == before


async def test_a_failed_account_is_tried_again(gate: Gate) -> None:
    """Token, models and plan, right now: nobody waits for a cool-down that a person has ended."""
    token = gate.simulator.github_token("free-legacy")
    gate.simulator.change_account({"plan": "free-legacy", "rate_limited": True})
    await Visitor(gate).write("PATCH", f"/accounts/{EVE}", {"credentialMode": "exchange"})
    await asyncio.to_thread(
        gate.config.update, lambda document: _give_token(document, EVE, token)
    )  # logged in again, elsewhere
    await until(lambda: "limits this account" in str(getattr(gate.house.accounts.get(EVE), "problem", "")))
    browser = Visitor(gate)
    answer = await browser.write("POST", f"/accounts/{EVE}/retry")
    assert (answer.status, answer.document["state"]) == (200, "failed")
    assert answer.document["problem"]["code"] == "github_rate_limited"
    gate.simulator.change_account({"plan": "free-legacy", "rate_limited": False})
    answer = await browser.write("POST", f"/accounts/{EVE}/retry")
    assert (answer.document["state"], answer.document["problem"]) == ("ready", None)
    assert answer.document["modelCount"] > 0


def _give_token(document: dict[str, object], account_id: str, token: str) -> None:
    accounts = document["accounts"]
    assert isinstance(accounts, list)
    next(account for account in accounts if account["id"] == account_id)["token"] = token


async def test_hostile_names_go_through_unharmed(tmp_path: Path) -> None:
    """They are data: JSON in, JSON out, and the page makes text of them."""
    login, account_id = "<img src=x onerror=alert(1)>\u202e\u0000\"';--", '1"><script>/../%2e'
    document = {
        "accounts": [entry(account_id, login, "ghu_x"), entry(ANN, "octo-dev", "ghu_y")],
        "activeAccountId": account_id,
    }
    async with running_gate(tmp_path, document=document, is_ready=False) as gate:
        browser = Visitor(gate)
        shown = (await browser.get("/accounts")).document
        assert shown["accounts"][0]["login"] == login
        assert shown["activeAccountId"] == account_id
        assert shown["accounts"][0]["initials"] == "IS"
        answer = await browser.write(
            "DELETE", f"/accounts/{account_id.replace('%', '%25').replace('/', '%2F')}"
        )
        assert answer.status in {200, 404}  # a path cannot carry every id, and says so
        assert (await browser.get("/accounts")).status == 200


async def test_an_unreadable_file_is_told_and_nothing_is_changed(gate: Gate) -> None:
    """The last good copy is shown; writing waits until somebody mends the file."""
    good = gate.config.path.read_bytes()
    gate.config.path.write_bytes(b"{ broken")
    browser = Visitor(gate)
    shown = (await browser.get("/accounts")).document
    assert ids(shown) == [ANN, BOB, EVE]
    assert "is not valid JSON" in shown["problems"][0]["message"]
    answer = await browser.write("POST", f"/accounts/{BOB}/activate")
    assert (answer.status, answer.code) == (503, "store_unavailable")
    assert gate.config.path.read_bytes() == b"{ broken"
    gate.config.path.write_bytes(good)


async def test_an_edit_elsewhere_is_told_to_every_page(gate: Gate) -> None:
    """The command line, a text editor: the page does not ask, it is told."""
    async with listening(gate, 3) as pages:
        await asyncio.to_thread(gate.config.update, lambda document: document.update(activeAccountId=BOB))
        for page in pages:
            assert by_id(await page.hears("accounts", activeAccountId=BOB), BOB)["isActive"] is True


async def test_what_is_wrong_with_the_list_is_told(tmp_path: Path) -> None:
    """An entry that cannot be read is not silently gone."""
    document = {"accounts": [entry(ANN, "octo-dev", "ghu_x"), {"id": "2"}], "activeAccountId": "9"}
    async with running_gate(tmp_path, document=document, is_ready=False) as gate:
        shown = (await Visitor(gate).get("/accounts")).document
        assert (ids(shown), shown["activeAccountId"]) == ([ANN], None)
        assert [problem["path"] for problem in shown["problems"]] == [
            "config.json: accounts[1]",
            "config.json: activeAccountId",
        ]


async def test_no_page_and_no_key_writes_here_without_leave(gate: Gate) -> None:
    """CSRF on every write of the room; the methods that exist are the ones documented."""
    browser = Visitor(gate)
    json_type = {"content-type": "application/json"}
    for method, path in (
        ("POST", f"/accounts/{BOB}/activate"),
        ("PATCH", f"/accounts/{BOB}"),
        ("PUT", "/accounts/order"),
        ("DELETE", f"/accounts/{BOB}"),
        ("POST", "/accounts/undo/x"),
        ("POST", f"/accounts/{BOB}/refresh"),
        ("POST", f"/accounts/{BOB}/retry"),
        ("POST", "/signins"),
        ("DELETE", "/signins/x"),
        ("POST", "/keys"),
        ("PATCH", "/keys/x"),
        ("POST", "/keys/x/rotate"),
        ("DELETE", "/keys/x"),
    ):
        refused = await browser.ask(method, path, {}, json_type)
        assert (refused.status, refused.code) == (403, "csrf_invalid"), path
    assert count(gate, "/login/device/code") == 0
