"""Paths of the protocols' APIs that are not served: refused in the words of that protocol, with what to do instead.

Owns which path belongs to whom. A path of nobody's is left to the operations (`web/admin`).
"""

from collections.abc import Mapping
from typing import Final

from copilot_api.errors import UnknownRoute
from copilot_api.protocols.base import ProtocolName
from copilot_api.protocols.registry import PROTOCOLS
from copilot_api.web.asgi import Send, reply

_GOOGLE: Final = ("v1beta", "v1alpha", "v1beta1")
_OWNERS: Final[dict[str, ProtocolName]] = {
    "chat": "chat",
    "complete": "messages",
    "messages": "messages",
    "responses": "responses",
}
"""Whose the first word of a path is; under `/v1` every other one is OpenAI's, or Anthropic's by its header."""
_SERVED: Final[dict[ProtocolName, str]] = {
    "chat": "POST /v1/chat/completions, POST /v1/embeddings and GET /v1/models",
    "responses": "POST /v1/responses and POST /v1/responses/input_tokens",
    "messages": "POST /v1/messages, POST /v1/messages/count_tokens and GET /v1/models",
    "gemini": "generateContent, streamGenerateContent, countTokens, embedContent and batchEmbedContents of "
    "/v1beta/models/{model}, and GET /v1beta/models",
}
_INSTEAD: Final = {
    "batches": "Copilot has no batches. Send each request by itself.",
    "cachedContents": "No cache has a name here: repeated prefixes are cached without being asked.",
    "compact": "End the 'input' of POST /v1/responses with an item of type 'compaction_trigger'.",
    "complete": "Send the prompt as a user message to POST /v1/messages.",
    "completions": "Send the prompt as a user message to POST /v1/chat/completions.",
    "files": "Nobody here keeps files. Send a file's bytes within the request.",
    "responses": "No response is kept here. Send the whole history to POST /v1/responses, with store=false.",
    "upload": "Nobody here keeps files. Send a file's bytes within the request.",
}
"""What to do instead, by a word of the path."""


def owner_of(path: str, headers: Mapping[str, str]) -> ProtocolName | None:
    """The protocol to whose API a path belongs; None for a path of nobody's."""
    version, _, rest = path.strip("/").partition("/")
    if version in _GOOGLE:
        return "gemini"
    if version != "v1":
        return _OWNERS.get(version)
    word = rest.split("/", maxsplit=1)[0]
    if word in _OWNERS:
        return _OWNERS[word]
    if "x-goog-api-key" in headers or "x-goog-api-client" in headers:
        return "gemini"
    return "messages" if "anthropic-version" in headers else "chat"


async def refuse_unserved(send: Send, protocol: ProtocolName, method: str, path: str, trace_id: str) -> None:
    """Say in the protocol's own envelope that nothing is served there, and what is."""
    words = path.strip("/").replace(":", "/").split("/")
    instead = next((_INSTEAD[word] for word in reversed(words) if word in _INSTEAD), "")
    served = f"Served are {_SERVED[protocol]}."
    error = UnknownRoute(" ".join(filter(None, (f"{method} {path} is not served.", instead, served))))
    wire = PROTOCOLS[protocol].ingress.write_error(error)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(wire.body)),
        (b"x-trace-id", trace_id.encode()),
        (b"connection", b"close"),
    ]
    await reply(send, wire.status, wire.body, headers)
