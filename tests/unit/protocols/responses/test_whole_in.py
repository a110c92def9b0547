"""A whole answer, in parts."""

from typing import Any

import msgspec
import pytest

from copilot_api.errors import UpstreamProtocolError
from copilot_api.neutral.events import (
    ReplyFailed,
)
from copilot_api.neutral.extras import Extras
from copilot_api.neutral.parts import Reasoning, Text
from copilot_api.neutral.usage import Finish, FinishReason
from copilot_api.protocols.responses.reading.output import read_reply
from recorded import reply


def test_a_whole_answer_is_read() -> None:
    """The same parts, bill and ending."""
    completion = read_reply(msgspec.json.decode(reply("responses-nonstream")), "responses:m:1")
    thought, text = completion.parts
    assert isinstance(thought, Reasoning)
    assert thought.opaque is not None
    assert set(thought.opaque.payload) == {"id", "encrypted_content"}
    assert text == Text("Hello, world.", extras=Extras("responses", {}, {"phase": "final_answer"}))
    assert completion.finish == Finish(FinishReason.STOP, "completed")
    assert (completion.model, completion.created_unix_s) == ("gpt-5.3-codex", 1788300000)
    assert completion.usage is not None
    assert completion.usage.total_nano_aiu == 170870000


WHOLES: list[tuple[dict[str, Any], Finish | None, ReplyFailed | None]] = [
    ({"output": []}, Finish(FinishReason.STOP, "completed"), None),
    (
        {
            "status": "incomplete",
            "incomplete_details": {"reason": "max_output_tokens"},
            "output": [{"type": "function_call", "call_id": "c", "name": "f", "arguments": "{"}],
        },
        Finish(FinishReason.LENGTH, "max_output_tokens"),
        None,
    ),
    (
        {"output": [{"type": "custom_tool_call", "call_id": "c", "name": "f", "input": "x"}]},
        Finish(FinishReason.TOOL_CALLS, "completed"),
        None,
    ),
    (
        {"output": [], "status": "failed", "error": {"message": "Boom.", "code": "x"}},
        None,
        ReplyFailed("error", "Boom.", "x"),
    ),
    (
        {"output": [], "status": "cancelled"},
        None,
        ReplyFailed("error", "The upstream cancelled the answer.", "cancelled"),
    ),
]


@pytest.mark.parametrize(("document", "finish", "failure"), WHOLES)
def test_every_ending_of_a_whole_answer_is_read(
    document: dict[str, Any], finish: Finish | None, failure: ReplyFailed | None
) -> None:
    """As its stream would end."""
    completion = read_reply(document, "o")
    assert (completion.finish, completion.failure) == (finish, failure)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"output": {}},
        {"output": [1]},
        {"output": [{"type": "function_call", "arguments": 1}]},
        {"output": [], "status": "in_progress"},
        {"output": [], "status": 7},
    ],
)
def test_what_is_no_answer_is_the_upstreams_fault(document: dict[str, Any]) -> None:
    """A 502, with words."""
    with pytest.raises(UpstreamProtocolError):
        read_reply(document, "o")
