"""Every official SDK over every upstream protocol: texts, tools, reasoning, images, shapes, usage.

The simulator is strict, and refuses reasoning that differs by a byte: what comes back 200 was carried.
"""

import json
from typing import Any

import pytest

from live import PIXEL
from sdk.pairs.speaking import PATHS, TOOL, Ask, Bird, Sdk
from sdk.watching import Copilot

DONE = {
    "openai-chat": "stop",
    "openai-responses": "completed",
    "anthropic": "end_turn",
    "google-genai": "STOP",
}
CALLED = {
    "openai-chat": "tool_calls",
    "openai-responses": "completed",
    "anthropic": "tool_use",
    "google-genai": "STOP",
}
LENGTH = {
    "openai-chat": "length",
    "openai-responses": "max_output_tokens",
    "anthropic": "max_tokens",
    "google-genai": "MAX_TOKENS",
}
SHAPED = {"messages": "claude-fable-5", "responses": "gpt-5.5", "chat": "gpt-4.1"}
"""Models that can be held to a schema: Gemini's and Grok's on Copilot cannot."""
LOOP = (
    '[[sim: backend=anthropic; thinking="Which file?"; text="I look."; tool=read{"path":"a"}; tool=read{"path":"b"} '
    '|| backend=anthropic; thinking="One more."; tool=read{"path":"c"} '
    '|| backend=anthropic; thinking="Now I know."; text="all read"]]'
)
"""Claude on Vertex refuses `strict` tools once, which is another test's matter."""


def test_a_text_and_the_usage_that_was_billed(
    sdk: Sdk, upstream: str, model: str, is_stream: bool, copilot: Copilot
) -> None:
    """One request goes up on the model's own route; the text is whole and the numbers are upstream's."""
    words = (
        '[[sim: text="a grey heron"; chunks=3; input_tokens=100; cached=40; output_tokens=7; thinking=no]]'
    )
    reply = sdk.ask(Ask(model, sdk.said(words), is_stream, system="You know birds."))
    assert (reply.text, reply.calls, reply.finish) == ("a grey heron", [], DONE[sdk.name])
    assert reply.usage == (100, 40, 7)
    (request,) = copilot.requests()
    assert (request.path, request.initiator) == (PATHS[upstream], "user")
    assert "You know birds." in json.dumps(request.body)
    (bill,) = copilot.billed()
    assert (bill["input"] + bill["cache_write"], bill["cache_read"], bill["output"]) == (60, 40, 7)


def test_a_tool_loop_with_parallel_calls_keeps_its_reasoning(
    sdk: Sdk, upstream: str, model: str, is_stream: bool, copilot: Copilot
) -> None:
    """Three steps of one turn: each earlier thought goes back byte for byte, through a foreign client's slot."""
    history = sdk.said(LOOP)
    texts: list[str] = []
    for results in (["alpha", "beta"], ["gamma"], []):
        reply = sdk.ask(Ask(model, history, is_stream, has_tools=True, is_thinking=True))
        texts.append(reply.text)
        assert reply.finish == (CALLED if results else DONE)[sdk.name]
        assert [call.name for call in reply.calls] == [TOOL] * len(results)
        history = [*history, *reply.turn, *(sdk.results(reply, results) if results else [])]
        if len(results) == 2:
            assert [call.arguments for call in reply.calls] == [{"path": "a"}, {"path": "b"}]
            assert len({call.id for call in reply.calls}) == 2
    assert texts == ["I look.", "", "all read"]
    requests = copilot.requests()
    assert [request.status for request in requests] == [200, 200, 200]
    assert [request.initiator for request in requests] == ["user", "agent", "agent"]
    assert len({request.interaction_id for request in requests}) == 1
    first, second, third = (request.proofs() for request in requests)
    assert (len(first), len(second), len(third)) == (0, 1, 2)
    assert third[:1] == second
    assert json.dumps(requests[2].body).count("gamma") == 1
    assert requests[0].path == PATHS[upstream]


def test_a_turn_can_follow_a_reasoned_answer(sdk: Sdk, model: str, is_stream: bool, copilot: Copilot) -> None:
    """The next question of the same chat is the user's again."""
    history = sdk.said('[[sim: thinking="Hm."; text="a heron"]]')
    reply = sdk.ask(Ask(model, history, is_stream, is_thinking=True))
    assert (reply.text, reply.finish) == ("a heron", DONE[sdk.name])
    history = [*history, *reply.turn, *sdk.said('[[sim: text="grey"]]')]
    assert sdk.ask(Ask(model, history, is_stream, is_thinking=True)).text == "grey"
    assert [request.status for request in copilot.requests()] == [200, 200]
    assert [request.initiator for request in copilot.requests()] == ["user", "user"]


