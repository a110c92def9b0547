"""Contract §12 row 7: /responses, its rotating ids, its refusals, compaction and the WebSocket."""

from typing import Any

import aiohttp
import msgspec
import pytest

TEXT = "text/plain; charset=utf-8"

TURN = [
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.output_item.done",
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.completed",
]


async def test_a_text_turn_has_the_recorded_order(world: Any) -> None:
    """Reasoning without a summary, then the message."""
    answer = await world.responses("[[sim: text=Hello; quirk=summary_in_done]]", stream=True)
    assert answer.event_names == TURN
    assert b"[DONE]" not in answer.body
    assert [event["sequence_number"] for event in answer.events] == list(range(11))


async def test_every_event_uses_another_item_id(world: Any) -> None:
    """416 characters each, and never the same twice."""
    answer = await world.responses("[[sim: text=Hello there you; chunks=4; tool=f {}]]", stream=True)
    ids = [event["item_id"] for event in answer.events if "item_id" in event]
    ids += [event["item"]["id"] for event in answer.events if "item" in event]
    ids += [item["id"] for item in answer.events[-1]["response"]["output"]]
    assert {len(item_id) for item_id in ids} == {416}
    assert len(ids) == len(set(ids))


async def test_the_terminal_event_carries_usage_price_and_quota(world: Any) -> None:
    """178 in, 1024 cached, 87 out of gpt-5.3-codex is 170,870,000 nano-AIU."""
    text = "[[sim: text=x; input_tokens=1202; cached=1024; output_tokens=87]]"
    last = (await world.responses(text, stream=True)).events[-1]
    assert last["copilot_usage"]["total_nano_aiu"] == 170_870_000
    assert last["copilot_usage"]["token_details"][1] == {
        "batch_size": 1000000,
        "cost_per_batch": 17500000000,
        "model": "gpt-5.3-codex",
        "token_count": 1024,
        "token_type": "cache_read",
    }
    assert last["response"]["usage"]["input_tokens"] == 1202
    assert last["copilot_quota_snapshots"]["premium_interactions"]["entitlement"] == "1500"


async def test_calls_may_be_freeform_and_namespaced(world: Any) -> None:
    """apply_patch takes text; a namespace comes back in its own field."""
    text = '[[sim: custom=apply_patch "*** Begin Patch\\n"; tool=multi::spawn {"a":1}]]'
    answer = await world.responses(text, stream=True)
    assert "response.custom_tool_call_input.done" in answer.event_names
    assert "response.function_call_arguments.done" in answer.event_names
    output = answer.events[-1]["response"]["output"]
    assert [item["type"] for item in output] == ["reasoning", "custom_tool_call", "function_call"]
    assert output[1]["input"] == "*** Begin Patch\n"
    assert (output[2]["namespace"], output[2]["name"], output[2]["arguments"]) == (
        "multi",
        "spawn",
        '{"a":1}',
    )


@pytest.mark.parametrize(
    ("directive", "last", "status"),
    [
        ("text=x; finish=length", "response.incomplete", "incomplete"),
        ("text=x; error_after=4; error_code=response.failed", "response.failed", "failed"),
        ("text=x; error_after=4", "error", None),
    ],
)
async def test_a_stream_can_end_badly(world: Any, directive: str, last: str, status: str | None) -> None:
    """Incomplete, failed, or an error event."""
    answer = await world.responses(f"[[sim: {directive}]]", stream=True)
    assert answer.event_names[-1] == last
    assert answer.events[-1].get("response", {}).get("status") == status


async def test_a_refusal_is_its_own_content(world: Any) -> None:
    """Refusal parts instead of text."""
    answer = await world.responses("[[sim: finish=refusal]]", stream=True)
    assert "response.refusal.done" in answer.event_names
    content = answer.events[-1]["response"]["output"][-1]["content"]
    assert content == [{"refusal": "I cannot help with that.", "type": "refusal"}]


