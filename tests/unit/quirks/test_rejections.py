"""What a classified refusal leads to, by route; the words are those of the recordings where there is one."""

import json

import pytest

from copilot_api.copilot.quirks import QuirkContext, on_rejection
from copilot_api.copilot.rejections import classify
from copilot_api.wire.body import Body
from unit.quirks.bodies import CODEX, GPT, OPUS_5, SONNET, fault, fault_of, mended

ASK = {"role": "user", "content": "Hi"}
UNTOUCHED = fault("The requested model is not supported.", "model_not_supported")


def base(**fields: object) -> dict[str, object]:
    return {"model": "m", "messages": [ASK], **fields}


@pytest.mark.parametrize("route", ["chat", "responses", "messages", "embeddings", "gemini"])
def test_an_unrelated_refusal_changes_nothing(route: str) -> None:
    """No field is found, so there is nothing to try."""
    document = base(input=[ASK], max_tokens=1, reasoning={"effort": "low"}, tools=[{"name": "a"}])
    assert mended(route, document, SONNET, UNTOUCHED) == (document, [])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, b'{"error":{"message":"stream: Extra inputs are not permitted"}}'),
        (401, b"metadata: Extra inputs are not permitted"),
        (422, b"metadata: Extra inputs are not permitted"),
        (400, b"prompt is too long: 3 tokens > 2 maximum; metadata: Extra inputs are not permitted"),
    ],
)
def test_only_refusals_of_the_request_are_mended(status: int, body: bytes) -> None:
    """Limits, credentials and overflow stay what they are."""
    refused = classify(status, {}, body)
    assert mended("messages", base(metadata={}), SONNET, refused) == (base(metadata={}), [])


def test_an_extra_input_is_dropped_at_its_path_and_its_siblings() -> None:
    """Fixture 400-eager-input-streaming; there is one retry, and validators stop at the first."""
    tools = [{"name": "a", "eager_input_streaming": True}, {"name": "b", "eager_input_streaming": True}]
    after, names = mended("messages", base(tools=tools), SONNET, fault_of("400-eager-input-streaming"))
    assert (after, names) == (base(tools=[{"name": "a"}, {"name": "b"}]), ["extra-inputs"])


def test_an_extra_input_deep_inside_is_found_past_union_tags() -> None:
    """Fixture 400-extra-inputs-anthropic: `system.0.cache_control.ephemeral.scope`."""
    system = [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral", "scope": "g"}}]
    after, _ = mended("messages", base(system=system), SONNET, fault_of("400-extra-inputs-anthropic"))
    assert after["system"] == [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}]
    turn = {"role": "user", "content": [{"type": "text", "text": "s", "note": 1}]}
    words = fault("messages.0.content.0.text.note: Extra inputs are not permitted")
    after, _ = mended("messages", base(messages=[turn]), SONNET, words)
    assert after["messages"] == [{"role": "user", "content": [{"type": "text", "text": "s"}]}]


def test_a_root_field_is_dropped_unless_it_is_the_request_itself() -> None:
    """Fixtures 400-extra-inputs-bedrock, 400-context-management-no-beta."""
    assert (
        mended("messages", base(cache_control={}), SONNET, fault_of("400-extra-inputs-bedrock"))[0] == base()
    )
    document = base(context_management={"edits": []})
    assert mended("messages", document, SONNET, fault_of("400-context-management-no-beta"))[0] == base()
    for field in ("messages", "nothing", "messages.0.nothing", "model.0.x", "messages.0.role.x"):
        words = fault(f"{field}: Extra inputs are not permitted")
        assert mended("messages", base(), SONNET, words) == (base(), [])


def test_refused_betas_take_their_fields_along() -> None:
    """Fixture 400-anthropic-beta-vertex and contract 6.2."""

    def retry(words: str, header: str, **fields: object) -> tuple[dict[str, object], list[str]]:
        body = Body(json.dumps(base(**fields)).encode())
        context = QuirkContext(model=SONNET, headers={"anthropic-beta": header})
        names = on_rejection("messages", body, context, fault(words))
        return json.loads(body.encode()), names

    words = "Unexpected value(s) `{}` for the `anthropic-beta` header."
    assert retry(words.format("advanced-tool-use-2025-11-20"), "advanced-tool-use-2025-11-20") == (
        base(),
        ["refused-betas"],
    )
    assert retry(words.format("context-management-2025-06-27"), "", context_management={}) == (
        base(),
        ["refused-betas"],
    )
    mark = {"type": "ephemeral", "ttl": "1h"}
    assert retry(
        words.format("extended-cache-ttl-2025-04-11"), "", system=[{"text": "s", "cache_control": mark}]
    ) == (
        base(system=[{"text": "s", "cache_control": {"type": "ephemeral"}}]),
        ["refused-betas"],
    )
    assert retry(words.format("context-1m-2025-08-07"), "context-1m-2025-08-07") == (base(), [])


