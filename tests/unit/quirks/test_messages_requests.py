"""What is repaired in a `/v1/messages` request before it is sent: literal before and after."""

import pytest

from copilot_api.copilot.catalog import Model, Supports
from copilot_api.copilot.quirks.rules import claude_version, nearest_effort
from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.opaque import Opaque, seal
from unit.quirks.bodies import HAIKU, OPUS_5, OPUS_47, SONNET, sent

ASK = {"role": "user", "content": "Hi"}
EPHEMERAL = {"type": "ephemeral"}


def base(**fields: object) -> dict[str, object]:
    return {"model": "m", "max_tokens": 100, "messages": [ASK], **fields}


def test_a_clean_body_is_not_touched() -> None:
    """Nothing applies, nothing changes (contract 6.1, 6.3: all of these fields are accepted)."""
    clean = base(
        system=[{"type": "text", "text": "s", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        tools=[
            {"type": "bash_20250124", "name": "bash"},
            {
                "name": "a",
                "input_schema": {"properties": {"cache_control": {"type": "object", "scope": "x"}}},
            },
            {"name": "b", "defer_loading": True, "strict": True, "input_schema": {"type": "object"}},
        ],
        metadata={"user_id": "u"},
        output_config={"effort": "max", "format": {"type": "json_schema", "schema": {}}},
        thinking={"type": "adaptive", "display": "omitted"},
        context_management={"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        temperature=0.5,
    )
    assert sent("messages", clean, SONNET) == (clean, [])


def test_a_thread_is_refused_so_that_the_sdk_sends_whole_histories() -> None:
    """client survey: the SDK's tool runner sends only new messages with `thread`."""
    with pytest.raises(UnsupportedContent, match="full history") as refusal:
        sent("messages", base(thread={"type": "create"}), SONNET)
    assert refusal.value.param == "thread"


def test_fields_that_only_the_original_api_has_are_dropped() -> None:
    """Contract 6.3 and 10."""
    assert sent(
        "messages", base(inference_geo="eu", fallbacks=[], service_tier="auto", speed="fast"), SONNET
    ) == (base(), ["refused-fields"])


@pytest.mark.parametrize(
    ("content", "after"),
    [
        ("Hi", [{"type": "text", "text": "Hi", "cache_control": EPHEMERAL}]),
        ([{"type": "text", "text": "Hi"}], [{"type": "text", "text": "Hi", "cache_control": EPHEMERAL}]),
        ("", ""),
        ([{"type": "thinking", "thinking": "", "signature": "s"}],) * 2,
    ],
)
def test_a_root_cache_mark_moves_to_the_last_block(content: object, after: object) -> None:
    """Contract 6.3: `cache_control: Extra inputs are not permitted`; at the root it means the last block."""
    before = base(
        cache_control={"type": "ephemeral", "scope": "g"}, messages=[{"role": "user", "content": content}]
    )
    assert sent("messages", before, SONNET) == (
        base(messages=[{"role": "user", "content": after}]),
        ["root-cache-control"],
    )


def test_a_root_cache_mark_without_messages_is_dropped() -> None:
    """There is nothing to move it to."""
    assert sent("messages", {"cache_control": EPHEMERAL}, SONNET) == ({}, ["root-cache-control"])
    assert sent("messages", base(cache_control=None), SONNET) == (base(), ["root-cache-control"])


def test_cache_marks_keep_type_and_ttl_only() -> None:
    """Contract 0.3 item 24: `cache_control.scope` is an extra input, wherever a mark may stand."""
    dirty, clean = {"type": "ephemeral", "ttl": "5m", "scope": "global"}, {"type": "ephemeral", "ttl": "5m"}

    def body(mark: object) -> dict[str, object]:
        result = {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "r"}]}
        inner = {"type": "text", "text": "x", "cache_control": mark}
        return base(
            system=[{"type": "text", "text": "s", "cache_control": mark}],
            tools=[
                {"name": "a", "input_schema": {"cache_control": {"scope": "kept"}}, "cache_control": mark}
            ],
            messages=[ASK, {"role": "user", "content": [{**result, "content": [inner]}, result]}],
        )

    assert sent("messages", body(dirty), SONNET) == (body(clean), ["cache-control"])


def test_a_key_of_that_name_in_tool_input_is_not_a_mark() -> None:
    """A tool's own arguments are never touched."""
    call = {"type": "tool_use", "id": "t", "name": "n", "input": {"cache_control": {"scope": "mine"}}}
    before = base(messages=[ASK, {"role": "assistant", "content": [call]}, ASK])
    assert sent("messages", before, SONNET) == (before, [])


def test_marks_leave_thinking_blocks_and_deferred_tools() -> None:
    """Contract 6.1: none on thinking blocks or deferred tools."""
    thought = {"type": "thinking", "thinking": "t", "signature": "s"}
    tool = {"name": "a", "input_schema": {}, "defer_loading": True}

    def body(mark: dict[str, object]) -> dict[str, object]:
        turn = {"role": "assistant", "content": [{**thought, **mark}, {"type": "text", "text": "x"}]}
        return base(messages=[turn, ASK], tools=[{**tool, **mark}, {**tool, "defer_loading": False}])

    assert sent("messages", body({"cache_control": EPHEMERAL}), SONNET) == (
        body({}),
        ["cache-control"],
    )


def test_marks_beyond_four_go_oldest_turn_first() -> None:
    """Contract 6.1: at most four; tools and system hold the prefix, the newest turn is read next."""

    def turn(text: str, **mark: object) -> dict[str, object]:
        return {"role": "user", "content": [{"type": "text", "text": text, **mark}]}

    mark = {"cache_control": EPHEMERAL}
    before = base(
        tools=[{"name": "a", "input_schema": {}, **mark}],
        system=[{"type": "text", "text": "s", **mark}],
        messages=[turn("1", **mark), turn("2", **mark), turn("3", **mark), turn("4", **mark)],
    )
    after, names = sent("messages", before, SONNET)
    assert names == ["cache-control"]
    assert after == {**before, "messages": [turn("1"), turn("2"), turn("3", **mark), turn("4", **mark)]}


def test_marks_of_the_system_text_go_when_the_messages_have_none() -> None:
    """The messages are searched first, then the system text."""
    marked = [{"type": "text", "text": str(n), "cache_control": EPHEMERAL} for n in range(5)]
    after, names = sent("messages", base(system=marked), SONNET)
    assert names == ["cache-control"]
    assert after["system"] == [{"type": "text", "text": "0"}, *marked[1:]]


def test_eager_input_streaming_is_dropped_from_tools() -> None:
    """Fixture 400-eager-input-streaming; opencode sends it on each tool."""
    tool = {"name": "a", "input_schema": {}}
    before = base(tools=[{**tool, "eager_input_streaming": True}, tool])
    assert sent("messages", before, SONNET) == (base(tools=[tool, tool]), ["eager-input-streaming"])


def test_per_turn_output_config_is_dropped() -> None:
    """Claude Code 2.1.330 puts an effort on its inline system turn."""
    note = {"role": "system", "content": "note"}
    before = base(messages=[ASK, {**note, "output_config": {"effort": "medium"}}])
    assert sent("messages", before, OPUS_5) == (base(messages=[ASK, note]), ["turn-output-config"])


def test_inline_system_turns_stay_for_models_that_accept_them() -> None:
    """Contract 6.4: opus-4.8, opus-5 and sonnet-5 accept them."""
    before = base(messages=[ASK, {"role": "system", "content": "note"}])
    for model in ("claude-opus-4.8", "claude-opus-5-5", "claude-sonnet-5", "kimi-k3"):
        assert sent("messages", before, Model(id=model)) == (before, [])


def reminder(text: str) -> dict[str, str]:
    return {"type": "text", "text": f"<system-reminder>\n{text}\n</system-reminder>"}


def test_an_inline_system_turn_joins_the_user_turn_before_it() -> None:
    """Contract 6.4: refused up to 4.7. The turn stays at its place, so a longer history keeps the prefix."""
    note = {"role": "system", "content": "note"}
    folded = {"role": "user", "content": [{"type": "text", "text": "Hi"}, reminder("note")]}
    answer = {"role": "assistant", "content": "Yes"}
    first, names = sent("messages", base(messages=[ASK, note]), SONNET)
    later, _ = sent("messages", base(messages=[ASK, note, answer, ASK]), SONNET)
    assert names == ["inline-system"]
    assert first["messages"] == [folded]
    assert later["messages"] == [folded, answer, ASK]


def test_an_inline_system_turn_after_a_call_goes_behind_the_results() -> None:
    """Tool results must come first in the turn after a call; roles alternate."""
    call = {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "n", "input": {}}]}
    result = {"type": "tool_result", "tool_use_id": "t", "content": "r"}
    more = {"type": "text", "text": "go on"}
    notes = {"role": "system", "content": [{"type": "text", "text": "one"}, {"type": "image"}]}
    before = base(messages=[call, notes, {"role": "user", "content": [result, more]}])
    after, names = sent("messages", before, HAIKU)
    assert names == ["inline-system"]
    assert after["messages"] == [
        call,
        {"role": "user", "content": [result, reminder("one"), {"type": "image"}, more]},
    ]


