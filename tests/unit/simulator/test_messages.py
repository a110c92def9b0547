"""Contract §12 row 8: /v1/messages by backend, and what it refuses."""

from typing import Any

import pytest

TEXT = "text/plain; charset=utf-8"
BETA = "context-management-2025-06-27"


async def test_bedrock_sends_metrics_with_the_last_event(world: Any) -> None:
    """The recorded shape, with the contract's own arithmetic: 16 in and 17 out cost 30,300,000."""
    answer = await world.messages("[[sim: text=1, 2, 3; input_tokens=16; output_tokens=17]]", stream=True)
    assert answer.event_names == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    start, delta, stop = answer.events[0]["message"], answer.events[-2], answer.events[-1]
    assert start["model"] == "claude-sonnet-4-6"
    assert start["id"].startswith("msg_bdrk_01")
    assert start["usage"]["output_tokens"] == 3
    assert delta["usage"] == {
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "input_tokens": 16,
        "output_tokens": 17,
    }
    assert delta["copilot_usage"]["total_nano_aiu"] == 30_300_000
    assert len(delta["copilot_usage"]["token_details"]) == 4
    assert stop["amazon-bedrock-invocationMetrics"] == {
        "firstByteLatency": 850,
        "inputTokenCount": 16,
        "invocationLatency": 1153,
        "outputTokenCount": 17,
    }


async def test_vertex_ends_with_a_stray_done(world: Any) -> None:
    """Which Anthropic clients must never see."""
    answer = await world.messages("[[sim: text=Hello.; backend=vertex]]", stream=True)
    assert answer.body.endswith(b'event: message_stop\ndata: {"type":"message_stop"}\n\ndata: [DONE]\n\n')
    assert answer.events[0]["message"]["id"].startswith("msg_vrtx_01")


async def test_anthropic_pings(world: Any) -> None:
    """A ping inside the first block."""
    answer = await world.messages("[[sim: text=Hello.; backend=anthropic]]", stream=True)
    assert answer.event_names[:3] == ["message_start", "content_block_start", "ping"]


async def test_tool_calls_and_thinking_come_as_blocks(world: Any) -> None:
    """Thinking with its signature, text, then two calls with split arguments."""
    text = '[[sim: text=Checking.; tool=get_weather {"city":"Paris"}; tool=now]]'
    answer = await world.messages(text, stream=True, thinking={"type": "adaptive"})
    starts = [event["content_block"] for event in answer.events if event["type"] == "content_block_start"]
    assert [block["type"] for block in starts] == ["thinking", "text", "tool_use", "tool_use"]
    assert starts[2]["id"].startswith("toolu_bdrk_01")
    arguments = [event["delta"]["partial_json"] for event in answer.events
                 if event.get("delta", {}).get("type") == "input_json_delta" and event["index"] == 2]  # fmt: skip
    assert "".join(arguments) == '{"city":"Paris"}'
    assert answer.events[-2]["delta"]["stop_reason"] == "tool_use"
    whole = (await world.messages(text)).json
    assert [block["type"] for block in whole["content"]] == ["text", "tool_use", "tool_use"]
    assert whole["content"][1]["input"] == {"city": "Paris"}


async def test_newer_models_keep_their_thinking_to_themselves(world: Any) -> None:
    """opus-4.7 omits the text unless asked to summarise it."""
    silent = (await world.messages("hi", "claude-opus-4.7", thinking={"type": "adaptive"})).json["content"][0]
    assert (silent["type"], silent["thinking"]) == ("thinking", "")
    shown = await world.messages(
        "hi", "claude-opus-4.7", thinking={"type": "adaptive", "display": "summarized"}
    )
    assert shown.json["content"][0]["thinking"] == "Weighing the request. Keeping it short."


@pytest.mark.parametrize(
    ("finish", "reason"),
    [("length", "max_tokens"), ("refusal", "refusal"), ("pause_turn", "pause_turn"), ("stop", "end_turn")],
)
async def test_the_stop_reason_can_be_chosen(world: Any, finish: str, reason: str) -> None:
    """A refusal says its category."""
    whole = (await world.messages(f"[[sim: finish={finish}]]")).json
    assert whole["stop_reason"] == reason
    assert whole["stop_details"] == ({"category": "cyber"} if reason == "refusal" else None)


