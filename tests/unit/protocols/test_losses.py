"""What is told of what was lost: in the client's own words, each thing once, and how bad it is."""

import msgspec
import pytest

from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.extras import Extras, Json, JsonObject
from copilot_api.neutral.loss import Handling, Loss, worst_first
from copilot_api.neutral.parts import NativePart
from copilot_api.neutral.request import Places
from copilot_api.protocols.base import ProtocolName, Target
from copilot_api.protocols.losses import Losses, refuse_losses
from copilot_api.protocols.spelling import inner_path, made_by, title, turn_path, word
from laws.hub.pairs import ingress_of, target_of, upstream_of

ASK: dict[str, JsonObject] = {
    "chat": {"messages": [{"role": "user", "content": "hi"}]},
    "responses": {"input": [{"role": "user", "content": "hi"}]},
    "messages": {"max_tokens": 100, "messages": [{"role": "user", "content": "hi"}]},
    "gemini": {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]},
}


def told(ingress: ProtocolName, upstream: ProtocolName, document: JsonObject) -> list[tuple[str, str]]:
    """Paths and handlings of what is lost of a request."""
    asked = ingress_of(ingress).read_request({"model": "m", **ASK[ingress], **document})
    losses = upstream_of(upstream).write_request(asked, target_of(upstream)).losses
    return [(loss.path, loss.handling.value) for loss in losses]


@pytest.mark.parametrize(
    ("ingress", "upstream", "document", "expected"),
    [
        ("chat", "messages", {"seed": 1, "n": 1}, [("seed", "dropped")]),
        ("chat", "responses", {"stop": ["a"]}, []),
        ("gemini", "chat", {"generationConfig": {"topK": 3}}, [("generationConfig.topK", "dropped")]),
        (
            "gemini",
            "messages",
            {"generationConfig": {"responseLogprobs": True, "logprobs": 2, "seed": 1}},
            [
                ("generationConfig.seed", "dropped"),
                ("generationConfig.responseLogprobs", "dropped"),
                ("generationConfig.logprobs", "dropped"),
            ],
        ),
        (
            "gemini",
            "messages",
            {"generationConfig": {"responseMimeType": "application/json"}},
            [("generationConfig.responseMimeType", "approximated")],
        ),
        (
            "messages",
            "chat",
            {"thinking": {"type": "enabled", "budget_tokens": 20000}},
            [("thinking.budget_tokens", "approximated")],
        ),
        (
            "messages",
            "responses",
            {"output_config": {"effort": "max"}},
            [("output_config.effort", "approximated")],
        ),
        ("responses", "messages", {"text": {"verbosity": "low"}}, [("text.verbosity", "dropped")]),
        (
            "responses",
            "messages",
            {"top_logprobs": 1, "include": ["message.output_text.logprobs"]},
            [("include", "dropped"), ("top_logprobs", "dropped")],
        ),
        ("responses", "chat", {"include": ["web_search_call.action.sources"]}, [("include", "harmless")]),
    ],
)
def test_fields_have_the_clients_names(
    ingress: ProtocolName, upstream: ProtocolName, document: JsonObject, expected: list[tuple[str, str]]
) -> None:
    """A person finds what is meant in what was sent."""
    assert told(ingress, upstream, document) == expected


