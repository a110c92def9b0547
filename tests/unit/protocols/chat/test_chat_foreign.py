"""Requests of other protocols in chat's words."""

import base64
from typing import Any

import pytest

from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.extras import Extras, JsonObject
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
    CustomTool,
    FunctionTool,
    ModelRequest,
    NativeNeed,
    OutputFormat,
    ReasoningOptions,
    Sampling,
    ToolChoice,
    Turn,
)
from copilot_api.protocols.base import Target, Written
from copilot_api.protocols.chat.writing import write_request

ORIGIN = "chat:claude:1"
TARGET = Target("chat", "claude", ORIGIN)
PNG = Image(Bytes("image/png", "AA"))


def write(*turns: Turn, target: Target = TARGET, **fields: Any) -> Written:
    return write_request(ModelRequest("messages", "claude", turns, **fields), target)


def messages(*turns: Turn, **fields: Any) -> object:
    return write(*turns, **fields).document["messages"]


def user(*parts: Part) -> Turn:
    return Turn("user", parts)


def assistant(*parts: Part) -> Turn:
    return Turn("assistant", parts)


def reasons(written: Written) -> list[tuple[str, str]]:
    return [(loss.path, loss.reason) for loss in written.losses]


def test_a_bare_request_gets_only_what_upstream_needs() -> None:
    """L10: the model, the messages, and the request to be told what it cost."""
    assert write(user(Text("hi"))).document == {
        "model": "claude",
        "messages": [{"role": "user", "content": "hi"}],
        "stream_options": {"include_usage": True},
    }


