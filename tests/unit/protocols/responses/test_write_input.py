"""Other protocols' turns as input items."""

from typing import Any

import pytest

from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.extras import Extras
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import (
    Bytes,
    CacheHint,
    Citation,
    File,
    Image,
    Link,
    NativePart,
    Part,
    Reasoning,
    Refusal,
    Stored,
    Text,
    ToolCall,
    ToolResult,
)
from copilot_api.neutral.request import CustomTool, FunctionTool, Turn
from copilot_api.protocols.base import Target
from unit.protocols.responses.asking import TARGET, foreign, items_of, lost, written

PNG = Bytes("image/png", "iVBO")
BLOB = {"id": "rs_1", "encrypted_content": "gAAA"}


@pytest.mark.parametrize("role", ["user", "system", "developer"])
def test_a_turn_is_a_message_of_its_role(role: str) -> None:
    """In place: instructions in the middle stay in the middle."""
    assert items_of(Text("a"), Text("b"), role=role) == [
        {
            "type": "message",
            "role": role,
            "content": [{"type": "input_text", "text": "a"}, {"type": "input_text", "text": "b"}],
        }
    ]


def test_a_models_turn_is_a_message_of_output() -> None:
    """Refusals and phases included."""
    turn = Turn("assistant", (Text("a"), Refusal("no")), phase="commentary")
    assert written(foreign(turn))["input"] == [
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "a"}, {"type": "refusal", "refusal": "no"}],
            "phase": "commentary",
        }
    ]


def test_a_turn_without_parts_is_no_item() -> None:
    """Nothing was said."""
    assert items_of(role="user") == []


def test_a_turn_becomes_items_in_its_order() -> None:
    """Thinking, words, calls, words."""
    parts = (
        Reasoning(("hm", "so"), opaque=Opaque("responses:m:1", BLOB)),
        Text("I look."),
        ToolCall("c1", "f", '{"a": 1}'),
        ToolCall("c2", "apply_patch", "*** Begin", "custom"),
        Text("Done."),
    )
    assert items_of(*parts) == [
        {
            "type": "reasoning",
            "summary": [{"type": "summary_text", "text": "hm"}, {"type": "summary_text", "text": "so"}],
            "id": "rs_1",
            "encrypted_content": "gAAA",
        },
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "I look."}]},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": '{"a": 1}'},
        {"type": "custom_tool_call", "call_id": "c2", "name": "apply_patch", "input": "*** Begin"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Done."}]},
    ]


RESULTS: list[tuple[ToolResult, Any]] = [
    (ToolResult("c", (Text("x"),), is_plain=True), "x"),
    (ToolResult("c", (Text("x"),), name="f"), "x"),
    (ToolResult("c"), ""),
    (ToolResult("c", is_error=True), "The tool failed and said nothing."),
    (ToolResult("c", (Text("boom"),), is_error=True), "boom"),
    (
        ToolResult("c", (Text("x"), Image(PNG))),
        [
            {"type": "input_text", "text": "x"},
            {"type": "input_image", "image_url": "data:image/png;base64,iVBO"},
        ],
    ),
    (
        ToolResult("c", (NativePart("messages", {"type": "tool_reference"}, "Tool: f"),)),
        [{"type": "input_text", "text": "Tool: f"}],
    ),
    (ToolResult("c", ()), ""),
]


@pytest.mark.parametrize(("result", "output"), RESULTS)
def test_a_result_is_an_output_item(result: ToolResult, output: Any) -> None:
    """Words alone are a string; with pictures it is a list."""
    assert items_of(result, role="tool") == [
        {"type": "function_call_output", "call_id": "c", "output": output}
    ]


def test_a_results_kind_is_its_calls() -> None:
    """Chat tells results of freeform tools from others by nothing but the id."""
    call = Turn("assistant", (ToolCall("c", "p", "x", "custom"),))
    results = Turn("tool", (ToolResult("c", (Text("y"),)),)), Turn("tool", (ToolResult("d", kind="custom"),))
    items: Any = written(foreign(call, *results, origin="chat"))["input"]
    assert [item["type"] for item in items] == [
        "custom_tool_call",
        "custom_tool_call_output",
        "custom_tool_call_output",
    ]


def test_words_beside_results_follow_them() -> None:
    """As Messages has them in one user turn; words in a tool's turn are a user's."""
    result = ToolResult("c", (Text("x"),))
    words = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "go on"}]}
    output = {"type": "function_call_output", "call_id": "c", "output": "x"}
    assert items_of(result, Text("go on"), role="user") == [output, words]
    assert items_of(Text("go on"), result, role="tool") == [words, output]


