"""Client keys over the API: told once, hashed at rest, limited, rotated, revoked."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gate import CHAT, Gate, request, running_gate, until
from web.admin.accounts.scene import ANN, BOB, three
from web.admin.listening import listening
from web.admin.visiting import SECRET, Answer, Visitor

HI = request(CHAT, "hi", stream=False)


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncIterator[Gate]:
    """Three accounts and no key yet."""
    async with running_gate(tmp_path, document=three()) as running:
        yield running


OPERATOR = {"authorization": f"Bearer {SECRET}"}


async def make(gate: Gate, name: str = "laptop", **fields: object) -> dict[str, Any]:
    """Make a key."""
    answer = await Visitor(gate, OPERATOR).write("POST", "/keys", {"name": name, **fields})
    assert answer.status == 201, answer.body
    return answer.document


async def use(gate: Gate, value: str, path: str = CHAT) -> int:
    """Ask something with a key; the status."""
    return (await gate.post(path, HI, {"authorization": f"Bearer {value}"}))[0]


async def test_a_key_is_told_once_and_kept_as_a_digest(gate: Gate, tmp_path: Path) -> None:
    """The answer that makes it is the only place it ever stands."""
    told = await make(gate)
    value, key = told["value"], told["key"]
    assert value.startswith("cpa_")
    assert key == {
        "id": key["id"],
        "name": "laptop",
        "hint": f"cpa_…{value[-4:]}",
        "scopes": ["inference"],
        "accountId": None,
        "accountLogin": None,
        "models": [],
        "isStrict": False,
        "createdAt": key["createdAt"],
        "expiresAt": None,
        "lastUsedAt": None,
        "graceUntil": None,
        "state": "active",
        "rateLimit": {"requestsPerMinute": None, "tokensPerMinute": None, "concurrency": None},
        "budget": None,
        "isReadOnly": False,
        "source": "file",
    }
    assert await use(gate, value) == 200
    answer = await Visitor(gate).get("/keys")
    assert answer.headers["etag"] == f'"{answer.document["version"]}"'
    assert told["version"] == answer.document["version"]
    assert value not in answer.body.decode()
    assert hashlib.sha256(value.encode()).hexdigest() not in answer.body.decode()
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert value.encode() not in written
    assert value not in gate.log.getvalue()


async def test_the_first_key_warns_that_clients_need_one_now(gate: Gate) -> None:
    """Until then nobody did; the last one revoked opens the door again, and says so."""
    browser = Visitor(gate)
    assert (await browser.get("/keys")).document["isOpen"] is True
    assert (await gate.post(CHAT, HI))[0] == 200
    first = await make(gate)
    assert [warning["code"] for warning in first["warnings"]] == ["clients_need_a_key"]
    assert (await gate.post(CHAT, HI))[0] == 401
    assert (await browser.get("/keys")).document["isOpen"] is False
    second = await make(gate, "ci")
    assert second["warnings"] == []
    left = (await browser.write("DELETE", f"/keys/{first['key']['id']}")).document
    assert (left["isOpen"], [key["name"] for key in left["keys"]]) == (False, ["ci"])
    assert await use(gate, first["value"]) == 401
    left = (await browser.write("DELETE", f"/keys/{second['key']['id']}")).document
    assert (left["isOpen"], left["keys"]) == (True, [])


async def test_every_field_of_a_key_is_kept(gate: Gate) -> None:
    """As it was said, and as config.json has it."""
    told = await make(
        gate,
        "  work  ",
        scopes=["admin", "inference", "admin"],
        accountId=BOB,
        models=[" claude-* ", "gpt-5.5", "gpt-5.5"],
        isStrict=True,
        expires="2099-01-31",
        rateLimit={"requestsPerMinute": 5, "tokensPerMinute": None, "concurrency": 2},
        budget={"credits": 2.5, "period": "day"},
    )
    key = told["key"]
    assert (key["name"], key["scopes"], key["models"]) == (
        "work",
        ["admin", "inference"],
        ["claude-*", "gpt-5.5"],
    )
    assert (key["accountId"], key["accountLogin"], key["isStrict"]) == (BOB, "octo-free", True)
    assert key["expiresAt"] == "2099-01-31T00:00:00Z"
    assert key["rateLimit"] == {"requestsPerMinute": 5, "tokensPerMinute": None, "concurrency": 2}
    assert key["budget"] == {"credits": 2.5, "requests": None, "period": "day"}
    (entry,) = gate.house.settings.client_keys
    assert (entry.account_id, entry.strict, entry.models) == (BOB, True, ("claude-*", "gpt-5.5"))
    assert entry.rate_limit.concurrency == 2
    stored = gate.config.load().document["clientKeys"]
    assert isinstance(stored, list)
    assert "former" not in stored[0]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["name"]),
        ({"name": " "}, ["name"]),
        ({"name": "x" * 101}, ["name"]),
        ({"name": "a\nb"}, ["name"]),
        ({"name": "a\u202eb"}, ["name"]),
        ({"name": "a", "scopes": []}, ["scopes"]),
        ({"name": "a", "scopes": ["root"]}, ["scopes[0]"]),
        ({"name": "a", "models": [""]}, ["models"]),
        ({"name": "a", "models": ["x"] * 101}, ["models"]),
        ({"name": "a", "models": ["x" * 201]}, ["models"]),
        ({"name": "a", "expires": "soon"}, ["expires"]),
        ({"name": "a", "expires": "2001-01-01"}, ["expires"]),
        ({"name": "a", "accountId": "77"}, ["accountId"]),
        ({"name": "taken"}, ["name"]),
        ({"name": "taken", "accountId": "77"}, ["accountId", "name"]),
        ({"name": "", "expires": "x", "models": [" "]}, ["expires", "models", "name"]),
        ({"name": "a", "rateLimit": {"requestsPerMinute": 0}}, ["rateLimit.requestsPerMinute"]),
        ({"name": "a", "rateLimit": {"perDay": 1}}, ["rateLimit"]),
        ({"name": "a", "budget": {"credits": -1}}, ["budget.credits"]),
        ({"name": "a", "budget": {"period": "year"}}, ["budget.period"]),
        ({"name": "a", "sha256": "0" * 64}, ["sha256"]),
    ],
)
async def test_what_is_not_accepted_is_said_by_field(gate: Gate, body: object, fields: list[str]) -> None:
    """All of it at once, and nothing is written."""
    await make(gate, "taken")
    before = gate.config.path.read_bytes()
    refused = await Visitor(gate).write("POST", "/keys", body)
    assert (refused.status, sorted(refused.document["error"]["fields"])) == (422, fields)
    assert gate.config.path.read_bytes() == before


async def test_a_key_is_changed_field_by_field(gate: Gate) -> None:
    """What is not said stays; null is the default; its own name is no other's."""
    made = await make(gate, models=["gpt-*"], isStrict=True, expires="90d", budget={"requests": 3})
    await make(gate, "ci")
    path, browser = f"/keys/{made['key']['id']}", Visitor(gate)
    answer = await browser.write("PATCH", path, {"name": "laptop", "scopes": ["usage"], "accountId": ANN})
    key = answer.document["keys"][0]
    assert (key["scopes"], key["accountLogin"], key["models"]) == (["usage"], "octo-dev", ["gpt-*"])
    assert key["expiresAt"] == made["key"]["expiresAt"]
    cleared = {
        "accountId": None,
        "models": None,
        "isStrict": False,
        "expires": None,
        "budget": None,
        "rateLimit": None,
    }
    key = (await browser.write("PATCH", path, cleared)).document["keys"][0]
    assert (key["accountId"], key["models"], key["isStrict"], key["expiresAt"], key["budget"]) == (
        None,
        [],
        False,
        None,
        None,
    )
    assert (await browser.write("PATCH", path, {})).status == 200
    refused = await browser.write("PATCH", path, {"name": "ci"})
    assert (refused.status, list(refused.document["error"]["fields"])) == (422, ["name"])
    assert await use(gate, made["value"]) == 403
    await browser.write("PATCH", path, {"scopes": ["inference"]})
    assert await use(gate, made["value"]) == 200