async def test_an_error_may_come_in_mid_stream(world: Any) -> None:
    """As an error event, in Anthropic's form."""
    answer = await world.messages("[[sim: text=Paris; error_after=3]]", stream=True)
    assert answer.body.endswith(
        b'event: error\ndata: {"error":{"message":"Overloaded","type":"overloaded_error"},"type":"error"}\n\n'
    )


async def test_the_token_counter_counts_without_billing(world: Any) -> None:
    """A quarter of the bytes; no max_tokens needed; the same refusals."""
    body = {"model": "claude-sonnet-4.6", "messages": [{"role": "user", "content": "hi"}]}
    answer = await world.post("/v1/messages/count_tokens", body)
    assert (answer.status, answer.body) == (200, b'{"input_tokens":18}')
    assert world.simulator.ledger.requests == 0
    refused = await world.post("/v1/messages/count_tokens", {**body, "fallbacks": []})
    assert refused.body == b'{"message":"fallbacks: Extra inputs are not permitted"}'


async def test_cached_tokens_are_billed_apart(world: Any) -> None:
    """cached and cache_written come out of the prompt."""
    text = "[[sim: text=x; input_tokens=1000; cached=600; cache_written=300; output_tokens=1]]"
    usage = (await world.messages(text)).json["usage"]
    assert (usage["input_tokens"], usage["cache_read_input_tokens"]) == (100, 600)
    assert usage["cache_creation_input_tokens"] == 300
    assert usage["cache_creation"]["ephemeral_5m_input_tokens"] == 300


def image(source: dict[str, str]) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [{"type": "image", "source": source}]}]


EXTRA = ": Extra inputs are not permitted"
TAGS = (
    "'bash_20250124', 'custom', 'memory_20250818', 'text_editor_20250124', 'text_editor_20250429', "
    "'text_editor_20250728', 'tool_search_tool_bm25', 'tool_search_tool_bm25_20251119', "
    "'tool_search_tool_regex', 'tool_search_tool_regex_20251119'"
)
TOOL = {"name": "t", "input_schema": {"type": "object"}}
MARK = {"type": "ephemeral"}

