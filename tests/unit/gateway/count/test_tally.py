"""What of a request is counted: every text once, overheads, no blobs."""

import pytest

from copilot_api.copilot.catalog import Model
from copilot_api.errors import UnsupportedContent
from copilot_api.gateway.count.tally import Tally, tally
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import (
    Bytes,
    File,
    Image,
    Link,
    NativePart,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from copilot_api.neutral.request import (
    CustomTool,
    FunctionTool,
    ModelRequest,
    Namespace,
    NativeNeed,
    NativeTool,
    OutputFormat,
    Turn,
)

GPT = Model(id="gpt-4o", family="gpt-4o")


def of(*parts: Part) -> Tally:
    """The tally of one turn, without what every request of one turn has: 3 for the request and 4 for the turn."""
    counted = tally(ModelRequest("chat", "gpt-4o", (Turn("user", parts),)), GPT)
    return Tally(counted.texts, counted.known_tokens - 7)


@pytest.mark.parametrize(
    ("part", "texts", "known_tokens"),
    [
        (Text("hi"), ["hi"], 0),
        (Refusal("no"), ["no"], 0),
        (Image(Link("https://example.com/a.png")), [], 765),
        (File(None, name="a.txt", text="words"), ["words", "a.txt"], 0),
        (File(Bytes("application/pdf", "AAAA")), [], 2250),
        (Reasoning(("one", "two"), text="raw"), ["one", "two", "raw"], 0),
        (Reasoning(opaque=Opaque("responses", {"encrypted_content": "x"}), is_redacted=True), [], 0),
        (ToolCall("call_1", "f", '{"a":1}'), ["f", '{"a":1}'], 8),
        (ToolResult("call_1", (Text("ok"), Image(Link("https://example.com")))), ["ok"], 773),
        (NativePart("responses", {"type": "x"}, text="said"), ["said"], 0),
        (
            NativePart("responses", {"type": "x", "data": ["A" * 2000, "a b"]}),
            ['{"type":"x","data":["","a b"]}'],
            0,
        ),
    ],
)
def test_each_part_is_counted_as_what_it_is(part: Part, texts: list[str], known_tokens: int) -> None:
    """Text is tokenized; pictures, documents and frames around calls are known; blobs are nothing."""
    assert of(part) == Tally(texts, known_tokens)


def test_instructions_names_and_schemas_count() -> None:
    """What stands outside of the turns is read by the model, too."""
    request = ModelRequest(
        "chat",
        "gpt-4o",
        (Turn("user", (Text("hi"),), name="ann"),),
        instructions=(Text("be brief"),),
        output_format=OutputFormat("json_schema", schema={"type": "object"}),
    )
    assert tally(request, GPT) == Tally(["be brief", "ann", "hi", '{"type":"object"}'], 3 + 4 + 4)


def test_tools_count_with_their_schemas() -> None:
    """Every kind of tool, wherever it stands."""
    function = FunctionTool("f", "does f", {"type": "object"})
    request = ModelRequest(
        "responses",
        "gpt-4o",
        (),
        tools=(
            function,
            CustomTool("c", None, {"type": "grammar"}),
            Namespace("n", (FunctionTool("g"),), "of g"),
            NativeTool("responses", "web_search", {"type": "web_search"}),
        ),
    )
    counted = tally(request, GPT)
    assert counted.known_tokens == 3 + 12 + 4 * 8
    assert counted.texts == [
        *("f", "does f", '{"type":"object"}'),
        *("c", "", '{"type":"grammar"}'),
        *("n", "of g", "g", "", "{}"),
        '{"type":"web_search"}',
    ]


def test_claude_gets_a_system_prompt_with_its_tools() -> None:
    """Anthropic's guide: 346 tokens as soon as one tool is offered."""
    request = ModelRequest("messages", "claude", (), tools=(FunctionTool("f"),))
    assert tally(request, Model(id="claude-sonnet-4.6")).known_tokens == 3 + 346 + 8


@pytest.mark.parametrize("path", ["previous_response_id", "conversation", "prompt", "cachedContent"])
def test_what_lies_elsewhere_cannot_be_counted(path: str) -> None:
    """A number for half of a prompt would be worse than none."""
    with pytest.raises(UnsupportedContent, match="is elsewhere") as caught:
        tally(ModelRequest("responses", "m", (), native_needs=(NativeNeed(path, "is elsewhere"),)), GPT)
    assert caught.value.param == path


def test_an_item_that_is_only_named_cannot_be_counted() -> None:
    """Nothing is stored here that it could name."""
    with pytest.raises(UnsupportedContent, match="item_reference"):
        of(NativePart("responses", {"type": "item_reference", "id": "msg_1"}))


def test_other_needs_hide_nothing() -> None:
    """A second candidate cannot be had, but the prompt is all there."""
    request = ModelRequest(
        "gemini", "m", (), native_needs=(NativeNeed("generationConfig.candidateCount", "no"),)
    )
    assert tally(request, GPT) == Tally([], 3)
