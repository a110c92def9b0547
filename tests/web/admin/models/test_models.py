"""Models through the admin API: what Copilot says of them, what is said here, and why one cannot be called."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from copilot_api.simulator import Simulator
from copilot_api.simulator.world.catalogue import Model
from gate import CHAT, request, running_gate, until
from web.admin.editing import edit_file
from web.admin.listening import listening
from web.admin.visiting import Answer, Visitor


def model(answer: Answer, model_id: str) -> dict[str, Any]:
    """One model of a list."""
    (found,) = [one for one in answer.document["models"] if one["id"] == model_id]
    return found


async def annotate(visitor: Visitor, model_id: str, body: dict[str, object], query: str = "") -> Answer:
    """Say something about a model."""
    return await visitor.write("PATCH", f"/models/{quote(model_id, safe='')}{query}", body)


async def test_a_model_is_shown_with_everything_known_of_it(tmp_path: Path) -> None:
    """Prices are AI credits for a million tokens, in both tiers; nobody is asked for it."""
    async with running_gate(tmp_path) as gate:
        answer = await Visitor(gate).get("/models")
        paths = [str(entry.to_json()["path"]) for entry in gate.simulator.recorder.entries]
        assert len([path for path in paths if path.endswith("/models")]) == 1
        assert answer.headers["etag"] == f'"{answer.document["version"]}"'
        assert (answer.document["accountId"], answer.document["problem"]) == ("1", None)
        assert answer.document["fetchedAt"].endswith("Z")
        assert model(answer, "gpt-5.5") == {
            "id": "gpt-5.5",
            "name": "GPT-5.5",
            "provider": "OpenAI",
            "vendor": "OpenAI",
            "family": "gpt-5.5",
            "kind": "chat",
            "protocols": ["responses"],
            "endpoints": ["/responses", "ws:/responses"],
            "limits": {"contextWindow": 1050000, "prompt": 922000, "output": 128000},
            "contextWindowNote": None,
            "features": ["tools", "parallel", "vision", "structured", "thinking", "streaming"],
            "isPremium": False,
            "multiplier": None,
            "multiplierFrom": None,
            "prices": {"input": 500.0, "output": 3000.0, "cacheRead": 50.0, "cacheWrite": None},
            "longContextPrices": {
                "input": 1000.0,
                "output": 4500.0,
                "cacheRead": 100.0,
                "cacheWrite": None,
                "aboveTokens": 272000,
            },
            "discountPercent": None,
            "isPreview": False,
            "isInPicker": True,
            "isHidden": False,
            "isUsable": True,
            "unavailable": None,
            "policyState": "enabled",
            "efforts": ["none", "low", "medium", "high", "xhigh"],
            "effort": None,
            "extraPrompt": None,
            "mappedFrom": [],
            "warnings": [],
        }
        providers = {one["id"]: one["provider"] for one in answer.document["models"]}
        assert [
            providers[name] for name in ("gpt-4.1", "claude-opus-4.6", "gemini-2.5-pro", "grok-code-fast-1")
        ] == [
            "OpenAI",
            "Anthropic",
            "Google",
            "xAI",
        ]


async def test_a_model_that_cannot_be_called_says_why_and_what_to_do(tmp_path: Path) -> None:
    """Its policy, its kind, or our own hiding."""
    async with running_gate(tmp_path) as gate:
        await edit_file(
            gate, lambda now: now.disable_hidden_models, hiddenModels=["gpt-4"], disableHiddenModels=True
        )
        _offer(gate.simulator, "router", supported_endpoints=["/v9/route", "ws:/responses"], vendor="")
        answer = await Visitor(gate).write("POST", "/models/refresh")
        routed = model(answer, "router")
        assert (routed["protocols"], routed["provider"], routed["isUsable"]) == ([], "Other", False)
        assert routed["unavailable"]["message"] == (
            "It is reached only by /v9/route, ws:/responses, which this gateway does not speak."
        )
        off = model(answer, "gemini-3.5-flash")
        assert (off["isUsable"], off["policyState"]) == (False, "disabled")
        assert off["unavailable"]["message"].endswith("is switched off by its policy for this account.")
        assert "github.com/settings/copilot" in off["unavailable"]["remedy"]
        completing = model(answer, "gpt-41-copilot")["unavailable"]
        assert completing["message"] == "It only completes code inside an editor."
        hidden = model(answer, "gpt-4")
        assert (hidden["isHidden"], hidden["isUsable"]) == (True, False)
        assert hidden["unavailable"]["remedy"].endswith("show the model again in the admin.")
        assert answer.document["disableHiddenModels"] is True


async def test_what_is_said_of_a_model_is_in_force_and_can_be_taken_back(tmp_path: Path) -> None:
    """Each word by itself; what is not named stays."""
    async with running_gate(tmp_path) as gate:
        visitor = Visitor(gate)
        answer = await annotate(
            visitor,
            "gpt-5-mini",
            {
                "isHidden": True,
                "multiplier": 0.5,
                "effort": "low",
                "extraPrompt": "Read.",
                "contextWindowNote": 9000,
            },
        )
        assert answer.status == 200
        found = answer.document["model"]
        assert answer.headers["etag"] == f'"{answer.document["version"]}"'
        assert (found["isHidden"], found["multiplier"], found["multiplierFrom"]) == (True, 0.5, "operator")
        assert (found["effort"], found["extraPrompt"], found["contextWindowNote"]) == ("low", "Read.", 9000)
        assert found["isPremium"] is True
        assert found == model(await visitor.get("/models"), "gpt-5-mini")
        body = {**request(CHAT, "hi", stream=False), "model": "gpt-5-mini"}
        assert (await gate.post(CHAT, body))[0] == 200
        sent = json.loads(str(gate.inference_requests()[-1]["body"]))
        assert sent["reasoning_effort"] == "low"
        assert sent["messages"][0] == {"role": "system", "content": "Read."}
        answer = await annotate(
            visitor,
            "gpt-5-mini",
            {"multiplier": None, "effort": None, "contextWindowNote": None, "isHidden": False},
        )
        found = answer.document["model"]
        assert (found["isHidden"], found["multiplier"], found["effort"]) == (False, None, None)
        assert (found["extraPrompt"], found["contextWindowNote"]) == ("Read.", None)


async def test_the_multiplier_is_the_operators_then_copilots_then_the_built_in_one(tmp_path: Path) -> None:
    """Where tokens have prices, only what the operator says is shown."""
    async with running_gate(tmp_path) as gate:
        _offer(gate.simulator, "claude-sonnet-4", vendor="Anthropic")
        visitor = Visitor(gate)
        answer = await visitor.write("POST", "/models/refresh")
        shown = [
            (model(answer, name)["multiplier"], model(answer, name)["multiplierFrom"])
            for name in ("grok-code-fast-1", "claude-sonnet-4", "claude-sonnet-4.6")
        ]
        assert shown == [(0.25, "copilot"), (1, "built-in"), (None, None)]
        answer = await annotate(visitor, "grok-code-fast-1", {"multiplier": 0})
        assert answer.document["model"]["multiplier"] == 0
        assert answer.document["model"]["multiplierFrom"] == "operator"
        assert answer.document["model"]["isPremium"] is False


def _offer(simulator: Simulator, model_id: str, **fields: object) -> None:
    """Have the simulated Copilot offer one model more, from the next fetch on."""
    entry: dict[str, object] = {
        "id": model_id,
        "name": model_id,
        "capabilities": {"type": "chat", "family": model_id},
        "model_picker_enabled": True,
        **fields,
    }
    simulator.catalogue.offer(Model(entry))


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (
            {"effort": "huge"},
            {"effort": "'huge' is not among the efforts of 'gpt-5-mini'. Give one of low, medium, high."},
        ),
        (
            {"effort": "max"},
            {"effort": "'max' is not among the efforts of 'gpt-5-mini'. Give one of low, medium, high."},
        ),
        ({"multiplier": -1}, {"multiplier": "gpt-5-mini: -1.0 is not accepted. Give numbers, 0 or greater."}),
        ({"contextWindowNote": 0}, {"contextWindowNote": "Give a number of tokens from 1, or null."}),
        ({"extraPrompt": "x" * 100001}, {"extraPrompt": "Give at most 100000 characters."}),
        (
            {"isHidden": "yes", "price": 1},
            {"isHidden": "Expected 'bool', got 'str'", "price": "This field is not known here."},
        ),
    ],
)
async def test_what_cannot_be_said_of_a_model_is_refused_by_field(
    tmp_path: Path, body: dict[str, object], fields: dict[str, str]
) -> None:
    """And nothing is changed."""
    async with running_gate(tmp_path) as gate:
        before = gate.config.path.read_bytes()
        answer = await annotate(Visitor(gate), "gpt-5-mini", body)
        assert (answer.status, answer.document["error"]["fields"]) == (422, fields)
        assert gate.config.path.read_bytes() == before


async def test_a_model_without_efforts_takes_none(tmp_path: Path) -> None:
    """One that the file gives it all the same is warned of."""
    async with running_gate(tmp_path) as gate:
        visitor = Visitor(gate)
        answer = await annotate(visitor, "gpt-4.1", {"effort": "high"})
        assert answer.document["error"]["fields"] == {
            "effort": "'high' is not among the efforts of 'gpt-4.1'. It offers none, so none can be chosen."
        }
        efforts = {"gpt-4.1": "high", "gpt-5-mini": "max"}
        await edit_file(gate, lambda now: bool(now.model_reasoning_efforts), modelReasoningEfforts=efforts)
        answer = await visitor.get("/models")
        assert [model(answer, name)["warnings"] for name in efforts] == [
            [
                {
                    "code": "effort_unknown",
                    "message": "The effort 'high' is not among the model's own: none at all.",
                }
            ],
            [
                {
                    "code": "effort_unknown",
                    "message": "The effort 'max' is not among the model's own: low, medium, high.",
                }
            ],
        ]


async def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    """A model that Copilot does not offer, and an account that nobody added."""
    async with running_gate(tmp_path) as gate:
        visitor = Visitor(gate)
        answer = await annotate(visitor, "llama", {"isHidden": True})
        assert (answer.status, answer.code) == (404, "model_unknown")
        for method, path, body in (
            ("GET", "/models?accountId=9", None),
            ("GET", "/models-changes?accountId=9", None),
            ("POST", "/models/refresh", {"accountId": "9"}),
            ("PATCH", "/models/gpt-4.1?accountId=9", {"isHidden": True}),
        ):
            found = await (visitor.get(path) if method == "GET" else visitor.write(method, path, body))
            assert (found.status, found.code) == (404, "account_unknown")
        for days in ("0", "91", "x"):
            assert (await visitor.get(f"/models-changes?days={days}")).status == 422


async def test_models_are_hidden_together_and_the_policy_decides_what_that_means(tmp_path: Path) -> None:
    """With the policy off they answer, with it on they do not."""
    async with running_gate(tmp_path) as gate:
        visitor = Visitor(gate)
        answer = await visitor.write(
            "POST", "/models-visibility", {"ids": ["gpt-4.1", "gpt-4", "gpt-4.1"], "isHidden": True}
        )
        assert [model(answer, name)["isHidden"] for name in ("gpt-4.1", "gpt-4", "gpt-4o")] == [
            True,
            True,
            False,
        ]
        assert gate.house.settings.hidden_models == ("gpt-4.1", "gpt-4")
        assert (await gate.post(CHAT, request(CHAT, "hi", stream=False)))[0] == 200
        answer = await visitor.write("PUT", "/models-policy", {"disableHiddenModels": True})
        assert (answer.document["disableHiddenModels"], model(answer, "gpt-4.1")["isUsable"]) == (True, False)
        assert (await gate.post(CHAT, request(CHAT, "hi", stream=False)))[0] == 404
        answer = await visitor.write("POST", "/models-visibility", {"ids": ["gpt-4.1"], "isHidden": False})
        assert model(answer, "gpt-4.1")["isUsable"] is True
        assert (await gate.post(CHAT, request(CHAT, "hi", stream=False)))[0] == 200
        for ids in ([], [""], ["x" * 201], ["m"] * 1001):
            refused = await visitor.write("POST", "/models-visibility", {"ids": ids, "isHidden": True})
            assert (refused.status, list(refused.document["error"]["fields"])) == (422, ["ids"])


async def test_names_that_lead_to_a_model_are_told_at_it(tmp_path: Path) -> None:
    """Exact and wildcard, in any spelling of the target."""
    async with running_gate(tmp_path) as gate:
        mapping = {"opus": "claude-opus-4-6", "cl*": "claude-opus-4.6", "x": "gpt-4.1", "lost": "llama"}
        await edit_file(gate, lambda now: bool(now.model_mapping), modelMapping=mapping)
        answer = await Visitor(gate).get("/models")
        assert model(answer, "claude-opus-4.6")["mappedFrom"] == ["opus", "cl*"]
        assert model(answer, "gpt-4.1")["mappedFrom"] == ["x"]


async def test_a_stale_version_is_refused_where_one_is_given(tmp_path: Path) -> None:
    """A word about one model needs none, so two pages do not get in each other's way."""
    async with running_gate(tmp_path) as gate:
        visitor = Visitor(gate)
        version = (await visitor.get("/models")).headers["etag"]
        await annotate(visitor, "gpt-4.1", {"extraPrompt": "a"})
        assert (await annotate(visitor, "gpt-4o", {"extraPrompt": "b"})).status == 200
        visitor.headers["if-match"] = version
        stale = await annotate(visitor, "gpt-4.1", {"extraPrompt": "c"})
        assert (stale.status, stale.code) == (412, "stale_version")
        assert gate.house.settings.extra_prompts == {"gpt-4.1": "a", "gpt-4o": "b"}


