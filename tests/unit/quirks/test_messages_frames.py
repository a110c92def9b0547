"""The answer of `/v1/messages` passes as it is, but for two defects."""

import json

import pytest

import recorded
from copilot_api.copilot.quirks.messages.frames import MessagesRepair
from copilot_api.errors import UpstreamProtocolError
from unit.quirks.streams import CLAUDE, frames, repaired


def arguments(text: str) -> dict[str, object]:
    delta = {"partial_json": text, "type": "input_json_delta"}
    return {"delta": delta, "index": 0, "type": "content_block_delta"}


def test_a_stray_end_mark_is_dropped() -> None:
    """Fixture messages-stray-done: contract 6.5."""
    stream = recorded.stream("messages-stray-done")
    assert repaired("messages", stream, CLAUDE) + b"data: [DONE]\n\n" == stream


@pytest.mark.parametrize(
    "name", [name for name in recorded.STREAM_NAMES if name.startswith("messages") and "stray" not in name]
)
def test_other_streams_keep_their_bytes(name: str) -> None:
    """Nothing else is repaired."""
    assert repaired("messages", recorded.stream(name), CLAUDE) == recorded.stream(name)


def test_runaway_arguments_end_the_answer() -> None:
    """Contract 4.2, in Anthropic's shape; breaks that end, and breaks inside strings, do not."""
    with pytest.raises(UpstreamProtocolError, match="line breaks"):
        repaired("messages", frames(*[arguments("\r\n\t")] * 40), CLAUDE)
    fine = frames(
        *[arguments("\n" * 90), arguments('{"a":')] * 3, arguments('"' + json.dumps("\n" * 300)[1:])
    )
    assert repaired("messages", fine, CLAUDE) == fine


def test_what_only_looks_like_arguments_passes() -> None:
    """Broken JSON is for the tap to judge."""
    odd = b'data: {"partial_json":"\\n"\n\n'
    assert repaired("messages", odd, CLAUDE) == odd


def test_the_whole_form_passes() -> None:
    """There is nothing to repair in it."""
    assert MessagesRepair().read_reply(b"{}") == b"{}"