def test_inline_system_turns_are_folded_for_a_model_that_refuses_them() -> None:
    """Fixture 400-inline-system, for a model that the table does not know."""
    document = base(messages=[ASK, {"role": "system", "content": "n"}])
    after, names = mended("messages", document, OPUS_5, fault_of("400-inline-system"))
    folded = [
        {"type": "text", "text": "Hi"},
        {"type": "text", "text": "<system-reminder>\nn\n</system-reminder>"},
    ]
    assert (after, names) == (base(messages=[{"role": "user", "content": folded}]), ["inline-system"])
    assert mended("messages", base(), OPUS_5, fault_of("400-inline-system")) == (base(), [])


def test_a_refused_effort_is_replaced_by_a_listed_one() -> None:
    """Fixtures 400-reasoning-effort-*, on each route's own field."""
    words = fault_of("400-reasoning-effort-messages")
    after, names = mended("messages", base(output_config={"effort": "xhigh", "format": {}}), SONNET, words)
    assert (after, names) == (base(output_config={"effort": "high", "format": {}}), ["effort"])
    after, _ = mended("responses", {"reasoning": {"effort": "xhigh", "summary": "auto"}}, CODEX, words)
    assert after == {"reasoning": {"effort": "high", "summary": "auto"}}
    after, _ = mended("chat", base(reasoning_effort="high"), GPT, fault_of("400-reasoning-effort-chat"))
    assert after == base()
    published = fault(
        "Unsupported value: 'xhigh' is not supported with the 'm' model. Supported values are: 'low', "
        "'medium', and 'high'. (reasoning.effort)"
    )
    assert mended("responses", {"reasoning": {"effort": "xhigh"}}, CODEX, published)[0] == {
        "reasoning": {"effort": "high"}
    }
    unlisted = fault("effort is not supported", "invalid_reasoning_effort")
    assert mended("messages", base(output_config={"effort": "low"}), SONNET, unlisted)[0] == base()
    for document in (base(output_config=5), base(), base(output_config={"format": {}})):
        assert mended("messages", document, SONNET, unlisted) == (document, [])


def test_thinking_whose_signature_fails_is_dropped() -> None:
    """Fixture 400-thinking-signature; in manual mode a bare tool call then means no thinking at all."""
    thought = {"type": "thinking", "thinking": "t", "signature": "s"}
    call = {"type": "tool_use", "id": "t", "name": "n", "input": {}}
    history = [
        {"role": "assistant", "content": [thought, call]},
        {"role": "assistant", "content": [{"type": "redacted_thinking", "data": "d"}]},
        {"role": "user", "content": "thinking"},
        {"role": "user", "content": [{"type": "text", "text": "thinking"}]},
    ]
    kept = [{"role": "assistant", "content": [call]}, *history[2:]]
    words = fault_of("400-thinking-signature")
    manual = {"type": "enabled", "budget_tokens": 1024}
    clear = {"edits": [{"type": "clear_thinking_20251015"}]}
    after, names = mended(
        "messages", base(messages=history, thinking=manual, context_management=clear), SONNET, words
    )
    assert (after, names) == (base(messages=kept), ["thinking-signature"])
    adaptive = {"type": "adaptive"}
    after, _ = mended("messages", base(messages=history, thinking=adaptive), SONNET, words)
    assert after == base(messages=kept, thinking=adaptive)
    assert mended("messages", base(), SONNET, words) == (base(), [])


def test_manual_thinking_becomes_adaptive_where_it_is_refused() -> None:
    """Contract 6.4, for a model that the table does not know."""
    words = fault('"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive".')
    document = base(thinking={"type": "enabled", "budget_tokens": 2048})
    after, names = mended("messages", document, OPUS_5, words)
    assert names == ["manual-thinking"]
    assert after == base(
        thinking={"type": "adaptive", "display": "summarized"}, output_config={"effort": "low"}
    )