async def reasoning(world: Any) -> list[dict[str, Any]]:
    """The reasoning item as added, as done and as completed shows it."""
    events = (await world.responses("[[sim: text=x]]", stream=True)).events
    added = next(event["item"] for event in events if event["type"].endswith("added"))
    done = next(event["item"] for event in events if event["type"].endswith("item.done"))
    return [added, done, events[-1]["response"]["output"][0]]


async def test_only_the_done_pair_replays(world: Any) -> None:
    """Contract §5.2: the exact (id, encrypted_content) pair of output_item.done."""
    added, done, completed = await reasoning(world)
    turn = {"role": "user", "content": "more"}
    assert (await world.responses([done, turn])).status == 200
    assert (await world.responses([{**done, "id": None}, turn])).status == 200
    for wrong in (added, completed, {**done, "id": added["id"]}, {**done, "id": "rs_0example"}):
        refused = await world.responses([wrong, turn])
        assert refused.status == 400
        assert refused.json == {
            "error": {
                "message": f"The encrypted content for item {wrong['id']} could not be verified. "
                "Reason: Encrypted content item_id did not match the target item id.",
                "code": "invalid_request_error",
                "type": "invalid_request_error",
            }
        }


async def test_a_foreign_or_changed_blob_is_invalid(world: Any) -> None:
    """Another account's blob, or one changed character."""
    _, done, _ = await reasoning(world)
    changed = {**done, "encrypted_content": done["encrypted_content"][:-8] + "AAAAAAA="}
    world.plan = "business"
    for item in (done, changed):
        refused = await world.responses([item, {"role": "user", "content": "x"}])
        assert refused.json["error"]["code"] == "invalid_encrypted_content"


async def test_a_whole_body_replays_its_own_pair(world: Any) -> None:
    """Without a stream there is only one id."""
    output = (await world.responses("[[sim: text=x]]")).json["output"]
    assert (await world.responses([output[0], {"role": "user", "content": "x"}])).status == 200


USER = {"type": "message", "role": "user", "content": "hi"}


def error(**fields: str) -> bytes:
    return msgspec.json.encode({"error": fields})


REFUSED: list[tuple[dict[str, Any], bytes]] = [
    ({"store": True}, b'{"error":{"message":"store is not supported","code":"unsupported_value","param":"store"}}'),
    ({"service_tier": "auto"},
     b'{"error":{"message":"service_tier is not supported","code":"unsupported_value","param":"service_tier"}}'),
    ({"previous_response_id": "resp_x"},
     b'{"error":{"message":"Previous response with id \'resp_x\' not found.","code":"previous_response_not_found",'
     b'"param":"previous_response_id","type":"invalid_request_error"}}'),
    ({"model": "gpt-4.1"},
     b'{"error":{"message":"model gpt-4.1 is not supported via Responses API.","code":"unsupported_api_for_model"}}'),
    ({"max_output_tokens": 15},
     b'{"error":{"message":"Invalid \'max_output_tokens\': integer below minimum value. Expected a value >= 16, '
     b'but got 15 instead.","code":"integer_below_min_value","param":"max_output_tokens",'
     b'"type":"invalid_request_error"}}'),
    ({"reasoning": {"effort": "max"}},
     b'{"error":{"message":"reasoning.effort \\"max\\" is not supported by model gpt-5.3-codex; '
     b'supported values: [low medium high xhigh]","code":"invalid_reasoning_effort"}}'),
    ({"input": [USER, {"type": "message", "role": "assistant", "id": "x" * 416, "content": []}]},
     b'{"error":{"message":"Invalid \'input[1].id\': string too long. Expected a string with maximum length 64, '
     b'but got a string with length 416 instead.","code":"string_above_max_length","param":"input[1].id",'
     b'"type":"invalid_request_error"}}'),
    ({"input": [USER, {"type": "item_reference", "id": "msg_1"}]},
     b'{"error":{"message":"input item ID does not belong to this connection","code":"invalid_request_body"}}'),
    ({"input": [{**USER, "id": "qhvAn4tK/l" * 6}]},
     b'{"error":{"message":"input item ID does not belong to this connection","code":"invalid_request_body"}}'),
    ({"tools": [{"type": "image_generation"}]},
     b'{"error":{"message":"The requested tool image_generation is not supported.","code":"unsupported_value",'
     b'"param":"tools"}}'),
    ({"tools": [{"type": "function", "name": "tool_search"}]},
     b'{"error":{"message":"Function name \'tool_search\' is reserved.","code":"invalid_request_body"}}'),
    ({"tools": [{"type": "namespace", "name": "collaboration", "description": "d"}]},
     b'{"error":{"message":"Namespace \'collaboration\' is reserved.","code":"invalid_request_body"}}'),
    ({"input": None}, b'{"error":{"message":"Missing required parameter: \'input\'.","code":"invalid_request_body"}}'),
]  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), REFUSED)
async def test_responses_refuses_what_copilot_refuses(
    world: Any, change: dict[str, Any], expected: bytes
) -> None:
    """400, JSON labelled as text, every byte."""
    answer = await world.post("/responses", {"model": "gpt-5.3-codex", "input": "hi", **change})
    assert answer.refusal == (400, TEXT, expected)


