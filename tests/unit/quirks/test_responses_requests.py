"""What is repaired in a `/responses` request before it is sent: literal before and after."""

import pytest

from copilot_api.copilot.catalog import Limits, Model
from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.opaque import Opaque, seal
from unit.quirks.bodies import CODEX, sent

ASK = {"role": "user", "content": "Hi"}
CALL = {"type": "function_call", "call_id": "c", "name": "n", "arguments": "{}"}


def base(**fields: object) -> dict[str, object]:
    return {"model": "m", "input": [ASK], "store": False, **fields}


def test_a_clean_body_is_not_touched() -> None:
    """Unknown fields and items pass (client survey: client_metadata, agent_message, additional_tools)."""
    clean = base(
        input=[
            ASK,
            {"type": "additional_tools", "tools": [{"type": "namespace", "name": "f", "description": "d"}]},
            {"type": "web_search_call", "id": "ws_1", "status": "completed"},
            {
                "type": "reasoning",
                "id": "x" * 400,
                "encrypted_content": "gAAA",
                "summary": [],
                "content": None,
            },
            {"type": "compaction_trigger"},
        ],
        tools=[
            {"type": "web_search"},
            {"type": "tool_search", "execution": "client"},
            {"type": "custom", "name": "p"},
        ],
        client_metadata={"a": "b"},
        reasoning={"effort": "medium", "context": "all_turns"},
        include=["reasoning.encrypted_content"],
        max_output_tokens=16,
        previous_response_id=None,
    )
    assert sent("responses", clean, CODEX) == (clean, [])
    assert sent("responses", base(input="Hi"), CODEX) == (base(input="Hi"), [])


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"conversation": {"id": "conv_1"}}, "conversation"),
        ({"input": [ASK, {"type": "item_reference", "id": "msg_1"}]}, "input[1]"),
    ],
)
def test_stored_state_is_refused_with_the_stateless_way(fields: dict[str, object], param: str) -> None:
    """Contract 5.2: stateless over HTTP."""
    with pytest.raises(UnsupportedContent, match="store=false") as refusal:
        sent("responses", base(**fields), CODEX)
    assert refusal.value.param == param
    quoted = base(input=[{"role": "user", "content": "item_reference"}])
    assert sent("responses", quoted, CODEX) == (quoted, [])


def test_store_is_sent_as_false() -> None:
    """Fixture 400-store."""
    assert sent("responses", base(store=True), CODEX) == (base(), ["store"])


def test_service_tier_is_dropped() -> None:
    """Contract 0.3 item 21."""
    assert sent("responses", base(service_tier="flex"), CODEX) == (base(), ["service-tier"])


def test_the_image_generation_tool_is_dropped_with_its_choice() -> None:
    """Contract 5.2; a choice that points at it would dangle."""
    image, shell = {"type": "image_generation"}, {"type": "function", "name": "image_generation"}
    before = base(tools=[image, shell], tool_choice={"type": "image_generation"})
    assert sent("responses", before, CODEX) == (base(tools=[shell], tool_choice="auto"), ["image-generation"])
    assert sent("responses", base(tools=[image], tool_choice="required"), CODEX) == (
        base(),
        ["image-generation"],
    )
    chosen = {"type": "function", "name": "image_generation"}
    after, _ = sent("responses", base(tools=[image, shell], tool_choice=chosen), CODEX)
    assert after == base(tools=[shell], tool_choice=chosen)


def test_ids_that_nothing_is_bound_to_are_dropped() -> None:
    """Contract 5.3: drop ids of message and function_call items; an id that the schema needs stays while short."""
    before = base(
        input=[
            {"type": "message", "id": "msg_ed2ea236", **ASK},
            {"id": "msg_2", **ASK},
            {**CALL, "id": "fc_1"},
            CALL,
            {"type": "web_search_call", "id": "w" * 64, "status": "completed"},
            {"type": "web_search_call", "id": "w" * 65, "status": "completed"},
            "odd",
        ]
    )
    after, names = sent("responses", before, CODEX)
    assert names == ["item-ids"]
    assert after["input"] == [
        {"type": "message", **ASK},
        ASK,
        CALL,
        CALL,
        {"type": "web_search_call", "id": "w" * 64, "status": "completed"},
        {"type": "web_search_call", "status": "completed"},
        "odd",
    ]


