"""Model mappings through the admin API: every route, every refusal, and what requests make of them."""

from pathlib import Path

import pytest

from gate import CHAT, request, running_gate
from web.admin.editing import edit_file
from web.admin.listening import listening
from web.admin.visiting import Answer, Visitor


def pairs(answer: Answer) -> list[tuple[str, str]]:
    """The mapping as an answer shows it."""
    return [(entry["from"], entry["to"]) for entry in answer.document["mappings"]]


async def test_mappings_are_shown_with_warnings_and_targets(tmp_path: Path) -> None:
    """In the file's order, judged by the live catalogue; what is no text to text stays in the file, unshown."""
    mapping = {"opus": "claude-opus-4.6", "fast*": "gpt-5-mini", "gone": "gpt-99", "odd": 5, "blank": " "}
    async with running_gate(tmp_path) as gate:
        await edit_file(
            gate, lambda now: bool(now.hidden_models), modelMapping=mapping, hiddenModels=["gpt-5-mini"]
        )
        visitor = Visitor(gate)
        answer = await visitor.get("/mappings")
        assert pairs(answer) == [("opus", "claude-opus-4.6"), ("fast*", "gpt-5-mini"), ("gone", "gpt-99")]
        assert [entry["isWildcard"] for entry in answer.document["mappings"]] == [False, True, False]
        assert [[w["code"] for w in entry["warnings"]] for entry in answer.document["mappings"]] == [
            [],
            ["hidden"],
            ["missing"],
        ]
        targets = {target["id"]: target for target in answer.document["targets"]}
        assert targets["gpt-5-mini"] == {
            "id": "gpt-5-mini",
            "name": "GPT-5 mini",
            "provider": "OpenAI",
            "isHidden": True,
        }
        assert "gpt-41-copilot" not in targets
        assert "gemini-3.5-flash" not in targets
        assert answer.headers["etag"] == f'"{answer.document["version"]}"'
        added = await visitor.write("POST", "/mappings", {"from": "new", "to": "gpt-5.1", "position": 1})
        assert added.status == 201
        assert list(gate.config.load().document["modelMapping"].items()) == [
            ("opus", "claude-opus-4.6"),
            ("new", "gpt-5.1"),
            ("fast*", "gpt-5-mini"),
            ("gone", "gpt-99"),
            ("odd", 5),
            ("blank", " "),
        ]


async def test_a_mapping_decides_the_next_request(tmp_path: Path) -> None:
    """No restart, and the answer of the write comes when it is in force."""
    async with running_gate(tmp_path) as gate:
        visitor = Visitor(gate)
        answer = await visitor.write("POST", "/mappings", {"from": "mine", "to": "gpt-4.1"})
        assert answer.status == 201
        status, headers, _ = await gate.post(CHAT, {**request(CHAT, "hi", stream=False), "model": "mine"})
        assert (status, headers["x-copilot-api-mapped-model"]) == (200, "gpt-4.1")
        assert (await visitor.write("POST", "/mappings/remove", {"from": "mine"})).status == 200
        status, _, _ = await gate.post(CHAT, {**request(CHAT, "hi", stream=False), "model": "mine"})
        assert status == 404


async def test_mappings_are_changed_copied_and_removed(tmp_path: Path) -> None:
    """Each in its place; the names of copies count up."""
    async with running_gate(tmp_path) as gate:
        visitor = Visitor(gate)
        for name in ("a", "b", "c"):
            await visitor.write("POST", "/mappings", {"from": f" {name} ", "to": "gpt-5.1"})
        changed = {"from": "b", "mapping": {"from": "B", "to": "gpt-4.1"}}
        answer = await visitor.write("POST", "/mappings/change", changed)
        assert (answer.status, pairs(answer)) == (200, [("a", "gpt-5.1"), ("B", "gpt-4.1"), ("c", "gpt-5.1")])
        for _ in range(2):
            answer = await visitor.write("POST", "/mappings/copy", {"from": "a"})
        assert answer.status == 201
        assert [source for source, _ in pairs(answer)] == ["a", "a-copy-2", "a-copy", "B", "c"]
        answer = await visitor.write("POST", "/mappings/remove", {"from": "a-copy"})
        assert [source for source, _ in pairs(answer)] == ["a", "a-copy-2", "B", "c"]
        lines = (tmp_path / "audit.jsonl").read_text().splitlines()
        assert '"action":"mappings.remove","target":"a-copy"' in lines[-1]