def test_inline_system_turns_alone_and_empty_ones() -> None:
    """A leading or lone turn becomes a user turn; an empty one leaves nothing."""
    one, two, empty = ({"role": "system", "content": text} for text in ("a", "b", []))
    answer = {"role": "assistant", "content": '"system"'}
    after, _ = sent("messages", base(messages=[one, two, answer, empty, ASK, empty, answer]), SONNET)
    assert after["messages"] == [
        {"role": "user", "content": [reminder("a"), reminder("b")]},
        answer,
        ASK,
        answer,
    ]
    odd = base(messages=[{"role": "user", "content": 5}, one, {"role": "user", "content": ""}])
    assert sent("messages", odd, SONNET)[0]["messages"] == [{"role": "user", "content": [reminder("a")]}]


def test_a_learned_refusal_folds_before_sending() -> None:
    """What a rejection has shown once saves the next round trip."""
    before = base(messages=[ASK, {"role": "system", "content": "n"}])
    after, names = sent("messages", before, OPUS_5, learned=frozenset({"inline-system"}))
    assert names == ["inline-system"]
    assert after["messages"] == [{"role": "user", "content": [{"type": "text", "text": "Hi"}, reminder("n")]}]


def test_the_word_system_alone_folds_nothing() -> None:
    """The role decides, not a text that happens to be that word."""
    before = base(messages=[{"role": "user", "content": "system"}])
    assert sent("messages", before, SONNET) == (before, [])


