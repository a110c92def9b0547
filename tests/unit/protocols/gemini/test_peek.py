"""What a Gemini request says of itself."""

import json

import pytest

from copilot_api.errors import MalformedRequest
from copilot_api.protocols.base import RequestPeek, Speaker
from copilot_api.protocols.gemini import PROTOCOL, peek_call

PATH = "/v1beta/models/gpt-5:streamGenerateContent"


def peeked(contents: object, **more: object) -> RequestPeek:
    """A request with these contents, its model in the URL."""
    return peek_call(PATH, "alt=sse", json.dumps({"contents": contents, **more}).encode())


def user(*parts: object) -> dict[str, object]:
    """A content of the user."""
    return {"role": "user", "parts": list(parts)}


RESULT = {"functionResponse": {"name": "ls", "response": {"output": "a"}}}
PICTURE = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}
ATTACHED = ({"text": "Attached media from tool result:"}, PICTURE)
"""What opencode puts behind a result."""


def test_model_and_stream_come_from_the_url() -> None:
    """Whatever the body says of them."""
    peek = peeked("hi", model="other", stream=False)
    assert (peek.model, peek.stream) == ("gpt-5", True)


def test_a_prepared_body_says_both_itself() -> None:
    """The gateway put them there."""
    peek = PROTOCOL.ingress.peek(b'{"model":"models/gpt-5","stream":true,"contents":"hi"}')
    assert (peek.model, peek.stream, peek.human_turn) == ("gpt-5", True, (0, "hi"))


@pytest.mark.parametrize(
    ("contents", "speaker", "human_turn"),
    [
        ("hi", "human", (0, "hi")),
        (["a", "b"], "human", (1, "b")),
        (user({"text": "a"}, {"text": "b"}), "human", (0, "a\nb")),
        ([{"parts": [{"text": "a"}]}], "human", (0, "a")),
        ([{"role": "user", "parts": {"text": "a"}}], "human", (0, "a")),
        ([{"role": "user", "parts": "a"}], "human", (0, "a")),
        ([{"text": "a"}], "human", (0, "a")),
        ([user({"text": "a"}), {"role": "model", "parts": []}, user(RESULT)], "tool", (0, "a")),
        ([user({"text": "a"}), {"role": "function", "parts": [RESULT]}], "tool", (0, "a")),
        ([user({"text": "a"}), user({"function_response": {}}, PICTURE)], "tool", (0, "a")),
        ([user(RESULT, {"text": "go on"})], "human", (0, "go on")),
        ([user({"text": "a"}), user(RESULT), user(*ATTACHED)], "tool", (0, "a")),
        ([user({"text": "a"}), user(RESULT, *ATTACHED)], "tool", (0, "a")),
        ([user(PICTURE)], "human", (0, "")),
        ([user({"text": "a"}), {"role": "model", "parts": [{"text": "b"}]}], "assistant", (0, "a")),
        ([user({"text": "a"}), {"role": "system", "parts": [{"text": "b"}]}], "human", (0, "a")),
        ([{"role": "user"}], "nobody", None),
        ([user(7)], "human", (0, "")),
        ([], "nobody", None),
    ],
)
def test_the_newest_content_tells_who_speaks(
    contents: object, speaker: str, human_turn: tuple[int, str] | None
) -> None:
    """A picture beside a tool's result is the tool's; words beside it are a human's."""
    peek = peeked(contents)
    assert peek.speaker == Speaker(speaker)
    assert peek.human_turn == human_turn


@pytest.mark.parametrize(
    ("part", "has_images"),
    [
        (PICTURE, True),
        ({"inline_data": {"mime_type": "image/png", "data": "AAAA"}}, True),
        ({"fileData": {"mimeType": "image/png", "fileUri": "https://a.example/x"}}, True),
        ({"fileData": {"fileUri": "https://a.example/x.PNG?size=1"}}, True),
        ({"functionResponse": {"name": "see", "response": {}, "parts": [PICTURE]}}, True),
        ({"functionResponse": {"name": "see", "response": {"inlineData": 1}}}, False),
        ({"inlineData": {"mimeType": "application/pdf", "data": "AAAA"}}, False),
        ({"fileData": {"fileUri": 7}}, False),
        ({"text": '"inlineData":{"mimeType":"image/png"}'}, False),
    ],
)
def test_pictures_are_seen_wherever_they_stand(part: object, has_images: bool) -> None:
    """Copilot wants to know before it reads the body."""
    assert peeked([user({"text": "look"}), user(part)]).has_images is has_images


def test_a_string_that_speaks_of_pictures_shows_none() -> None:
    """Only parts do."""
    assert not peeked(["inlineData"]).has_images


def test_a_title_is_asked_by_nobody() -> None:
    """opencode asks for it in the user's name."""
    contents = [
        user({"text": "Generate a title for this conversation:\n"}),
        user({"text": "fix the build"}),
    ]
    assert peeked(contents).background == "title"
    assert peeked(contents[1:]).background is None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{}", "'contents' must be a list of contents"),
        (b'{"contents":null}', "'contents' must be a list of contents"),
        (b'{"contents":7}', "'contents' must be a list of contents"),
        (b'{"contents":[7]}', "'contents[0]' must be an object"),
        (b'{"contents":[', "not valid JSON"),
    ],
)
def test_unreadable_contents_are_refused(body: bytes, message: str) -> None:
    """With the field's name."""
    with pytest.raises(MalformedRequest) as refusal:
        peek_call(PATH, "", body)
    assert message in refusal.value.message


def test_a_path_that_is_no_call_is_refused() -> None:
    """The gateway asks `parse_path` first; who does not is told."""
    with pytest.raises(MalformedRequest, match="names no model and method"):
        peek_call("/v1beta/models", "", b"{}")


def test_a_prepared_body_needs_its_model() -> None:
    """As in every protocol."""
    with pytest.raises(MalformedRequest, match="'model' is missing"):
        PROTOCOL.ingress.peek(b'{"contents":"hi"}')