class TestTurns:
    """Who says what, in which order."""

    def test_instructions_come_first_and_system_turns_stay_in_their_places(self) -> None:
        """All of them are `system`, which every model takes."""
        assert messages(
            user(Text("hi")),
            Turn("system", (Text("a"), Text("b"))),
            Turn("developer", (Text("c"),), name="boss"),
            instructions=(Text("x"), Text("y")),
        ) == [
            {"role": "system", "content": "x\n\ny"},
            {"role": "user", "content": "hi"},
            {"role": "system", "content": "a\n\nb"},
            {"role": "system", "content": "c", "name": "boss"},
        ]

    def test_several_parts_stay_several(self) -> None:
        """Pictures among words, in order; one text is a bare string."""
        assert messages(user(Text("a"), Image(Link("https://e.com/x.png"), "low"), Text("b"))) == [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "a"},
                    {"type": "image_url", "image_url": {"url": "https://e.com/x.png", "detail": "low"}},
                    {"type": "text", "text": "b"},
                ],
            }
        ]

    def test_results_follow_their_calls_and_words_follow_the_results(self) -> None:
        """One user turn of Messages becomes several messages."""
        assert messages(
            assistant(Text("let me "), Text("see"), ToolCall("1", "f", '{"a": 1}'), ToolCall("2", "g", "")),
            user(
                ToolResult("1", (Text("a"), Text("b")), is_plain=False),
                ToolResult("2", ()),
                Text("go on"),
            ),
        ) == [
            {
                "role": "assistant",
                "content": "let me see",
                "tool_calls": [
                    {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}},
                    {"id": "2", "type": "function", "function": {"name": "g", "arguments": ""}},
                ],
            },
            {"role": "tool", "tool_call_id": "1", "content": "a\n\nb"},
            {"role": "tool", "tool_call_id": "2", "content": ""},
            {"role": "user", "content": "go on"},
        ]

    def test_pictures_of_results_follow_in_one_user_message(self) -> None:
        """Only after the last result: nobody may speak between them."""
        written = write(
            assistant(ToolCall("1", "f", "{}"), ToolCall("2", "f", "{}")),
            Turn("tool", (ToolResult("1", (PNG,)),)),
            Turn("tool", (ToolResult("2", (Text("seen"), PNG)),)),
            assistant(Text("nice")),
        )
        assert written.document["messages"] == [
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}},
                    {"id": "2", "type": "function", "function": {"name": "f", "arguments": "{}"}},
                ],
            },
            {"role": "tool", "tool_call_id": "1", "content": "The result is a picture. It follows."},
            {"role": "tool", "tool_call_id": "2", "content": "seen"},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "From the result of the tool call 1:"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}},
                    {"type": "text", "text": "From the result of the tool call 2:"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}},
                ],
            },
            {"role": "assistant", "content": "nice"},
        ]
        assert reasons(written) == [
            ("messages[1].content[0]", "a result holds text only: its pictures follow"),
            ("messages[2].content[0]", "a result holds text only: its pictures follow"),
        ]

    def test_failed_results_say_so_once(self) -> None:
        """Chat has no flag for it; what says it already is left alone."""
        written = write(
            Turn(
                "tool",
                (
                    ToolResult("1", (Text("boom"),), is_error=True),
                    ToolResult("2", (Text("<tool_use_error>x"),), is_error=True),
                    ToolResult("3", (Text("fine"),), is_error=False, extras=Extras("messages", {"x": 1})),
                ),
            )
        )
        contents = [message["content"] for message in written.document["messages"]]  # type: ignore[index, union-attr, call-overload]
        assert contents == ["Error: boom", "<tool_use_error>x", "fine"]
        assert reasons(written) == [
            ("messages[0].content[0].is_error", "chat has no failed results: said in the text"),
            ("messages[0].content[1].is_error", "chat has no failed results: said in the text"),
            ("messages[0].content[2].x", "only Messages has this field"),
        ]

    def test_turns_of_one_speaker_become_one_message(self) -> None:
        """Protocols of items give every item a turn; chat wants all calls of one go together."""
        assert messages(
            assistant(Text("a")),
            assistant(ToolCall("1", "f", "{}")),
            assistant(ToolCall("2", "f", "{}")),
            assistant(Text("b")),
        ) == [
            {
                "role": "assistant",
                "content": "ab",
                "tool_calls": [
                    {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}},
                    {"id": "2", "type": "function", "function": {"name": "f", "arguments": "{}"}},
                ],
            }
        ]
        assert messages(assistant(ToolCall("1", "f", "{}")), Turn("assistant", (Text("b"),), name="n")) == [
            {
                "role": "assistant",
                "content": "b",
                "name": "n",
                "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
            }
        ]

    def test_a_turn_of_nothing_is_no_message(self) -> None:
        """Upstream refuses empty ones; the one after it does not join what is before it."""
        assert messages(assistant(Text("")), assistant(Text("a")), user(), Turn("tool", ())) == [
            {"role": "assistant", "content": "a"}
        ]

    def test_what_an_answer_cannot_say_is_reported(self) -> None:
        """Order after calls, citations, phases, server tools, pictures."""
        written = write(
            Turn(
                "assistant",
                (
                    ToolCall("1", "f", "{}", extras=Extras("messages", {"caller": "x"})),
                    Text("late", (Citation("messages", {}),)),
                    Refusal("no"),
                    NativePart("messages", {"type": "server_tool_use"}),
                    NativePart("messages", {"type": "x"}, "in words"),
                    PNG,
                ),
                phase="commentary",
            ),
            user(Reasoning(("odd",))),
        )
        assert written.document["messages"] == [
            {
                "role": "assistant",
                "content": "latenoin words",
                "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
            }
        ]
        assert reasons(written) == [
            ("messages[0].content[0].caller", "only Messages has this field"),
            ("messages[0].content[1].citations", "chat's requests carry no citations"),
            ("messages[0].content[1]", "what was said after a tool call is said before it"),
            ("messages[0].content[2]", "what was said after a tool call is said before it"),
            ("messages[0].content[3]", "only Messages knows 'server_tool_use'"),
            ("messages[0].content[4]", "only Messages knows 'x': said as text"),
            ("messages[0].content[5]", "chat's assistant says text and calls only"),
            ("messages[].phase", "chat tells no commentary from answers"),
            ("messages[1].content[0]", "the role 'user' cannot say this"),
        ]