def test_sealed_thinking_is_opened_or_dropped() -> None:
    """Architecture: a blob whose origin is not the chosen upstream is never sent."""
    own = {"type": "thinking", "thinking": "t", "signature": seal(Opaque("messages", {"signature": "sig"}))}
    other = {"type": "redacted_thinking", "data": seal(Opaque("chat", {"reasoning_opaque": "x"}))}
    text = {"type": "text", "text": "x"}
    before = base(
        messages=[
            {"role": "assistant", "content": [own, other, text]},
            ASK,
            {"role": "assistant", "content": [other]},
            {"role": "user", "content": [{"type": "text", "text": "capi1.x"}]},
            {"role": "user", "content": "capi1.x"},
        ]
    )
    after, names = sent("messages", before, SONNET)
    assert names == ["foreign-thinking"]
    assert after["messages"] == [
        {"role": "assistant", "content": [{**own, "signature": "sig"}, text]},
        ASK,
        *before["messages"][3:],  # type: ignore[index]
    ]


def test_empty_text_blocks_are_dropped() -> None:
    """Contract 6.1; a turn without anything left goes, nested results are looked into."""
    void, text = {"type": "text", "text": " \n"}, {"type": "text", "text": "x"}
    result = {"type": "tool_result", "tool_use_id": "t", "content": [void]}
    before = base(
        system=[{"type": "text", "text": ""}],
        messages=[
            {"role": "user", "content": [text, void]},
            {"role": "assistant", "content": [void]},
            {"role": "user", "content": [result]},
            {"role": "user", "content": "text"},
            {"role": "user", "content": [], "text": 1},
            {"role": "user", "content": [text]},
        ],
    )
    after, names = sent("messages", before, SONNET)
    assert names == ["empty-text"]
    assert after == base(
        messages=[
            {"role": "user", "content": [text]},
            {"role": "user", "content": [{**result, "content": []}]},
            *before["messages"][3:],  # type: ignore[index]
        ]
    )


