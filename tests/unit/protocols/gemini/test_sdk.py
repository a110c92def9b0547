"""google-genai 3.4 as the judge: it sends, we read; we write, it reads; its chats send the history back."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx2
import pytest
from google import genai
from google.genai import errors, types

from copilot_api.errors import UpstreamTimeout
from copilot_api.neutral.events import (
    Event,
    OpaqueSet,
    PartEnded,
    PartStarted,
    ReasoningDelta,
    ReplyEnded,
    ToolInputDelta,
    UsageSeen,
)
from copilot_api.neutral.fold import fold
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import Bytes, Image, Reasoning, Text, ToolCall, ToolResult
from copilot_api.neutral.request import FunctionTool, ModelRequest, OutputFormat, ToolChoice
from copilot_api.neutral.usage import Finish, FinishReason, Usage
from copilot_api.protocols.base import ToolNames, Voice
from copilot_api.protocols.gemini import PROTOCOL, parse_path, read_embeddings, write_embeddings
from unit.protocols.gemini.reading.asking import INGRESS
from unit.protocols.gemini.writing.answering import STARTED, said

BLOB = Opaque("responses:gpt-5:1", {"id": "rs_1", "encrypted_content": "gAAA+/=="})
ANSWER: list[Event] = [
    STARTED,
    PartStarted(0, Reasoning()),
    ReasoningDelta(0, "hm"),
    ReasoningDelta(0, "m"),
    OpaqueSet(0, BLOB),
    PartEnded(0),
    *said(1, "Let ", "me look."),
    PartStarted(2, ToolCall("call_1", "ls", "")),
    ToolInputDelta(2, '{"path":'),
    ToolInputDelta(2, '"/"}'),
    PartEnded(2),
    PartStarted(3, ToolCall("call_2", "ls", "{}")),
    PartEnded(3),
    UsageSeen(Usage(100, 50, cache_read_tokens=40, reasoning_tokens=30)),
    ReplyEnded(Finish(FinishReason.TOOL_CALLS, "tool_calls")),
]


class Server:
    """Answers the SDK with one answer and keeps what it asked."""

    def __init__(self, events: list[Event]) -> None:
        self.events = events
        self.asked: list[ModelRequest] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Read the request, write the answer."""
        call = parse_path(request.url.path, request.url.query.decode())
        assert call is not None
        document = json.loads(request.content)
        asked = INGRESS.read_request({**document, "model": call.model, "stream": call.is_stream})
        self.asked.append(asked)
        voice = Voice("answer_1", 1788300000, call.model)
        if not call.is_stream:
            reply, _ = INGRESS.write_reply(fold(self.events), asked, voice, ToolNames())
            return httpx2.Response(200, json=reply)
        writer = INGRESS.new_writer(asked, voice, ToolNames())
        keepalive = PROTOCOL.ingress.keepalive
        body = keepalive + b"".join(writer.feed(event) + keepalive for event in self.events)
        return httpx2.Response(200, content=body, headers={"content-type": "text/event-stream"})


@contextmanager
def client(answer: Callable[[httpx2.Request], httpx2.Response]) -> Iterator[genai.Client]:
    """The SDK, its requests answered here."""
    with httpx2.Client(transport=httpx2.MockTransport(answer)) as http:
        options = types.HttpOptions(base_url="http://gateway.test", httpx_client=http)
        with genai.Client(api_key="key", http_options=options) as made:
            yield made


THINKING = types.GenerateContentConfig(thinking_config=types.ThinkingConfig(include_thoughts=True))


def test_a_stream_adds_up_in_the_sdk() -> None:
    """Thoughts, text, whole calls, the reason and the usage."""
    with client(Server(ANSWER)) as sdk:
        chunks = list(sdk.models.generate_content_stream(model="gpt-5", contents="hi", config=THINKING))
    parts = [part for chunk in chunks for part in chunk.candidates[0].content.parts]
    assert "".join(part.text for part in parts if part.thought) == "hmm"
    assert "".join(part.text for part in parts if part.text and not part.thought) == "Let me look."
    calls = [(part.function_call.id, part.function_call.args) for part in parts if part.function_call]
    assert calls == [("call_1", {"path": "/"}), ("call_2", {})]
    last = chunks[-1]
    assert last.candidates[0].finish_reason == types.FinishReason.STOP
    assert last.usage_metadata.prompt_token_count == 100
    assert last.usage_metadata.cached_content_token_count == 40
    assert last.usage_metadata.candidates_token_count == 20
    assert last.usage_metadata.thoughts_token_count == 30
    assert (last.response_id, last.model_version) == ("resp_1", "gpt-5-2026")


def test_a_whole_answer_is_the_same() -> None:
    """Without thoughts for who did not ask for them."""
    with client(Server(ANSWER)) as sdk:
        reply = sdk.models.generate_content(model="gpt-5", contents="hi")
    assert [call.args for call in reply.function_calls] == [{"path": "/"}, {}]
    assert [part.text for part in reply.candidates[0].content.parts if part.text] == ["Let me look."]