class TestReasoning:
    """What was thought goes back to whoever can verify it, and to nobody else."""

    OWN = Opaque(ORIGIN, {"reasoning_opaque": "b1"})

    def test_own_blobs_are_written_byte_for_byte_in_order(self) -> None:
        """Also those that hang on texts and calls; they add up to what upstream once sent."""
        assert messages(
            assistant(
                Reasoning(("why",), opaque=self.OWN),
                Text("a", opaque=Opaque(ORIGIN, {"reasoning_opaque": "b2"})),
                Reasoning(is_redacted=True, opaque=Opaque(ORIGIN, {"reasoning_opaque": "b3"})),
                ToolCall("1", "f", "{}", opaque=Opaque("chat", {"reasoning_opaque": "b4"})),
            )
        ) == [
            {
                "role": "assistant",
                "content": "a",
                "reasoning_text": "why",
                "reasoning_opaque": "b1b2b3b4",
                "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
            }
        ]

    def test_a_blob_alone_is_still_a_message(self) -> None:
        """Redacted thinking has no text to send with it."""
        assert messages(assistant(Reasoning(is_redacted=True, opaque=self.OWN))) == [
            {"role": "assistant", "content": None, "reasoning_opaque": "b1"}
        ]

    def test_foreign_and_unproven_thinking_is_dropped(self) -> None:
        """Claude refuses thinking without its signature; text would be a lie about who said it."""
        written = write(
            assistant(
                Reasoning(("a",), opaque=Opaque("responses:gpt:1", {"encrypted_content": "x"})),
                Reasoning(("b",)),
                Reasoning(("c",), opaque=Opaque(ORIGIN, {"signature": "x"})),
                Text("said"),
            )
        )
        assert written.document["messages"] == [{"role": "assistant", "content": "said"}]
        assert reasons(written) == [
            (
                "messages[0].content[0]",
                "this reasoning was sealed by the model 'gpt' over Responses, which alone can read it",
            ),
            ("messages[0].content[1]", "the model 'claude' takes no reasoning without its proof"),
            (
                "messages[0].content[2]",
                "this reasoning was sealed by the model 'claude' over Chat Completions, which alone can read it",
            ),
        ]


class TestContent:
    """Parts that chat takes, and parts it refuses."""

    def test_documents_of_text_are_said_as_text(self) -> None:
        """With their names, which tell them apart."""
        encoded = base64.b64encode(b"words").decode()
        written = write(
            user(File(None, "a.txt", "hello"), File(Bytes("text/markdown", encoded)), Refusal("no"))
        )
        assert written.document["messages"] == [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "a.txt:\n\nhello"},
                    {"type": "text", "text": "words"},
                    {"type": "text", "text": "no"},
                ],
            }
        ]
        assert reasons(written) == [
            ("messages[0].content[0]", "chat takes no documents: said as text"),
            ("messages[0].content[1]", "chat takes no documents: said as text"),
        ]

    @pytest.mark.parametrize(
        ("part", "words"),
        [
            (File(Bytes("application/pdf", "AA")), r"is a file \(application/pdf\)"),
            (File(Stored("messages", "f1")), r"is a file \(of unknown type\)"),
            (File(Bytes("text/plain", "not base64!")), r"is a file \(text/plain\)"),
            (Image(Stored("messages", "f1")), "is kept by the file service of Messages"),
            (NativePart("gemini", {"type": "video"}), "is 'video', which only Gemini knows"),
        ],
    )
    def test_what_chat_cannot_carry_is_refused_with_the_remedy(self, part: Part, words: str) -> None:
        """Never silently left out."""
        with pytest.raises(UnsupportedContent, match=words) as refusal:
            write(user(part))
        assert refusal.value.param == "messages[0].content[0]"

    def test_pictures_for_a_model_that_sees_none_are_refused(self) -> None:
        """It would answer as if there were none."""
        with pytest.raises(UnsupportedContent, match="sees none"):
            write(user(PNG), target=Target("chat", "m", "chat:m:1", has_vision=False))

    def test_odd_details_and_fields_are_reported(self) -> None:
        """A part said in words, a detail chat does not have, a field only the origin has."""
        written = write(
            user(
                Image(Link("u"), "original", extras=Extras("messages", {"x": 1})),
                NativePart("messages", {"type": "tool_reference"}, "tool x"),
                Text("cited", (Citation("messages", {}),)),
            )
        )
        assert reasons(written) == [
            ("messages[0].content[0].x", "only Messages has this field"),
            ("messages[].content[].detail", "chat has no detail 'original'"),
            ("messages[0].content[1]", "only Messages knows 'tool_reference': said as text"),
            ("messages[0].content[2].citations", "chat has no place for the sources of a replayed text"),
        ]

    def test_cache_marks_mark_their_message(self) -> None:
        """Chat's marks only prime the cache, and name no time."""
        written = write(
            user(Text("a", cache=CacheHint("1h")), Refusal("b")),
            user(ToolResult("1", (Text("r", cache=CacheHint()),))),
        )
        assert written.document["messages"] == [
            {
                "role": "user",
                "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
                "copilot_cache_control": {"type": "ephemeral"},
            },
            {
                "role": "tool",
                "tool_call_id": "1",
                "content": "r",
                "copilot_cache_control": {"type": "ephemeral"},
            },
        ]
        assert reasons(written) == [
            ("messages[].content[].cache_control.ttl", "chat's cache marks name no time")
        ]