async def test_an_expired_key_is_refused_and_may_be_renewed(gate: Gate) -> None:
    """The page may send its old expiry back with other fields."""
    made = await make(gate)
    past = "2020-01-01T00:00:00Z"
    await asyncio.to_thread(gate.config.update, lambda document: _set(document, "expiresAt", past))
    await until(lambda: gate.house.settings.client_keys[0].expires_at == past)
    browser, path = Visitor(gate), f"/keys/{made['key']['id']}"
    assert await use(gate, made["value"]) == 401
    assert (await browser.get("/keys")).document["keys"][0]["state"] == "expired"
    answer = await browser.write("PATCH", path, {"expires": past, "name": "old"})
    assert (answer.status, answer.document["keys"][0]["name"]) == (200, "old")
    refused = await browser.write("PATCH", path, {"expires": "2020-01-02"})
    assert list(refused.document["error"]["fields"]) == ["expires"]
    assert (await browser.write("PATCH", path, {"expires": "1y"})).document["keys"][0]["state"] == "active"
    assert await use(gate, made["value"]) == 200


def _set(document: dict[str, object], name: str, value: object) -> None:
    keys = document["clientKeys"]
    assert isinstance(keys, list)
    keys[0][name] = value


async def test_a_rotated_key_has_a_new_value_and_its_old_one_for_a_while(gate: Gate) -> None:
    """Same key, same limits; after its grace the old value is nobody's."""
    made = await make(gate)
    path = f"/keys/{made['key']['id']}/rotate"
    browser = Visitor(gate)
    told = (await browser.write("POST", path, {"graceS": 1})).document
    assert told["value"] != made["value"]
    assert told["key"]["hint"] == f"cpa_…{told['value'][-4:]}"
    assert told["key"]["graceUntil"] > told["key"]["createdAt"]
    assert (told["key"]["id"], told["key"]["createdAt"]) == (made["key"]["id"], made["key"]["createdAt"])
    assert [await use(gate, value) for value in (made["value"], told["value"])] == [200, 200]
    async with asyncio.timeout(5):
        while await use(gate, made["value"]) != 401:
            await asyncio.sleep(0.1)
    assert await use(gate, told["value"]) == 200
    assert (await browser.get("/keys")).document["keys"][0]["graceUntil"] is None
    last = (await browser.write("POST", path)).document
    assert [await use(gate, value) for value in (told["value"], last["value"])] == [401, 200]
    refused = await browser.write("POST", path, {"graceS": 30 * 86_400 + 1})
    assert list(refused.document["error"]["fields"]) == ["graceS"]