def test_a_refused_prefill_is_followed_by_a_request_to_continue() -> None:
    """User reports, theme 8; what the official editor does (contract 6.1)."""
    words = fault(
        "This model does not support assistant message prefill. The conversation must end with a user message."
    )
    document = base(messages=[ASK, {"role": "assistant", "content": "{"}])
    after, names = mended("messages", document, SONNET, words)
    assert names == ["prefill"]
    assert after["messages"] == [*document["messages"], {"role": "user", "content": "Please continue."}]  # type: ignore[misc]
    assert mended("messages", base(), SONNET, words) == (base(), [])


def test_the_attribution_block_goes_where_it_is_refused() -> None:
    """User reports, theme 8: `x-anthropic-billing-header is a reserved keyword`."""
    words = fault(
        "x-anthropic-billing-header is a reserved keyword and may not be used in the system prompt."
    )
    block = {"type": "text", "text": "x-anthropic-billing-header: cc_version=2.1.330;"}
    rest = {"type": "text", "text": "You are… no x-anthropic-billing-header here"}
    assert mended("messages", base(system=[block, rest]), SONNET, words) == (
        base(system=[rest]),
        ["attribution"],
    )
    text = "x-anthropic-billing-header: a;\nYou are"
    assert mended("messages", base(system=text), SONNET, words)[0] == base(system="You are")
    assert mended("messages", base(system="x-anthropic-billing-header: a;"), SONNET, words)[0] == base()
    assert mended("messages", base(system="You are"), SONNET, words) == (base(system="You are"), [])


def test_strictness_goes_where_policy_refuses_it() -> None:
    """Contract 6.6, 10: Vertex answers FAILED_PRECONDITION."""
    words = fault("structured outputs are disabled", "FAILED_PRECONDITION")
    document = base(
        tools=[{"name": "a", "strict": True}, {"name": "b"}], output_config={"format": {}, "effort": "low"}
    )
    after, names = mended("messages", document, SONNET, words)
    assert (after, names) == (
        base(tools=[{"name": "a"}, {"name": "b"}], output_config={"effort": "low"}),
        ["strict"],
    )
    assert mended("messages", base(output_config={"format": {}}), SONNET, words)[0] == base()
    quoted = base(tools=[{"name": "a", "input_schema": {"properties": {"strict": {}}}}])
    assert mended("messages", quoted, SONNET, words) == (quoted, [])


def test_a_refused_ttl_is_dropped() -> None:
    """Contract 10: `ttl` pairs with its beta, else it goes."""
    words = fault("cache_control.ttl is not supported")
    mark = {"type": "ephemeral", "ttl": "1h"}
    marked = base(
        system=[{"text": "s", "cache_control": mark}, {"text": "t", "cache_control": {"type": "ephemeral"}}]
    )
    after, names = mended("messages", marked, SONNET, words)
    assert names == ["cache-ttl"]
    null = base(system=[{"text": "s", "cache_control": None}])
    assert mended("messages", null, SONNET, words) == (null, [])
    assert after["system"] == [{"text": text, "cache_control": {"type": "ephemeral"}} for text in "st"]
    assert mended("messages", base(), SONNET, words) == (base(), [])


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens", "max_output_tokens"])
def test_a_limit_that_a_refusal_names_is_kept(name: str) -> None:
    """Fixture 400-max-tokens."""
    words = fault_of("400-max-tokens")
    assert mended("chat", base(**{name: 200000}), GPT, words) == (base(**{name: 128000}), ["max-tokens"])
    assert mended("chat", base(**{name: 5}), GPT, words) == (base(**{name: 5}), [])


def test_refused_parameters_without_content_are_dropped() -> None:
    """The published error form names the parameter; what carries content stays."""
    words = fault(
        "Unsupported parameter: 'temperature' is not supported with this model.", "unsupported_parameter"
    )
    assert mended("responses", {"input": "x", "temperature": 0}, CODEX, words) == (
        {"input": "x"},
        ["parameters"],
    )
    item = {"type": "message", "role": "user", "content": "x", "passthrough": 1}
    words = fault("Unknown parameter: 'input[0].passthrough'.", "unknown_parameter")
    after, _ = mended("responses", {"input": [item]}, CODEX, words)
    assert after == {"input": [{"type": "message", "role": "user", "content": "x"}]}
    by_param = classify(400, {}, b'{"error":{"message":"no","code":"unsupported_parameter","param":"seed"}}')
    assert mended("chat", base(seed=1), GPT, by_param) == (base(), ["parameters"])
    words = fault("Unsupported parameter: 'tools'")
    assert mended("chat", base(tools=[]), GPT, words) == (base(tools=[]), [])