async def test_a_broken_table_is_somebodys_to_mend(tmp_path: Path) -> None:
    """Nothing is added to what is no table."""
    async with running_gate(tmp_path) as gate:
        broken = {"hiddenModels": "gpt", "extraPrompts": 5}
        await edit_file(gate, lambda now: len(now.problems) == 2, **broken)
        visitor = Visitor(gate)
        for body in ({"isHidden": True}, {"extraPrompt": "x"}):
            answer = await annotate(visitor, "gpt-4.1", body)
            assert (answer.status, answer.code) == (409, "config_malformed")
        assert gate.config.load().document["hiddenModels"] == "gpt"


async def test_without_an_account_the_page_says_what_to_do(tmp_path: Path) -> None:
    """No models, a problem and a remedy; a refresh is no error."""
    async with running_gate(tmp_path, document={}, is_ready=False) as gate:
        visitor = Visitor(gate)
        for answer in (await visitor.get("/models"), await visitor.write("POST", "/models/refresh")):
            assert (answer.status, answer.document["models"], answer.document["accountId"]) == (200, [], None)
            assert "Nobody is logged in." in answer.document["problem"]["message"]
            assert answer.document["problem"]["remedy"] != ""
        changes = (await visitor.get("/models-changes")).document
        assert changes == {"accountId": None, "since": None, "changes": []}


