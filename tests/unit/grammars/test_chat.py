"""The judge of chat streams."""

import pytest

from unit.grammars.wire_words import judge, plain

Chunk = dict[str, object]


def chunk(*choices: Chunk, **more: object) -> Chunk:
    """A chunk with these choices."""
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return {**head, "choices": list(choices), **more}


def said(finish: str | None = None, index: int = 0, **delta: object) -> Chunk:
    """A choice."""
    return {"index": index, "delta": delta, "finish_reason": finish, "logprobs": None}


def call(index: int, **more: object) -> Chunk:
    """A delta of a tool call."""
    return said(tool_calls=[{"index": index, **more}])


ROLE = chunk(said(role="assistant", content=""))
STOP = chunk(said("stop"))
CALLED = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": ""}}
USAGE = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}


def test_the_strict_form_is_legal() -> None:
    """Text, two interleaved calls, a comment, usage, the last word."""
    first, second = chunk(call(0, **CALLED)), chunk(call(1, **CALLED))
    more = chunk(call(0, function={"arguments": "{}"}))
    stream = plain(ROLE, chunk(said(content="a")), first, second, more, chunk(said("tool_calls")))
    assert judge("chat", b": hi\n\n" + stream + plain(chunk(usage=USAGE), "[DONE]")) == []


def test_a_custom_call_has_an_input() -> None:
    """In pieces like any other."""
    first = chunk(call(0, id="call_1", type="custom", custom={"name": "g", "input": ""}))
    more = chunk(call(0, custom={"input": "x"}))
    assert judge("chat", plain(ROLE, first, more, chunk(said("tool_calls")), "[DONE]")) == []


def test_two_choices_and_no_usage_are_legal() -> None:
    """Each has its role and its finish."""
    other = chunk(said(index=1, role="assistant"))
    assert judge("chat", plain(ROLE, other, STOP, chunk(said("length", 1)), "[DONE]")) == []


def test_an_error_ends_a_stream() -> None:
    """With nothing after it."""
    error = {"error": {"message": "no"}}
    assert judge("chat", plain(ROLE, error)) == []
    assert judge("chat", plain(ROLE, error, "[DONE]")) == ["frame 2: comes after the end"]


