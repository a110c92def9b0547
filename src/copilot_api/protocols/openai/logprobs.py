"""How likely the tokens of an answer were, as both of OpenAI's protocols say it.

Reads loosely and never raises: a token without a text or a number is skipped.
Source: openai 3.54, types/chat/chat_completion_token_logprob.py, types/responses/response_text_delta_event.py and
response_output_text.py (read 2026-11).
"""

from copilot_api.neutral.extras import Json, JsonObject
from copilot_api.neutral.parts import TokenLogprob


def read_logprobs(value: Json) -> tuple[TokenLogprob, ...]:
    """The tokens in a list of them.

    Shape: [{"token": "Hi", "logprob": -0.5, "bytes": [72, 105], "top_logprobs": [...]}]
    """
    if not isinstance(value, list):
        return ()
    read = [_read(entry) for entry in value]
    return tuple(token for token in read if token is not None)


def _read(entry: Json) -> TokenLogprob | None:
    if not isinstance(entry, dict):
        return None
    token, logprob, utf8 = entry.get("token"), entry.get("logprob"), entry.get("bytes")
    if not isinstance(token, str) or not isinstance(logprob, int | float) or isinstance(logprob, bool):
        return None
    known = tuple(byte for byte in utf8 if isinstance(byte, int)) if isinstance(utf8, list) else None
    return TokenLogprob(token, logprob, known, read_logprobs(entry.get("top_logprobs")))


def write_logprobs(tokens: tuple[TokenLogprob, ...], *, has_bytes: bool = True) -> list[Json]:
    """The same list; the deltas of Responses have no bytes."""
    return [_write(token, has_bytes, has_top=True) for token in tokens]


def _write(token: TokenLogprob, has_bytes: bool, *, has_top: bool) -> JsonObject:
    document: JsonObject = {"token": token.token, "logprob": token.logprob}
    if has_bytes:
        utf8 = token.utf8 if token.utf8 is not None else tuple(token.token.encode("utf-8", "replace"))
        document["bytes"] = list(utf8)
    if has_top:
        document["top_logprobs"] = [_write(other, has_bytes, has_top=False) for other in token.top]
    return document