async def test_keys_that_are_set_elsewhere_are_shown_and_left_alone(tmp_path: Path) -> None:
    """Those of the reference format and the environment's: they work, and change where they stand."""
    document = three() | {"auth": {"apiKeys": ["a-plain-key-of-theirs-1234", "shortkey"]}}
    async with running_gate(tmp_path, document=document, COPILOT_API_KEY="from-the-environment-5678") as gate:
        browser = Visitor(gate)
        shown = (await browser.get("/keys")).document
        assert shown["isOpen"] is False
        assert [(key["id"], key["source"], key["hint"], key["isReadOnly"]) for key in shown["keys"]] == [
            ("plain_1", "plain", "…1234", True),
            ("plain_2", "plain", "", True),
            ("plain_3", "environment", "…5678", True),
        ]
        assert all(key["scopes"] == ["inference", "usage"] for key in shown["keys"])
        assert await use(gate, "from-the-environment-5678") == 200
        assert (await browser.get("/keys")).document["keys"][2]["lastUsedAt"] is not None
        for method, path in (
            ("PATCH", "/keys/plain_1"),
            ("DELETE", "/keys/plain_3"),
            ("POST", "/keys/plain_2/rotate"),
        ):
            refused = await browser.write(method, path)
            assert (refused.status, refused.code) == (409, "key_read_only")
        assert (await browser.write("DELETE", "/keys/plain_4")).status == 404
        assert (await make(gate))["warnings"] == []


