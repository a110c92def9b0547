"""Input items in the hub: every type that clients are known to send."""

from typing import Any

import pytest

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.extras import Extras
from copilot_api.neutral.opaque import Opaque, seal
from copilot_api.neutral.parts import (
    Bytes,
    CacheHint,
    Citation,
    File,
    Image,
    Link,
    NativePart,
    Reasoning,
    Refusal,
    Stored,
    Text,
    ToolCall,
    ToolResult,
)
from copilot_api.neutral.request import FunctionTool, Namespace, Turn
from unit.protocols.responses.asking import TARGET, part_of, read, read_items, write_back


def test_a_string_is_one_users_turn() -> None:
    """As the shortest form of a request."""
    request = read({"input": "hi"})
    assert request.turns == (Turn("user", (Text("hi"),), is_plain=True),)
    assert request.spelled == {"turns": "string"}


@pytest.mark.parametrize("document", [{}, {"input": None}])
def test_no_input_is_no_turn(document: dict[str, Any]) -> None:
    """Whether that can be answered is for upstream to say."""
    assert read(document).turns == ()
    assert write_back({"model": "m", **document}) == {"model": "m", **document}


@pytest.mark.parametrize("role", ["system", "developer", "user", "assistant"])
def test_every_role_is_kept_in_place(role: str) -> None:
    """Also without `type`, as opencode and Copilot CLI write messages."""
    (turn,) = read_items({"role": role, "content": "hi"}).turns
    assert (turn.role, turn.parts, turn.is_plain) == (role, (Text("hi"),), True)


def test_a_message_keeps_its_phase() -> None:
    """Commentary is not the final answer; ids and states are noted, not content."""
    item = {
        "type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "phase": "commentary",
        "content": [{"type": "output_text", "text": "I look.", "annotations": [], "logprobs": []}],
    }  # fmt: skip
    (turn,) = read_items(item).turns
    assert turn.phase == "commentary"
    noted = {"@message": "typed", "id": "msg_1", "status": "completed", "type": "message"}
    assert turn.extras == Extras("responses", {}, noted)
    assert turn.parts == (
        Text("I look.", extras=Extras("responses", {}, {"annotations": [], "logprobs": []})),
    )


def test_a_message_may_have_no_content() -> None:
    """Null is as good as nothing."""
    (turn,) = read_items({"role": "user", "content": None}).turns
    assert turn.parts == ()


