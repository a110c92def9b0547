"""What is counted and how a count is answered, per protocol. Pure.

Source: anthropic 2.12 `messages/count_tokens`, openai 3.54 `responses/input_token_count_response.py`, google-genai
3.4 `types.CountTokensResponse` (read 2026-11).
"""

from typing import Final, cast

import msgspec

from copilot_api.copilot.catalog import Model
from copilot_api.errors import MalformedRequest, UpstreamProtocolError
from copilot_api.gateway.request.call import Call
from copilot_api.gateway.request.plan import Plan
from copilot_api.gateway.request.translate import Translation, origin_of, target_for, upstream_of
from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.parts import Text
from copilot_api.neutral.request import ModelRequest
from copilot_api.protocols.gemini import read_count
from copilot_api.wire.reading import read_json

COUNTER_PATH: Final = "/v1/messages/count_tokens"
_COUNTED_FIELDS: Final = frozenset(
    {"model", "messages", "system", "tools", "tool_choice", "thinking", "output_config"}
)
"""What Copilot's counter takes of a Messages request; it refuses `max_tokens` and the like."""


class _Counted(msgspec.Struct, frozen=True):
    input_tokens: int


def read_counted(call: Call, extra_prompt: str | None = None) -> ModelRequest:
    """The request whose tokens a call asks for, or which a call is; with what its model is configured to get.

    Raises: MalformedRequest.
    """
    document = read_json(call.body)
    if not isinstance(document, dict):
        raise MalformedRequest("The request body must be a JSON object.")
    fields = {**cast(JsonObject, document), **call.from_url}
    is_gemini_count = call.route.protocol.name == "gemini" and call.route.operation == "count_tokens"
    request = read_count(fields) if is_gemini_count else call.route.protocol.ingress.read_request(fields)
    if not extra_prompt:
        return request
    return msgspec.structs.replace(request, instructions=(*request.instructions, Text(extra_prompt)))


def written_for_counter(call: Call, model: Model, chosen: Plan, account_id: str) -> Translation:
    """The request in the words of Copilot's counter.

    Raises: MalformedRequest; UnsupportedContent for what Messages cannot say.
    """
    request = read_counted(call)
    written = upstream_of(chosen).write_request(request, target_for(model, chosen, account_id))
    counted = {name: value for name, value in written.document.items() if name in _COUNTED_FIELDS}
    origin = origin_of(model, chosen, account_id)
    return Translation(request, msgspec.json.encode(counted), written.losses, written.names, origin)


def read_upstream_count(body: bytes) -> int:
    """The number in an answer of Copilot's counter.

    Raises: UpstreamProtocolError when there is none.
    """
    try:
        tokens = msgspec.json.decode(body, type=_Counted).input_tokens
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        tokens = -1
    if tokens < 0:
        raise UpstreamProtocolError("Copilot's counter answered without a number of tokens.")
    return tokens


def write_count(call: Call, tokens: int) -> bytes:
    """A count in the words of the client's protocol."""
    match call.route.protocol.name:
        case "gemini":
            return msgspec.json.encode({"totalTokens": tokens})
        case "responses":
            return msgspec.json.encode({"object": "response.input_tokens", "input_tokens": tokens})
        case _:
            return msgspec.json.encode({"input_tokens": tokens})
