"""Freeform editing tools: native where Copilot takes them, else functions; answers in the client's shape."""

import json
from typing import Any

import pytest

from copilot_api.grammars import checker_for
from copilot_api.wire.sse import SseDecoder
from exchange.custom.asking import configure, repairs, sent
from gate import RESPONSES, Gate

PATCH = "*** Begin Patch\n*** Add File: a.txt\n+hi\n*** End Patch"
APPLY = {
    "type": "custom",
    "name": "apply_patch",
    "description": "Edits files.",
    "format": {"type": "grammar", "syntax": "lark", "definition": "start: /.+/"},
}
SCHEMA = {
    "type": "object",
    "properties": {"path": {"type": "string"}, "text": {"type": "string"}},
    "required": ["path"],
}
WRITE = {"type": "custom", "name": "Write_File", "description": "Writes.", "parameters": SCHEMA}
HISTORY: list[dict[str, Any]] = [
    {"role": "user", "content": "Begin."},
    {"type": "custom_tool_call", "call_id": "c1", "name": "apply_patch", "input": PATCH},
    {"type": "custom_tool_call_output", "call_id": "c1", "output": "Done"},
]


def ask(script: str, *tools: object, **fields: object) -> dict[str, Any]:
    """A request for GPT-5.5, which speaks Responses only."""
    turn = {"role": "user", "content": f"[[sim: {script}]]"}
    return {"model": "gpt-5.5", "input": [*HISTORY, turn], "tools": list(tools), **fields}


def calls(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The calls in an answer, without ids."""
    kept = ("type", "name", "input", "arguments")
    items = [item for item in answer["output"] if item["type"].endswith("_call")]
    return [{name: item[name] for name in kept if name in item} for item in items]


async def answered(gate: Gate, body: dict[str, Any]) -> dict[str, Any]:
    """The whole answer, after its stream was judged and found to end in the same."""
    status, _, whole = await gate.post(RESPONSES, body)
    assert status == 200, whole
    status, _, stream = await gate.post(RESPONSES, {**body, "stream": True})
    assert status == 200, stream
    checker, last = checker_for("responses"), None
    faults: list[str] = []
    for frame in SseDecoder().feed(stream):
        faults += checker.feed(frame)
        last = json.loads(frame.data)
    assert [*faults, *checker.finish()] == []
    assert last is not None
    answer: dict[str, Any] = json.loads(whole)
    assert calls(last["response"]) == calls(answer)
    return answer


async def test_a_freeform_tool_passes_as_it_is_where_copilot_takes_it(gate: Gate) -> None:
    """Grammar, call and history: nothing is rewritten by default."""
    body = ask(f"custom=apply_patch {json.dumps(PATCH)}", APPLY)
    reached = await sent(gate, RESPONSES, body)
    assert reached["tools"] == [APPLY]
    assert reached["input"] == body["input"]
    assert "function-tools" not in await repairs(gate)


@pytest.mark.parametrize("model", ["gpt-5.5", "claude-fable-5", "grok-code-fast-1"])
async def test_asked_for_it_is_a_function_everywhere(gate: Gate, model: str) -> None:
    """`useFunctionApplyPatch: true`: the model sees a function, the client its own tool, also in the history."""
    await configure(gate, useFunctionApplyPatch=True)
    script = f"text=Now; tool=apply_patch {json.dumps({'input': PATCH})}"
    body = {**ask(script, APPLY), "model": model}
    reached = json.dumps(await sent(gate, RESPONSES, body))
    assert "custom" not in reached
    assert (
        json.dumps(json.dumps({"input": PATCH}, separators=(",", ":"))) in reached
        or model == "claude-fable-5"
    )
    answer = await answered(gate, body)
    assert calls(answer) == [{"type": "custom_tool_call", "name": "apply_patch", "input": PATCH}]


async def test_its_choice_and_its_results_are_a_functions_too(gate: Gate) -> None:
    """Nothing dangles: Copilot never sees a custom item without its tool."""
    await configure(gate, useFunctionApplyPatch=True)
    body = ask("text=ok", APPLY, tool_choice={"type": "custom", "name": "apply_patch"}, store=False)
    reached = await sent(gate, RESPONSES, body)
    assert reached["tool_choice"] == {"type": "function", "name": "apply_patch"}
    assert [item.get("type") for item in reached["input"]] == [
        None,
        "function_call",
        "function_call_output",
        None,
    ]
    (tool,) = reached["tools"]
    assert (tool["type"], tool["strict"], tool["parameters"]["required"]) == ("function", False, ["input"])
    assert "function-tools" in await repairs(gate)


@pytest.mark.parametrize("model", ["gpt-5.5", "claude-fable-5", "grok-code-fast-1"])
async def test_a_freeform_tool_with_a_schema_is_the_function_that_it_is(gate: Gate, model: str) -> None:
    """Copilot would refuse the schema; the arguments come back as the input of the tool that was declared."""
    call = json.dumps({"path": "a.txt", "text": "hi"})
    body = {**ask(f"tool=Write_File {call}", WRITE), "model": model}
    reached = await sent(gate, RESPONSES, body)
    (tool,) = reached["tools"]
    function = tool.get("function", tool)
    assert function["name"] == "Write_File"
    assert function.get("parameters", function.get("input_schema")) == SCHEMA
    (made,) = calls(await answered(gate, body))
    assert (made["type"], made["name"]) == ("custom_tool_call", "Write_File")
    assert json.loads(made["input"]) == {"path": "a.txt", "text": "hi"}


async def test_other_freeform_tools_are_nobodys_business(gate: Gate) -> None:
    """Only the names of editing tools count, and functions of these names stay what they are."""
    await configure(gate, useFunctionApplyPatch=True)
    other = {"type": "custom", "name": "exec", "description": "Runs."}
    function = {"type": "function", "name": "edit", "parameters": SCHEMA}
    reached = await sent(gate, RESPONSES, ask("text=ok", other, function))
    assert reached["tools"] == [other, function]
    assert "function-tools" not in await repairs(gate)