WRONG: dict[str, tuple[tuple[object, ...], str]] = {
    "no end": ((ROLE, STOP), "the stream has no end"),
    "no choice": (("[DONE]",), "frame 0: ends a stream without a choice"),
    "no finish": ((ROLE, "[DONE]"), "frame 1: ends choice 0 without a finish_reason"),
    "no JSON": ((ROLE, "{", STOP, "[DONE]"), "frame 1: is no JSON"),
    "no object": ((ROLE, "[]", STOP, "[DONE]"), "frame 1: is no JSON object"),
    "a new model": ((ROLE, {**STOP, "model": "n"}, "[DONE]"), "frame 1: changes id, created or model"),
    "nothing said": ((ROLE, STOP, chunk(), "[DONE]"), "frame 2: says nothing"),
    "two finishes": ((ROLE, STOP, STOP, "[DONE]"), "frame 2: choices[0] goes on after its finish_reason"),
    "no role": ((STOP, "[DONE]"), "frame 0: choices[0] does not begin with the role"),
    "two roles": ((ROLE, ROLE, STOP, "[DONE]"), "frame 1: choices[0] says the role again"),
    "a gap in the choices": (
        (ROLE, chunk(said("stop", 2, role="assistant")), STOP, "[DONE]"),
        "frame 1: choices[0] has an index out of order",
    ),
    "an unknown finish": (
        (ROLE, chunk(said("end")), "[DONE]"),
        "frame 1: choices[0] has finish_reason 'end', not 'stop' or 'length' or 'tool_calls' or "
        "'content_filter' or 'function_call'",
    ),
    "a number for words": (
        (ROLE, chunk(said(content=1)), STOP, "[DONE]"),
        "frame 1: choices[0].delta has a content that is no string",
    ),
    "usage with choices": (
        (ROLE, {**STOP, "usage": USAGE}, "[DONE]"),
        "frame 1: has usage beside choices",
    ),
    "words after usage": (
        (ROLE, STOP, chunk(usage=USAGE), chunk(usage=USAGE), "[DONE]"),
        "frame 3: comes after the usage chunk",
    ),
    "a wrong total": (
        (ROLE, STOP, chunk(usage={**USAGE, "total_tokens": 1}), "[DONE]"),
        "frame 2: usage has a total_tokens that is not the sum",
    ),
    "a call without index": (
        (ROLE, chunk(said(tool_calls=[CALLED])), chunk(said("tool_calls")), "[DONE]"),
        "frame 1: choices[0].delta.tool_calls[0] has no index",
    ),
    "a call out of order": (
        (ROLE, chunk(call(1, **CALLED)), chunk(said("tool_calls")), "[DONE]"),
        "frame 1: choices[0].delta.tool_calls[0] has an index out of order",
    ),
    "an id twice": (
        (
            ROLE,
            chunk(call(0, **CALLED)),
            chunk(call(0, id="call_1", function={"arguments": ""})),
            chunk(said("length")),
            "[DONE]",
        ),
        "frame 2: choices[0].delta.tool_calls[0] says its id again",
    ),
    "a name twice": (
        (
            ROLE,
            chunk(call(0, **CALLED)),
            chunk(call(0, function={"name": "f", "arguments": ""})),
            chunk(said("length")),
            "[DONE]",
        ),
        "frame 2: choices[0].delta.tool_calls[0] says its name again",
    ),
    "stop after a call": (
        (ROLE, chunk(call(0, **CALLED)), STOP, "[DONE]"),
        "frame 2: choices[0] finishes with stop after a tool call",
    ),
    "tool_calls without one": (
        (ROLE, chunk(said("tool_calls")), "[DONE]"),
        "frame 1: choices[0] finishes with tool_calls without a call",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_broken_stream_is_told_what_is_wrong(name: str) -> None:
    """One fault, one sentence."""
    documents, words = WRONG[name]
    assert judge("chat", plain(*documents)) == [words]


def test_usage_before_the_finish_is_wrong() -> None:
    """The finish that follows it is too."""
    assert judge("chat", plain(ROLE, chunk(usage=USAGE), STOP, "[DONE]")) == [
        "frame 1: has usage before every choice is finished",
        "frame 2: comes after the usage chunk",
    ]


def test_an_event_line_is_wrong() -> None:
    """Chat streams are data only."""
    data = plain(ROLE) + b"event: x\n" + plain(STOP, "[DONE]")
    assert judge("chat", data) == ["frame 1: has an event line 'x'"]


def test_wrong_types_are_faults_and_never_exceptions() -> None:
    """Everything that has the wrong type says so."""
    broken = {
        "id": 1,
        "object": None,
        "created": "x",
        "model": "",
        "choices": [1, {"index": True, "delta": 5, "finish_reason": None}],
        "usage": [],
    }
    assert judge("chat", plain(broken, {"choices": {}})) == [
        "frame 0: has no object",
        "frame 0: has object '', not 'chat.completion.chunk'",
        "frame 0: has a id that is no string",
        "frame 0: has an empty id",
        "frame 0: has a created that is no count",
        "frame 0: has an empty model",
        "frame 0: has a choices[0] that is no object",
        "frame 0: has a usage that is no object",
        "frame 0: choices[1] has a index that is no count",
        "frame 0: choices[1] has a delta that is no object",
        "frame 0: choices[1] does not begin with the role",
        "frame 1: has no object",
        "frame 1: has object '', not 'chat.completion.chunk'",
        "frame 1: has no id",
        "frame 1: has no created",
        "frame 1: has no model",
        "frame 1: has a choices that is no list",
        "frame 1: says nothing",
        "the stream has no end",
    ]
