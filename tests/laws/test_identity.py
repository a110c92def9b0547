"""L1: what is not changed keeps its bytes."""

import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_api.errors import MalformedRequest
from copilot_api.wire.body import Body, splice
from copilot_api.wire.reading import read_json
from copilot_api.wire.sse import SseDecoder, encode_frame
from recorded import MODEL_IN_BODY_NAMES, REQUEST_NAMES, STREAM_NAMES, request, stream


def fields(body: bytes) -> dict[str, bytes]:
    """The members of a JSON object, each as its bytes."""
    return {name: bytes(raw) for name, raw in msgspec.json.decode(body, type=dict[str, msgspec.Raw]).items()}


@pytest.mark.parametrize("name", STREAM_NAMES)
def test_the_frames_of_a_stream_concatenate_to_the_stream(name: str) -> None:
    """In verbatim and repaired mode no byte may be lost or invented."""
    decoder = SseDecoder()
    frames = decoder.feed(stream(name))
    assert b"".join(frame.raw for frame in frames) + decoder.finish() == stream(name)
    assert decoder.finish() == b""


@pytest.mark.parametrize("name", STREAM_NAMES)
def test_a_frame_that_is_written_again_says_the_same(name: str) -> None:
    """Copilot writes frames as we do, so that a re-encoded one has the very bytes."""
    for frame in SseDecoder().feed(stream(name)):
        if frame.data:
            assert encode_frame(frame.data, frame.event) == frame.raw


@pytest.mark.parametrize("name", REQUEST_NAMES)
def test_a_request_that_is_not_edited_is_the_same_bytes(name: str) -> None:
    """Reading every member changes nothing."""
    body = Body(request(name))
    for member in fields(request(name)):
        body.get(member)
    assert body.encode() == request(name)


@pytest.mark.parametrize("name", MODEL_IN_BODY_NAMES)
def test_a_new_model_leaves_every_other_value_as_it_was(name: str) -> None:
    """The splice that every mapped request goes through."""
    before = fields(request(name))
    after = fields(splice(request(name), {"model": "another-model"}))
    assert list(after) == list(before)
    assert after.pop("model") == b'"another-model"'
    del before["model"]
    assert after == before


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(document=st.dictionaries(st.text(), JSON, max_size=5), value=JSON)
def test_any_object_survives_an_edit_of_one_member(document: dict[str, object], value: object) -> None:
    """Whatever it holds."""
    raw = msgspec.json.encode(document)
    assert Body(raw).encode() == raw
    assert msgspec.json.decode(splice(raw, {"model": value})) == {**document, "model": value}
    assert msgspec.json.decode(splice(raw, {}, drop=list(document))) == {}


@given(st.binary() | st.text().map(lambda text: ('{"a":"' + text).encode("utf-8", "surrogatepass")))
def test_arbitrary_bytes_are_a_body_or_malformed(raw: bytes) -> None:
    """No other exception leaves a body."""
    for action in (read_json, lambda data: Body(data).get("a")):
        with contextlib.suppress(MalformedRequest):
            action(raw)


@given(
    st.lists(
        st.sampled_from(["\\ud83d", "\\ude00", "\\\\ud83d", "\\n", "\\u00e9", "x", "\\\\", "\\uD83D\\uDE00"])
    )
)
def test_halves_of_emoji_survive_an_edit_of_another_member(pieces: list[str]) -> None:
    """However they stand beside whole ones and escaped backslashes."""
    text = ('"' + "".join(pieces) + '"').encode()
    body = Body(b'{"a":' + text + b',"model":1}')
    assert isinstance(body.get("a"), str)
    body.set("model", 2)
    assert body.encode() == b'{"a":' + text + b',"model":2}'