@pytest.mark.parametrize(
    ("ingress", "upstream", "document", "expected"),
    [
        (
            "chat",
            "messages",
            {
                "messages": [
                    {"role": "user", "content": "a"},
                    {
                        "role": "assistant",
                        "reasoning_text": "hm",
                        "content": "b",
                        "tool_calls": [
                            {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{"}}
                        ],
                    },
                    {"role": "tool", "tool_call_id": "1", "content": "r"},
                ]
            },
            [("messages[1].reasoning_text", "dropped"), ("messages[1].tool_calls[0]", "approximated")],
        ),
        (
            "chat",
            "responses",
            {
                "messages": [
                    {"role": "user", "content": "a"},
                    {
                        "role": "assistant",
                        "content": [{"type": "text", "text": "b"}, {"type": "refusal", "refusal": "c"}],
                        "refusal": "no",
                        "function_call": {"name": "f", "arguments": "{}", "odd": 1},
                        "reasoning_opaque": "sealed",
                    },
                ]
            },
            [("messages[1].reasoning_opaque", "dropped"), ("messages[1].function_call.odd", "dropped")],
        ),
        (
            "gemini",
            "chat",
            {
                "contents": [
                    {"role": "user", "parts": [{"text": "a"}]},
                    {"role": "model", "parts": [{"text": "b"}]},
                    {"role": "model", "parts": [{"text": "hm", "thought": True}, {"text": "c", "odd": 1}]},
                    {"parts": [{"text": "d"}]},
                    {"text": "a part alone", "odd": 2},
                ]
            },
            [
                ("contents[2].parts[0]", "dropped"),
                ("contents[2].parts[1].odd", "dropped"),
                ("contents[4].odd", "dropped"),
            ],
        ),
        (
            "responses",
            "messages",
            {
                "input": [
                    {"type": "additional_tools", "tools": [{"type": "web_search"}]},
                    {"role": "user", "content": "a", "id": "msg_1"},
                    {"role": "user", "content": [{"type": "input_text", "text": "b", "odd": 1}]},
                    {"type": "reasoning", "summary": [{"type": "summary_text", "text": "c"}]},
                    {
                        "type": "agent_message",
                        "author": "x",
                        "content": [{"type": "input_text", "text": "d"}],
                    },
                ]
            },
            [
                ("input[].id", "harmless"),
                ("input[2].content[0].odd", "dropped"),
                ("input[3]", "dropped"),
                ("input[0].tools", "dropped"),
            ],
        ),
        ("responses", "chat", {"input": "hi", "service_tier": "flex"}, [("service_tier", "harmless")]),
        (
            "messages",
            "chat",
            {
                "system": [{"type": "text", "text": "a", "odd": 1}],
                "messages": [
                    {"role": "user", "content": [{"type": "text", "text": "a", "odd": 1}]},
                    {"role": "assistant", "content": "b", "odd": 1},
                ],
            },
            [
                ("system[0].odd", "dropped"),
                ("messages[0].content[0].odd", "dropped"),
                ("messages[1].odd", "dropped"),
            ],
        ),
    ],
)
def test_places_are_the_clients(
    ingress: ProtocolName, upstream: ProtocolName, document: JsonObject, expected: list[tuple[str, str]]
) -> None:
    """Calls, thoughts, contents and items stand where the client put them, however the hub holds them."""
    assert told(ingress, upstream, document) == expected


def test_tools_are_found_where_they_were_declared() -> None:
    """Google groups its functions, chat had a list of its own for them."""
    gemini: JsonObject = {
        "tools": [{"googleSearch": {}}, {"functionDeclarations": [{"name": "f", "odd": 1}]}]
    }
    assert told("gemini", "chat", gemini) == [
        ("tools[0].googleSearch", "dropped"),
        ("tools[1].functionDeclarations[0].odd", "dropped"),
    ]
    chat: JsonObject = {
        "tools": [{"type": "function", "function": {"name": "g", "odd": 1}}],
        "functions": [{"name": "f", "odd": 2}],
    }
    assert told("chat", "responses", chat) == [
        ("tools[0].function.odd", "dropped"),
        ("functions[0].odd", "dropped"),
    ]


@pytest.mark.parametrize("upstream", ["chat", "responses"])
def test_claude_code_is_not_refused_for_its_hints(upstream: ProtocolName) -> None:
    """What it sends with every request changes no answer elsewhere; a strict key may be used with it."""
    document: JsonObject = {
        "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        "metadata": {"user_id": "u", "other": "x"},
        "thinking": {"type": "adaptive", "display": "updates"},
        "system": [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        "tools": [{"name": "f", "input_schema": {"type": "object"}, "eager_input_streaming": True}],
    }
    losses = told("messages", upstream, document)
    assert {handling for _, handling in losses} == {"harmless"}
    assert ("context_management", "harmless") in losses
    assert ("metadata", "harmless") in losses


@pytest.mark.parametrize(
    ("ingress", "upstream", "document", "expected"),
    [
        ("responses", "chat", {"store": True}, [("store", "harmless")]),
        (
            "chat",
            "messages",
            {"metadata": {"a": "b"}, "prompt_cache_key": "k"},
            ["metadata", "prompt_cache_key"],
        ),
        ("chat", "responses", {"audio": {"voice": "x"}}, ["audio"]),
        (
            "chat",
            "messages",
            {"stream_options": {"include_obfuscation": True}},
            ["stream_options.include_obfuscation"],
        ),
        ("gemini", "messages", {"labels": {"a": "b"}}, ["labels"]),
    ],
)
def test_hints_and_bookkeeping_are_harmless(
    ingress: ProtocolName, upstream: ProtocolName, document: JsonObject, expected: list[str | tuple[str, str]]
) -> None:
    """They are told, and nobody is refused for them."""
    whole = [one if isinstance(one, tuple) else (one, "harmless") for one in expected]
    assert told(ingress, upstream, document) == whole


def test_a_field_that_says_what_happens_anyway_is_harmless() -> None:
    """Said otherwise it counts."""
    direct: JsonObject = {
        "type": "tool_use",
        "id": "1",
        "name": "f",
        "input": {},
        "caller": {"type": "direct"},
    }
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": [direct]}]
    assert told("messages", "chat", {"messages": turns}) == [("messages[].content[].caller", "harmless")]
    direct["caller"] = {"type": "code_execution_20250825", "tool_id": "x"}
    assert told("messages", "chat", {"messages": turns}) == [("messages[1].content[0].caller", "dropped")]


def test_what_is_replayed_of_an_audio_answer_counts() -> None:
    """The same word at the top of the request asks for a voice, and nothing was asked to be spoken."""
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "audio": {"id": "x"}}]
    assert told("chat", "messages", {"messages": turns}) == [("messages[1].audio", "dropped")]


def test_losses_of_extras_name_each_field() -> None:
    """At the top of the request there is no path before the field; inner objects are looked into."""
    losses = Losses("chat", "messages")
    losses.drop_extras("", Extras("chat", {"a": 1, "null": None, "response_format": {"b": 2}}))
    losses.drop_extras("", None)
    losses.drop_extras("tools[0]", Extras("chat", {}, {"index": 1, "@type": None, "file": {"index": 2}}))
    assert [(loss.path, loss.handling.value) for loss in losses.all] == [
        ("a", "dropped"),
        ("response_format.b", "dropped"),
        ("tools[].index", "harmless"),
        ("tools[].file.index", "harmless"),
    ]


def test_without_places_the_usual_words_say_where() -> None:
    """A request that nobody read from a client still has paths."""
    losses = Losses("gemini", "chat", places=Places(("contents[4]",), (("contents[4].parts[2]",),)))
    assert (losses.turn(0), losses.part(0, 0)) == ("contents[4]", "contents[4].parts[2]")
    assert (losses.turn(1), losses.part(0, 1), losses.part(1, 0)) == (
        "contents[1]",
        "contents[0].parts[1]",
        "contents[1].parts[0]",
    )
    assert (losses.tool(0), losses.instruction(1)) == ("tools[0]", "systemInstruction.parts[1]")
    assert Losses("responses", "chat").instruction(0) == "instructions"
    assert turn_path("messages", 3, 1) == "messages[3].content[1]"
    assert inner_path("responses", "input[1]", 0) == "input[1].output[0]"
    assert inner_path("gemini", "contents[0].parts[0]", 0) == "contents[0].parts[0]"


def test_people_read_names_they_know() -> None:
    """No account's number, and no inner word, reaches a client."""
    assert made_by("messages:claude-sonnet-4.6:12345") == "the model 'claude-sonnet-4.6' over Messages"
    assert made_by("gemini") == "a Gemini model"
    assert (title("other"), word("other", "cache"), word("gemini", "odd")) == (
        "other",
        "cache_control",
        "odd",
    )


@pytest.mark.parametrize("upstream", ["chat", "responses", "messages"])
def test_one_rule_for_parts_that_only_another_protocol_knows(upstream: ProtocolName) -> None:
    """Words where there are some; the model's own history does without; what a person or a tool says is refused."""
    losses, target = Losses("gemini", upstream), Target(upstream, "m", "o")
    told_part = NativePart("gemini", {"executableCode": {}}, "print(1)")
    bare = NativePart("gemini", {"videoMetadata": {}})
    assert losses.native_words(told_part, "p", "user", target) == "print(1)"
    assert losses.native_words(bare, "q", "assistant", target) is None
    assert [(loss.path, loss.handling.value) for loss in losses.all] == [
        ("p", "approximated"),
        ("q", "dropped"),
    ]
    for role in ("user", "tool", "system"):
        with pytest.raises(UnsupportedContent, match="'videoMetadata', which only Gemini knows") as refusal:
            losses.native_words(bare, "r", role, target)
        assert refusal.value.param == "r"


UNKNOWN: dict[str, JsonObject] = {
    "chat": {"messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}]},
    "messages": {"messages": [{"role": "user", "content": [{"type": "container_upload", "file_id": "f"}]}]},
}
PICTURED: JsonObject = {
    "type": "document",
    "source": {
        "type": "content",
        "content": [
            {"type": "text", "text": "a"},
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA"}},
        ],
    },
}


@pytest.mark.parametrize(
    ("ingress", "upstream"),
    [("chat", "responses"), ("chat", "messages"), ("messages", "chat"), ("messages", "responses")],
)
def test_content_of_a_person_is_never_left_out(ingress: ProtocolName, upstream: ProtocolName) -> None:
    """The same for every pair."""
    with pytest.raises(UnsupportedContent) as refusal:
        told(ingress, upstream, UNKNOWN[ingress])
    assert refusal.value.param == "messages[0].content[0]"


def test_a_document_with_pictures_is_not_said_in_words() -> None:
    """The words alone would be another document."""
    with pytest.raises(UnsupportedContent, match="'document', which only Messages knows"):
        told("messages", "chat", {"messages": [{"role": "user", "content": [PICTURED]}]})


def test_a_freeform_tool_that_takes_text_says_what_happens_anyway() -> None:
    """A grammar is told in the description instead."""
    tools: list[Json] = [{"type": "custom", "name": "p", "format": {"type": "text"}}]
    assert told("responses", "chat", {"tools": tools}) == [
        ("tools[0]", "approximated"),
        ("tools[].format", "harmless"),
    ]


@pytest.mark.parametrize(
    ("ingress", "document", "words"),
    [
        ("chat", {"modalities": ["text", "audio"]}, "asks for 'audio'"),
        ("messages", {"compaction": {"type": "summarize"}}, "nothing but a summary"),
        (
            "responses",
            {"input": [{"type": "compaction", "encrypted_content": "x"}]},
            "only Responses models can read",
        ),
        ("gemini", {"generationConfig": {"responseFormat": [{"audio": {}}]}}, "asks for 'audio'"),
        ("gemini", {"generationConfig": {"responseFormat": [{"text": {"mimeType": "text/x"}}]}}, "'text/x'"),
    ],
)
def test_what_would_be_another_question_is_refused(
    ingress: ProtocolName, document: JsonObject, words: str
) -> None:
    """Sound instead of text, a summary instead of an answer, a history that cannot be read."""
    other: ProtocolName = "chat" if ingress != "chat" else "messages"
    with pytest.raises(UnsupportedContent, match=words):
        told(ingress, other, document)


def test_an_answer_in_text_was_asked_for() -> None:
    """That is what comes anyway."""
    assert told("chat", "messages", {"modalities": ["text"]}) == [("modalities", "harmless")]


def test_whoever_is_strict_is_told_everything_that_counts() -> None:
    """Only what may change the answer, the first five in words."""
    losses = [Loss(f"f{at}", "chat", "messages", Handling.DROPPED, "why") for at in range(7)]
    losses.append(Loss("hint", "chat", "messages", Handling.HARMLESS, "no matter"))
    refuse_losses(tuple(losses[7:]), "claude")
    refuse_losses((Loss("a", "chat", "messages", Handling.APPROXIMATED, "nearly"),), "claude")
    with pytest.raises(UnsupportedContent) as refusal:
        refuse_losses(tuple(losses), "claude")
    assert refusal.value.param == "f0"
    assert refusal.value.message == (
        "This request or its key is strict, and the model 'claude', which is reached over Messages, cannot be told "
        "everything: 'f0' (why); 'f1' (why); 'f2' (why); 'f3' (why); 'f4' (why); and 2 more. Leave it out, choose a "
        "model that takes it, or allow losses."
    )
    with pytest.raises(UnsupportedContent, match=r"'f0' \(why\)\. Leave it out"):
        refuse_losses(tuple(losses[:1]), "claude")


def test_the_worst_is_told_first() -> None:
    """A header has room for some only."""
    one, two, three = (
        Loss("a", "chat", "messages", handling, "")
        for handling in (Handling.HARMLESS, Handling.APPROXIMATED, Handling.DROPPED)
    )
    assert worst_first((one, two, three)) == (three, two, one)


def test_reading_notes_where_things_stood_and_nothing_else_changes() -> None:
    """The places are beside the turns."""
    asked = ingress_of("chat").read_request({"model": "m", **ASK["chat"]})
    assert asked.places == Places(("messages[0]",), (("messages[0].content",),))
    assert msgspec.structs.replace(asked, places=Places()).turns == asked.turns
