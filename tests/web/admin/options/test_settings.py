"""Settings through the admin API: shown with who decided, checked, changed all or nothing, in force at once."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from copilot_api.settings.registry import REGISTRY
from gate import CHAT, request, running_gate
from web.admin.editing import edit_file
from web.admin.listening import listening
from web.admin.visiting import Answer, Visitor


def setting(answer: Answer, name: str) -> dict[str, Any]:
    """One setting of an answer."""
    (found,) = [one for one in answer.document["settings"] if one["name"] == name]
    return found


async def save(visitor: Visitor, changes: dict[str, object], *reset: str) -> Answer:
    """Save as the page does: with the version that it shows."""
    shown = await visitor.get("/settings")
    headers = {
        "x-csrf-token": visitor.csrf or (await visitor.get("/session")).document["csrf"],
        "content-type": "application/json",
        "if-match": shown.headers["etag"],
    }
    return await visitor.ask("PATCH", "/settings", {"changes": changes, "reset": list(reset)}, headers)


async def test_every_setting_is_shown_with_who_decided_it(tmp_path: Path) -> None:
    """Default, file, environment; the variable by name, and no secret."""
    variables = {"RATE_LIMIT": "7", "COPILOT_API_IDLE_TIMEOUT_S": "90"}
    async with running_gate(tmp_path, **variables) as gate:
        await edit_file(
            gate, lambda now: now.small_model == "gpt-4.1", smallModel="gpt-4.1", anthropicApiKey="sk-ant-9"
        )
        answer = await Visitor(gate).get("/settings")
        assert answer.headers["etag"] == f'"{answer.document["version"]}"'
        assert answer.document["path"] == str(tmp_path / "config.json")
        assert (answer.document["isReadOnly"], answer.document["problem"]) == (False, None)
        assert [one["name"] for one in answer.document["settings"]] == [one.name for one in REGISTRY]
        rate = setting(answer, "rateLimitSeconds")
        assert (rate["value"], rate["default"], rate["unit"]) == (7, None, "s")
        assert (rate["isFromEnvironment"], rate["decidedBy"], rate["variable"]) == (
            True,
            "environment",
            "RATE_LIMIT",
        )
        idle = setting(answer, "timeouts.idleSeconds")
        assert (idle["value"], idle["decidedBy"], idle["variable"]) == (
            90,
            "environment",
            "COPILOT_API_IDLE_TIMEOUT_S",
        )
        keepalive = setting(answer, "timeouts.keepaliveSeconds")
        assert (keepalive["value"], keepalive["decidedBy"]) == (10, "default")
        assert setting(answer, "smallModel")["decidedBy"] == "file"
        key = setting(answer, "anthropicApiKey")
        assert (key["kind"], key["value"], key["default"], key["isSet"]) == ("secret", None, None, True)
        assert b"sk-ant-9" not in answer.body
        assert b"vault:" not in answer.body


async def test_a_change_is_in_force_when_it_is_answered(tmp_path: Path) -> None:
    """For the very next request, without a restart; null brings the default back."""
    async with running_gate(tmp_path) as gate:
        visitor = Visitor(gate)
        answer = await save(visitor, {"rateLimitSeconds": 60, "maxBodyBytes": 1024})
        assert (answer.status, setting(answer, "rateLimitSeconds")["value"]) == (200, 60)
        assert answer.headers["etag"] == f'"{answer.document["version"]}"'
        assert (await gate.post(CHAT, request(CHAT, "hi", stream=False)))[0] == 200
        assert (await gate.post(CHAT, request(CHAT, "hi", stream=False)))[0] == 429
        assert (await gate.post(CHAT, request(CHAT, "x" * 2000)))[0] == 413
        answer = await save(visitor, {"rateLimitSeconds": None}, "maxBodyBytes")
        assert setting(answer, "maxBodyBytes")["value"] == 67108864
        assert (await gate.post(CHAT, request(CHAT, "x" * 2000, stream=False)))[0] == 200
        document = gate.config.load().document
        assert "rateLimitSeconds" not in document
        assert "maxBodyBytes" not in document


async def test_null_and_back_to_the_default_are_two_things_where_null_says_something(tmp_path: Path) -> None:
    """Usage is tested every ten minutes by default, and never with null."""
    async with running_gate(tmp_path) as gate:
        visitor = Visitor(gate)
        answer = await save(visitor, {"usageTestIntervalMinutes": None})
        assert (setting(answer, "usageTestIntervalMinutes")["value"]) is None
        assert setting(answer, "usageTestIntervalMinutes")["decidedBy"] == "file"
        assert gate.config.load().document["usageTestIntervalMinutes"] is None
        answer = await save(visitor, {}, "usageTestIntervalMinutes")
        assert setting(answer, "usageTestIntervalMinutes")["value"] == 10
        assert "usageTestIntervalMinutes" not in gate.config.load().document


WRONG: dict[str, tuple[object, str]] = {
    "rateLimitSeconds": (0, "0 is not accepted. Give a number of seconds greater than 0, such as 5 or 0.5."),
    "rateLimitWait": ("yes", "'yes' is not accepted. Give true or false."),
    "port": (1.5, "1.5 is not accepted. Give a whole number from 0 to 65535."),
    "allowedHosts": (["ok", "a b"], "[1]: 'a b' is not accepted. Give an IP address or a host name"),
    "extraPrompts": ({"m": 1}, "m: 1 is not accepted. Give names of models to texts."),
    "modelReasoningEfforts": ("high", "'high' is not accepted. Give an object of one of none"),
    "anthropicApiKey": (["sk-ant-secret"], "The value (not shown here) is not accepted."),
    "proxyUrl": (
        "http://me:pw@proxy:1",
        "The value (not shown here) is not accepted. Give a proxy such as http://proxy.example:8080",
    ),
    "caBundle": ("/nowhere/ca.pem", "'/nowhere/ca.pem' is not accepted. Give the path of an existing file"),
    "host": ("0.0.0.0 ", ""),
    "nothing": (1, "There is no setting 'nothing'."),
}


async def test_one_wrong_value_and_nothing_is_saved(tmp_path: Path) -> None:
    """Every wrong one is told by its name, in words that say what is accepted; a check says the same."""
    async with running_gate(tmp_path) as gate:
        visitor = Visitor(gate)
        before = gate.config.path.read_bytes()
        changes = {name: value for name, (value, _) in WRONG.items()}
        answer = await save(visitor, {**changes, "smallModel": "gpt-4.1"})
        assert (answer.status, answer.code) == (422, "not_accepted")
        fields = answer.document["error"]["fields"]
        told = {name: words for name, (_, words) in WRONG.items() if words}
        assert fields.keys() == told.keys()
        for name, words in told.items():
            assert words in fields[name]
        assert b"sk-ant-secret" not in answer.body
        assert b"pw@" not in answer.body
        assert gate.config.path.read_bytes() == before
        checked = await visitor.write("POST", "/settings/check", {"changes": changes})
        assert (checked.status, checked.document["fields"]) == (200, fields)
        fine = await visitor.write("POST", "/settings/check", {"changes": {"smallModel": "gpt-4.1"}})
        assert fine.document == {"fields": {}}
        assert gate.config.path.read_bytes() == before


LAX: list[tuple[str, object, str]] = [
    ("modelMapping", {"a": "gpt-*"}, "a: 'gpt-*' is not accepted. Give one model, without *."),
    ("modelMapping", {"": "gpt-4.1"}, "'' is not accepted. Give a name of 1 to 200 characters"),
    ("modelMapping", {"x" * 201: "gpt-4.1"}, "is not accepted. Give a name of 1 to 200 characters"),
    ("modelMapping", {"a": "b\nc"}, "a: 'b\\nc' is not accepted. Give a name of 1 to 200 characters"),
    ("modelMapping", {"a": "gpt-4.1", " a ": "gpt-5.1"}, "' a ' is not accepted. Give each name once."),
    (
        "hiddenModels",
        ["gpt-4.1", "a\x00"],
        "[1]: 'a\\x00' is not accepted. Give a name of 1 to 200 characters",
    ),
    ("modelReasoningEfforts", {"gpt-5.5": "max"}, "'max' is not among the efforts of 'gpt-5.5'. Give one of"),
    (
        "modelReasoningEfforts",
        {"gpt-4.1": "low"},
        "'low' is not among the efforts of 'gpt-4.1'. It offers none",
    ),
    ("premiumModelMultipliers", {"a\tb": 1}, "'a\\tb' is not accepted. Give a name of 1 to 200 characters"),
    ("extraPrompts", {"gpt-5.5": "x" * 100_001}, "is not accepted. Give at most 100000 characters."),
    (
        "modelCardMetadata",
        {"gpt-5.5": {"contextWindowTokens": 0}},
        "gpt-5.5.contextWindowTokens: 0 is not accepted. Give a number of tokens from 1, or null.",
    ),
]


@pytest.mark.parametrize(("name", "value", "words"), LAX)
async def test_what_a_page_of_its_own_refuses_is_refused_here(
    tmp_path: Path, name: str, value: object, words: str
) -> None:
    """One way to change a thing is as strict as the other; a check says the same."""
    async with running_gate(tmp_path) as gate:
        visitor = Visitor(gate)
        before = gate.config.path.read_bytes()
        answer = await save(visitor, {name: value})
        assert answer.status == 422
        assert words in answer.document["error"]["fields"][name]
        checked = await visitor.write("POST", "/settings/check", {"changes": {name: value}})
        assert checked.document["fields"] == answer.document["error"]["fields"]
        assert gate.config.path.read_bytes() == before


async def test_mappings_are_tidied_and_what_is_none_stays(tmp_path: Path) -> None:
    """As on their own page; an older entry that would be refused today keeps nobody from adding another."""
    async with running_gate(tmp_path) as gate:
        old: dict[str, object] = {"odd": 5, "wild": "gpt-*"}
        await edit_file(gate, lambda now: bool(now.model_mapping), modelMapping=old)
        answer = await save(Visitor(gate), {"modelMapping": {"wild": "gpt-*", " mine ": " gpt-99 "}})
        assert answer.status == 200, answer.body
        assert gate.config.load().document["modelMapping"] == {"wild": "gpt-*", "mine": "gpt-99", "odd": 5}
        assert setting(answer, "modelMapping")["value"] == {"wild": "gpt-*", "mine": "gpt-99"}


async def test_doubts_are_told_as_on_the_page_of_mappings(tmp_path: Path) -> None:
    """The same words for the same entries; models that nobody is offered are told too."""
    async with running_gate(tmp_path) as gate:
        visitor = Visitor(gate)
        mapping = {"a": "b", "b": "gpt-4.1", "c": "gpt-99"}
        answer = await save(
            visitor, {"modelMapping": mapping, "extraPrompts": {"gpt-98": "x", "gpt-5.5": "y"}}
        )
        told = setting(answer, "modelMapping")["warnings"]
        page = (await visitor.get("/mappings")).document["mappings"]
        assert [(one["about"], one["code"]) for one in told] == [
            ("a", "chain"),
            ("a", "missing"),
            ("c", "missing"),
        ]
        assert told == [{"about": entry["from"], **doubt} for entry in page for doubt in entry["warnings"]]
        assert setting(answer, "extraPrompts")["warnings"] == [
            {"about": "gpt-98", "code": "missing", "message": "'gpt-98' is offered to no account."}
        ]
        assert setting(answer, "smallModel")["warnings"] == []


@pytest.mark.parametrize(
    ("changes", "reset", "name", "words"),
    [
        ({"host": "0.0.0.0"}, (), "host", "there is no client key to keep strangers out"),
        (
            {"contextManagement.targetRatio": 0.9},
            (),
            "contextManagement.targetRatio",
            "a target below the start",
        ),
        ({"smallModel": "x"}, ("smallModel",), "smallModel", "cannot be set and reset at once"),
    ],
)
async def test_values_that_do_not_go_together_are_refused(
    tmp_path: Path, changes: dict[str, object], reset: tuple[str, ...], name: str, words: str
) -> None:
    """Each by itself would be fine."""
    async with running_gate(tmp_path) as gate:
        answer = await save(Visitor(gate), changes, *reset)
        assert answer.status == 422
        assert list(answer.document["error"]["fields"]) == [name]
        assert words in answer.document["error"]["fields"][name]


async def test_what_the_environment_decides_is_read_only(tmp_path: Path) -> None:
    """The refusal names the variable; in one change with others it takes them along."""
    async with running_gate(tmp_path, RATE_LIMIT="7") as gate:
        answer = await save(Visitor(gate), {"rateLimitSeconds": 1, "smallModel": "gpt-4.1"})
        assert answer.status == 422
        assert answer.document["error"]["fields"] == {
            "rateLimitSeconds": "RATE_LIMIT decides this; take it away and start the server again to choose here."
        }
        assert gate.house.settings.small_model == "gpt-5-mini"


async def test_a_secret_is_written_and_never_read(tmp_path: Path) -> None:
    """Sealed on the disk, hidden in the answer, absent from the audit log; null takes it out."""
    async with running_gate(tmp_path) as gate:
        visitor = Visitor(gate)
        answer = await save(visitor, {"anthropicApiKey": "sk-ant-new", "rateLimitWait": True})
        assert setting(answer, "anthropicApiKey")["isSet"] is True
        assert gate.house.settings.anthropic_api_key == "sk-ant-new"
        for file in ("config.json", "audit.jsonl"):
            assert "sk-ant-new" not in (tmp_path / file).read_text()
        line = (tmp_path / "audit.jsonl").read_text().splitlines()[-1]
        assert '"target":"anthropicApiKey, rateLimitWait","detail":"rateLimitWait=True"' in line
        answer = await save(visitor, {"anthropicApiKey": None})
        assert setting(answer, "anthropicApiKey")["isSet"] is False
        assert gate.house.settings.anthropic_api_key is None


async def test_a_change_needs_the_version_that_was_seen(tmp_path: Path) -> None:
    """428 without one, 412 with the settings as they stand after somebody else's change."""
    async with running_gate(tmp_path) as gate:
        visitor = Visitor(gate)
        missing = await visitor.write("PATCH", "/settings", {"changes": {"rateLimitWait": True}})
        assert (missing.status, missing.code) == (428, "version_missing")
        seen = await visitor.get("/settings")
        await save(visitor, {"smallModel": "gpt-4.1"})
        headers = {
            "x-csrf-token": visitor.csrf,
            "content-type": "application/json",
            "if-match": seen.headers["etag"],
        }
        stale = await visitor.ask("PATCH", "/settings", {"changes": {"rateLimitWait": True}}, headers)
        assert (stale.status, stale.code) == (412, "stale_version")
        current = {one["name"]: one["value"] for one in stale.document["current"]["settings"]}
        assert (current["smallModel"], current["rateLimitWait"]) == ("gpt-4.1", False)