class TestTools:
    """Tools of other protocols are functions."""

    TOOLS = (FunctionTool("f", cache=CacheHint()), CustomTool("patch"))

    def test_tools_and_their_calls_speak_the_same_names(self) -> None:
        """A freeform tool's calls are wrapped like the tool."""
        written = write(assistant(ToolCall("1", "patch", "*** x", "custom")), tools=self.TOOLS)
        assert written.document["tools"] == [
            {
                "type": "function",
                "function": {"name": "f", "parameters": {"type": "object", "properties": {}}},
            },
            {
                "type": "function",
                "function": {
                    "name": "patch",
                    "description": "Give the whole freeform text as `input`.",
                    "parameters": {
                        "type": "object",
                        "properties": {"input": {"type": "string"}},
                        "required": ["input"],
                        "additionalProperties": False,
                    },
                },
            },
        ]
        assert written.names.back == {"patch": ("patch", None, "custom")}
        assert written.document["messages"] == [
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "id": "1",
                        "type": "function",
                        "function": {"name": "patch", "arguments": '{"input":"*** x"}'},
                    }
                ],
            }
        ]

    @pytest.mark.parametrize(
        ("choice", "expected"),
        [
            (ToolChoice("auto"), "auto"),
            (ToolChoice("required"), "required"),
            (ToolChoice("named", ("f",)), {"type": "function", "function": {"name": "f"}}),
            (
                ToolChoice("allowed", ("f",), is_required=True),
                {"type": "function", "function": {"name": "f"}},
            ),
            (ToolChoice("allowed", ("f", "patch"), is_required=True), "required"),
            (ToolChoice("allowed", ("f",)), "auto"),
        ],
    )
    def test_choices_are_said(self, choice: ToolChoice, expected: object) -> None:
        """An allowed list is not known to be taken: it is loosened."""
        assert write(tools=self.TOOLS, tool_choice=choice).document["tool_choice"] == expected

    @pytest.mark.parametrize(
        ("said", "can", "expected"),
        [(None, True, None), (False, False, False), (True, True, True), (True, False, None)],
    )
    def test_parallel_calls_are_asked_for_where_they_can_be(
        self, said: bool | None, can: bool, expected: bool | None
    ) -> None:
        """Only when the client said something."""
        target = Target("chat", "m", "chat:m:1", has_parallel_tool_calls=can)
        written = write(tools=self.TOOLS, parallel_tool_calls=said, target=target)
        assert written.document.get("parallel_tool_calls") is expected


