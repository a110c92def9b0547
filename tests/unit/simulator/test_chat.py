"""Contract §12 row 6: /chat/completions in its three dialects, and what it refuses."""

from typing import Any

import pytest

TEXT = "text/plain; charset=utf-8"


def deltas(answer: Any) -> list[tuple[int, dict[str, Any], Any]]:
    """Choice index, delta and finish reason of every choice in a stream."""
    return [
        (choice["index"], choice["delta"], choice.get("finish_reason"))
        for event in answer.events
        for choice in event["choices"]
    ]


async def test_azure_opens_with_prompt_filter_results(world: Any) -> None:
    """A comment, then a chunk of nothing but filter results; usage comes last on an empty chunk."""
    answer = await world.chat("[[sim: text=Hello; output_tokens=4; input_tokens=21]]", stream=True)
    assert answer.body.startswith(b": keepalive\n\ndata: {")
    assert answer.body.endswith(b"\n\ndata: [DONE]\n\n")
    first, last = answer.events[0], answer.events[-1]
    assert (first["choices"], first["id"], first["model"], first["created"]) == ([], "", "", 0)
    assert first["prompt_filter_results"][0]["prompt_index"] == 0
    assert last["choices"] == []
    assert last["usage"] == {
        "completion_tokens": 4,
        "completion_tokens_details": {"accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0},
        "prompt_tokens": 21,
        "prompt_tokens_details": {"cached_tokens": 0},
        "total_tokens": 25,
    }
    assert [delta.get("content") for _, delta, _ in deltas(answer)] == ["", "Hello", None]


async def test_other_vendors_put_usage_on_the_finish_chunk(world: Any) -> None:
    """The same protocol, another place."""
    answer = await world.chat("[[sim: text=Hello]]", "gpt-5.1", stream=True)
    assert answer.events[-1]["choices"][0]["finish_reason"] == "stop"
    assert answer.events[-1]["usage"]["completion_tokens"] == 2
    assert answer.events[-1]["copilot_usage"]["total_nano_aiu"] > 0


async def test_claude_splits_text_and_calls_over_two_choices(world: Any) -> None:
    """In the stream and in the whole body."""
    text = '[[sim: text="I will look."; tool=get_weather {"city":"Paris"}]]'
    answer = await world.chat(text, "claude-sonnet-4.6", stream=True)
    shown = deltas(answer)
    assert [index for index, _, _ in shown] == [0, 1, 1, 1, 0, 1]
    assert [finish for _, _, finish in shown] == [None, None, None, None, "tool_calls", "tool_calls"]
    arguments = "".join(
        call["function"]["arguments"] for _, delta, _ in shown for call in delta.get("tool_calls", [])
    )
    assert arguments == '{"city":"Paris"}'
    whole = (await world.chat(text, "claude-sonnet-4.6")).json
    assert [choice["message"]["content"] for choice in whole["choices"]] == ["I will look.", None]
    assert whole["choices"][1]["message"]["tool_calls"][0]["id"].startswith("toolu_bdrk_01")
    assert "object" not in whole


async def test_gemini_sends_usage_on_every_chunk_and_one_opaque(world: Any) -> None:
    """Zeros until the last chunk, which holds the last call and the finish."""
    text = '[[sim: tool=read {"path":"a"}; tool=read {"path":"b"}]]'
    answer = await world.chat(text, "gemini-3.1-pro-preview", stream=True)
    assert [event["usage"]["total_tokens"] > 0 for event in answer.events] == [False, False, True]
    assert "object" not in answer.events[0]
    assert "finish_reason" not in answer.events[0]["choices"][0]
    shown = deltas(answer)
    assert "reasoning_text" in shown[0][1]
    assert ["reasoning_opaque" in delta for _, delta, _ in shown] == [False, True, False]
    assert (shown[2][1]["tool_calls"][0]["index"], shown[2][2]) == (1, "tool_calls")


@pytest.mark.parametrize(
    ("quirk", "expected"),
    [
        ("no_done", b"[DONE]"),
        ("no_usage", b'"completion_tokens"'),
        ("no_first_chunk", b"prompt_filter_results"),
    ],
)
async def test_parts_of_a_stream_can_be_missing(world: Any, quirk: str, expected: bytes) -> None:
    """Each quirk takes one thing away."""
    plain = await world.chat("[[sim: text=Hi]]", stream=True)
    quirky = await world.chat(f"[[sim: text=Hi; quirk={quirk}]]", stream=True)
    assert expected in plain.body
    assert expected not in quirky.body


async def test_stop_may_come_with_tool_calls(world: Any) -> None:
    """Upstream's own confusion, on request."""
    answer = await world.chat("[[sim: tool=f {}; quirk=stop_with_tools]]")
    assert answer.json["choices"][0]["finish_reason"] == "stop"
    assert answer.json["choices"][0]["message"]["tool_calls"][0]["function"] == {
        "arguments": "{}",
        "name": "f",
    }


@pytest.mark.parametrize("finish", ["length", "content_filter"])
@pytest.mark.parametrize("model", ["gpt-4.1", "claude-sonnet-4.6", "gemini-2.5-pro"])
async def test_the_finish_reason_can_be_chosen(world: Any, finish: str, model: str) -> None:
    """In all three dialects, streamed and whole."""
    text = f"[[sim: text=cut; finish={finish}]]"
    assert (await world.chat(text, model)).json["choices"][0]["finish_reason"] == finish
    assert deltas(await world.chat(text, model, stream=True))[-1][2] == finish


@pytest.mark.parametrize("model", ["gpt-4.1", "claude-sonnet-4.6", "gemini-2.5-pro"])
async def test_an_error_may_come_in_mid_stream(world: Any, model: str) -> None:
    """The error is the last thing said."""
    answer = await world.chat("[[sim: text=Half an answer; chunks=5; error_after=3]]", model, stream=True)
    assert answer.events[-1] == {"error": {"code": "model_overloaded", "message": "The model is overloaded."}}
    assert b"[DONE]" not in answer.body


async def test_broken_arguments_are_passed_as_written(world: Any) -> None:
    """Malformed, empty and endless arguments."""
    broken = await world.chat('[[sim: tool=f `{"a":`]]')
    assert broken.json["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"] == '{"a":'
    empty = await world.chat("[[sim: tool=f ``]]")
    assert empty.json["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"] == ""
    endless = await world.chat("[[sim: tool=f {}; quirk=whitespace_args]]", stream=True)
    assert endless.body.count(rb"\r\n\t\r\n\t") > 100


def refusal(message: str, code: str) -> tuple[int, str, bytes]:
    body = '{"error":{"message":' + '"' + message.replace('"', '\\"') + '","code":"' + code + '"}}'
    return 400, TEXT, body.encode()


REFUSED: list[tuple[dict[str, Any], tuple[int, str, bytes]]] = [
    ({"model": "gpt-5.3-codex"}, refusal(
        'model "gpt-5.3-codex" is not accessible via the /chat/completions endpoint', "unsupported_api_for_model")),
    ({"model": "claude-sonnet-4.5", "reasoning_effort": "high"}, refusal(
        'reasoning_effort "high" was provided, but model claude-sonnet-4.5 does not support reasoning effort',
        "invalid_reasoning_effort")),
    ({"model": "gpt-5-mini", "reasoning_effort": "max"}, refusal(
        'reasoning_effort "max" is not supported by model gpt-5-mini; supported values: [low medium high]',
        "invalid_reasoning_effort")),
    ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "data:x"}]}]}, refusal(
        "invalid request body, failed to validate schema: (1) Reason: got array, want string, "
        "Location: /properties/messages/items/properties/content/oneOf/0/type.", "invalid_request_body")),
    ({"messages": []}, refusal(
        "invalid request body, failed to validate schema: (1) Reason: missing properties: 'messages', "
        "Location: /required.", "invalid_request_body")),
    ({"prediction": {"type": "content", "content": ""}}, refusal(
        "prediction content must not be empty", "invalid_request_body")),
    ({"messages": [{"role": "user", "content": "x" * 520_000}]}, refusal(
        "prompt token count of 130015 exceeds the limit of 128000", "model_max_prompt_tokens_exceeded")),
    ({"model": "claude-sonnet-4.6", "messages": [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "toolu_x", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "user", "content": "b"}]}, refusal(
        "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_x. "
        "Each `tool_use` block must have a corresponding `tool_result` block in the next message.",
        "invalid_request_body")),
    ({"model": "claude-sonnet-4.6", "messages": [
        {"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "reasoning_text": "hm"},
        {"role": "user", "content": "c"}]}, refusal(
        "messages.1.content.0: Invalid signature in thinking block", "invalid_request_body")),
]  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), REFUSED)
async def test_chat_refuses_what_copilot_refuses(
    world: Any, change: dict[str, Any], expected: tuple[int, str, bytes]
) -> None:
    """Status, content type and every byte."""
    body = {"model": "gpt-4.1", "messages": [{"role": "user", "content": "hi"}], **change}
    answer = await world.post("/chat/completions", body, copilot_vision_request="true")
    assert answer.refusal == expected