def test_a_sealed_pair_gets_its_own_id_and_ciphertext_back() -> None:
    """Contract 5.2: only the exact (id, encrypted_content) pair replays."""
    pair = {"id": "long/opaque+id", "encrypted_content": "gAAA"}
    before = base(
        input=[
            {
                "type": "reasoning",
                "id": "rs_ours",
                "encrypted_content": seal(Opaque("responses", pair)),
                "summary": [],
            },
            {
                "type": "compaction",
                "encrypted_content": seal(Opaque("responses", {"encrypted_content": "gBBB"})),
            },
        ]
    )
    after, names = sent("responses", before, CODEX)
    assert names == ["item-ids"]
    assert after["input"] == [
        {"type": "reasoning", "id": "long/opaque+id", "encrypted_content": "gAAA", "summary": []},
        {"type": "compaction", "encrypted_content": "gBBB"},
    ]


def test_reasoning_that_cannot_replay_is_dropped() -> None:
    """Without ciphertext it refers to a stored item; sealed by another upstream it means nothing here."""
    foreign = seal(Opaque("messages", {"signature": "s"}))
    before = base(
        input=[
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": None},
            {"type": "reasoning", "id": "rs_2", "summary": []},
            {"type": "reasoning", "id": "rs_3", "summary": [], "encrypted_content": foreign},
            ASK,
        ]
    )
    assert sent("responses", before, CODEX) == (base(), ["item-ids"])


def test_an_empty_namespace_description_is_filled_with_the_name() -> None:
    """Contract 5.2 (CAO#345), also inside Codex's additional_tools."""
    empty, full = {"type": "namespace", "name": "f"}, {"type": "namespace", "name": "f", "description": "f"}
    inside = {"type": "additional_tools", "tools": [{**empty, "description": ""}, {"type": "custom"}]}
    before = base(
        tools=[empty, {"type": "function", "name": "namespace"}],
        input=[inside, {"tools": "additional_tools"}],
    )
    after, names = sent("responses", before, CODEX)
    assert names == ["namespace-description"]
    assert after["tools"] == [full, {"type": "function", "name": "namespace"}]
    assert after["input"] == [{**inside, "tools": [full, {"type": "custom"}]}, {"tools": "additional_tools"}]


def test_the_reserved_namespace_is_renamed_with_its_calls() -> None:
    """Contract 5.2 (FLO#273)."""

    def body(name: str) -> dict[str, object]:
        tool = {"type": "namespace", "name": name, "description": "d"}
        other = {"type": "function", "name": "collaboration"}
        return base(
            tools=[tool, other],
            input=[{**CALL, "namespace": name}, {"role": "user", "content": "collaboration"}],
        )

    assert sent("responses", body("collaboration"), CODEX) == (
        body("collaboration_tools"),
        ["reserved-namespace"],
    )
    alone = base(input=[{**CALL, "namespace": "collaboration"}])
    assert sent("responses", alone, CODEX) == (alone, [])


def test_an_effort_that_the_catalog_does_not_list_is_lowered() -> None:
    """Contract 3.2: lists differ by model."""
    before = base(reasoning={"effort": "xhigh", "summary": "auto"})
    assert sent("responses", before, CODEX) == (
        base(reasoning={"effort": "high", "summary": "auto"}),
        ["effort"],
    )
    assert sent("responses", base(reasoning={"effort": "none"}), CODEX)[0] == base(
        reasoning={"effort": "low"}
    )
    for odd in ("x", {"effort": 5}):
        assert sent("responses", base(reasoning=odd), CODEX) == (base(reasoning=odd), [])


@pytest.mark.parametrize(("wanted", "allowed"), [(1, 16), (200000, 128000)])
def test_the_output_limit_stays_between_floor_and_ceiling(wanted: int, allowed: int) -> None:
    """Contract 5.2: below 16 is refused."""
    assert sent("responses", base(max_output_tokens=wanted), CODEX) == (
        base(max_output_tokens=allowed),
        ["output-limit"],
    )
    boundless = Model(id="m", limits=Limits())
    assert sent("responses", base(max_output_tokens=10**6), boundless) == (base(max_output_tokens=10**6), [])