class TestOptions:
    """Knobs."""

    def test_what_chat_knows_is_carried(self) -> None:
        """Numbers as they were spelled."""
        written = write(
            sampling=Sampling(
                temperature=1,
                top_p=0.5,
                frequency_penalty=0,
                presence_penalty=0.5,
                seed=3,
                logit_bias={"a": 1},
                stop=("a", "b"),
                verbosity="low",
                candidates=1,
            ),
            max_output_tokens=10,
            user="u",
            cache_key="k",
            metadata={"a": "b"},
            stream=False,
            store=False,
            service_tier="auto",
        )
        assert written.losses == ()
        assert written.document == {
            "model": "claude",
            "messages": [],
            "temperature": 1,
            "top_p": 0.5,
            "frequency_penalty": 0,
            "presence_penalty": 0.5,
            "seed": 3,
            "logit_bias": {"a": 1},
            "stop": ["a", "b"],
            "verbosity": "low",
            "max_tokens": 10,
            "user": "u",
            "prompt_cache_key": "k",
            "metadata": {"a": "b"},
            "stream": False,
            "stream_options": {"include_usage": True},
        }

    def test_what_chat_lacks_is_reported(self) -> None:
        """Knobs are dropped, with a reason each."""
        written = write(
            sampling=Sampling(top_k=4, top_logprobs=2, stop=("a", "b", "c", "d", "e")),
            metadata={"a": 1},
            store=True,
            service_tier="priority",
            output_format=OutputFormat("text", extras=Extras("messages", {"z": 1})),
            extras=Extras("messages", {"thread": {}, "null": None}),
        )
        assert written.document["stop"] == ["a", "b", "c", "d"]
        assert (written.document["logprobs"], written.document["top_logprobs"]) == (True, 2)
        assert written.document["response_format"] == {"type": "text"}
        assert reasons(written) == [
            ("stop_sequences", "chat takes 4 stop sequences, not 5"),
            ("output_config.format.z", "only Messages has this field"),
            ("metadata", "chat takes at most 16 pairs of strings"),
            ("top_k", "chat has no top_k"),
            ("service_tier", "Copilot has no service tiers"),
            ("store", "Copilot stores no answers"),
            ("thread", "only Messages has this field"),
        ]

    def test_output_formats(self) -> None:
        """A schema gets the name that chat requires."""
        schema: JsonObject = {"type": "object"}
        assert write(output_format=OutputFormat("json_object")).document["response_format"] == {
            "type": "json_object"
        }
        assert write(output_format=OutputFormat("json_schema", schema)).document["response_format"] == {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": schema},
        }
        full = OutputFormat("json_schema", schema, "n", "d", strict=True)
        assert write(output_format=full).document["response_format"] == {
            "type": "json_schema",
            "json_schema": {"name": "n", "description": "d", "schema": schema, "strict": True},
        }
        with pytest.raises(UnsupportedContent, match="cannot be held to a JSON schema"):
            write(output_format=full, target=Target("chat", "m", "o", has_structured_outputs=False))

    @pytest.mark.parametrize(
        ("options", "expected", "is_reported"),
        [
            (None, None, False),
            (ReasoningOptions(effort="medium"), "medium", False),
            (ReasoningOptions(effort="xhigh"), "high", True),
            (ReasoningOptions(effort="minimal"), "low", True),
            (ReasoningOptions(effort="extreme"), None, True),
            (ReasoningOptions(mode="disabled"), "low", True),
            (ReasoningOptions(mode="adaptive"), None, True),
            (ReasoningOptions(budget_tokens=20000), "medium", True),
            (ReasoningOptions(budget_tokens=-1), None, False),
            (ReasoningOptions(budget_tokens=0), "low", True),
        ],
    )
    def test_effort_is_the_nearest_lower_one(
        self, options: ReasoningOptions | None, expected: str | None, is_reported: bool
    ) -> None:
        """Else the lowest the model has; what became of the wish is told."""
        target = Target("chat", "m", "o", reasoning_efforts=("low", "medium", "high"))
        written = write(reasoning=options, target=target)
        assert written.document.get("reasoning_effort") == expected
        assert bool(written.losses) is is_reported

    @pytest.mark.parametrize(
        ("options", "expected", "is_approximated"),
        [
            (ReasoningOptions(effort="medium"), 16384, True),
            (ReasoningOptions(effort="none"), None, False),
            (ReasoningOptions(budget_tokens=5000), 5000, False),
            (ReasoningOptions(budget_tokens=10), 1024, True),
            (ReasoningOptions(budget_tokens=99999), 32000, True),
            (ReasoningOptions(budget_tokens=-1), None, False),
        ],
    )
    def test_models_with_budgets_get_a_budget(
        self, options: ReasoningOptions, expected: int | None, is_approximated: bool
    ) -> None:
        """Within what the model takes."""
        target = Target("chat", "m", "o", min_thinking_budget=1024, max_thinking_budget=32000)
        written = write(reasoning=options, target=target)
        assert written.document.get("thinking_budget") == expected
        assert bool(written.losses) is is_approximated

    def test_a_model_that_lets_nobody_choose(self) -> None:
        """A wish that cannot be granted is reported, its absence is not."""
        assert reasons(write(reasoning=ReasoningOptions(effort="high"))) == [
            ("output_config.effort", "the model 'claude' lets nobody choose how much it thinks")
        ]
        assert write(reasoning=ReasoningOptions(effort="none", budget_tokens=0)).losses == ()

    def test_the_newest_turn_s_effort_holds(self) -> None:
        """Claude Code says it turn by turn."""
        target = Target("chat", "m", "o", reasoning_efforts=("low", "medium", "high"))
        turns = (Turn("system", (Text("a"),), effort="low"), Turn("system", (Text("b"),), effort="high"))
        written = write(*turns, target=target)
        assert written.document["reasoning_effort"] == "high"
        assert reasons(written) == [
            (
                "messages[1].output_config.effort",
                "chat has one effort for the whole request: the newest turn's",
            )
        ]
        assert write(turns[0], reasoning=ReasoningOptions(effort="low"), target=target).losses == ()

    def test_what_cannot_be_done_at_all_is_refused(self) -> None:
        """Several candidates, stored answers, needs of the origin's own server."""
        with pytest.raises(UnsupportedContent, match="3 candidates"):
            write(sampling=Sampling(candidates=3))
        with pytest.raises(UnsupportedContent, match="previous_response_id"):
            write(previous_id="resp_1")
        with pytest.raises(UnsupportedContent, match="do otherwise") as refusal:
            write(native_needs=(NativeNeed("input[7]", "do otherwise"),))
        assert refusal.value.param == "input[7]"