async def test_chat_refuses_service_tier_bad_names_and_too_many_tools(world: Any) -> None:
    """Three more 400s, by code."""
    tool = {"type": "function", "function": {"name": "ok", "parameters": {}}}
    tier = await world.chat("hi", service_tier="auto")
    assert tier.body == (
        b'{"error":{"message":"service_tier is not supported","code":"unsupported_value","param":"service_tier"}}'
    )
    named = await world.chat("hi", tools=[{"type": "function", "function": {"name": "a.b"}}])
    assert named.json["error"]["code"] == "invalid_request_body"
    many = await world.chat("hi", tools=[tool] * 129)
    assert many.json["error"]["message"].endswith("but got an array with length 129 instead.")
    assert (await world.chat("hi", tools=[tool] * 128)).status == 200


async def test_images_need_the_vision_header(world: Any) -> None:
    """In the body without the header: 400."""
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    body = {"model": "gpt-4.1", "messages": [{"role": "user", "content": [image]}]}
    refused = await world.post("/chat/completions", body)
    assert refused.refusal == refusal(
        "missing required Copilot-Vision-Request header for vision requests", "invalid_request_body"
    )
    assert (await world.post("/chat/completions", body, copilot_vision_request="true")).status == 200


async def test_bad_json_and_unknown_models_are_refused(world: Any) -> None:
    """Before anything else is looked at."""
    assert (await world.post("/chat/completions", b"{")).refusal == refusal(
        "invalid request body", "invalid_request_body"
    )
    assert (await world.chat("hi", "gpt-9")).json["error"]["code"] == "model_not_supported"


