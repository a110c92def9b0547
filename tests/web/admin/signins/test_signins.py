"""Logging in from the page: a code, live news, an account in the end; and every way in which that fails."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gate import CHAT, Gate, request, running_gate, until
from web.admin.accounts.scene import ANN, BOB, EVE, by_id, count, ids, three
from web.admin.listening import Listener, listening
from web.admin.visiting import Answer, Visitor

CODE, POLL = "/login/device/code", "/login/oauth/access_token"


@contextlib.asynccontextmanager
async def github(
    home: Path, *polls: str, plan: str = "free", interval_s: float = 0.05, **more: Any
) -> AsyncIterator[tuple[Gate, Listener]]:
    """A gateway whose GitHub answers polls like this, in a hurry, and a page that listens."""
    async with running_gate(home, **({"document": {}, "is_ready": False} | more)) as gate:
        device = gate.simulator.device
        device.polls, device.interval_s, device.plan = polls, interval_s, plan
        async with listening(gate) as (page,):
            yield gate, page


async def begin(gate: Gate, **body: object) -> Answer:
    """Begin a login."""
    answer = await Visitor(gate).write("POST", "/signins", body)
    assert answer.status == 201, answer.body
    return answer


async def test_a_login_ends_with_an_account_that_answers(tmp_path: Path) -> None:
    """The code and the page at once; the rest is told; the first account is the active one."""
    async with github(tmp_path, "authorization_pending") as (gate, page):
        shown = (await begin(gate)).document
        assert (shown["state"], shown["problem"], shown["isNew"], shown["accountId"]) == (
            "waiting",
            None,
            None,
            None,
        )
        assert shown["userCode"][4] == "-"
        assert shown["verificationUri"] == f"{gate.simulator.url}/login/device"
        assert shown["expiresAt"].endswith("Z")
        assert shown["intervalS"] == 0.05
        assert shown["host"] == "github.com"
        done = await page.hears("signin", state="done")
        assert done == shown | {"state": "done", "accountId": BOB, "login": "octo-free", "isNew": True}
        accounts = (await Visitor(gate).get("/accounts")).document
        assert (ids(accounts), accounts["activeAccountId"]) == ([BOB], BOB)
        assert by_id(accounts, BOB)["avatar"] == f"/admin/api/accounts/{BOB}/avatar"
        await until(lambda: gate.house.accounts.choose().state == "ready")
        assert (await gate.post(CHAT, request(CHAT, "hi", stream=False)))[0] == 200
        assert (await Visitor(gate).get(f"/signins/{shown['id']}")).document == done
        audit = json.loads((tmp_path / "audit.jsonl").read_text().splitlines()[-1])
        assert (audit["action"], audit["target"], audit["detail"]) == ("accounts.add", BOB, "login octo-free")
        everything = (
            "".join(map(str, page.heard)) + (tmp_path / "audit.jsonl").read_text() + gate.log.getvalue()
        )
        assert "ghu_" not in everything
        assert gate.simulator.device.start("x", "")["device_code"] not in everything
        first = gate.simulator.requests(CODE)[0]
        assert "device_code" not in str(first["query"])


async def test_logging_in_again_renews_the_running_account_at_once(tmp_path: Path) -> None:
    """The dead token is replaced in the file and in the server; kind, place and who is active stay."""
    document = three() | {"activeAccountId": EVE}
    accounts = document["accounts"]
    assert isinstance(accounts, list)
    accounts[2]["accountType"] = "enterprise"
    accounts[2]["theirs"] = 1
    more = {"document": document, "is_ready": False}
    async with github(tmp_path, plan="free-legacy", **more) as (gate, page):
        await until(lambda: gate.house.accounts.choose(EVE).state == "failed")
        dead = gate.house.accounts.choose(EVE)
        assert (await gate.post(CHAT, request(CHAT, "hi", stream=False)))[0] == 401
        await begin(gate)
        done = await page.hears("signin", state="done")
        assert (done["accountId"], done["isNew"]) == (EVE, False)
        assert gate.house.accounts.choose() is not dead
        assert (await gate.post(CHAT, request(CHAT, "hi", stream=False)))[0] == 200
        shown = (await Visitor(gate).get("/accounts")).document
        assert (ids(shown), shown["activeAccountId"]) == ([ANN, BOB, EVE], EVE)
        eve = by_id(shown, EVE)
        assert (eve["createdAt"], eve["accountType"]) == ("2026-01-02T03:04:05Z", "individual")
        stored = gate.config.load().document["accounts"]
        assert isinstance(stored, list)
        assert stored[2]["theirs"] == 1
        audit = json.loads((tmp_path / "audit.jsonl").read_text().splitlines()[-1])
        assert audit["action"] == "accounts.renew"


async def test_a_person_may_know_the_kind_of_account_better(tmp_path: Path) -> None:
    """What they say wins over the plan; what they do not say comes from it."""
    async with github(tmp_path, plan="business") as (gate, page):
        await begin(gate, accountType="enterprise")
        done = await page.hears("signin", state="done")
        shown = (await Visitor(gate).get("/accounts")).document
        assert by_id(shown, done["accountId"])["accountType"] == "enterprise"
        await begin(gate, accountType=None)
        await until(lambda: len([told for told in page.of("signin") if told["state"] == "done"]) == 2)
        shown = (await Visitor(gate).get("/accounts")).document
        assert by_id(shown, done["accountId"])["accountType"] == "business"


@pytest.mark.parametrize(
    ("poll", "state", "message", "remedy"),
    [
        (
            "access_denied",
            "denied",
            "The login was denied in the browser.",
            "Log in again, in the admin or with `copilot-api login`.",
        ),
        ("expired_token", "expired", "The code has expired.", "Log in again for a new one."),
        (
            "incorrect_device_code",
            "failed",
            "GitHub does not know this code any more.",
            "Log in again, in the admin or with `copilot-api login`.",
        ),
        (
            "device_flow_disabled",
            "failed",
            "GitHub has switched device login off for this app.",
            "Update copilot-api.",
        ),
    ],
)
async def test_every_ending_is_told_with_its_remedy(
    tmp_path: Path, poll: str, state: str, message: str, remedy: str
) -> None:
    """And nothing is stored."""
    async with github(tmp_path, "authorization_pending", poll) as (gate, page):
        await begin(gate)
        told = await page.hears("signin", state=state)
        assert told["problem"] == {"message": message, "remedy": remedy, "code": poll}
        assert (await Visitor(gate).get("/accounts")).document["accounts"] == []
        polls = count(gate, POLL)
        await asyncio.sleep(0.2)
        assert count(gate, POLL) == polls


async def test_a_code_that_nobody_types_expires_without_another_question(tmp_path: Path) -> None:
    """Our own clock knows when it is over."""
    async with github(tmp_path, *["authorization_pending"] * 99, interval_s=60.0) as (gate, page):
        gate.simulator.device.lifetime_s = 0.3
        await begin(gate)
        assert (await page.hears("signin", state="expired"))["problem"]["code"] == "expired_token"
        assert count(gate, POLL) == 0


async def test_a_slower_pace_is_kept_and_told(tmp_path: Path) -> None:
    """`slow_down` is no failure: the page says so and waits."""
    async with github(tmp_path, "slow_down", interval_s=0.05) as (gate, page):
        gate.simulator.device.slow_down_s = 0.15
        await begin(gate)
        told = await page.hears("signin", intervalS=0.2)
        assert told["state"] == "waiting"
        assert told["problem"] == {
            "message": "GitHub asks us to ask less often.",
            "remedy": "There is nothing to do: it goes on by itself while the code is good.",
            "code": "slow_down",
        }
        assert (await page.hears("signin", state="done"))["problem"] is None


async def test_network_trouble_is_told_and_waited_out(tmp_path: Path) -> None:
    """A hiccup of GitHub does not cost the login, neither while waiting nor right after."""
    async with github(tmp_path) as (gate, page):
        gate.simulator.break_route(POLL, "reset", times=2)
        gate.simulator.break_route("/user", "502", times=1)
        await begin(gate)
        await until(lambda: any(told["problem"] is not None for told in page.of("signin")))
        told = next(told for told in page.of("signin") if told["problem"] is not None)
        assert (told["state"], told["problem"]["code"]) == ("waiting", "github_unreachable")
        assert (await page.hears("signin", patience_s=10, state="done"))["problem"] is None


async def test_an_account_without_copilot_is_refused_with_the_way_to_get_it(tmp_path: Path) -> None:
    """It would answer nothing; it is not stored."""
    async with github(tmp_path) as (gate, page):
        gate.simulator.change_account({"plan": "free", "without_copilot": True})
        await begin(gate)
        problem = (await page.hears("signin", state="failed"))["problem"]
        assert problem["code"] == "not_signed_up"
        assert "not_signed_up" in problem["message"]
        assert problem["remedy"] == (
            "The account has no Copilot plan yet; sign up at https://github.com/settings/copilot."
        )
        assert (await Visitor(gate).get("/accounts")).document["accounts"] == []


async def test_a_seat_that_cannot_be_read_is_no_reason_to_refuse(tmp_path: Path) -> None:
    """GitHub hiccups on the plan: the account is stored, and what it was known as stays."""
    document = three()
    accounts = document["accounts"]
    assert isinstance(accounts, list)
    accounts[1]["accountType"] = "business"
    async with github(tmp_path, document=document) as (gate, page):
        gate.simulator.break_route("/copilot_internal/user", "500")
        await begin(gate)
        await page.hears("signin", state="done")
        shown = (await Visitor(gate).get("/accounts")).document
        assert by_id(shown, BOB)["accountType"] == "business"


async def test_a_login_is_cancelled_at_once(tmp_path: Path) -> None:
    """GitHub is asked no more; a second cancel, and one of a login that is over, change nothing."""
    async with github(tmp_path, *["authorization_pending"] * 999) as (gate, page):
        shown = (await begin(gate)).document
        await until(lambda: count(gate, POLL) > 1)
        browser = Visitor(gate)
        answer = await browser.write("DELETE", f"/signins/{shown['id']}")
        assert (answer.status, answer.document["state"], answer.document["problem"]) == (
            200,
            "cancelled",
            None,
        )
        polls = count(gate, POLL)
        await page.hears("signin", state="cancelled")
        await asyncio.sleep(0.2)
        assert count(gate, POLL) == polls
        assert (await browser.write("DELETE", f"/signins/{shown['id']}")).document["state"] == "cancelled"
        missing = await browser.write("DELETE", "/signins/nothing")
        assert (missing.status, missing.code) == (404, "signin_unknown")
        assert (await browser.get("/signins/nothing")).code == "signin_unknown"


async def test_logins_are_listed_and_bounded(tmp_path: Path) -> None:
    """The newest first; each asks GitHub every few seconds, so only some may wait."""
    async with github(tmp_path, *["authorization_pending"] * 999) as (gate, _):
        begun = [(await begin(gate)).document["id"] for _ in range(5)]
        browser = Visitor(gate)
        refused = await browser.write("POST", "/signins", {})
        assert (refused.status, refused.code) == (429, "too_many_signins")
        await browser.write("DELETE", f"/signins/{begun[0]}")
        last = (await begin(gate)).document["id"]
        listed = (await browser.get("/signins")).document["signins"]
        assert [flow["id"] for flow in listed] == [last, *reversed(begun)]
        assert [flow["state"] for flow in listed] == ["waiting"] * 5 + ["cancelled"]


async def test_an_ended_login_is_forgotten_in_time(tmp_path: Path) -> None:
    """Ten minutes are enough to look."""
    async with github(tmp_path, "access_denied") as (gate, page):
        shown = (await begin(gate)).document
        await page.hears("signin", state="denied")
        signins = next(run.__self__ for name, run in gate.house.desk.works if name == "signins")
        signins.find(shown["id"]).ended_at_unix_s -= 601
        assert (await Visitor(gate).get("/signins")).document["signins"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"host": "github.example.com"},
        {"host": "ghe.com.evil.test"},
        {"host": "https://user@octo.ghe.com"},
        {"host": "octo.ghe.com/../x"},
        {"host": ""},
    ],
)
async def test_another_host_than_githubs_is_refused(tmp_path: Path, body: dict[str, str]) -> None:
    """Nobody is asked for a code there."""
    async with github(tmp_path) as (gate, _):
        refused = await Visitor(gate).write("POST", "/signins", body)
        assert refused.status == 422
        assert "host" in refused.document["error"]["fields"]
        assert gate.simulator.requests(CODE) == []


async def test_what_is_no_login_is_refused_by_field(tmp_path: Path) -> None:
    """Before GitHub hears of it."""
    async with github(tmp_path) as (gate, _):
        refused = await Visitor(gate).write("POST", "/signins", {"accountType": "gold", "token": "x"})
        assert (refused.status, sorted(refused.document["error"]["fields"])) == (
            422,
            ["accountType", "token"],
        )


async def test_a_github_that_is_down_is_said_at_the_start(tmp_path: Path) -> None:
    """A fault of GitHub's, not of the page's caller: 502, with words."""
    async with github(tmp_path) as (gate, _):
        gate.simulator.break_route(CODE, "reset")
        refused = await Visitor(gate).write("POST", "/signins", {})
        assert (refused.status, refused.code) == (502, "github_failed")
        assert refused.document["error"]["message"]
        assert refused.document["error"]["remedy"]


async def test_no_code_is_asked_for_when_the_account_could_not_be_stored(tmp_path: Path) -> None:
    """Nobody should type one for nothing."""
    async with github(tmp_path, document=three()) as (gate, _):
        gate.config.path.write_bytes(b"{")
        refused = await Visitor(gate).write("POST", "/signins", {})
        assert (refused.status, refused.code) == (503, "store_unavailable")
        assert gate.simulator.requests(CODE) == []


async def test_a_store_that_fails_in_the_end_is_told(tmp_path: Path) -> None:
    """The login was good; the disk was not."""
    async with github(tmp_path, *["authorization_pending"] * 6, document=three()) as (gate, page):
        await begin(gate)
        good = gate.config.path.read_bytes()
        gate.config.path.write_bytes(b"{")
        problem = (await page.hears("signin", state="failed"))["problem"]
        assert problem["code"] == "store_unavailable"
        gate.config.path.write_bytes(good)


async def test_a_hostile_login_is_data(tmp_path: Path) -> None:
    """What GitHub, or somebody in its place, calls a person goes through as it is."""
    login = "<img src=x onerror=alert(1)>\u202e\"'"
    async with github(tmp_path) as (gate, page):
        gate.simulator.accounts.by_plan["free"].login = login
        await begin(gate)
        assert (await page.hears("signin", state="done"))["login"] == login
        assert (await Visitor(gate).get("/accounts")).document["accounts"][0]["login"] == login


async def test_a_waiting_login_does_not_hold_up_the_end_of_the_server(tmp_path: Path) -> None:
    """It would wait for fifteen minutes."""
    async with (
        asyncio.timeout(10),
        github(tmp_path, *["authorization_pending"] * 999, interval_s=60.0) as (gate, _),
    ):
        await begin(gate)