async def test_what_waits_for_a_restart_says_so(tmp_path: Path) -> None:
    """Until the value is again the one that the server was started with."""
    async with running_gate(tmp_path) as gate:
        visitor = Visitor(gate)
        assert setting(await visitor.get("/settings"), "port")["isPending"] is False
        answer = await save(visitor, {"port": 5001, "verbose": True})
        assert (setting(answer, "port")["isPending"], setting(answer, "port")["needsRestart"]) == (True, True)
        assert (setting(answer, "verbose")["isPending"], setting(answer, "verbose")["needsRestart"]) == (
            False,
            False,
        )
        answer = await save(visitor, {"port": None})
        assert setting(answer, "port")["isPending"] is False


async def test_a_file_that_cannot_be_read_shows_read_only(tmp_path: Path) -> None:
    """The last good copy is shown; a change is refused as the store's fault, and the file is not touched."""
    async with running_gate(tmp_path) as gate:
        visitor = Visitor(gate)
        await save(visitor, {"smallModel": "gpt-4.1"})
        gate.config.path.write_text("{ broken")
        answer = await visitor.get("/settings")
        assert answer.document["isReadOnly"] is True
        assert "is not valid JSON" in answer.document["problem"]
        assert setting(answer, "smallModel")["value"] == "gpt-4.1"
        answer = await save(visitor, {"smallModel": "gpt-5.1"})
        assert answer.status == 503
        assert gate.config.path.read_text() == "{ broken"


