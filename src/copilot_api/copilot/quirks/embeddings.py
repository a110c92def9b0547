"""What Copilot's `/embeddings` refuses, and the one encoding it does not answer in.

Source: upstream contract 2.7 (read 2026-11).
"""

import base64
import struct

from copilot_api.copilot.quirks.base import QuirkContext
from copilot_api.copilot.quirks.documents import (
    Document,
    decode_element,
    documents_in,
    encode,
    fields_of,
    is_document,
    is_list,
)
from copilot_api.errors import UnsupportedContent
from copilot_api.wire.body import Body
from copilot_api.wire.sse import Frame


def repair_input(body: Body, context: QuirkContext) -> str | None:
    """Send a single string as a list of one.

    Raises: UnsupportedContent for token arrays and for more inputs than the model takes in one call.
    """
    text = body.get("input")
    if isinstance(text, str):
        body.set("input", [text])
        return "input sent as a list"
    if not is_list(text):
        return None
    strange = next((index for index, one in enumerate(text) if not isinstance(one, str)), None)
    if strange is not None:
        raise UnsupportedContent(
            f"'input[{strange}]' is not a string: Copilot embeds text only, no token arrays. Send the text itself "
            "(langchain: check_embedding_ctx_length=False).",
            param="input",
        )
    limit = context.model.limits.inputs
    if limit is not None and len(text) > limit:
        raise UnsupportedContent(
            f"'input' has {len(text)} strings and {context.model.id!r} takes at most {limit} in one request. Send "
            "them in smaller batches.",
            param="input",
        )
    return None


class Base64Repair:
    """Embeddings as base64 text of little-endian 32-bit floats, for a client that asked for it."""

    def feed(self, frame: Frame) -> bytes:
        """Embeddings do not stream."""
        return frame.raw

    def finish(self) -> bytes:
        """Nothing is held back."""
        return b""

    def read_reply(self, body: bytes) -> bytes:
        """Encode each vector that came as a list of numbers."""
        if fields_of(body) is None:
            return body
        reply = decode_element(body)
        vectors = documents_in(reply.get("data")) if is_document(reply) else []
        return encode(reply) if [one for one in vectors if _pack(one)] else body


def _pack(entry: Document) -> bool:
    vector = entry.get("embedding")
    if not is_list(vector):
        return False
    numbers = [one for one in vector if isinstance(one, (int, float))]
    entry["embedding"] = base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode("ascii")
    return True


def wants_base64(body: Body) -> bool:
    """Whether the client asked for base64 (the OpenAI SDK does so by default)."""
    return body.get("encoding_format") == "base64"
