"""Requests of other protocols in Messages' words."""

import msgspec
import pytest

from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.extras import Extras, Json, JsonObject
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
from copilot_api.neutral.request import (
    Turn,
)
from copilot_api.protocols.base import Target
from copilot_api.protocols.messages.writing.request import write_request
from unit.protocols.messages.talk import TARGET, foreign, messages_of, paths, read

HI = Turn("user", (Text("hi"),))
CALLS = Turn("assistant", (ToolCall("a", "f", '{"x":1}'), ToolCall("b", "f", "")))
BLIND = msgspec.structs.replace(TARGET, has_vision=False)


def text(words: str) -> JsonObject:
    """A text block."""
    return {"type": "text", "text": words}


def call(id: str, input: JsonObject) -> JsonObject:
    """A call of the tool f."""
    return {"type": "tool_use", "id": id, "name": "f", "input": input}


def result(id: str, words: str) -> JsonObject:
    """A plain result."""
    return {"type": "tool_result", "tool_use_id": id, "content": words}


def gave(id: str, words: str) -> Turn:
    """A tool's turn with one plain result."""
    return Turn("tool", (ToolResult(id, (Text(words),), is_plain=True),))


def test_the_least_request_gets_what_messages_requires() -> None:
    """`max_tokens`: the client's, else the model's, else what every model takes. Nothing else is invented (L10)."""
    assert foreign(HI).document == {
        "model": "claude-x",
        "messages": [{"role": "user", "content": [text("hi")]}],
        "max_tokens": 8000,
    }
    unknown = msgspec.structs.replace(TARGET, max_output_tokens=None)
    assert foreign(HI, target=unknown).document["max_tokens"] == 4096
    assert foreign(HI, max_output_tokens=5).document["max_tokens"] == 5


def test_leading_instructions_are_the_system_and_later_ones_reminders() -> None:
    """Later ones keep their place, so that the prompt cache sees the same beginning (L7)."""
    written = foreign(
        Turn("system", (Text("one"),)),
        Turn("developer", (Text("two", cache=CacheHint("1h")), Text(" "))),
        HI,
        Turn("developer", (Text("three"), Text(""))),
        Turn("assistant", (Text("ok"), Text(""))),
        instructions=(Text("zero"),),
    )
    assert written.document["system"] == [
        text("zero"),
        text("one"),
        {**text("two"), "cache_control": {"type": "ephemeral", "ttl": "1h"}},
    ]
    assert messages_of(written) == [
        {"role": "user", "content": [text("hi"), text("<system-reminder>\nthree\n</system-reminder>")]},
        {"role": "assistant", "content": [text("ok")]},
    ]
    assert written.losses == ()


@pytest.mark.parametrize(
    ("turns", "expected", "lost"),
    [
        ((), [{"role": "user", "content": [text("[The conversation starts here.]")]}], []),
        (
            (Turn("assistant", (Text("I"),)), HI, HI),
            [
                {"role": "user", "content": [text("[The conversation starts here.]")]},
                {"role": "assistant", "content": [text("I")]},
                {"role": "user", "content": [text("hi"), text("hi")]},
            ],
            [],
        ),
        (
            (HI, CALLS, gave("b", "B"), gave("a", "A"), HI),
            [
                {"role": "user", "content": [text("hi")]},
                {"role": "assistant", "content": [call("a", {"x": 1}), call("b", {})]},
                {"role": "user", "content": [result("b", "B"), result("a", "A"), text("hi")]},
            ],
            [],
        ),
        (
            (HI, CALLS, HI, gave("a", "A"), Turn("assistant", (Text("so"),))),
            [
                {"role": "user", "content": [text("hi")]},
                {"role": "assistant", "content": [call("a", {"x": 1}), call("b", {})]},
                {
                    "role": "user",
                    "content": [result("a", "A"), result("b", "[The tool gave no result.]"), text("hi")],
                },
                {"role": "assistant", "content": [text("so")]},
            ],
            [("messages[1].content[1]", "approximated")],
        ),
        (
            (HI, CALLS, gave("a", "A"), Turn("assistant", (Text("so"),))),
            [
                {"role": "user", "content": [text("hi")]},
                {"role": "assistant", "content": [call("a", {"x": 1}), call("b", {})]},
                {"role": "user", "content": [result("a", "A"), result("b", "[The tool gave no result.]")]},
                {"role": "assistant", "content": [text("so")]},
            ],
            [("messages[1].content[1]", "approximated")],
        ),
        (
            (HI, CALLS, gave("a", "A")),
            [
                {"role": "user", "content": [text("hi")]},
                {"role": "assistant", "content": [call("a", {"x": 1}), call("b", {})]},
                {"role": "user", "content": [result("a", "A")]},
            ],
            [],
        ),
        (
            (HI, CALLS),
            [
                {"role": "user", "content": [text("hi")]},
                {"role": "assistant", "content": [call("a", {"x": 1}), call("b", {})]},
            ],
            [],
        ),
        (
            (HI, gave("gone", "old")),
            [{"role": "user", "content": [text("hi"), text("[Result of tool call gone]"), text("old")]}],
            [("messages[1].content[0]", "approximated")],
        ),
    ],
)
def test_turns_alternate_and_every_call_is_answered(
    turns: tuple[Turn, ...], expected: Json, lost: list[tuple[str, str]]
) -> None:
    """Merged, results first, gaps filled, orphans told as text; nothing is added behind an unfinished answer."""
    written = foreign(*turns)
    assert messages_of(written) == expected
    assert paths(written.losses) == lost