async def test_a_file_of_the_reference_gateway_keeps_what_we_do_not_know(tmp_path: Path) -> None:
    """Keys of others, and entries that we do not understand, survive a change of their neighbours."""
    async with running_gate(tmp_path) as gate:
        theirs = {
            "smallModel": "gpt-4.1",
            "theirs": {"a": [1]},
            "contextManagement": {"mode": "trim", "mine": 1},
            "modelCardMetadata": {"m": {"contextWindowTokens": 9, "other": 2}},
        }
        await edit_file(gate, lambda now: now.small_model == "gpt-4.1", **theirs)
        await save(Visitor(gate), {"contextManagement.keepRecentTurns": 6, "rateLimitWait": True})
        document = gate.config.load().document
        assert document["theirs"] == {"a": [1]}
        assert document["contextManagement"] == {"mode": "trim", "mine": 1, "keepRecentTurns": 6}
        assert document["modelCardMetadata"] == {"m": {"contextWindowTokens": 9, "other": 2}}


async def test_pages_are_told_of_new_settings_whoever_wrote_them(tmp_path: Path) -> None:
    """A page's change and an edit of the file."""
    async with running_gate(tmp_path) as gate, listening(gate) as (page,):
        answer = await save(Visitor(gate), {"rateLimitWait": True})
        await page.hears("settings", version=answer.document["version"])
        await edit_file(gate, lambda now: not now.rate_limit_wait, rateLimitWait=False)
        version = (await Visitor(gate).get("/settings")).document["version"]
        await page.hears("settings", version=version)
        await asyncio.sleep(0)
