"""Google's embeddings as OpenAI's."""

import pytest

from copilot_api.errors import GatewayError, MalformedRequest, UnsupportedContent, UpstreamProtocolError
from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.loss import Handling, Loss
from copilot_api.protocols.gemini import read_embeddings, write_embeddings

LOST = "embeddings take no hint on what they are for"


def content(text: str) -> JsonObject:
    """A content with one text."""
    return {"parts": [{"text": text}]}


def test_one_content_is_a_batch_of_one() -> None:
    """`embedContent`; hints on the purpose are reported."""
    call = read_embeddings(
        "models/embed-1",
        {
            "model": "models/embed-1",
            "content": {"parts": [{"text": "a"}, {"text": "b"}]},
            "taskType": "RETRIEVAL_DOCUMENT",
            "title": "T",
            "output_dimensionality": 256,
        },
    )
    assert call.document == {
        "model": "embed-1",
        "input": ["ab"],
        "encoding_format": "float",
        "dimensions": 256,
    }
    assert call.losses == (
        Loss("taskType", "gemini", "embeddings", Handling.DROPPED, LOST),
        Loss("title", "gemini", "embeddings", Handling.DROPPED, LOST),
    )


def test_a_batch_keeps_its_order() -> None:
    """`batchEmbedContents`, with its settings beside the content or in their own object."""
    document: JsonObject = {
        "requests": [
            {"model": "models/embed-1", "content": content("a"), "outputDimensionality": 8},
            {"content": content("b"), "embedContentConfig": {"outputDimensionality": 8, "taskType": "X"}},
        ]
    }
    call = read_embeddings("embed-1", document)
    assert call.document == {
        "model": "embed-1",
        "input": ["a", "b"],
        "encoding_format": "float",
        "dimensions": 8,
    }
    assert [loss.path for loss in call.losses] == ["requests[1].embedContentConfig.taskType"]
    assert read_embeddings("embed-1", {"content": "a"}).document == {
        "model": "embed-1",
        "input": ["a"],
        "encoding_format": "float",
    }


@pytest.mark.parametrize(
    ("document", "error", "message"),
    [
        ({}, MalformedRequest, "content is missing. Send a content with text parts."),
        ({"requests": [{}]}, MalformedRequest, "requests[0].content is missing."),
        ({"requests": []}, MalformedRequest, "'requests' is empty. Send at least one content."),
        (
            {"content": {"parts": [{"inlineData": {"mimeType": "image/png", "data": "AAAA"}}]}},
            UnsupportedContent,
            "content holds a image, but only text can be embedded.",
        ),
        (
            {"requests": [{"content": content("a")}, {"content": content("b"), "outputDimensionality": 8}]},
            UnsupportedContent,
            "'outputDimensionality' differs between the requests of one batch.",
        ),
    ],
)
def test_what_cannot_be_embedded_is_refused(
    document: JsonObject, error: type[GatewayError], message: str
) -> None:
    """With where it stands and what to do."""
    with pytest.raises(error) as refusal:
        read_embeddings("embed-1", document)
    assert refusal.value.message.startswith(message)


def test_vectors_go_back_in_the_order_of_the_request() -> None:
    """One, or a batch; with the count of tokens where there is one."""
    answer: JsonObject = {
        "data": [{"index": 1, "embedding": [2.0]}, {"index": 0, "embedding": [0.5, 1]}],
        "usage": {"prompt_tokens": 3},
    }
    assert write_embeddings(answer, is_batch=True) == {
        "embeddings": [{"values": [0.5, 1]}, {"values": [2.0]}],
        "usageMetadata": {"promptTokenCount": 3},
    }
    assert write_embeddings({"data": [{"embedding": [1.0]}]}, is_batch=False) == {
        "embedding": {"values": [1.0]}
    }


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"data": []},
        {"data": [7]},
        {"data": [{"embedding": "AAAA"}]},
        {"data": [{"embedding": [], "index": "0"}]},
    ],
)
def test_an_answer_without_vectors_is_no_answer(answer: JsonObject) -> None:
    """Upstream broke its promise."""
    with pytest.raises(UpstreamProtocolError):
        write_embeddings(answer, is_batch=True)