def parts_of(part: Part, role: str = "user", target: Target = TARGET) -> tuple[Json, list[tuple[str, str]]]:
    """The blocks of one part in a turn of `role`, after a user's turn, and the losses; an assistant goes on."""
    turn = Turn("assistant", (part, Text("so"))) if role == "assistant" else Turn("user", (part,))
    written = foreign(HI, turn, target=target)
    last = messages_of(written)
    assert isinstance(last, list)
    message = last[-1]
    assert isinstance(message, dict)
    content = message["content"]
    assert isinstance(content, list)
    kept = content[:-1] if role == "assistant" else content[1:]
    return (kept if message["role"] == role else []), paths(written.losses)


PDF = Bytes("application/pdf", "JVBERg==")


@pytest.mark.parametrize(
    ("part", "expected", "lost"),
    [
        (
            Image(Bytes("image/png", "aQ=="), detail="auto"),
            [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aQ=="}}],
            [],
        ),
        (
            Image(Link("https://a/b"), detail="low"),
            [{"type": "image", "source": {"type": "url", "url": "https://a/b"}}],
            [("messages[].content[].image_url.detail", "harmless")],
        ),
        (
            File(PDF, "a.pdf", cache=CacheHint("9d", Extras("chat", {"odd": 1}))),
            [
                {
                    "type": "document",
                    "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERg=="},
                    "title": "a.pdf",
                    "cache_control": {"type": "ephemeral"},
                }
            ],
            [
                ("messages[].content[].cache_control.ttl", "harmless"),
                ("messages[1].content[0].cache_control.odd", "dropped"),
            ],
        ),
        (
            File(Bytes("text/markdown; charset=utf-8", "w6k=")),
            [{"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "é"}}],
            [],
        ),
        (
            File(None, text="words"),
            [{"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "words"}}],
            [],
        ),
        (
            File(None),
            [{"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": ""}}],
            [],
        ),
        (
            NativePart("responses", {"type": "odd"}, "told"),
            [text("told")],
            [("messages[1].content[0]", "approximated")],
        ),
        (
            Text("a", (Citation("chat", {}),), extras=Extras("chat", {"odd": 1, "none": None})),
            [text("a")],
            [("messages[1].content[0].citations", "dropped"), ("messages[1].content[0].odd", "dropped")],
        ),
    ],
)
def test_content_of_the_user_is_said(part: Part, expected: Json, lost: list[tuple[str, str]]) -> None:
    """Blocks of Messages' own kinds; foreign fields are losses."""
    assert parts_of(part) == (expected, lost)


SIGNED = Opaque("messages:claude-x:1", {"signature": "s"})


@pytest.mark.parametrize(
    ("part", "expected", "lost"),
    [
        (Refusal("no"), [text("no")], []),
        (Refusal(" "), [], []),
        (Image(Link("https://a")), [], [("messages[1].content[0]", "dropped")]),
        (NativePart("responses", {"type": "odd"}), [], [("messages[1].content[0]", "dropped")]),
        (Reasoning(("hm",)), [], [("messages[1].content[0]", "dropped")]),
        (
            Reasoning(("hm",), opaque=Opaque("responses:gpt:1", {"id": "r"})),
            [],
            [("messages[1].content[0]", "dropped")],
        ),
        (Reasoning(opaque=Opaque("messages", {"odd": "r"})), [], [("messages[1].content[0]", "dropped")]),
        (
            Reasoning(("a", "b"), opaque=SIGNED),
            [{"type": "thinking", "thinking": "a\n\nb", "signature": "s"}],
            [],
        ),
        (
            Reasoning(opaque=Opaque("messages", {"data": "d"}), is_redacted=True),
            [{"type": "redacted_thinking", "data": "d"}],
            [],
        ),
        (
            Text("so", opaque=SIGNED),
            [{"type": "thinking", "thinking": "", "signature": "s"}, text("so")],
            [],
        ),
        (
            ToolCall("call|1", "f", "not json"),
            [call("toolu_c26e9779d73a23c7a5729c9b", {"raw_arguments": "not json"})],
            [("messages[1].content[0]", "approximated")],
        ),
        (
            ToolCall("a", "f", "[1]"),
            [call("a", {"raw_arguments": "[1]"})],
            [("messages[1].content[0]", "approximated")],
        ),
        (ToolCall("a", "f", "text", kind="custom"), [call("a", {"input": "text"})], []),
    ],
)
def test_content_of_the_assistant_is_said(part: Part, expected: Json, lost: list[tuple[str, str]]) -> None:
    """Thinking goes only where its blob is read; a call's arguments are always an object."""
    assert parts_of(part, "assistant") == (expected, lost)


@pytest.mark.parametrize(
    "thoughts",
    [
        (Reasoning(("hm",), opaque=SIGNED),),
        (
            Reasoning(("hm",), opaque=SIGNED),
            Reasoning(opaque=Opaque("messages", {"data": "d"}), is_redacted=True),
        ),
    ],
)
def test_a_history_does_not_end_in_a_thought(thoughts: tuple[Part, ...]) -> None:
    """Codex keeps the thought of an answer that was cut behind it and asks again; Claude refuses to go on from it."""
    written = foreign(HI, Turn("assistant", thoughts))
    assert messages_of(written) == [{"role": "user", "content": [text("hi")]}]
    assert paths(written.losses) == [("messages[1]", "dropped")]
    followed = foreign(HI, Turn("assistant", thoughts), HI)
    assert isinstance(spoken := messages_of(followed), list)
    assert len(spoken) == 3
    assert paths(followed.losses) == []


def test_the_same_thinking_is_said_once() -> None:
    """Some clients keep the blob on the thinking and on the call after it."""
    turn = Turn("assistant", (Reasoning(("hm",), opaque=SIGNED), ToolCall("a", "f", "{}", opaque=SIGNED)))
    assert messages_of(foreign(HI, turn)) == [
        {"role": "user", "content": [text("hi")]},
        {
            "role": "assistant",
            "content": [{"type": "thinking", "thinking": "hm", "signature": "s"}, call("a", {})],
        },
    ]


@pytest.mark.parametrize(
    ("answer", "block"),
    [
        (ToolResult("a", is_plain=True), {"type": "tool_result", "tool_use_id": "a"}),
        (ToolResult("a", (Text(""),), is_plain=True), {"type": "tool_result", "tool_use_id": "a"}),
        (ToolResult("a"), {"type": "tool_result", "tool_use_id": "a", "content": []}),
        (
            ToolResult("a", (Text("x"), Image(Bytes("image/png", "aQ=="))), is_error=True),
            {
                "type": "tool_result",
                "tool_use_id": "a",
                "content": [
                    text("x"),
                    {
                        "type": "image",
                        "source": {"type": "base64", "media_type": "image/png", "data": "aQ=="},
                    },
                ],
                "is_error": True,
            },
        ),
    ],
)
def test_a_result_is_said(answer: ToolResult, block: JsonObject) -> None:
    """With text, images, an error, or nothing."""
    asked = Turn("assistant", (ToolCall("a", "f", "{}"),))
    messages = messages_of(foreign(HI, asked, Turn("tool", (answer,))))
    assert isinstance(messages, list)
    assert messages[-1] == {"role": "user", "content": [block]}


@pytest.mark.parametrize(
    ("part", "target", "words"),
    [
        (Image(Link("https://a")), BLIND, "is an image and the model 'claude-x' takes none"),
        (Image(Bytes("image/tiff", "aQ==")), TARGET, "is an image of type 'image/tiff'"),
        (Image(Stored("gemini", "files/1")), TARGET, "refers to the file 'files/1'"),
        (File(Bytes("audio/wav", "aQ==")), TARGET, "is a file of type 'audio/wav'"),
        (File(Bytes("text/plain", "!")), TARGET, "is no base64 of UTF-8 text"),
        (File(Bytes("application/json", "/w==")), TARGET, "is no base64 of UTF-8 text"),
        (
            NativePart("chat", {"type": "input_audio"}),
            TARGET,
            "is 'input_audio', which only Chat Completions knows",
        ),
    ],
)
def test_content_that_no_model_takes_is_refused(part: Part, target: Target, words: str) -> None:
    """The message says what to send instead."""
    with pytest.raises(UnsupportedContent) as refusal:
        parts_of(part, target=target)
    assert words in refusal.value.message
    assert refusal.value.param == "messages[1].content[0]"


def test_a_foreign_blob_is_dropped_from_a_messages_request_too() -> None:
    """A chat that began with another model goes on without its thinking."""
    request = read(
        {"type": "thinking", "thinking": "hm", "signature": "own"},
        {"type": "thinking", "thinking": "hm"},
        role="assistant",
    )
    parts = (
        *request.turns[0].parts,
        Reasoning(("hm",), opaque=Opaque("chat:gpt:1", {"reasoning_opaque": "r"})),
    )
    request = msgspec.structs.replace(request, turns=(Turn("assistant", parts),))
    written = write_request(request, TARGET)
    assert messages_of(written) == [
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "own"},
                {"type": "thinking", "thinking": "hm"},
            ],
        }
    ]
    assert paths(written.losses) == [("messages[0].content[2]", "dropped")]