BACKEND: list[tuple[dict[str, Any], str | None, str]] = [
    ({}, "context-1m-2025-08-07",
     "Unexpected value(s) `context-1m-2025-08-07` for the `anthropic-beta` header."),
    ({}, f"{BETA},claude-code-20250219,effort-2025-11-24",
     "Unexpected value(s) `claude-code-20250219`, `effort-2025-11-24` for the `anthropic-beta` header."),
    ({"cache_control": MARK}, None, "cache_control" + EXTRA),
    ({"inference_geo": "eu"}, None, "inference_geo" + EXTRA),
    ({"fallbacks": []}, None, "fallbacks" + EXTRA),
    ({"speed": "fast"}, None, "speed" + EXTRA),
    ({"thread": {"type": "create"}}, None, "thread" + EXTRA),
    ({"context_management": {"edits": []}}, None, "context_management" + EXTRA),
    ({"system": [{"type": "text", "text": "s", "cache_control": {**MARK, "scope": "global"}}]}, None,
     "system.0.cache_control.ephemeral.scope" + EXTRA),
    ({"system": [{"type": "text", "text": "s", "cache_control": {**MARK, "ttl": "1h"}}]}, None,
     "system.0.cache_control.ephemeral.ttl" + EXTRA),
    ({"system": [{"type": "text", "text": "s", "cache_control": MARK}] * 5}, None,
     "A maximum of 4 blocks with cache_control may be provided. Found 5."),
    ({"tools": [{**TOOL, "eager_input_streaming": True}]}, None, "tools.0.custom.eager_input_streaming" + EXTRA),
    ({"tools": [{**TOOL, "defer_loading": True}]}, None, "tools.0.custom.defer_loading" + EXTRA),
    ({"tools": [{**TOOL, "name": "a b"}]}, None,
     "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'"),
    ({"tools": [{"name": "t"}]}, None, "tools.0.custom.input_schema: Field required"),
    ({"tools": [{"type": "code_execution_20250825", "name": "x"}]}, None,
     "tools.0: Input tag 'code_execution_20250825' found using 'type' does not match any of the expected tags: "
     + TAGS),
    ({"max_tokens": 200_000}, None, "The maximum tokens you requested exceeds the model limit of 128000"),
    ({"max_tokens": None}, None, "max_tokens: Field required"),
    ({"messages": [{"role": "user", "content": "a"}, {"role": "system", "content": "b"}]}, None,
     'messages: Unexpected role \\"system\\". The Messages API accepts a top-level `system` parameter, '
     'not \\"system\\" as an input message role.'),
    ({"messages": [{"role": "user", "content": "a", "output_config": {}}]}, None,
     "messages.0.output_config" + EXTRA),
    ({"messages": [{"role": "user", "content": [{"type": "text", "text": " "}]}]}, None,
     "messages: text content blocks must contain non-whitespace text"),
    ({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}, None,
     "This model does not support assistant message prefill. The conversation must end with a user message."),
    ({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": [
        {"type": "thinking", "thinking": "x", "signature": "bad"}]}, {"role": "user", "content": "b"}]}, None,
     "messages.1.content.0: Invalid `signature` in `thinking` block"),
    ({"messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1"}]},
                   {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1"}]}]}, None,
     "messages.1.content.0: unexpected `tool_use_id` found in `tool_result` blocks: t1. Each `tool_result` block "
     "must have a corresponding `tool_use` block in the previous message."),
    ({"thinking": {"type": "enabled", "budget_tokens": 1000}}, None,
     "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"),
    ({"thinking": {"type": "enabled", "budget_tokens": 4096}}, None,
     "`max_tokens` must be greater than `thinking.budget_tokens`."),
    ({"thinking": {"type": "adaptive", "display": "updates"}}, None,
     "thinking.adaptive.display: Input should be 'summarized' or 'omitted'"),
    ({"model": "claude-haiku-4.5", "thinking": {"type": "adaptive"}}, None,
     "adaptive thinking is not supported on this model"),
    ({"model": "claude-opus-4.7", "thinking": {"type": "enabled", "budget_tokens": 2000}}, None,
     '\\"thinking.type.enabled\\" is not supported for this model. Use \\"thinking.type.adaptive\\" and '
     '\\"output_config.effort\\" to control thinking behavior.'),
]  # fmt: skip


@pytest.mark.parametrize(("change", "beta", "message"), BACKEND)
async def test_the_backend_refuses_in_its_own_shape(
    world: Any, change: dict[str, Any], beta: str | None, message: str
) -> None:
    """Bedrock: a bare message, labelled as text."""
    answer = await world.messages(beta=beta, **change)
    assert answer.refusal == (400, TEXT, b'{"message":"' + message.encode() + b'"}')


GATE: list[tuple[dict[str, Any], bytes]] = [
    ({"messages": image({"type": "url", "url": "https://example.com/a.png"})},
     b'{"error":{"message":"external image URLs are not supported","code":""}}'),
    ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
     b'{"error":{"message":"The use of the web search tool is not supported.","code":"unsupported_value"}}'),
    ({"tools": [{"type": "web_fetch_20250910", "name": "web_fetch"}]},
     b'{"error":{"message":"rejected tool(s): web_fetch","code":"invalid_request_body"}}'),
    ({"output_config": {"effort": "xhigh"}},
     b'{"error":{"message":"output_config.effort \\"xhigh\\" is not supported by model claude-sonnet-4.6; '
     b'supported values: [low medium high max]","code":"invalid_reasoning_effort"}}'),
    ({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": [
        {"type": "tool_use", "id": "toolu_1", "name": "t", "input": {}}]}, {"role": "user", "content": "b"}]},
     b'{"error":{"message":"messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: '
     b'toolu_1. Each `tool_use` block must have a corresponding `tool_result` block in the next message.",'
     b'"code":"invalid_request_body"}}'),
    ({"model": "gpt-4.1"},
     b'{"error":{"message":"model \\"gpt-4.1\\" is not accessible via the /v1/messages endpoint",'
     b'"code":"unsupported_api_for_model"}}'),
]  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), GATE)
async def test_the_gate_refuses_in_its_own_shape(world: Any, change: dict[str, Any], expected: bytes) -> None:
    """An error object with a code, labelled as text."""
    body = {"model": "claude-sonnet-4.6", "max_tokens": 4096, "messages": [{"role": "user", "content": "hi"}]}
    answer = await world.post("/v1/messages", {**body, **change}, copilot_vision_request="true")
    assert answer.refusal == (400, TEXT, expected)