async def test_a_refresh_that_fails_keeps_the_old_list(tmp_path: Path) -> None:
    """And says so."""
    async with running_gate(tmp_path) as gate:
        gate.simulator.break_route(urlsplit(gate.simulator.api_url()).path + "/models", "500-text")
        answer = await Visitor(gate).write("POST", "/models/refresh")
        assert answer.status == 200
        assert "the old list stays in use" in answer.document["problem"]["message"]
        assert len(answer.document["models"]) == 40


HOSTILE = ("<img src=x onerror=alert(1)>", "a/b/../c?d#e%2f", 'quo"te', "accounts/msft/routers/x")


async def test_hostile_ids_are_shown_and_annotated_as_they_are(tmp_path: Path) -> None:
    """Slashes, question marks and angle brackets are part of a name, in the path as in the answer."""
    async with running_gate(tmp_path) as gate:
        for name in HOSTILE:
            _offer(gate.simulator, name, vendor="<script>")
        visitor = Visitor(gate)
        answer = await visitor.write("POST", "/models/refresh")
        assert {one["id"] for one in answer.document["models"]} >= set(HOSTILE)
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        for name in HOSTILE:
            answer = await annotate(visitor, name, {"extraPrompt": name})
            assert answer.status == 200, (name, answer.body)
            assert (answer.document["model"]["id"], answer.document["model"]["extraPrompt"]) == (name, name)
            assert answer.document["model"]["provider"] == "<script>"


async def test_pages_are_told_of_new_lists_and_of_new_words(tmp_path: Path) -> None:
    """A fetch names its account; a change of what is said does not."""
    async with running_gate(tmp_path) as gate, listening(gate) as (page,):
        visitor = Visitor(gate)
        await visitor.write("POST", "/models/refresh")
        await page.hears("models", accountId="1")
        answer = await annotate(visitor, "gpt-4.1", {"isHidden": True})
        await page.hears("models", accountId=None, version=answer.document["version"])
        await until(lambda: len(page.of("models")) == 2)