def test_the_output_limit_is_sent_under_the_name_that_is_taken() -> None:
    """The published error form; either name may be the wrong one."""
    words = fault(
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens'."
    )
    assert mended("chat", base(max_tokens=5), GPT, words) == (
        base(max_completion_tokens=5),
        ["max-tokens-name"],
    )
    after, _ = mended("chat", base(max_tokens=5, max_completion_tokens=6), GPT, words)
    assert after == base(max_completion_tokens=6)


def test_chat_reasoning_that_does_not_verify_is_dropped() -> None:
    """Contract 4.3: `Invalid signature in thinking block` on the chat route."""
    turn = {"role": "assistant", "content": "x", "reasoning_text": "t", "reasoning_opaque": "o"}
    after, names = mended("chat", base(messages=[turn, ASK]), GPT, fault_of("400-thinking-signature"))
    assert (after, names) == (
        base(messages=[{"role": "assistant", "content": "x"}, ASK]),
        ["reasoning-proof"],
    )
    quoted = base(
        messages=[{"role": "user", "content": "reasoning_text"}, {"content": [{"reasoning_text": 1}]}]
    )
    assert mended("chat", quoted, GPT, fault_of("400-thinking-signature")) == (quoted, [])


def test_a_required_tool_choice_is_loosened_where_it_is_refused() -> None:
    """Contract 4.1: unsupported by some models."""
    words = fault("tool_choice required is not supported")
    assert mended("chat", base(tool_choice="required"), GPT, words) == (
        base(tool_choice="auto"),
        ["tool-choice"],
    )
    assert mended("chat", base(tool_choice="auto"), GPT, words) == (base(tool_choice="auto"), [])


def test_developer_messages_become_system_messages_where_refused() -> None:
    """pi sends the role `developer` to every model."""
    words = fault("messages[0].role: 'developer' is not one of ['system', 'assistant', 'user']")
    turns = [{"role": "developer", "content": "d"}, {"role": "user", "content": "developer"}]
    after, names = mended("chat", base(messages=turns), GPT, words)
    assert (after, names) == (
        base(messages=[{"role": "system", "content": "d"}, turns[1]]),
        ["developer-role"],
    )


REASONING = {"type": "reasoning", "id": "rs_1", "encrypted_content": "gAAA", "summary": []}
COMPACTION = {"type": "compaction", "id": "cmp_1", "encrypted_content": "gAAA"}


@pytest.mark.parametrize("words", ["400-encrypted-content-mismatch", "invalid_encrypted_content"])
def test_reasoning_that_does_not_verify_is_dropped(words: str) -> None:
    """Fixture 400-encrypted-content-mismatch; a compaction stays, it is the history."""
    refusal = fault_of(words) if words.startswith("400") else fault("no", words)
    document = {"input": [REASONING, COMPACTION, {"role": "user", "content": "reasoning"}]}
    after, names = mended("responses", document, CODEX, refusal)
    assert (after, names) == ({"input": document["input"][1:]}, ["encrypted-content"])
    assert mended("responses", {"input": "reasoning"}, CODEX, refusal) == ({"input": "reasoning"}, [])


@pytest.mark.parametrize("fixture", ["400-item-id-too-long", "400-item-id-connection"])
def test_refused_item_ids_are_dropped(fixture: str) -> None:
    """A reasoning's id is bound to its ciphertext, so the item goes; a compaction stays."""
    search = {"type": "web_search_call", "id": "ws_1", "status": "completed"}
    document = {"input": [REASONING, COMPACTION, search, {"role": "user", "content": [{"id": 1}]}]}
    after, names = mended("responses", document, CODEX, fault_of(fixture))
    kept = [COMPACTION, {"type": "web_search_call", "status": "completed"}, document["input"][3]]
    assert (after, names) == ({"input": kept}, ["item-ids"])
    assert mended("responses", {"input": "x"}, CODEX, fault_of(fixture)) == ({"input": "x"}, [])


def test_web_search_is_dropped_only_beside_other_tools() -> None:
    """Contract 10: try, fall back; alone it is what was asked for."""
    words = fault("The use of the web_search tool is not supported.", "unsupported_value")
    shell = {"type": "function", "name": "shell"}
    document = {"tools": [{"type": "web_search", "external_web_access": True}, shell]}
    assert mended("responses", document, CODEX, words) == ({"tools": [shell]}, ["web-search"])
    alone = {"tools": [{"type": "web_search"}]}
    assert mended("responses", alone, CODEX, words) == (alone, [])