@pytest.mark.parametrize("model", ["claude-sonnet-4.6", "gemini-3.1-pro-preview"])
async def test_reasoning_opaque_must_come_back_unchanged(world: Any, model: str) -> None:
    """Exact: accepted. One character changed: refused."""
    text = "[[sim: thinking=yes; tool=f {} || text=done]]"
    message = (await world.chat(text, model, reasoning_effort="low")).json["choices"]
    merged: dict[str, Any] = {"role": "assistant", "content": None}
    for choice in message:
        merged.update({name: value for name, value in choice["message"].items() if value is not None})
    result = {"role": "tool", "tool_call_id": merged["tool_calls"][0]["id"], "content": "ok"}
    history = [{"role": "user", "content": text}, merged, result]
    good = await world.post("/chat/completions", {"model": model, "messages": history})
    assert good.json["choices"][0]["message"]["content"] == "done"
    opaque = merged["reasoning_opaque"]
    merged["reasoning_opaque"] = ("A" if opaque[40] != "A" else "B").join((opaque[:40], opaque[41:]))
    bad = await world.post("/chat/completions", {"model": model, "messages": history})
    assert bad.json["error"]["message"] == "messages.1.content.0: Invalid signature in thinking block"
    merged["reasoning_opaque"] = opaque + opaque
    assert (await world.post("/chat/completions", {"model": model, "messages": history})).status == 200


async def test_gemini_3_calls_need_their_signature_in_the_running_turn(world: Any) -> None:
    """Lost reasoning_opaque breaks thought signatures; older turns are forgiven."""
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    history: list[dict[str, Any]] = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "ok"},
    ]
    model = "gemini-3.1-pro-preview"
    refused = await world.post("/chat/completions", {"model": model, "messages": history})
    assert refused.json["error"]["message"] == (
        "Function call is missing a thought_signature in functionCall parts."
    )
    history += [{"role": "assistant", "content": "fine"}, {"role": "user", "content": "more"}]
    assert (await world.post("/chat/completions", {"model": model, "messages": history})).status == 200


async def test_annotations_refusals_and_empty_answers(world: Any) -> None:
    """Rarer things a chat answer may hold."""
    cited = await world.chat("[[sim: text=x; quirk=annotations]]", stream=True)
    assert b'"copilot_annotations":{"IPCodeCitations":[{"citations"' in cited.body
    for stream in (False, True):
        refused = await world.chat("[[sim: finish=refusal]]", stream=stream)
        assert b'"refusal":"I cannot help with that."' in refused.body
        assert b'"finish_reason":"content_filter"' in refused.body
    empty = await world.chat("[[sim: quirk=empty]]")
    assert empty.json["choices"][0]["message"]["content"] is None


async def test_geminis_opaque_can_come_elsewhere_or_not_at_all(world: Any) -> None:
    """First text chunk, last text chunk, alone with a call, nowhere."""

    async def places(directive: str) -> list[bool]:
        answer = await world.chat(f"[[sim: {directive}]]", "gemini-3.1-pro-preview", stream=True)
        return ["reasoning_opaque" in delta for _, delta, _ in deltas(answer)]

    assert await places("text=abcd; chunks=2") == [False, False, True]
    assert await places("text=abcd; chunks=2; quirk=opaque_first") == [False, True, False]
    assert await places("tool=f {}; quirk=opaque_no_text") == [True]
    assert await places("text=abcd; chunks=2; quirk=no_opaque") == [False, False, False]


async def test_claude_thinks_aloud_on_chat(world: Any) -> None:
    """reasoning_text, then the opaque, then text; whole bodies hold both."""
    answer = await world.chat("[[sim: text=x]]", "claude-sonnet-4.6", stream=True, reasoning_effort="low")
    keys = [sorted(delta) for _, delta, _ in deltas(answer)]
    assert keys[:3] == [["content", "reasoning_text", "role"], ["content", "reasoning_opaque"], ["content"]]
    one = await world.chat("[[sim: text=x; tool=f {}; quirk=no_split]]", "claude-sonnet-4.6")
    assert len(one.json["choices"]) == 1
