"""A sub-agent's marker leaves the prompt and says who asks, in all four protocols, natively and translated."""

import json
from typing import Any

import pytest

from exchange.custom.asking import INGRESSES, MODELS, repairs, request, sent
from gate import CHAT, MESSAGES, RESPONSES, Gate

MARKER = '__SUBAGENT_MARKER__{"session_id":"s-1","agent_id":"a-1","agent_type":"Explore"}'
CONTEXT = f"SubagentStart hook additional context: {MARKER}"
REMINDER = f"<system-reminder>\n{CONTEXT}\n</system-reminder>"


def headers_of(gate: Gate) -> dict[str, list[str]]:
    """Every header of the newest request, with all its values."""
    found: dict[str, list[str]] = {}
    listed: Any = gate.inference_requests()[-1]["header_list"]
    for name, value in listed:
        found.setdefault(name.lower(), []).append(value)
    return found


def require_sub_agent(gate: Gate) -> str:
    """One initiator, one type, one interaction; returns the latter."""
    headers = headers_of(gate)
    assert headers["x-initiator"] == ["agent"]
    assert headers["x-interaction-type"] == ["conversation-subagent"]
    (interaction,) = headers["x-interaction-id"]
    return interaction


@pytest.mark.parametrize("ingress", INGRESSES)
@pytest.mark.parametrize("upstream", MODELS)
async def test_it_is_taken_out_on_every_route(gate: Gate, ingress: str, upstream: str) -> None:
    """Nothing of it goes upstream but what it means; all of the sub-agent's requests are one interaction."""
    body = await sent(gate, *request(ingress, MODELS[upstream], f"{REMINDER}\n\nFind the word."))
    said = json.dumps(body)
    assert "SUBAGENT" not in said
    assert "system-reminder" not in said
    assert "Find the word." in said
    interaction = require_sub_agent(gate)
    assert "subagent-marker" in await repairs(gate)
    await sent(gate, *request(ingress, MODELS[upstream], f"{REMINDER}\n\nFind the word.", "Which?", "Heron."))
    assert require_sub_agent(gate) == interaction


OTHER = "<system-reminder>\nTools are there.\n</system-reminder>"
PLACES: list[tuple[object, object]] = [
    (f"{CONTEXT}\n\nFind it.", "Find it."),
    (f"Find it.\n{MARKER}", "Find it."),
    (
        f"<system-reminder>\nTools are there.\n{CONTEXT}\n</system-reminder>\nFind it.",
        f"{OTHER}\nFind it.",
    ),
    (
        [{"type": "text", "text": REMINDER}, {"type": "text", "text": "Go."}],
        [{"type": "text", "text": "Go."}],
    ),
    (
        [
            {"type": "text", "text": "Go."},
            {"type": "text", "text": REMINDER, "cache_control": {"type": "ephemeral"}},
        ],
        [{"type": "text", "text": "Go.", "cache_control": {"type": "ephemeral"}}],
    ),
]


@pytest.mark.parametrize(("content", "left"), PLACES)
async def test_it_is_found_wherever_a_client_puts_it(gate: Gate, content: object, left: object) -> None:
    """A string or blocks, in a reminder of its own, beside other words, or as a bare line."""
    turn = {"role": "user", "content": content}
    body = await sent(gate, MESSAGES, {"model": "claude-fable-5", "max_tokens": 9, "messages": [turn]})
    assert body["messages"] == [{"role": "user", "content": left}]
    require_sub_agent(gate)


async def test_a_system_turn_that_held_nothing_else_goes(gate: Gate) -> None:
    """Claude Code puts the hook's words into a system turn for its newest models."""
    turns = [{"role": "user", "content": "Find it."}, {"role": "system", "content": CONTEXT}]
    body = await sent(gate, MESSAGES, {"model": "claude-opus-5", "max_tokens": 9, "messages": turns})
    assert body["messages"] == turns[:1]
    require_sub_agent(gate)


async def test_responses_input_may_be_a_string(gate: Gate) -> None:
    """So may the prompt of a chat."""
    body = await sent(gate, RESPONSES, {"model": "gpt-5.5", "input": f"{CONTEXT}\nFind it."})
    assert body["input"] == "Find it."
    require_sub_agent(gate)


def marked(marker: str) -> str:
    return f"<system-reminder>\n__SUBAGENT_MARKER__{marker}\n</system-reminder>\nGo."


FALSE = [
    marked('{"session_id":null,"agent_id":"a","agent_type":"t"}'),
    marked('{"session_id":"s","agent_id":"","agent_type":"t"}'),
    marked('{"session_id":"s","agent_id":"a"}'),
    marked('{"session_id":"s","agent_id":["a"],"agent_type":"t"}'),
    marked('["s","a","t"]'),
    marked("{broken"),
    marked("[" * 5000),
    marked('{"session_id":"s","agent_id":"a","agent_type":"' + "t" * 300 + '"}'),
    f"What does `{MARKER}` mean?",
    f"The line {MARKER} is odd.",
    "<system-reminder>__SUBAGENT_MARKER__",
]


@pytest.mark.parametrize("text", FALSE)
async def test_what_is_no_marker_stays_text(gate: Gate, text: str) -> None:
    """Words about it, broken and hostile ones: the prompt keeps its bytes, and a human asks."""
    body = await sent(gate, *request("chat", "gpt-4.1", text))
    assert body["messages"] == [{"role": "user", "content": text}]
    assert headers_of(gate)["x-initiator"] == ["user"]
    assert "subagent-marker" not in await repairs(gate)


async def test_a_file_that_holds_the_marker_is_content(gate: Gate) -> None:
    """Tool results and the model's own words are never looked into."""
    call = {"type": "tool_use", "id": "c", "name": "Read", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "c", "content": [{"type": "text", "text": REMINDER}]}
    turns = [
        {"role": "user", "content": "Read it."},
        {"role": "assistant", "content": [{"type": "text", "text": REMINDER}, call]},
        {"role": "user", "content": [result]},
    ]
    body = await sent(gate, MESSAGES, {"model": "claude-fable-5", "max_tokens": 9, "messages": turns})
    assert body["messages"] == turns
    assert headers_of(gate)["x-interaction-type"] == ["conversation-agent"]


async def test_the_other_turns_keep_their_bytes(gate: Gate) -> None:
    """Only the turn that holds the marker is written anew."""
    other = '{"role":"assistant","content":"a\\u00e9  ","n":1.0}'
    first = json.dumps({"role": "user", "content": f"{REMINDER}Hi"})
    raw = f'{{"model":"gpt-4.1","messages":[{first},{other},{{"role":"user","content":"Go"}}]}}'
    async with gate.http.post(gate.url + CHAT, data=raw.encode()) as response:
        assert response.status == 200
    assert other in str(gate.inference_requests()[-1]["body"])


async def test_a_clients_own_interaction_id_stands(gate: Gate) -> None:
    """Headers say more than the prompt."""
    own = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
    await sent(gate, *request("chat", "gpt-4.1", f"{REMINDER}Hi"), {"x-interaction-id": own})
    assert require_sub_agent(gate) == own
