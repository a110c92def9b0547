"""`reasoning_details`: the proof for clients that know no `reasoning_opaque`, next to the calls of an answer."""

import json
from typing import Any

import pytest

from copilot_api.neutral.fold import Completion, unfold
from copilot_api.neutral.opaque import Opaque, seal
from copilot_api.neutral.parts import Reasoning, Text, ToolCall
from copilot_api.neutral.request import ModelRequest
from copilot_api.neutral.usage import Finish, FinishReason
from copilot_api.protocols.base import ToolNames, Voice
from copilot_api.protocols.chat.answers import ChatWriter, write_reply
from copilot_api.protocols.chat.reading import read_request
from copilot_api.wire.sse import SseDecoder

VOICE = Voice("chatcmpl-1", 1788300000, "gpt-x")
ASKED = ModelRequest("chat", "gpt-x", ())
BLOB = Opaque("messages:c:1", {"signature": "s"})
THOUGHT = Reasoning(("why",), opaque=BLOB)
CALLS = (ToolCall("call_1", "f", "{}"), ToolCall("call_2", "f", "{}"))
DETAIL = {"type": "reasoning.encrypted", "id": "call_1", "index": 0, "data": seal(BLOB)}


def answered(*parts: Reasoning | Text | ToolCall, reason: FinishReason) -> tuple[Any, Any]:
    """What both forms of an answer say in `reasoning_details`."""
    completion = Completion("", "", parts, None, Finish(reason, ""))
    whole, _ = write_reply(completion, ASKED, VOICE, ToolNames())
    writer = ChatWriter(ASKED, VOICE, ToolNames())
    data = b"".join(writer.feed(event) for event in unfold(completion))
    chunks = [json.loads(frame.data) for frame in SseDecoder().feed(data) if frame.data != b"[DONE]"]
    streamed = [chunk["choices"][0]["delta"].get("reasoning_details") for chunk in chunks]
    message: Any = whole["choices"][0]["message"]  # type: ignore[index, call-overload]
    return message.get("reasoning_details"), [details for details in streamed if details is not None]


def test_an_answer_with_calls_says_its_proof_next_to_the_first() -> None:
    """pi pairs the two by the call's id, which is known by then."""
    assert answered(THOUGHT, *CALLS, reason=FinishReason.TOOL_CALLS) == ([DETAIL], [[DETAIL]])


def test_without_a_call_or_a_proof_there_is_none() -> None:
    """Nothing has to go on from there."""
    assert answered(THOUGHT, Text("hi"), reason=FinishReason.STOP) == (None, [])
    assert answered(*CALLS, reason=FinishReason.TOOL_CALLS) == (None, [])


@pytest.mark.parametrize("slot", [{}, {"reasoning_opaque": seal(BLOB)}])
def test_it_comes_back_as_the_proof_of_the_thought(slot: dict[str, str]) -> None:
    """Alone, or said twice."""
    message = {
        "role": "assistant",
        "content": "a",
        "reasoning_content": "why",
        "reasoning_details": [DETAIL],
        **slot,
    }
    (turn,) = read_request({"model": "m", "messages": [message]}).turns
    thought = turn.parts[0]
    assert isinstance(thought, Reasoning)
    assert (thought.summary, thought.opaque) == (("why",), BLOB)
    assert turn.extras is None


@pytest.mark.parametrize(
    "details",
    [
        [{"type": "reasoning.encrypted", "data": "of another gateway"}],
        [{"type": "reasoning.text", "text": "why"}],
        [DETAIL, DETAIL],
        "why",
    ],
)
def test_what_we_did_not_write_stays_what_it_is(details: Any) -> None:
    """A blob of somebody else's would be refused upstream; it is a loss that can be read."""
    message = {"role": "assistant", "content": "a", "reasoning_details": details}
    (turn,) = read_request({"model": "m", "messages": [message]}).turns
    assert turn.parts == (Text("a"),)
    assert turn.extras is not None
    assert turn.extras.fields == {"reasoning_details": details}