async def test_the_whole_list_is_replaced_only_when_it_is_the_one_that_was_seen(tmp_path: Path) -> None:
    """An order is a version of its own; a stale page is given the list as it stands."""
    async with running_gate(tmp_path) as gate:
        visitor = Visitor(gate)
        for name in ("a*", "*a"):
            seen = await visitor.write("POST", "/mappings", {"from": name, "to": "gpt-5.1"})
        turned = {"mappings": [{"from": "*a", "to": "gpt-5.1"}, {"from": "a*", "to": "gpt-5.1"}]}
        missing = await visitor.write("PUT", "/mappings", turned)
        assert (missing.status, missing.code) == (428, "version_missing")
        headers = {"x-csrf-token": visitor.csrf, "content-type": "application/json"}
        match = {"if-match": seen.headers["etag"]}
        answer = await visitor.ask("PUT", "/mappings", turned, {**headers, **match})
        assert (answer.status, pairs(answer)) == (200, [("*a", "gpt-5.1"), ("a*", "gpt-5.1")])
        assert answer.document["version"] != seen.document["version"]
        stale = await visitor.ask("PUT", "/mappings", {"mappings": []}, {**headers, **match})
        assert (stale.status, stale.code) == (412, "stale_version")
        assert stale.document["current"]["mappings"] == answer.document["mappings"]
        fresh = {"if-match": answer.headers["etag"]}
        answer = await visitor.ask("PUT", "/mappings", {"mappings": []}, {**headers, **fresh})
        assert (answer.status, pairs(answer)) == (200, [])


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code", "field"),
    [
        ("POST", "", {"from": "a", "to": "b"}, 409, "mapping_exists", "from"),
        ("POST", "", {"from": "", "to": "b"}, 422, "not_accepted", "from"),
        ("POST", "", {"from": "x" * 201, "to": "b"}, 422, "not_accepted", "from"),
        ("POST", "", {"from": "x\ny", "to": "b"}, 422, "not_accepted", "from"),
        ("POST", "", {"from": "x", "to": "b*"}, 422, "not_accepted", "to"),
        ("POST", "", {"from": "x", "to": 5}, 422, "not_accepted", "to"),
        ("POST", "", {"from": "x"}, 422, "not_accepted", "to"),
        ("POST", "", {"from": "x", "to": "b", "more": 1}, 422, "not_accepted", "more"),
        (
            "POST",
            "/change",
            {"from": "z", "mapping": {"from": "z", "to": "b"}},
            404,
            "mapping_unknown",
            "from",
        ),
        (
            "POST",
            "/change",
            {"from": "a", "mapping": {"from": "b", "to": "b"}},
            409,
            "mapping_exists",
            "from",
        ),
        (
            "POST",
            "/change",
            {"from": "a", "mapping": {"from": "", "to": "b"}},
            422,
            "not_accepted",
            "mapping.from",
        ),
        ("POST", "/copy", {"from": "z"}, 404, "mapping_unknown", "from"),
        ("POST", "/remove", {"from": "z"}, 404, "mapping_unknown", "from"),
        ("PUT", "", {"mappings": [{"from": "a", "to": "*"}]}, 422, "not_accepted", "mappings[0].to"),
        ("PUT", "", {"mappings": [{"from": "a", "to": "b"}] * 2}, 409, "mapping_exists", ""),
    ],
)
async def test_a_mapping_that_cannot_be_is_refused_by_its_field(
    tmp_path: Path, method: str, path: str, body: object, status: int, code: str, field: str
) -> None:
    """And nothing is written."""
    async with running_gate(tmp_path) as gate:
        await edit_file(
            gate, lambda now: bool(now.model_mapping), modelMapping={"a": "gpt-5.1", "b": "gpt-4.1"}
        )
        before = gate.config.path.read_bytes()
        visitor = Visitor(gate)
        visitor.headers["if-match"] = "*"
        answer = await visitor.write(method, f"/mappings{path}", body)
        assert (answer.status, answer.code) == (status, code)
        assert list(answer.document["error"]["fields"]) == ([field] if field else [])
        assert gate.config.path.read_bytes() == before


async def test_a_file_whose_mapping_is_no_object_is_not_touched(tmp_path: Path) -> None:
    """Somebody has to mend it; until then the page says so."""
    async with running_gate(tmp_path) as gate:
        await edit_file(gate, lambda now: bool(now.problems), modelMapping=["a", "b"])
        visitor = Visitor(gate)
        assert pairs(await visitor.get("/mappings")) == []
        answer = await visitor.write("POST", "/mappings", {"from": "a", "to": "gpt-5.1"})
        assert (answer.status, answer.code) == (409, "config_malformed")
        assert gate.config.load().document["modelMapping"] == ["a", "b"]