def test_one_of_several_system_blocks_may_go() -> None:
    """Only the empty block goes."""
    text = {"type": "text", "text": "x"}
    after, _ = sent("messages", base(system=[text, {"type": "text", "text": "\t"}]), SONNET)
    assert after["system"] == [text]


@pytest.mark.parametrize(
    ("content", "after"),
    [
        ("So: \n", "So:"),
        (
            [{"type": "text", "text": "a "}, {"type": "text", "text": "b "}],
            [{"type": "text", "text": "a "}, {"type": "text", "text": "b"}],
        ),
    ],
)
def test_white_space_at_the_end_of_a_prefill_is_trimmed(content: object, after: object) -> None:
    """Contract 4.1: trailing white space of the final assistant text."""
    before = base(messages=[ASK, {"role": "assistant", "content": content}])
    assert sent("messages", before, SONNET) == (
        base(messages=[ASK, {"role": "assistant", "content": after}]),
        ["trailing-white-space"],
    )


def test_a_trailing_call_or_a_user_turn_is_not_trimmed() -> None:
    """Only the assistant's text is."""
    for last in (
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "n", "input": {}}]},
        {"role": "user", "content": "assistant "},
        {"role": "user", "x": "assistant"},
        {"role": "user", "content": [{"type": "text", "text": "x", "assistant": True}]},
    ):
        before = base(messages=[ASK, last])
        assert sent("messages", before, SONNET) == (before, [])


def test_an_unknown_thinking_display_is_said_as_summarized() -> None:
    """Claude Code 2.1.330 says `updates`, whose beta is not let through."""
    before = base(thinking={"type": "adaptive", "display": "updates"})
    assert sent("messages", before, SONNET) == (
        base(thinking={"type": "adaptive", "display": "summarized"}),
        ["thinking-display"],
    )


@pytest.mark.parametrize(
    ("budget", "effort"), [(1024, "low"), (16000, "medium"), (31999, "high"), (None, None)]
)
def test_manual_thinking_becomes_adaptive_for_opus_from_4_7(budget: int | None, effort: str | None) -> None:
    """Contract 6.4 (C2A #43): with the text that manual thinking shows, and the effort of the budget."""
    before = base(thinking={"type": "enabled", **({"budget_tokens": budget} if budget else {})})
    config = {"output_config": {"effort": effort}} if effort else {}
    assert sent("messages", before, OPUS_47) == (
        base(thinking={"type": "adaptive", "display": "summarized"}, **config),
        ["manual-thinking"],
    )


def test_a_given_effort_outranks_the_budget() -> None:
    """Nothing is invented where the client said it; a level that the model lacks is lowered."""
    thinking = {"type": "enabled", "budget_tokens": 2000, "display": "omitted"}
    after, _ = sent("messages", base(thinking=thinking, output_config={"effort": "max"}), OPUS_47)
    assert after == base(thinking={"type": "adaptive", "display": "omitted"}, output_config={"effort": "max"})
    bare = Model(id="claude-opus-5", supports=Supports(reasoning_efforts=("low", "medium")))
    after, _ = sent("messages", base(max_tokens=50000, thinking={**thinking, "budget_tokens": 30000}), bare)
    assert after["output_config"] == {"effort": "medium"}


@pytest.mark.parametrize(
    ("max_tokens", "thinking"),
    [
        (32000, {"type": "enabled", "budget_tokens": 16000, "display": "omitted"}),
        (8000, {"type": "enabled", "budget_tokens": 7999, "display": "omitted"}),
        (1000, None),
    ],
)
def test_adaptive_thinking_becomes_a_budget_up_to_4_5(max_tokens: int, thinking: object) -> None:
    """Contract 6.4 (XUA): no adaptive thinking and no output_config; 6.1 has the editor's budget."""
    before = base(max_tokens=max_tokens, thinking={"type": "adaptive", "display": "omitted"})
    after, names = sent("messages", before, HAIKU)
    assert names == ["adaptive-thinking"]
    assert after == base(max_tokens=max_tokens, **({"thinking": thinking} if thinking else {}))


