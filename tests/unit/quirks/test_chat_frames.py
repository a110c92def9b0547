"""How the answer of `/chat/completions` is made regular: literal before and after."""

import json

import pytest

import recorded
from copilot_api.copilot.quirks import frame_repair
from copilot_api.errors import UpstreamProtocolError
from unit.quirks.streams import CLAUDE, OTHER, events, frames, repaired

DONE = b"data: [DONE]\n\n"


def chunk(delta: object, finish: object = None, index: int = 0, **more: object) -> dict[str, object]:
    choice = {"delta": delta, "finish_reason": finish, "index": index}
    return {
        "choices": [choice],
        "created": 7,
        "id": "i",
        "model": "m",
        "object": "chat.completion.chunk",
        **more,
    }


def call(index: int | None, arguments: str, **more: object) -> dict[str, object]:
    position = {} if index is None else {"index": index}
    return {"tool_calls": [{"function": {"arguments": arguments}, **position, **more}]}


FINISHED = frames(chunk({}, "stop"), DONE)


def test_regular_frames_keep_their_bytes() -> None:
    """Only frames that need it are decoded."""
    text = frames(chunk({"content": "a"}), chunk(call(0, "{}")), chunk({}, "tool_calls"), DONE)
    assert repaired("chat", text) == text
    for name in ("chat-length", "chat-annotations"):
        assert repaired("chat", recorded.stream(name)) == recorded.stream(name)


def test_the_empty_first_frame_gets_the_answers_identity() -> None:
    """Contract 0.3 item 16: it is held until the next frame has an id."""
    first = {"choices": [], "created": 0, "id": "", "model": "", "object": "", "prompt_filter_results": [1]}
    after = {**first, "created": 7, "id": "i", "model": "m", "object": "chat.completion.chunk"}
    text = frames(first, b": comment\n\n", chunk({"content": "a"})) + FINISHED
    assert repaired("chat", text) == frames(b": comment\n\n", after, chunk({"content": "a"})) + FINISHED
    cut = {**first, "object": "chat.completion.chunk"}
    assert events(repaired("chat", frames(first))) == [cut]
    error = {"error": {"code": "x", "message": "y"}}
    assert events(repaired("chat", frames(first, error))) == [cut, error]


def test_a_role_is_said_once() -> None:
    """SDKs join the strings of deltas; each of several choices keeps its own."""
    role = {"role": "assistant"}
    for model in (OTHER, CLAUDE):
        text = frames(chunk({**role, "content": "a"}), chunk({"content": "b", **role}), chunk(role))
        once = frames(chunk({**role, "content": "a"}), chunk({"content": "b"}), chunk({}))
        assert repaired("chat", text + FINISHED, model) == once + FINISHED
    both = frames(chunk(role), chunk(role, index=1)) + FINISHED
    assert repaired("chat", both) == both
    for name in ("chat-gemini-parallel-tools", "chat-gemini-text", "chat-claude-split-choices"):
        model = CLAUDE if "claude" in name else OTHER
        assert repaired("chat", recorded.stream(name), model).count(b'"role":"assistant"') == 1


def test_ids_are_stable_and_never_empty() -> None:
    """Contract 4.2: empty or changing ids; the first one holds, and one is made where there is none."""
    text = (
        frames(chunk({"content": "a"}), chunk({"content": "b"}, id="j"), chunk({"content": "c"}, id=""))
        + FINISHED
    )
    assert {event["id"] for event in events(repaired("chat", text))[:-1]} == {"i"}
    nameless = chunk({"content": "a"}, id="", model="")
    del nameless["created"]
    made = events(repaired("chat", frames(nameless, nameless, DONE)))[0]
    assert made["id"].startswith("chatcmpl-")
    assert (made["model"], made["created"]) == ("gpt-4.1", 0)


def test_frames_get_the_keys_they_lack() -> None:
    """Contract 4.5: Gemini's and Claude's frames have neither `object` nor `finish_reason`."""
    bare = {"choices": [{"index": 0, "delta": {"content": "a"}}], "created": 7, "id": "i", "model": "m"}
    whole = chunk({"content": "a"})
    assert events(repaired("chat", frames(bare, bare) + FINISHED))[:2] == [whole, whole]
    assert events(repaired("chat", frames(bare, bare) + FINISHED, CLAUDE))[:2] == [whole, whole]


def test_null_choices_become_none() -> None:
    """Contract 4.2: `choices: null`, over which SDKs stumble."""
    odd = {"choices": None, "created": 7, "id": "i", "model": "m", "object": "chat.completion.chunk"}
    assert events(repaired("chat", frames(chunk({}), odd) + FINISHED))[1] == {**odd, "choices": []}