async def test_the_same_mistake_has_three_shapes(world: Any) -> None:
    """Anthropic wraps it and calls it JSON; Vertex is as bare as Bedrock."""
    direct = await world.messages("[[sim: text=x; backend=anthropic]]", fallbacks=[])
    assert direct.refusal == (
        400,
        "application/json",
        b'{"type":"error","error":{"type":"invalid_request_error",'
        b'"message":"fallbacks: Extra inputs are not permitted"},"request_id":"req_011CSIMULATORSIMULATORS"}',
    )
    vertex = await world.messages("[[sim: text=x; backend=vertex]]", fallbacks=[])
    assert vertex.body == b'{"message":"fallbacks: Extra inputs are not permitted"}'


async def test_vertex_has_no_strict_tools_nor_formats(world: Any) -> None:
    """What passes on Bedrock trips on Vertex."""
    for change in (
        {"tools": [{**TOOL, "strict": True}]},
        {"output_config": {"format": {"type": "json_schema"}}},
    ):
        assert (await world.messages(**change)).status == 200
        refused = await world.messages("[[sim: text=x; backend=vertex]]", **change)
        assert b"FAILED_PRECONDITION" in refused.body


async def test_a_prompt_over_the_limit_is_told_in_numbers(world: Any) -> None:
    """Clients parse both."""
    answer = await world.messages("x" * 700_000)
    assert answer.refusal == (
        400,
        "application/json",
        b'{"type":"error","error":{"type":"invalid_request_error",'
        b'"message":"prompt is too long: 175022 tokens > 168000 maximum"},'
        b'"request_id":"req_011CSIMULATORSIMULATORS"}',
    )


async def test_accepted_betas_open_their_features(world: Any) -> None:
    """Context editing, deferred tools, one-hour caching, compaction."""
    accepted: list[tuple[str, dict[str, Any]]] = [
        (BETA, {"context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]}}),
        ("advanced-tool-use-2025-11-20", {"tools": [{**TOOL, "defer_loading": True}]}),
        ("extended-cache-ttl-2025-04-11",
         {"system": [{"type": "text", "text": "s", "cache_control": {**MARK, "ttl": "1h"}}]}),
        (f"{BETA},compact-2026-01-12", {"context_management": {"edits": [{"type": "compact_20260112"}]}}),
        ("computer-use-2025-11-24", {"tools": [{"type": "computer_20251124", "name": "computer"}]}),
        ("interleaved-thinking-2025-05-14", {"thinking": {"type": "enabled", "budget_tokens": 2000}}),
    ]  # fmt: skip
    for beta, change in accepted:
        answer = await world.messages(beta=beta, **change)
        assert (answer.status, answer.body if answer.status != 200 else b"") == (200, b"")
    unknown = await world.messages(beta=BETA, context_management={"edits": [{"type": "compact_20260112"}]})
    assert b"Input tag 'compact_20260112'" in unknown.body


async def test_newer_models_take_inline_system_turns(world: Any) -> None:
    """opus-4.8 and up, sonnet-5."""
    turns = [{"role": "user", "content": "a"}, {"role": "system", "content": "b"}]
    for model in ("claude-opus-4.8", "claude-opus-5", "claude-sonnet-5"):
        assert (await world.messages(model=model, messages=turns)).status == 200


async def test_thinking_blocks_replay_byte_for_byte(world: Any) -> None:
    """Exact: yes. Blanked text: yes. Another text: no."""
    text = "[[sim: thinking=yes; quirk=redacted; tool=f {} || text=done]]"
    content = (await world.messages(text)).json["content"]
    assert [block["type"] for block in content] == ["thinking", "redacted_thinking", "tool_use"]
    result = {"type": "tool_result", "tool_use_id": content[2]["id"], "content": "ok"}

    async def replay(**change: str) -> Any:
        turns = [
            {"role": "user", "content": text},
            {"role": "assistant", "content": [{**content[0], **change}, *content[1:]]},
            {"role": "user", "content": [result]},
        ]
        return await world.messages(messages=turns)

    assert (await replay()).json["content"][0]["text"] == "done"
    assert (await replay(thinking="")).status == 200
    wrong = await replay(thinking="other")
    assert wrong.body == b'{"message":"messages.1.content.0: Invalid `signature` in `thinking` block"}'


async def test_images_in_tool_results_need_the_vision_header(world: Any) -> None:
    """However deep they sit."""
    inner = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}}
    turns = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "f", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": [inner]}]},
    ]
    refused = await world.messages(messages=turns)
    assert (
        refused.json["error"]["message"]
        == "missing required Copilot-Vision-Request header for vision requests"
    )
    body = {"model": "claude-sonnet-4.6", "max_tokens": 100, "messages": turns}
    assert (await world.post("/v1/messages", body, copilot_vision_request="true")).status == 200