async def test_a_key_in_both_places_is_the_files(tmp_path: Path) -> None:
    """One key is shown once."""
    document = three() | {"auth": {"apiKey": "the-same-key-in-both-places"}}
    async with running_gate(
        tmp_path, document=document, COPILOT_API_KEY="the-same-key-in-both-places"
    ) as gate:
        (key,) = (await Visitor(gate).get("/keys")).document["keys"]
        assert key["source"] == "plain"


async def test_the_last_use_is_known_and_survives_a_restart(tmp_path: Path) -> None:
    """Inference, a list of models and a look into the admin are uses; a refused stranger is none."""
    async with running_gate(tmp_path, document=three(), ADMIN_SECRET=SECRET) as gate:
        values = {
            name: (await make(gate, name, scopes=["inference", "admin"]))["value"]
            for name in ("asks", "lists", "looks", "rests")
        }
        assert await use(gate, values["asks"]) == 200
        async with gate.http.get(gate.url + "/v1/models", headers={"x-api-key": values["lists"]}) as found:
            assert found.status == 200
        assert (
            await Visitor(gate, {"authorization": f"Bearer {values['looks']}"}).get("/keys")
        ).status == 200
        assert await use(gate, values["asks"] + "x") == 401
        before = (await Visitor(gate, OPERATOR).get("/keys")).document["keys"]
    assert [key["lastUsedAt"] is not None for key in before] == [True, True, True, False]
    async with running_gate(tmp_path, document=three()) as gate:
        after = (await Visitor(gate).get("/keys")).document["keys"]
    assert [key["lastUsedAt"] for key in after] == [key["lastUsedAt"] for key in before]


async def test_a_key_opens_what_its_scopes_say(tmp_path: Path) -> None:
    """Model routes want `inference`, in each protocol's words; the admin wants `admin`, and reads only."""
    async with running_gate(tmp_path, document=three(), ADMIN_SECRET=SECRET) as gate:
        usage = (await make(gate, "usage", scopes=["usage"]))["value"]
        admin = (await make(gate, "admin", scopes=["admin"]))["value"]
        inference = (await make(gate, "inference"))["value"]
        for value in (usage, admin):
            for path in (
                CHAT,
                "/v1/messages",
                "/v1/responses",
                "/v1/embeddings",
                "/v1/messages/count_tokens",
            ):
                assert await use(gate, value, path) == 403
            for path in ("/v1/models", "/v1/models/gpt-4.1", "/v1beta/models"):
                async with gate.http.get(gate.url + path, headers={"x-api-key": value}) as found:
                    assert (found.status, "inference" in await found.text()) == (403, True)
        assert gate.inference_requests() == []
        assert await use(gate, inference) == 200
        reader = Visitor(gate, {"authorization": f"Bearer {admin}"})
        assert (await reader.get("/keys")).status == 200
        assert (await reader.get("/accounts")).status == 200
        for method, path in (("POST", "/keys"), ("DELETE", f"/accounts/{BOB}"), ("POST", "/signins")):
            refused = await reader.ask(method, path, {}, {"content-type": "application/json"})
            assert (refused.status, refused.code) == (403, "read_only")