def test_split_choices_are_merged_into_the_first() -> None:
    """Fixture chat-claude-split-choices: contract 4.4."""
    after = events(repaired("chat", recorded.stream("chat-claude-split-choices"), CLAUDE))
    choices = [event["choices"][0] for event in after[:-1]]
    assert [choice["index"] for choice in choices] == [0] * 6
    assert "".join(choice["delta"].get("content") or "" for choice in choices) == "I'll look that up."
    calls = [one for choice in choices for one in choice["delta"].get("tool_calls", [])]
    assert "".join(one["function"]["arguments"] for one in calls) == '{"city":"Paris"}'
    assert [choice["finish_reason"] for choice in choices] == [None] * 5 + ["tool_calls"]
    assert after[-2]["usage"]["total_tokens"] == 623


def test_calls_of_different_choices_get_one_numbering() -> None:
    """Contract 4.4: append tool_calls; the same call keeps its number."""
    text = frames(
        chunk(call(0, "a"), index=1), chunk(call(0, "b"), index=2), chunk(call(0, "c"), index=1),
        chunk(call(None, "d"), index=3), DONE,
    )  # fmt: skip
    after = events(repaired("chat", text, CLAUDE))
    numbers = [event["choices"][0]["delta"]["tool_calls"][0]["index"] for event in after[:4]]
    assert numbers == [0, 1, 0, 2]


def test_two_choices_in_one_frame_become_one() -> None:
    """The deltas are joined, the last finish reason counts."""
    both = chunk({"content": "a", "role": "assistant"})
    both["choices"] = [
        {"index": 0, "delta": {"content": "a", "role": "assistant"}, "finish_reason": None},
        {"index": 1, "delta": {"content": "b", "x": None, **call(0, "{}")}, "finish_reason": "tool_calls"},
        {"index": 2, "finish_reason": None},
    ]
    after = events(repaired("chat", frames(both, DONE), CLAUDE))
    delta = {"content": "ab", "role": "assistant", "x": None, **call(0, "{}")}
    assert after[0]["choices"] == [{"index": 0, "delta": delta, "finish_reason": "tool_calls"}]


def test_a_finish_reason_comes_once_and_last() -> None:
    """Contract 4.4: the last non-null one; a frame that held text keeps it, an empty one goes."""
    usage = {
        "choices": [],
        "created": 7,
        "id": "i",
        "model": "m",
        "object": "chat.completion.chunk",
        "usage": {"t": 1},
    }
    text = frames(
        chunk({"content": "a"}, "stop"), chunk({}, "stop", 1), chunk({"content": "b"}, None, 1), usage, DONE
    )
    after = events(repaired("chat", text, CLAUDE))
    assert after == [
        chunk({"content": "a"}),
        chunk({"content": "b"}),
        {**chunk({}, "stop")},
        usage,
        "[DONE]",
    ]


def test_a_held_finish_turns_to_tool_calls_when_calls_follow() -> None:
    """`stop` and then calls in another choice."""
    text = frames(chunk({"content": "a"}, "stop"), chunk(call(0, "{}"), None, 1), DONE)
    reasons = [event["choices"][0]["finish_reason"] for event in events(repaired("chat", text, CLAUDE))[:-1]]
    assert reasons == [None, None, "tool_calls"]


def test_several_choices_stay_for_other_models() -> None:
    """Only Claude splits; `n` above 1 is a request for several answers."""
    text = frames(chunk({"content": "a"}), chunk(call(0, "{}"), index=1), chunk({}, "length", 1), DONE)
    assert repaired("chat", text, OTHER) == text


@pytest.mark.parametrize("name", ["chat-stop-with-tools", "chat-gemini-stop-with-tools"])
def test_stop_with_calls_is_said_as_tool_calls(name: str) -> None:
    """Contract 4.2."""
    after = events(repaired("chat", recorded.stream(name)))
    reasons = [choice["finish_reason"] for event in after[:-1] for choice in event["choices"]]
    assert reasons[-1] == "tool_calls"
    assert "stop" not in reasons


def test_calls_without_an_index_get_one() -> None:
    """client survey: opencode and pi break on it."""
    after = events(repaired("chat", frames(chunk({}), chunk(call(None, "{}"))) + FINISHED))
    assert after[1]["choices"][0]["delta"]["tool_calls"][0]["index"] == 0


def test_a_clean_end_without_a_reason_gets_one() -> None:
    """Contract 4.2 (copilot-sdk#1081): opencode loops for ever without."""
    assert events(repaired("chat", frames(chunk({"content": "a"}), DONE)))[1:] == [
        chunk({}, "stop"),
        "[DONE]",
    ]
    assert events(repaired("chat", frames(chunk(call(0, "{}")), DONE), CLAUDE))[1:] == [
        chunk({}, "tool_calls"),
        "[DONE]",
    ]
    assert repaired("chat", frames(DONE, DONE)) == DONE


def test_a_finished_stream_gets_its_end_mark_and_a_cut_one_does_not() -> None:
    """Contract 4.2: [DONE] may be missing; fixture chat-truncated-no-done was cut."""
    assert repaired("chat", frames(chunk({}, "stop"))) == FINISHED
    assert events(repaired("chat", frames(chunk({}, "stop")), CLAUDE))[-1] == "[DONE]"
    assert b"[DONE]" not in repaired("chat", recorded.stream("chat-truncated-no-done"))
    assert b"[DONE]" not in repaired("chat", recorded.stream("chat-inline-error"))
    assert b"finish" not in repaired("chat", frames({"error": {}}, DONE))