async def test_backends_follow_the_measured_shares(world: Any) -> None:
    """opus-4.8 is never Vertex, sonnet-4.5 always."""
    models = world.simulator.catalogue.by_id
    seeds = [bytes([number]) * 8 for number in range(100)]
    assert {models["claude-opus-4.8"].backend_of(seed) for seed in seeds} == {"anthropic", "bedrock"}
    assert {models["claude-sonnet-4.5"].backend_of(seed) for seed in seeds} == {"vertex"}
    assert len({models["claude-opus-4.7"].backend_of(seed) for seed in seeds}) == 3


HISTORY: list[tuple[list[dict[str, Any]], str]] = [
    ([], "messages: at least one message is required"),
    ([{"role": "robot", "content": "a"}], 'messages: Unexpected role \\"robot\\".'),
    ([{"role": "user", "content": ""}], "messages.0: all messages must have non-empty content"),
    ([{"role": "user", "content": "a"}, {"role": "assistant", "content": [
        {"type": "redacted_thinking", "data": "x"}]}, {"role": "user", "content": "b"}],
     "messages.1.content.0: Invalid `data` in `redacted_thinking` block"),
    ([{"role": "user", "content": "a"}, {"role": "assistant", "content": [
        {"type": "tool_use", "id": "a.b", "name": "f", "input": {}}]}],
     "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'"),
    ([{"role": "user", "content": "a"}, {"role": "assistant", "content": [
        {"type": "thinking", "thinking": "", "signature": "", "cache_control": MARK}]}],
     "messages.1.content.0.thinking.cache_control: Extra inputs are not permitted"),
]  # fmt: skip


@pytest.mark.parametrize(("turns", "message"), HISTORY)
async def test_odd_histories_are_refused(world: Any, turns: list[dict[str, Any]], message: str) -> None:
    """Roles, emptiness, ids, foreign blobs."""
    answer = await world.messages(messages=turns)
    assert answer.refusal == (400, TEXT, b'{"message":"' + message.encode() + b'"}')


async def test_older_models_take_a_prefill_without_trailing_space(world: Any) -> None:
    """sonnet-4.5 continues what the client began."""
    for text, status in (("So", 200), ("So ", 400)):
        turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": text}]
        assert (await world.messages(model="claude-sonnet-4.5", messages=turns)).status == status


async def test_a_deferred_tool_carries_no_cache_mark(world: Any) -> None:
    """Contract §6.1."""
    tool = {**TOOL, "defer_loading": True, "cache_control": MARK}
    answer = await world.messages(beta="advanced-tool-use-2025-11-20", tools=[tool])
    assert answer.body == (
        b'{"message":"tools.0.custom.cache_control: cache_control is not allowed on a tool with defer_loading"}'
    )