@pytest.mark.parametrize("is_stream", [True, False])
@pytest.mark.parametrize("config", [THINKING, types.GenerateContentConfig()])
def test_a_chat_sends_back_what_it_got(is_stream: bool, config: types.GenerateContentConfig) -> None:
    """The blob byte for byte, the calls with their ids, the results matched to them by name."""
    server = Server(ANSWER)
    with client(server) as sdk:
        chat = sdk.chats.create(model="gpt-5", config=config)
        if is_stream:
            list(chat.send_message_stream("hi"))
        else:
            chat.send_message("hi")
        chat.send_message(
            [
                types.Part.from_function_response(name="ls", response={"output": "a"}),
                types.Part.from_function_response(name="ls", response={"error": "no"}),
            ]
        )
    first, *rest = server.asked[1].turns
    assert (first.role, first.parts) == ("user", (Text("hi"),))
    assert [(turn.role, turn.parts) for turn in rest] == [
        (
            "assistant",
            (
                Reasoning(("hmm",), opaque=BLOB),
                Text("Let me look."),
                ToolCall("call_1", "ls", '{"path":"/"}'),
                ToolCall("call_2", "ls", "{}"),
            ),
        ),
        (
            "user",
            (
                ToolResult("call_1", (Text("a"),), "ls"),
                ToolResult("call_2", (Text("no"),), "ls", is_error=True),
            ),
        ),
    ]


def look(path: str, depth: int = 1) -> str:
    """Look somewhere: a tool that the SDK describes itself."""
    return f"{path}{depth}"


DECLARED = types.FunctionDeclaration(name="raw", parameters_json_schema={"type": "object"})
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
EVERYTHING = types.GenerateContentConfig(
    system_instruction="be brief",
    tools=[look, types.Tool(function_declarations=[DECLARED])],
    automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
    tool_config=types.ToolConfig(
        function_calling_config=types.FunctionCallingConfig(
            mode=types.FunctionCallingConfigMode.ANY, allowed_function_names=["look"]
        )
    ),
    response_mime_type="application/json",
    response_json_schema=SCHEMA,
    max_output_tokens=5,
    stop_sequences=["END"],
    thinking_config=types.ThinkingConfig(thinking_level=types.ThinkingLevel.LOW),
)


def test_what_the_sdk_sends_is_understood() -> None:
    """Its schemas, its mixed spellings, its base64."""
    server = Server(ANSWER)
    picture = types.Part.from_bytes(data=b"\xfb\xff\xfe", mime_type="image/png")
    with client(server) as sdk:
        sdk.models.generate_content(model="gpt-5", contents=["see", picture], config=EVERYTHING)
    [asked] = server.asked
    assert asked.turns[0].parts == (Text("see"), Image(Bytes("image/png", "+//+")))
    assert asked.instructions == (Text("be brief"),)
    described, raw = asked.tools
    assert isinstance(described, FunctionTool)
    assert described.parameters is not None
    assert described.parameters["properties"] == {
        "path": {"type": "string"},
        "depth": {"default": 1, "type": "integer"},
    }
    assert raw == FunctionTool("raw", parameters={"type": "object"})
    assert asked.tool_choice == ToolChoice("named", ("look",))
    assert asked.output_format == OutputFormat(
        "json_schema", {"type": "object", "properties": {"a": {"type": "string"}}}
    )
    assert (asked.max_output_tokens, asked.sampling.stop) == (5, ("END",))
    assert asked.reasoning is not None
    assert asked.reasoning.effort == "low"


def test_an_error_in_a_stream_is_raised_by_the_sdk() -> None:
    """After what came before it."""
    writer = INGRESS.new_writer(ModelRequest("gemini", "m", ()), Voice("a", 1, "m"), ToolNames())
    body = b"".join(writer.feed(event) for event in [STARTED, *said(0, "Good")])
    body += PROTOCOL.ingress.write_stream_error(UpstreamTimeout("silent too long"))
    headers = {"content-type": "text/event-stream"}
    seen: list[str] = []
    with (
        client(lambda _: httpx2.Response(200, content=body, headers=headers)) as sdk,
        pytest.raises(errors.ServerError, match="silent too long") as raised,
    ):
        seen += [chunk.text for chunk in sdk.models.generate_content_stream(model="m", contents="hi")]
    assert raised.value.code == 504


def test_embeddings_reach_the_sdk() -> None:
    """It always asks for a batch."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        call = parse_path(request.url.path)
        assert call is not None
        assert call.method == "batchEmbedContents"
        asked = read_embeddings(call.model, json.loads(request.content))
        assert asked.document == {
            "model": "embed-1",
            "input": ["a", "b"],
            "encoding_format": "float",
            "dimensions": 2,
        }
        data = [{"index": 0, "embedding": [0.5, 1.0]}, {"index": 1, "embedding": [0.25, 2.0]}]
        return httpx2.Response(200, json=write_embeddings({"data": data}, is_batch=True))

    config = types.EmbedContentConfig(output_dimensionality=2)
    with client(answer) as sdk:
        reply = sdk.models.embed_content(model="embed-1", contents=["a", "b"], config=config)
    assert [embedding.values for embedding in reply.embeddings] == [[0.5, 1.0], [0.25, 2.0]]