async def test_a_namespace_needs_a_description(world: Any) -> None:
    """Some deployments refuse an empty one; this one does."""
    answer = await world.responses("hi", tools=[{"type": "namespace", "name": "n", "description": ""}])
    assert answer.json["error"]["param"] == "tools[0].description"


async def test_codex_tools_are_accepted(world: Any) -> None:
    """web_search, client tool_search, namespaces and custom tools pass."""
    tools = [
        {"type": "web_search"},
        {"type": "tool_search", "execution": "client"},
        {"type": "namespace", "name": "multi_agent_v1", "description": "d", "tools": []},
        {"type": "custom", "name": "apply_patch"},
    ]
    extra = {"client_metadata": {"a": "b"}, "prompt_cache_key": "k", "store": False}
    assert (await world.responses("hi", tools=tools, **extra)).status == 200


async def test_compaction_is_an_input_item(world: Any) -> None:
    """One compaction item; gpt-5-mini answers two."""
    given = [USER, {"type": "compaction_trigger"}]
    for model, count in (("gpt-5.3-codex", 1), ("gpt-5-mini", 2)):
        for stream in (False, True):
            answer = await world.responses(given, model, stream=stream)
            output = answer.events[-1]["response"]["output"] if stream else answer.json["output"]
            assert [item["type"] for item in output] == ["compaction"] * count
    item = (await world.responses(given)).json["output"][0]
    assert (await world.responses([item, USER])).status == 200
    assert (await world.responses([{**item, "id": "cmp_1"}, USER])).status == 400


async def read(socket: aiohttp.ClientWebSocketResponse) -> list[dict[str, Any]]:
    """Read events up to the terminal one."""
    events: list[dict[str, Any]] = []
    while True:
        events.append(await socket.receive_json(timeout=5))
        if events[-1]["type"] in ("response.completed", "response.failed", "error"):
            return events


