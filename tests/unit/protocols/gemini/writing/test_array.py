"""The array form of a stream, for callers that did not ask for SSE."""

import json

import pytest

from copilot_api.errors import UpstreamTimeout
from copilot_api.protocols.base import ToolNames
from copilot_api.protocols.gemini import PROTOCOL, JsonArray
from unit.protocols.gemini.reading.asking import INGRESS
from unit.protocols.gemini.writing.answering import ENDED, STARTED, VOICE, asked, said

CHUNK = b'data: {"a":1}\n\n'


@pytest.mark.parametrize(
    ("fed", "written"),
    [
        ([], b"[]\n"),
        ([CHUNK], b'[{"a":1}]\n'),
        ([CHUNK, CHUNK], b'[{"a":1},\n{"a":1}]\n'),
        ([CHUNK + CHUNK], b'[{"a":1},\n{"a":1}]\n'),
        ([CHUNK[:5], CHUNK[5:]], b'[{"a":1}]\n'),
        ([b"\n", CHUNK, b"\n", b"", CHUNK], b'\n[{"a":1}\n,\n{"a":1}]\n'),
        ([b": keepalive\n\n", CHUNK], b'\n[{"a":1}]\n'),
    ],
)
def test_each_chunk_is_an_element(fed: list[bytes], written: bytes) -> None:
    """Keepalives are white space, at once; an empty stream is an empty array."""
    array = JsonArray()
    assert b"".join(map(array.feed, fed)) + array.finish() == written
    assert len(json.loads(written)) == b"".join(fed).count(b"data")


def test_a_keepalive_is_a_blank_line_that_leaves_at_once() -> None:
    """Before the first element and between elements."""
    array = JsonArray()
    assert array.feed(PROTOCOL.ingress.keepalive) == b"\n"
    assert array.feed(CHUNK) == b'[{"a":1}'
    assert array.feed(PROTOCOL.ingress.keepalive) == b"\n"


def test_an_array_is_valid_json_however_the_answer_ends() -> None:
    """Whole, or broken off by an error of the gateway's own."""
    writer = INGRESS.new_writer(asked(), VOICE, ToolNames())
    array = JsonArray()
    events = [STARTED, *said(0, "Good", "bye"), ENDED]
    written = b"".join(array.feed(writer.feed(event)) for event in events) + array.finish()
    texts = [chunk["candidates"][0]["content"]["parts"][0]["text"] for chunk in json.loads(written)]
    assert texts == ["Good", "bye", ""]
    broken = JsonArray()
    error = PROTOCOL.ingress.write_stream_error(UpstreamTimeout("silent too long"))
    elements = json.loads(broken.feed(CHUNK) + broken.feed(error) + broken.finish())
    assert elements[0] == {"a": 1}
    assert (elements[1]["error"]["code"], elements[1]["error"]["status"]) == (504, "DEADLINE_EXCEEDED")