def test_thoughts_are_shown(sdk: Sdk, upstream: str, model: str, is_stream: bool) -> None:
    """What the model thought is where this SDK's users look for it.

    Chat clients have no word to ask for it, and newer Claude models leave it out unless asked.
    """
    history = sdk.said('[[sim: thinking="Which bird is it?"; text="a heron"]]')
    reply = sdk.ask(Ask(model, history, is_stream, is_thinking=True))
    shown = "" if (sdk.name, upstream) == ("openai-chat", "messages") else "Which bird is it?"
    assert reply.thoughts.endswith(shown)
    assert bool(reply.thoughts) is bool(shown)


def test_an_image_arrives(sdk: Sdk, model: str, copilot: Copilot) -> None:
    """The picture's bytes and the header that Copilot asks for."""
    assert sdk.ask(Ask(model, sdk.shown('[[sim: text="a red dot"]]', PIXEL))).text == "a red dot"
    (request,) = copilot.requests()
    assert request.headers["copilot-vision-request"] == "true"
    assert PIXEL in json.dumps(request.body)


def test_a_structured_answer_is_parsed(sdk: Sdk, upstream: str, copilot: Copilot) -> None:
    """The SDK's own parser; the schema is where the upstream protocol has it."""
    directive = "[[sim: backend=anthropic; text=" + json.dumps('{"name":"heron","legs":2}') + "]]"
    assert sdk.parse(SHAPED[upstream], directive) == Bird(name="heron", legs=2)
    (request,) = copilot.requests()
    places = {
        "messages": ["output_config", "format", "schema"],
        "responses": ["text", "format", "schema"],
        "chat": ["response_format", "json_schema", "schema"],
    }
    found: Any = request.body
    for name in places[upstream]:
        found = found[name]
    assert set(found["properties"]) == {"name", "legs"}
    assert sorted(found["required"]) == ["legs", "name"]


@pytest.mark.parametrize("choice", ["none", "required", TOOL])
def test_a_tool_choice_arrives(sdk: Sdk, upstream: str, model: str, choice: str, copilot: Copilot) -> None:
    """In the upstream protocol's own form."""
    history = sdk.said("[[sim: text=ok; backend=anthropic]]")
    assert sdk.ask(Ask(model, history, has_tools=True, choice=choice)).text == "ok"
    (request,) = copilot.requests()
    forms: dict[str, dict[str, Any]] = {
        "messages": {
            "none": {"type": "none"},
            "required": {"type": "any"},
            TOOL: {"type": "tool", "name": TOOL},
        },
        "responses": {
            "none": "none",
            "required": "required",
            TOOL: {"type": "function", "name": TOOL},
        },
        "chat": {
            "none": "none",
            "required": "required",
            TOOL: {"type": "function", "function": {"name": TOOL}},
        },
    }
    assert request.body["tool_choice"] == forms[upstream][choice]


def test_a_limit_arrives_and_an_answer_cut_by_it_says_so(
    sdk: Sdk, upstream: str, model: str, is_stream: bool, copilot: Copilot
) -> None:
    """Each protocol has its own name for the limit and its own word for its end."""
    reply = sdk.ask(Ask(model, sdk.said('[[sim: text="half a"; finish=length]]'), is_stream, limit=321))
    assert (reply.text, reply.finish) == ("half a", LENGTH[sdk.name])
    (request,) = copilot.requests()
    names = {"messages": ["max_tokens"], "responses": ["max_output_tokens"]}
    allowed = names.get(upstream, ["max_completion_tokens", "max_tokens"])
    assert [request.body[name] for name in allowed if name in request.body] == [321]


STOPPED = {"openai-chat": "stop", "anthropic": "stop_sequence", "google-genai": "STOP"}


def test_a_stop_sequence_ends_the_answer_where_upstream_knows_none(
    sdk: Sdk, upstream: str, model: str, is_stream: bool, copilot: Copilot
) -> None:
    """Responses has no stop sequences (so its SDK cannot ask for one): the gateway ends the text before it."""
    if sdk.name == "openai-responses":
        with pytest.raises(TypeError):
            sdk.client.responses.create(model=model, input="x", stop=["END"])  # type: ignore[attr-defined]
        return
    words = '[[sim: text="one two END three"; chunks=9]]'
    reply = sdk.ask(Ask(model, sdk.said(words), is_stream, stop=["END"]))
    (request,) = copilot.requests()
    if upstream == "responses":
        assert (reply.text, reply.finish) == ("one two ", STOPPED[sdk.name])
    else:
        assert request.body["stop_sequences" if upstream == "messages" else "stop"] == ["END"]