PARTS = [
    ({"type": "input_text", "text": "a"}, Text("a")),
    ({"type": "input_text"}, Text("")),
    ({"type": "text", "text": "a"}, Text("a", extras=Extras("responses", {}, {"type": "text"}))),
    ({"type": "refusal", "refusal": "no"}, Refusal("no", Extras("responses", {}, {"type": "refusal"}))),
    (
        {"type": "input_text", "text": "a", "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "12h"}},
        Text("a", cache=CacheHint("12h", Extras("responses", {}, {"mode": "explicit"}))),
    ),
    (
        {"type": "input_image", "image_url": "data:image/png;base64,iVBO", "detail": "high"},
        Image(Bytes("image/png", "iVBO"), "high", extras=Extras("responses", {}, {"type": "input_image"})),
    ),
    (
        {"type": "input_image", "image_url": "https://example.org/a.png"},
        Image(Link("https://example.org/a.png"), extras=Extras("responses", {}, {"type": "input_image"})),
    ),
    (
        {"type": "input_image", "image_url": "data:image/svg+xml,<svg/>"},
        Image(Link("data:image/svg+xml,<svg/>"), extras=Extras("responses", {}, {"type": "input_image"})),
    ),
    (
        {"type": "input_image", "image_url": "data:a/b;x=y;base64,AA"},
        Image(Link("data:a/b;x=y;base64,AA"), extras=Extras("responses", {}, {"type": "input_image"})),
    ),
    (
        {"type": "input_image", "file_id": "file_1"},
        Image(Stored("responses", "file_1"), extras=Extras("responses", {}, {"type": "input_image"})),
    ),
    (
        {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBE"},
        File(
            Bytes("application/pdf", "JVBE"), "a.pdf", extras=Extras("responses", {}, {"type": "input_file"})
        ),
    ),
    (
        {"type": "input_file", "file_data": "JVBE"},
        File(
            Bytes("application/pdf", "JVBE"),
            extras=Extras("responses", {}, {"type": "input_file", "@file_data": "bare"}),
        ),
    ),
    (
        {"type": "input_file", "file_url": "https://example.org/a.pdf"},
        File(Link("https://example.org/a.pdf"), extras=Extras("responses", {}, {"type": "input_file"})),
    ),
    (
        {"type": "input_file", "file_id": "file_1"},
        File(Stored("responses", "file_1"), extras=Extras("responses", {}, {"type": "input_file"})),
    ),
    (
        {"type": "computer_screenshot", "file_id": "f"},
        NativePart("responses", {"type": "computer_screenshot", "file_id": "f"}),
    ),
    ({"type": 7}, NativePart("responses", {"type": 7})),
]


@pytest.mark.parametrize(("document", "part"), PARTS)
def test_every_content_part_is_read(document: dict[str, Any], part: Any) -> None:
    """Unknown ones are carried whole."""
    (turn,) = read_items({"role": "user", "content": [document]}).turns
    assert turn.parts == (part,)


def test_annotations_are_citations() -> None:
    """With what can be read of them."""
    annotation = {
        "type": "url_citation", "url": "https://e.org", "title": "E", "start_index": 0, "end_index": 4,
    }  # fmt: skip
    other = {"type": "file_citation", "file_id": "f", "filename": "a.txt", "index": True, "start_index": True}
    part = {"type": "output_text", "text": "done", "annotations": [annotation, other]}
    (turn,) = read_items({"role": "assistant", "content": [part]}).turns
    text = turn.parts[0]
    assert isinstance(text, Text)
    assert text.citations == (
        Citation("responses", annotation, "https://e.org", "E", None, 0, 4),
        Citation("responses", other, None, "a.txt"),
    )


def test_reasoning_is_bound_to_its_own_id() -> None:
    """Only the exact pair replays."""
    item = {
        "type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}],
        "content": None, "encrypted_content": "gAAA",
    }  # fmt: skip
    noted = {"id": "rs_1", "type": "reasoning", "content": None}
    assert part_of(item) == Reasoning(
        ("hm",),
        opaque=Opaque("responses", {"encrypted_content": "gAAA", "id": "rs_1"}),
        extras=Extras("responses", {}, noted),
    )


def test_sealed_reasoning_is_opened() -> None:
    """A blob of another model behind the same client; without words it was redacted."""
    blob = Opaque("messages:claude:1", {"data": "EvAB"})
    part = part_of({"type": "reasoning", "summary": [], "encrypted_content": seal(blob)})
    assert isinstance(part, Reasoning)
    assert (part.opaque, part.is_redacted) == (blob, True)


@pytest.mark.parametrize("content", ["", None])
def test_reasoning_without_a_blob_is_words_only(content: str | None) -> None:
    """Raw reasoning is joined."""
    part = part_of(
        {
            "type": "reasoning",
            "encrypted_content": content,
            "content": [{"type": "reasoning_text", "text": "a"}, {"type": "reasoning_text", "text": "b"}],
        }
    )
    assert isinstance(part, Reasoning)
    assert (part.summary, part.text, part.opaque, part.is_redacted) == ((), "ab", None, False)


def test_calls_and_their_results_are_paired_by_id() -> None:
    """Arguments stay text; freeform input too."""
    items = [
        {"type": "function_call", "call_id": "c1", "name": "f", "namespace": "ns", "arguments": '{"a": 1}'},
        {"type": "function_call_output", "call_id": "c1", "output": "one"},
        {"type": "custom_tool_call", "call_id": "c2", "name": "apply_patch", "input": "*** Begin"},
        {
            "type": "custom_tool_call_output",
            "call_id": "c2",
            "output": [
                {"type": "input_text", "text": "two"},
                {"type": "input_image", "image_url": "data:image/png;base64,AA"},
                {"type": "refusal", "refusal": "no"},
            ],
        },
        {"type": "function_call_output", "call_id": "c3", "output": None},
    ]
    one, two, three, four, five = (turn.parts[0] for turn in read_items(*items).turns)
    assert isinstance(one, ToolCall)
    assert isinstance(three, ToolCall)
    assert (one.id, one.name, one.namespace, one.arguments, one.kind) == (
        "c1", "f", "ns", '{"a": 1}', "function",
    )  # fmt: skip
    assert (three.name, three.arguments, three.kind) == ("apply_patch", "*** Begin", "custom")
    assert isinstance(two, ToolResult)
    assert isinstance(four, ToolResult)
    assert isinstance(five, ToolResult)
    assert (two.call_id, two.content, two.is_plain, two.kind) == ("c1", (Text("one"),), True, "function")
    assert (four.content[0], four.is_plain, four.kind) == (Text("two"), False, "custom")
    assert four.content[2] == NativePart("responses", {"type": "refusal", "refusal": "no"})
    assert five.content == ()


TOOL = {"type": "function", "name": "spawn", "parameters": {"type": "object", "properties": {}}}
FOUND = {"type": "namespace", "name": "agents", "description": "Agents", "tools": [TOOL]}


def test_a_tool_search_of_the_client_is_a_call_and_brings_tools() -> None:
    """Found twice, a tool is there once."""
    call = {
        "type": "tool_search_call", "call_id": "c", "execution": "client", "arguments": {"query": "agent"},
    }  # fmt: skip
    output = {"type": "tool_search_output", "call_id": "c", "execution": "client", "tools": [FOUND]}
    again = {**output, "tools": [FOUND, {**TOOL, "name": "spawn"}, {"type": "web_search"}]}
    request = read_items(call, output, again)
    asked, result = request.turns[0].parts[0], request.turns[1].parts[0]
    assert asked == ToolCall(
        "c",
        "tool_search",
        '{"query":"agent"}',
        extras=Extras("responses", {}, {"@document": call}),
    )
    assert isinstance(result, ToolResult)
    assert (result.call_id, result.content) == ("c", (Text("Tools found: agents."),))
    function = FunctionTool("spawn", parameters={"type": "object", "properties": {}})
    assert request.tools[:2] == (Namespace("agents", (function,), "Agents"), function)
    assert [getattr(tool, "type", "") for tool in request.tools[2:]] == ["web_search"]


def test_a_tool_search_may_find_nothing() -> None:
    """Its arguments may be text already."""
    call = {"type": "tool_search_call", "call_id": "c", "execution": "client", "arguments": '{"query":1}'}
    output = {"type": "tool_search_output", "call_id": "c", "execution": "client"}
    asked, result = (turn.parts[0] for turn in read_items(call, output).turns)
    assert isinstance(asked, ToolCall)
    assert isinstance(result, ToolResult)
    assert (asked.arguments, result.content) == ('{"query":1}', (Text("No tools found."),))


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        ("tool_search_call", "assistant"),
        ("tool_search_output", "user"),
        ("web_search_call", "assistant"),
        ("computer_call_output", "user"),
    ],
)
def test_what_a_server_runs_is_carried_whole(kind: str, role: str) -> None:
    """Nobody else can say it."""
    item = {"type": kind, "id": "x_1"}
    (turn,) = read_items(item).turns
    assert (turn.role, turn.parts) == (role, (NativePart("responses", item),))