CONTENTS: list[tuple[Part, dict[str, Any]]] = [
    (Image(PNG, "low"), {"type": "input_image", "image_url": "data:image/png;base64,iVBO", "detail": "low"}),
    (Image(Link("https://e.org/a"), "odd"), {"type": "input_image", "image_url": "https://e.org/a"}),
    (Image(Stored("responses", "f")), {"type": "input_image", "file_id": "f"}),
    (
        File(Bytes("application/pdf", "JVBE"), "a.pdf"),
        {"type": "input_file", "file_data": "data:application/pdf;base64,JVBE", "filename": "a.pdf"},
    ),
    (
        File(Bytes("text/csv", "YQ")),
        {"type": "input_file", "file_data": "data:text/csv;base64,YQ", "filename": "file.csv"},
    ),
    (
        File(Bytes("x/y", "YQ")),
        {"type": "input_file", "file_data": "data:x/y;base64,YQ", "filename": "file.bin"},
    ),
    (
        File(Link("https://e.org/a"), "a"),
        {"type": "input_file", "file_url": "https://e.org/a", "filename": "a"},
    ),
    (File(Stored("responses", "f")), {"type": "input_file", "file_id": "f"}),
    (File(None, "a.txt", "words"), {"type": "input_text", "text": "a.txt\n\nwords"}),
    (File(None, None, "words"), {"type": "input_text", "text": "words"}),
    (File(None), {"type": "input_text", "text": ""}),
    (Refusal("no"), {"type": "input_text", "text": "no"}),
]


@pytest.mark.parametrize(("part", "document"), CONTENTS)
def test_every_part_of_a_users_turn_is_said(part: Part, document: dict[str, Any]) -> None:
    """Bytes as data URLs; a document given as text is text."""
    (item,) = items_of(part, role="user")
    assert item["content"] == [document]


REFUSED: list[tuple[Turn, Target, str]] = [
    (Turn("user", (Image(Stored("messages", "f")),)), TARGET, "is kept by the file service of Messages"),
    (Turn("user", (File(Stored("messages", "f")),)), TARGET, "is kept by the file service of Messages"),
    (Turn("user", (Image(PNG),)), Target("responses", "m", "o", has_vision=False), "sees none"),
    (Turn("assistant", (Image(PNG),)), TARGET, "cannot be sent back"),
    (Turn("user", (NativePart("messages", {"type": "x"}),)), TARGET, "'x', which only Messages knows"),
]


@pytest.mark.parametrize(("turn", "target", "words"), REFUSED)
def test_a_part_that_cannot_be_taken_is_refused(turn: Turn, target: Target, words: str) -> None:
    """With its path and a remedy."""
    with pytest.raises(UnsupportedContent, match=words) as caught:
        written(foreign(turn), target)
    assert caught.value.param == "messages[0].content[0]"


LINK = Citation("messages", {}, "https://e.org", None, "quoted", 1, 4)


def test_a_cited_link_is_an_annotation() -> None:
    """In the model's own words only; a quote without an address cannot be cited."""
    (item,) = items_of(Text("a", (LINK, Citation("messages", {}, quote="q"))))
    annotation = {
        "type": "url_citation", "url": "https://e.org", "title": "https://e.org", "start_index": 1, "end_index": 4,
    }  # fmt: skip
    assert item["content"] == [{"type": "output_text", "text": "a", "annotations": [annotation]}]