def test_runaway_arguments_end_the_answer() -> None:
    """Fixture chat-whitespace-args: contract 4.2; white space around real arguments does not."""
    with pytest.raises(UpstreamProtocolError, match="more than 100 line breaks"):
        repaired("chat", recorded.stream("chat-whitespace-args"))
    pretty = chunk(call(0, "{\n\t" + " " * 500))
    odd = chunk({"tool_calls": [{"index": 0}, {"index": 1, "function": {"arguments": None}}]})
    text = frames(chunk({}), *[pretty, chunk(call(0, "1")), odd] * 60, chunk({}, "tool_calls"), DONE)
    assert repaired("chat", text) == text
    assert len(events(repaired("chat", text, CLAUDE))) == len(events(text))


@pytest.mark.parametrize(
    "odd",
    [
        b"data: no json\n\n",
        b"data: [1]\n\n",
        b'data: {"choices":[{"x":\xff}]}\n\n',
        b'data: {"choices":[{"x":"\xff"}]}\n\n',
        b"\n",
    ],
)
def test_what_cannot_be_read_passes(odd: bytes) -> None:
    """The tap and the client judge it."""
    assert repaired("chat", frames(odd) + FINISHED) == frames(odd) + FINISHED


def whole(reply: object, claude: bool = False) -> object:
    repair = frame_repair("chat", CLAUDE if claude else OTHER, False)
    assert repair is not None
    return json.loads(repair.read_reply(json.dumps(reply).encode()))


def test_the_whole_form_merges_split_choices() -> None:
    """Fixture chat-claude-split."""
    reply = json.loads(recorded.reply("chat-claude-split"))
    opaque = reply["choices"][0]["message"]["reasoning_opaque"]
    after = whole(reply, claude=True)
    assert after == {
        **reply,
        "object": "chat.completion",
        "choices": [
            {
                "finish_reason": "tool_calls",
                "index": 0,
                "message": {
                    "content": "I'll look that up.",
                    "role": "assistant",
                    "reasoning_text": "Need weather.",
                    "reasoning_opaque": opaque,
                    "tool_calls": reply["choices"][1]["message"]["tool_calls"],
                },
            }
        ],
    }


def test_the_whole_form_joins_text_and_calls() -> None:
    """Contract 4.4: concat content, append tool_calls."""
    one, two, said = {"id": "1"}, {"id": "2"}, {"role": "assistant"}
    reply = {
        "id": "i", "model": "m", "created": 7, "object": "chat.completion",
        "choices": [
            {"index": 0, "message": {**said, "content": "a", "tool_calls": [one]}, "finish_reason": "stop"},
            {"index": 1, "message": {**said, "content": "b", "tool_calls": [two]}, "finish_reason": None},
            {"index": 2},
        ],
    }  # fmt: skip
    message = {"content": "ab", "tool_calls": [one, two], "role": "assistant"}
    merged = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    assert whole(reply, claude=True) == {**reply, "choices": [merged]}


def test_the_whole_form_is_left_alone_where_it_is_regular() -> None:
    """Azure's reply needs nothing; a missing reason is filled."""
    repair = frame_repair("chat", OTHER, False)
    assert repair is not None
    for body in (recorded.reply("chat-azure"), b"no", b"[]", b'{"error":{}}'):
        assert repair.read_reply(body) is body
    base = {"id": "i", "model": "m", "created": 7, "object": "chat.completion"}
    missing = {**base, "choices": [{"index": 0, "message": {"content": "a"}}]}
    assert whole(missing) == {
        **base,
        "choices": [{"index": 0, "message": {"content": "a"}, "finish_reason": "stop"}],
    }


@pytest.mark.parametrize(
    ("lacking", "filled"),
    [
        ({"model": ""}, {"model": "gpt-4.1"}),
        ({"model": None}, {"model": "gpt-4.1"}),
        ({"created": None}, {"created": 0}),
        ({"object": ""}, {"object": "chat.completion"}),
        ({"id": 5}, {"id": 5}),
    ],
)
def test_whatever_the_whole_form_lacks_is_filled(
    lacking: dict[str, object], filled: dict[str, object]
) -> None:
    """An answer that only looks regular is repaired like any other."""
    said = {"index": 0, "message": {"content": "a", "tool_calls": None}, "finish_reason": "stop"}
    base = {"id": "i", "model": "m", "created": 7, "object": "chat.completion", "choices": [said]}
    assert whole({**base, **lacking}) == {**base, **filled}


def test_calls_in_the_whole_form_end_it_with_calls() -> None:
    """Upstream says "stop" beside calls; clients that go by the reason would not make them."""
    base = {"id": "i", "model": "m", "created": 7, "object": "chat.completion"}
    message = {"content": None, "tool_calls": [{"id": "c", "type": "function"}]}
    after = whole({**base, "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
    assert after == {**base, "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]}