async def test_changes_are_told_and_written_down(gate: Gate, tmp_path: Path) -> None:
    """Every page learns the version, also of what the command line does; the audit log holds no value."""
    async with listening(gate) as (page,):
        made = await make(gate)
        assert (await page.hears("keys"))["version"] == made["version"]
        answer = await Visitor(gate).write("POST", f"/keys/{made['key']['id']}/rotate", {"graceS": 60})
        await page.hears("keys", version=answer.document["version"])
        await asyncio.to_thread(gate.config.update, lambda document: document.update(clientKeys=[]))
        await until(lambda: len(page.of("keys")) == 3)
        await Visitor(gate).write("DELETE", f"/accounts/{BOB}")
        await until(lambda: len(page.of("keys")) == 4)  # whom keys are bound to is part of them
    lines = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert [(line["action"], line["target"]) for line in lines[:2]] == [
        ("keys.create", made["key"]["id"]),
        ("keys.rotate", made["key"]["id"]),
    ]
    assert made["value"] not in str(lines)
    assert answer.document["value"] not in str(lines)


async def test_a_stale_page_is_refused_where_it_says_what_it_saw(gate: Gate) -> None:
    """And gets the keys as they stand."""
    made = await make(gate)
    browser = Visitor(gate, {"if-match": '"0123456789abcdef"'})
    for method, path in (("PATCH", ""), ("DELETE", ""), ("POST", "/rotate")):
        refused = await browser.write(method, f"/keys/{made['key']['id']}{path}")
        assert (refused.status, refused.code) == (412, "stale_version")
        assert refused.document["current"]["version"] == made["version"]
    browser.headers["if-match"] = f'"{made["version"]}"'
    assert (await browser.write("DELETE", f"/keys/{made['key']['id']}")).status == 200


@pytest.mark.parametrize(
    ("method", "path"), [("PATCH", "/keys/x"), ("DELETE", "/keys/x"), ("POST", "/keys/x/rotate")]
)
async def test_a_key_that_is_not_there_is_not_found(gate: Gate, method: str, path: str) -> None:
    """Its name is not enough to address it."""
    await make(gate, "x")
    refused = await Visitor(gate).write(method, path)
    assert (refused.status, refused.code) == (404, "key_unknown")


async def test_keys_that_cannot_be_read_shut_the_door_and_are_told(tmp_path: Path) -> None:
    """A damaged entry is no reason to let everybody in, nor to be silent."""
    document = three() | {"clientKeys": [{"id": "key_1", "name": "broken", "sha256": "xyz"}]}
    async with running_gate(tmp_path, document=document) as gate:
        shown = (await Visitor(gate).get("/keys")).document
        assert (shown["keys"], shown["isOpen"]) == ([], False)
        assert [problem["path"] for problem in shown["problems"]] == ["config.json: clientKeys[0]"]
        assert (await gate.post(CHAT, HI))[0] == 401


async def test_a_damaged_list_is_not_replaced(tmp_path: Path) -> None:
    """There may be keys in it; a person mends it."""
    async with running_gate(tmp_path, document=three() | {"clientKeys": {"key_1": 1}}) as gate:
        before = gate.config.path.read_bytes()
        refused = await Visitor(gate).write("POST", "/keys", {"name": "x"})
        assert (refused.status, refused.code) == (503, "store_unavailable")
        assert gate.config.path.read_bytes() == before


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "\"';--", "${7*7}{{7*7}}", "名前 🔑"])
async def test_hostile_names_go_through_unharmed(gate: Gate, name: str) -> None:
    """They are data, in the list and in what is recorded of them."""
    made = await make(gate, name)
    assert made["key"]["name"] == name
    assert (await Visitor(gate).get("/keys")).document["keys"][0]["name"] == name
    assert await use(gate, made["value"]) == 200


async def test_many_keys_at_once_are_all_kept(gate: Gate) -> None:
    """Twenty at the same time: twenty in the file; of the same name one."""
    answers: list[Answer] = await asyncio.gather(
        *(Visitor(gate).write("POST", "/keys", {"name": f"key {number % 15}"}) for number in range(20))
    )
    assert sorted(answer.status for answer in answers) == [201] * 15 + [422] * 5
    assert len((await Visitor(gate).get("/keys")).document["keys"]) == 15
