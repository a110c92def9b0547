"""`embedContent` and `batchEmbedContents` as OpenAI's embeddings, which is what Copilot has.

Owns both directions. Source: google-genai 3.4 `models.py` (`_EmbedContentParameters_to_mldev`) and
`types.EmbedContentConfig`; OpenAI API reference, embeddings (read 2026-11).
"""

from typing import Final

import msgspec

from copilot_api.errors import MalformedRequest, UnsupportedContent, UpstreamProtocolError
from copilot_api.neutral.extras import Json, JsonObject
from copilot_api.neutral.loss import Handling, Loss
from copilot_api.neutral.parts import Text
from copilot_api.protocols.gemini.call import bare_model
from copilot_api.protocols.gemini.reading.calls import Calls
from copilot_api.protocols.gemini.reading.fields import ORIGIN, Fields
from copilot_api.protocols.gemini.reading.turns import read_turns

_TARGET: Final = "embeddings"
_HINTS: Final = ("taskType", "title")


class EmbeddingCall(msgspec.Struct, frozen=True):
    """An embeddings body to send upstream, and what it could not say."""

    document: JsonObject
    losses: tuple[Loss, ...] = ()


def read_embeddings(model: str, document: JsonObject) -> EmbeddingCall:
    """The OpenAI form of either method's body; `model` is the one in the URL.

    Shape: {"content": {"parts": [{"text": "a"}]}} -> {"model": m, "input": ["a"], "encoding_format": "float"}
    Raises: MalformedRequest; UnsupportedContent for what is no text, and for sizes that differ in one batch.
    """
    body = Fields(document)
    requests = body.several("requests") if body.has("requests") else [body]
    if not requests:
        raise MalformedRequest("'requests' is empty. Send at least one content.", param="requests")
    texts: list[Json] = []
    sizes: set[int | None] = set()
    losses: list[Loss] = []
    for request in requests:
        texts.append(_read_text(request))
        sizes.add(_read_size(request, losses))
    if len(sizes) > 1:
        raise UnsupportedContent(
            "'outputDimensionality' differs between the requests of one batch. Send one batch per size.",
            param="requests",
        )
    written: JsonObject = {"model": bare_model(model), "input": texts, "encoding_format": "float"}
    [size] = sizes
    if size is not None:
        written["dimensions"] = size
    return EmbeddingCall(written, tuple(losses))


def _read_text(request: Fields) -> str:
    content = request.take("content")
    if content is None:
        raise MalformedRequest(
            f"{request.at('content')} is missing. Send a content with text parts.",
            param=request.at("content"),
        )
    pieces: list[str] = []
    for placed in read_turns(content, Calls()):
        for part in placed.turn.parts:
            if not isinstance(part, Text):
                raise UnsupportedContent(
                    f"{request.at('content')} holds a {type(part).__name__.lower()}, but only text can be embedded.",
                    param=request.at("content"),
                )
            pieces.append(part.text)
    return "".join(pieces)


def _read_size(request: Fields, losses: list[Loss]) -> int | None:
    """The wanted size; hints on what the vectors are for are noted as lost."""
    config = request.nested("embedContentConfig") or request
    size = config.whole("outputDimensionality")
    for name in _HINTS:
        if config.take(name) is not None:
            reason = "embeddings take no hint on what they are for"
            losses.append(Loss(config.at(name), ORIGIN, _TARGET, Handling.DROPPED, reason))
    return size


def write_embeddings(document: JsonObject, *, is_batch: bool) -> JsonObject:
    """Google's form of an OpenAI embeddings answer, in the order of the request.

    Shape: {"data": [{"index": 0, "embedding": [0.5]}]} -> {"embedding": {"values": [0.5]}}, for a batch
    {"embeddings": [{"values": [0.5]}]}
    Raises: UpstreamProtocolError when it is not one.
    """
    data = document.get("data")
    vectors: dict[int, Json] = {}
    for position, entry in enumerate(data if isinstance(data, list) else ()):
        vector = entry.get("embedding") if isinstance(entry, dict) else None
        index = entry.get("index", position) if isinstance(entry, dict) else None
        if not isinstance(vector, list) or not isinstance(index, int):
            raise UpstreamProtocolError("The upstream sent an embedding without numbers.")
        vectors[index] = {"values": vector}
    if not vectors:
        raise UpstreamProtocolError("The upstream answered without embeddings.")
    ordered: list[Json] = [vectors[index] for index in sorted(vectors)]
    written: JsonObject = {"embeddings": ordered} if is_batch else {"embedding": ordered[0]}
    usage = document.get("usage")
    tokens = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    if isinstance(tokens, int):
        written["usageMetadata"] = {"promptTokenCount": tokens}
    return written