def test_additional_tools_join_the_requests() -> None:
    """Codex's "Responses Lite" has its tools in an item; the item itself is no turn."""
    item = {"type": "additional_tools", "role": "developer", "tools": [FOUND]}
    request = read_items(item, {"role": "user", "content": "hi"})
    assert [turn.role for turn in request.turns] == ["user"]
    assert [getattr(tool, "name", "") for tool in request.tools] == ["agents"]


def test_an_agents_message_names_both_agents() -> None:
    """Another agent is told of as a user; its encrypted part stays what it is."""
    hidden = {"type": "encrypted_content", "encrypted_content": "gAAA"}
    item = {
        "type": "agent_message", "author": "/main", "recipient": "/main/a",
        "content": [{"type": "input_text", "text": "go"}, hidden],
    }  # fmt: skip
    (turn,) = read_items(item).turns
    assert turn.role == "user"
    assert turn.parts == (Text("Message from /main to /main/a:"), Text("go"), NativePart("responses", hidden))
    (turn,) = read_items({"type": "agent_message"}).turns
    assert turn.parts == (Text("Message from another agent to you:"),)


def test_a_compaction_keeps_its_pair() -> None:
    """Sealed by us, or native; an empty one has none."""
    blob = Opaque("responses:m:1", {"id": "cmp_0", "encrypted_content": "gAAA"})
    sealed = {"type": "compaction", "id": "cmp_9", "encrypted_content": seal(blob)}
    native = {"type": "compaction", "id": "cmp_1", "encrypted_content": "gBBB"}
    empty = {"type": "compaction", "encrypted_content": ""}
    nameless = {"type": "compaction", "encrypted_content": "gCCC"}
    unbound = Opaque("responses", {"encrypted_content": "gCCC"})
    assert part_of(nameless) == NativePart("responses", nameless, opaque=unbound)
    assert part_of(sealed) == NativePart("responses", sealed, opaque=blob)
    pair = Opaque("responses", {"encrypted_content": "gBBB", "id": "cmp_1"})
    assert part_of(native) == NativePart("responses", native, opaque=pair)
    assert part_of(empty) == NativePart("responses", empty)