def test_a_budget_needs_no_max_tokens_to_be_found() -> None:
    """count_tokens bodies have no max_tokens."""
    after, _ = sent("messages", {"model": "m", "messages": [ASK], "thinking": {"type": "adaptive"}}, HAIKU)
    assert after["thinking"] == {"type": "enabled", "budget_tokens": 16000}


@pytest.mark.parametrize(
    ("wanted", "supported", "nearest"),
    [
        ("xhigh", ("low", "medium", "high"), "high"),
        ("max", ("low", "medium", "high", "xhigh"), "xhigh"),
        ("minimal", ("low", "medium"), "low"),
        ("none", ("none", "low"), None),
        ("none", ("low",), "low"),
        ("high", (), None),
        ("extreme", ("low",), None),
        ("high", ("weird",), None),
    ],
)
def test_the_nearest_effort_is_the_next_lower_one(
    wanted: str, supported: tuple[str, ...], nearest: object
) -> None:
    """Never a stronger one, unless the model has none weaker."""
    assert nearest_effort(wanted, supported) == nearest


def test_an_effort_that_the_catalog_does_not_list_is_lowered() -> None:
    """Contract 0.3 item 26."""
    before = base(output_config={"effort": "xhigh", "format": {"type": "json_schema"}})
    after = base(output_config={"effort": "high", "format": {"type": "json_schema"}})
    assert sent("messages", before, SONNET) == (after, ["effort"])


def test_an_effort_is_dropped_where_the_model_takes_none() -> None:
    """Contract 6.4: haiku-4.5, sonnet-4.5 and opus-4.5 know no output_config; a format is a feature and stays."""
    assert sent("messages", base(output_config={"effort": "low"}), HAIKU) == (base(), ["effort"])
    after, _ = sent("messages", base(output_config={"effort": "low", "format": {"a": 1}}), HAIKU)
    assert after == base(output_config={"format": {"a": 1}})


def test_max_tokens_and_budget_stay_within_the_model() -> None:
    """Contract 6.3: `The maximum tokens you requested exceeds the model limit`; 6.1: budget below max_tokens."""
    before = base(max_tokens=128000, thinking={"type": "enabled", "budget_tokens": 64000})
    after = base(max_tokens=32000, thinking={"type": "enabled", "budget_tokens": 31999})
    assert sent("messages", before, SONNET) == (after, ["max-tokens"])
    small = base(max_tokens=512, thinking={"type": "enabled", "budget_tokens": 1024})
    assert sent("messages", small, SONNET) == (small, [])
    boundless = {"model": "m", "messages": [ASK], "thinking": {"type": "enabled", "budget_tokens": 9000}}
    assert sent("messages", boundless, SONNET) == (boundless, [])


def test_clearing_thoughts_needs_thinking() -> None:
    """User reports, theme 3: `clear_thinking_20251015 strategy requires thinking to be enabled`."""
    clear, other = {"type": "clear_thinking_20251015"}, {"type": "clear_tool_uses_20250919"}
    assert sent("messages", base(context_management={"edits": [clear]}), SONNET) == (
        base(),
        ["idle-clear-thinking"],
    )
    after, _ = sent("messages", base(context_management={"edits": [clear, other]}), SONNET)
    assert after == base(context_management={"edits": [other]})
    kept = base(context_management={"edits": [other]})
    assert sent("messages", kept, SONNET) == (kept, [])


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("claude-sonnet-4-5-20250929", ("sonnet", 4, 5)),
        ("claude-opus-4.6-1m", ("opus", 4, 6)),
        ("claude-opus-5", ("opus", 5, 0)),
        ("claude-opus-5-20260101", ("opus", 5, 0)),
        ("gpt-5", None),
    ],
)
def test_claude_versions_are_read_from_ids(name: str, version: object) -> None:
    """Dotted, dashed and dated."""
    assert claude_version(Model(id=name)) == version


def test_fields_of_a_strange_type_are_left_to_upstream() -> None:
    """Validation is Copilot's business."""
    odd = {
        "messages": "x",
        "system": 5,
        "tools": {},
        "thinking": 1,
        "output_config": [],
        "context_management": "",
    }
    assert sent("messages", odd, SONNET) == (odd, [])
    odd = {"messages": ["x", {"content": ["y"]}], "output_config": {"effort": 1}, "max_tokens": True}
    assert sent("messages", odd, HAIKU) == (odd, [])