async def test_a_name_is_tried_without_asking_anybody(tmp_path: Path) -> None:
    """Step by step, in the catalogue as it is; a wrong one costs no fetch."""
    async with running_gate(tmp_path) as gate:
        visitor = Visitor(gate)
        await visitor.write("POST", "/mappings", {"from": "cl*", "to": "claude-opus-4-6-20260101"})
        asked = len(gate.simulator.recorder.entries)
        tried = (await visitor.get("/mappings/try?name=clever")).document
        assert [(step["kind"], step["from"], step["to"]) for step in tried["steps"]] == [
            ("wildcard", "clever", "claude-opus-4-6-20260101"),
            ("dated", "claude-opus-4-6-20260101", "claude-opus-4-6"),
            ("spelling", "claude-opus-4-6", "claude-opus-4.6"),
            ("exact", "claude-opus-4.6", "claude-opus-4.6"),
        ]
        assert (tried["modelId"], tried["isUsable"], tried["remedy"]) == ("claude-opus-4.6", True, "")
        lost = (await visitor.get("/mappings/try?name=gpt5")).document
        assert (lost["modelId"], lost["isUsable"]) == (None, False)
        assert "gpt-5.5" in lost["suggestions"]
        assert lost["remedy"].startswith("Pick an id from GET /v1/models")
        off = (await visitor.get("/mappings/try?name=gemini-3.5-flash&accountId=1")).document
        assert (off["modelId"], off["isUsable"]) == ("gemini-3.5-flash", False)
        assert off["steps"][-1]["kind"] == "disabled"
        assert len(gate.simulator.recorder.entries) == asked
        unknown = await visitor.get("/mappings/try?name=x&accountId=9")
        assert (unknown.status, unknown.code) == (404, "account_unknown")
        too_long = await visitor.get("/mappings/try?name=" + "x" * 1001)
        assert (too_long.status, list(too_long.document["error"]["fields"])) == (422, ["name"])
        assert (await visitor.get("/mappings/try")).status == 422


async def test_without_an_account_there_is_nothing_to_resolve_in(tmp_path: Path) -> None:
    """Mappings can be edited all the same."""
    async with running_gate(tmp_path, document={}, is_ready=False) as gate:
        visitor = Visitor(gate)
        answer = await visitor.write("POST", "/mappings", {"from": "a", "to": "b"})
        assert (pairs(answer), answer.document["targets"]) == ([("a", "b")], [])
        assert answer.document["mappings"][0]["warnings"] == []
        tried = (await visitor.get("/mappings/try?name=a")).document
        assert (tried["steps"], tried["modelId"]) == ([], None)
        assert tried["message"] == "The account has no model list yet, so no name can be resolved."


HOSTILE = ('<img src=x onerror="alert(1)">', "';DROP TABLE--", "${7+7}", "\u202egpt", "a&amp;b</script>")


async def test_hostile_names_come_back_as_they_are(tmp_path: Path) -> None:
    """They are data: JSON that no browser reads as a page, whatever stands in it."""
    async with running_gate(tmp_path) as gate:
        visitor = Visitor(gate)
        told = [name for name in HOSTILE if name.isprintable()]
        for name in told:
            answer = await visitor.write("POST", "/mappings", {"from": name, "to": name})
            assert answer.status == 201
        assert pairs(answer) == [(name, name) for name in told]
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        for name in set(HOSTILE) - set(told):
            assert (await visitor.write("POST", "/mappings", {"from": name, "to": name})).status == 422
        answer = await visitor.write("POST", "/mappings/remove", {"from": told[0]})
        assert [source for source, _ in pairs(answer)] == told[1:]


async def test_pages_are_told_of_a_new_version_whoever_wrote_it(tmp_path: Path) -> None:
    """Once for each: a page's own write and an edit of the file."""
    async with running_gate(tmp_path) as gate, listening(gate) as (page,):
        answer = await Visitor(gate).write("POST", "/mappings", {"from": "a", "to": "gpt-5.1"})
        await page.hears("mappings", version=answer.document["version"])
        await edit_file(gate, lambda now: "b" in now.model_mapping, modelMapping={"b": "gpt-4.1"})
        version = (await Visitor(gate).get("/mappings")).document["version"]
        await page.hears("mappings", version=version)
        assert len(page.of("mappings")) == 2