def test_a_local_shell_is_told_in_words() -> None:
    """For readers of other protocols."""
    call = {"type": "local_shell_call", "action": {"command": ["ls", "-l", 1]}}
    output = {"type": "local_shell_call_output", "output": "a.txt"}
    assert part_of(call) == NativePart("responses", call, "Shell command: ls -l")
    assert part_of(output) == NativePart("responses", output, "Output of the shell command: a.txt")
    assert part_of({"type": "local_shell_call", "action": 1}) == NativePart(
        "responses", {"type": "local_shell_call", "action": 1}, "Shell command: "
    )
    assert part_of({"type": "local_shell_call_output"}) == NativePart(
        "responses", {"type": "local_shell_call_output"}
    )


@pytest.mark.parametrize(
    ("item", "path"),
    [
        ({"type": "compaction_trigger"}, "input[0]"),
        ({"type": "item_reference", "id": "msg_1"}, "input[0]"),
        ({"id": "msg_1"}, "input[0]"),
        ({"role": "user", "content": [{"type": "input_audio", "data": "AA"}]}, "input[0].content[0]"),
    ],
)
def test_what_only_a_responses_server_can_do_is_noted(item: dict[str, Any], path: str) -> None:
    """So that another protocol's writer can refuse it with clear words."""
    (need,) = read_items(item).native_needs
    assert need.path == path
    assert repr(path) in need.message


def test_a_native_part_of_no_known_type_needs_nothing() -> None:
    """It may be dropped."""
    assert read_items({"role": "user", "content": [{"type": 7}]}).native_needs == ()


@pytest.mark.parametrize(
    ("item", "param"),
    [
        (7, "input[0]"),
        ({"type": 7}, "input[0].type"),
        ({}, "input[0]"),
        ({"role": "tool", "content": "x"}, "input[0].role"),
        ({"role": "user", "content": 7}, "input[0].content"),
        ({"role": "user", "content": ["x"]}, "input[0].content[0]"),
        ({"role": "user", "content": [{"type": "input_text", "text": 7}]}, "input[0].content[0].text"),
        ({"role": "user", "content": [{"type": "input_image"}]}, "input[0].content[0].image_url"),
        ({"role": "user", "content": [{"type": "input_file"}]}, "input[0].content[0].file_data"),
        ({"type": "function_call", "arguments": {}}, "input[0].arguments"),
        ({"type": "function_call_output", "output": 7}, "input[0].output"),
        ({"type": "reasoning", "summary": ["x"]}, "input[0].summary[0]"),
        ({"type": "tool_search_output", "execution": "client", "tools": [1]}, "input[0].tools[0]"),
    ],
)
def test_a_wrong_type_is_named_with_its_path(item: Any, param: str) -> None:
    """A 400 that can be acted on."""
    with pytest.raises(MalformedRequest) as caught:
        read_items(item)
    assert caught.value.param == param


def test_input_of_a_wrong_type_is_refused() -> None:
    """Neither text nor list."""
    with pytest.raises(MalformedRequest, match="input must be a string or a list of items, not 7"):
        read({"input": 7})


def test_a_blob_that_stood_beside_its_owner_returns_to_it() -> None:
    """A call has no place for a signature; without its owner the blob is gone."""
    beside = seal(Opaque("chat:g:1", {"reasoning_opaque": "abc", "@beside": "previous"}))
    blob = {"type": "reasoning", "summary": [], "encrypted_content": beside}
    call = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    (turn,) = read_items(call, blob).turns
    assert isinstance(turn.parts[0], ToolCall)
    assert turn.parts[0].opaque == Opaque("chat:g:1", {"reasoning_opaque": "abc"})
    assert read_items(blob).turns == ()
    assert TARGET.takes("responses")