SIGNED = Opaque("chat:g:1", {"thought_signature": "x"})
LOSSES: list[tuple[Any, Part, list[tuple[str, str]]]] = [
    ("user", Text("a", cache=CacheHint("5m")), [("messages[].content[].cache_control", "harmless")]),
    (
        "user",
        Text("a", extras=Extras("messages", {"x": 1, "y": None})),
        [("messages[0].content[0].x", "dropped")],
    ),
    ("user", Text("a", (LINK,)), [("messages[0].content[0].citations", "dropped")]),
    ("assistant", Text("a", (LINK,)), []),
    ("assistant", Text("a", (Citation("gemini", {}),)), [("messages[0].content[0].citations", "dropped")]),
    ("assistant", Text("a", opaque=SIGNED), [("messages[0].content[0].signature", "dropped")]),
    ("assistant", ToolCall("c", "f", "{}", opaque=SIGNED), [("messages[0].content[0].signature", "dropped")]),
    (
        "assistant",
        ToolCall("c", "f", "{}", cache=CacheHint(), extras=Extras("chat", {"x": 1})),
        [("messages[].content[].cache_control", "harmless"), ("messages[0].content[0].x", "dropped")],
    ),
    ("assistant", Reasoning(("hm",), opaque=SIGNED), [("messages[0].content[0]", "dropped")]),
    ("assistant", Reasoning(("hm",)), [("messages[0].content[0]", "dropped")]),
    ("assistant", Reasoning(text="hm"), [("messages[0].content[0]", "dropped")]),
    ("assistant", Reasoning(), []),
    ("user", NativePart("messages", {}, "said"), [("messages[0].content[0]", "approximated")]),
    ("assistant", NativePart("messages", {}), [("messages[0].content[0]", "dropped")]),
    ("user", File(None, None, "x"), [("messages[0].content[0]", "approximated")]),
    ("tool", ToolResult("c", is_error=True), [("messages[0].content[0].is_error", "approximated")]),
    (
        "tool",
        ToolResult("c", (Text("a", cache=CacheHint()), NativePart("messages", {}, "told"))),
        [
            ("messages[].content[].content[].cache_control", "harmless"),
            ("messages[0].content[0].content[1]", "approximated"),
        ],
    ),
]


@pytest.mark.parametrize(("role", "part", "losses"), LOSSES)
def test_every_loss_is_told(role: Any, part: Part, losses: list[tuple[str, str]]) -> None:
    """Its place and what became of it."""
    assert lost(foreign(Turn(role, (part,)))) == losses


def test_what_a_turn_has_besides_parts_is_told() -> None:
    """Names, and fields that only its protocol knows."""
    turn = Turn("user", (Text("a"),), name="ann", extras=Extras("chat", {"x": 1}))
    assert lost(foreign(turn, origin="chat")) == [
        ("messages[0].name", "dropped"),
        ("messages[0].x", "dropped"),
    ]


@pytest.mark.parametrize("origin", ["responses:m:1", "responses"])
def test_own_reasoning_replays_byte_for_byte(origin: str) -> None:
    """Bound to this model, or unbound; without an id too."""
    (item,) = items_of(Reasoning(opaque=Opaque(origin, {"encrypted_content": "gA=="})))
    assert item == {"type": "reasoning", "summary": [], "encrypted_content": "gA=="}


def test_a_long_call_id_is_shortened_on_both_sides() -> None:
    """The API takes 64 characters; call and result still belong together."""
    long = "x" * 65
    call, result = items_of(ToolCall(long, "f", "{}"), ToolResult(long))
    assert call["call_id"] == result["call_id"] == "call_9537c5fdf120482f7d58d25e9ed583f5"
    assert items_of(ToolCall("x" * 64, "f", "{}"))[0]["call_id"] == "x" * 64


def test_calls_bear_the_names_that_the_target_knows() -> None:
    """Odd names are spelled otherwise, wrapped schemas take wrapped arguments."""
    tools = (FunctionTool("a b", parameters={"anyOf": []}), CustomTool("p q"))
    calls = Turn("assistant", (ToolCall("c", "a b", "1"), ToolCall("d", "p q", "x", "custom")))
    items: Any = written(foreign(calls, tools=tools))["input"]
    declared: Any = written(foreign(tools=tools))["tools"]
    names = [tool["name"] for tool in declared]
    assert [(item["name"], item.get("arguments", item.get("input"))) for item in items] == [
        (names[0], '{"input":1}'),
        (names[1], "x"),
    ]
    assert all(name.startswith(("a_b_", "p_q_")) for name in names)


def test_a_longer_history_begins_with_the_shorter() -> None:
    """L7: prompt caches see the same beginning."""
    turns = [
        Turn("user", (Text("a"),)),
        Turn("assistant", (Reasoning(("x",), opaque=Opaque("responses", BLOB)), ToolCall("c" * 70, "f", ""))),
        Turn("user", (ToolResult("c" * 70, (Text("r"),)), Text("b"))),
        Turn("assistant", (Text("d"),)),
    ]
    whole: Any = written(foreign(*turns))["input"]
    for count in range(len(turns)):
        shorter: Any = written(foreign(*turns[:count]))["input"]
        assert whole[: len(shorter)] == shorter