async def test_the_socket_chains_responses(world: Any) -> None:
    """previous_response_id works within the connection, and only there."""
    url = world.simulator.api_url() + "/responses"
    async with world.session.ws_connect(url, headers=world.copilot_headers({})) as socket:
        base = {"type": "response.create", "model": "gpt-5.3-codex", "store": False}
        text = '[[sim: tool=exec {"cmd":"ls"} || text=done]]'
        await socket.send_json({**base, "input": [{"role": "user", "content": text}]})
        first = await read(socket)
        assert first[0]["type"] == "response.created"
        call = first[-1]["response"]["output"][-1]
        output = {"type": "function_call_output", "call_id": call["call_id"], "output": "ok"}
        previous = first[-1]["response"]["id"]
        await socket.send_json(
            {**base, "previous_response_id": previous, "input": [output], "initiator": "agent"}
        )
        second = await read(socket)
        assert second[-1]["response"]["output"][-1]["content"][0]["text"] == "done"
        await socket.send_json({**base, "previous_response_id": "resp_unknown", "input": []})
        assert await read(socket) == [
            {
                "type": "error",
                "error": {"message": "Previous response not found.", "code": "previous_response_not_found"},
            }
        ]
        await socket.send_json({**base, "input": [{**USER, "id": "x" * 65}]})
        assert (await read(socket))[0]["error"]["type"] == "websocket_error"
        await socket.send_json({**base, "input": "[[sim: error=429-global]]"})
        limited = (await read(socket))[0]
        assert limited["error"]["code"] == "user_global_rate_limited:pro_plus"
        assert "premium_interactions" in limited["copilot_quota_snapshots"]


async def test_the_socket_can_be_warmed_up(world: Any) -> None:
    """generate:false says nothing and bills nothing."""
    url = world.simulator.api_url() + "/responses"
    async with world.session.ws_connect(url, headers=world.copilot_headers({})) as socket:
        await socket.send_json(
            {"type": "response.create", "model": "gpt-5.5", "generate": False, "input": [USER]}
        )
        events = await read(socket)
        assert [event["type"] for event in events] == ["response.created", "response.completed"]
        assert events[1]["response"]["output"] == []
        follow = {"type": "response.create", "model": "gpt-5.5", "input": [USER]}
        await socket.send_json({**follow, "previous_response_id": events[1]["response"]["id"]})
        assert (await read(socket))[-1]["type"] == "response.completed"
        await socket.send_json({"type": "nonsense"})
        assert (await read(socket))[0]["error"]["code"] == "bad_request"
    assert world.simulator.ledger.requests == 1


async def test_a_plain_get_has_no_page(world: Any) -> None:
    """Without an upgrade there is nothing at GET /responses."""
    assert (await world.get("/responses")).refusal == (404, TEXT, b"404 page not found\n")


async def test_the_socket_obeys_directives_too(world: Any) -> None:
    """Pauses, complaints about a directive, and a cut."""
    url = world.simulator.api_url() + "/responses"
    base = {"type": "response.create", "model": "gpt-5.3-codex"}
    async with world.session.ws_connect(url, headers=world.copilot_headers({})) as socket:
        paced = "[[sim: text=x; delay_ms=5; interval_ms=1; silence_ms=5; silence_after=2]]"
        await socket.send_json({**base, "input": paced})
        assert (await read(socket))[-1]["type"] == "response.completed"
        await socket.send_bytes(b"binary frames are not heard")
        await socket.send_json({**base, "input": "[[sim: colour=red]]"})
        complaint = "'colour' is not a word of the directive language"
        assert await read(socket) == [{"type": "error", "error": {"message": complaint}}]
        await socket.send_json({**base, "input": "[[sim: text=x; cut_after=2]]"})
        kinds = [(await socket.receive(timeout=5)).type for _ in range(3)]
        assert kinds[:2] == [aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.TEXT]
        assert kinds[2] in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR, aiohttp.WSMsgType.CLOSE)
    assert (await world.responses("[[sim: text=x]]")).status == 200


async def test_the_socket_refuses_reset_by_breaking(world: Any) -> None:
    """error=reset closes the socket without a word."""
    url = world.simulator.api_url() + "/responses"
    async with world.session.ws_connect(url, headers=world.copilot_headers({})) as socket:
        await socket.send_json(
            {"type": "response.create", "model": "gpt-5.3-codex", "input": "[[sim: error=reset]]"}
        )
        message = await socket.receive(timeout=5)
        assert message.type is not aiohttp.WSMsgType.TEXT
