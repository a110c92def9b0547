"""What every event of an answer shares: numbers, ids, and the response object that repeats the request.

Owns the frames. Must never know what an item says. Ids are made from the answer's id and the item's place, so that
they are short, the same in every event, and the same in the streamed and the whole form.
Source: openai-python 3.54, types/responses/response.py, response_usage.py; clients.md: opencode loops on a completed
answer without usage (read 2026-11).
"""

import hashlib
import re
from typing import Final

from copilot_api.neutral.extras import Json, JsonObject
from copilot_api.neutral.request import ModelRequest
from copilot_api.neutral.usage import Usage
from copilot_api.protocols.base import Voice
from copilot_api.protocols.envelopes import encode
from copilot_api.protocols.responses.writing.request import own_fields
from copilot_api.wire.sse import encode_frame

_OWN_ID: Final = re.compile(r"resp_[A-Za-z0-9_-]{1,59}")
_PREFIXES: Final = {
    "message": "msg",
    "reasoning": "rs",
    "function_call": "fc",
    "custom_tool_call": "ctc",
    "tool_search_call": "tsc",
    "web_search_call": "ws",
    "compaction": "cmp",
}
"""The prefixes of the original API; clients only compare ids, people read them."""
_ECHOED: Final = frozenset(
    {
        "frequency_penalty", "instructions", "max_output_tokens", "max_tool_calls", "metadata", "parallel_tool_calls",
        "presence_penalty", "prompt_cache_key", "prompt_cache_retention", "reasoning", "safety_identifier",
        "service_tier", "temperature", "text", "tool_choice", "tools", "top_logprobs", "top_p", "truncation", "user",
    }
)  # fmt: skip
"""What a response repeats of its request."""
_USUAL: Final[dict[str, JsonObject]] = {
    "reasoning": {"effort": None, "summary": None},
    "text": {"format": {"type": "text"}},
}
"""What these always hold; the request's words go over it."""
_FUNCTION: Final[JsonObject] = {"description": None, "parameters": None, "strict": None}
"""What a repeated function tool always holds."""


def digest(text: str) -> str:
    """Thirty-two characters made from a text."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def fit_id(given: str, voice: Voice) -> str:
    """The answer's id: upstream's own where it has the form of this API, else the one we were given."""
    if _OWN_ID.fullmatch(given):
        return given
    return voice.answer_id or f"resp_{digest(given)}"


class Numbering:
    """Writes the events of one answer, numbered; `answer_id` makes the ids of its items."""

    __slots__ = ("answer_id", "number")

    def __init__(self) -> None:
        self.number = 0
        self.answer_id = ""

    def event(self, kind: str, fields: JsonObject) -> bytes:
        """One event."""
        number, self.number = self.number, self.number + 1
        return encode_frame(encode({"type": kind, "sequence_number": number, **fields}), kind)

    def head(self, kind: str, where: JsonObject) -> bytes:
        """The beginning of all deltas of one part, up to their text."""
        return b'event: %b\ndata: %b,"delta":' % (kind.encode(), encode({"type": kind, **where})[:-1])

    def delta(self, head: bytes, text: str) -> bytes:
        """One delta: the hot path."""
        number, self.number = self.number, self.number + 1
        return b'%b%b,"sequence_number":%d}\n\n' % (head, encode(text), number)

    def item_id(self, index: int, kind: str) -> str:
        """The id of the item at `index`."""
        return f"{_PREFIXES.get(kind, 'item')}_{digest(f'{self.answer_id}/{index}')}"


def _repeated(request: ModelRequest) -> JsonObject:
    """The fields of the request that its answer repeats."""
    asked = own_fields(request)
    repeated: JsonObject = {
        name: value for name, value in asked.items() if name in _ECHOED and value is not None
    }
    for name, usual in _USUAL.items():
        said = repeated.get(name)
        repeated[name] = {**usual, **said} if isinstance(said, dict) else usual
    tools = repeated.get("tools")
    if isinstance(tools, list):
        repeated["tools"] = [_whole_tool(tool) for tool in tools]
    return repeated


class ResponseObject:
    """The `response` of one answer in all its states.

    Fields that nobody set hold what this API has by default: its published schema has no null for them.
    """

    def __init__(self, request: ModelRequest, answer_id: str, created_unix_s: int, model: str) -> None:
        self._document: JsonObject = {
            "id": answer_id,
            "object": "response",
            "created_at": created_unix_s,
            "status": "in_progress",
            "background": False,
            "completed_at": None,
            "error": None,
            "frequency_penalty": 0.0,
            "incomplete_details": None,
            "instructions": None,
            "max_output_tokens": None,
            "max_tool_calls": None,
            "metadata": {},
            "model": model,
            "output": [],
            "parallel_tool_calls": True,
            "presence_penalty": 0.0,
            "previous_response_id": None,
            "prompt_cache_key": None,
            "safety_identifier": None,
            "service_tier": "default",
            "store": False,
            "temperature": 1.0,
            "tool_choice": "auto",
            "tools": [],
            "top_logprobs": 0,
            "top_p": 1.0,
            "truncation": "disabled",
            "usage": None,
            "user": None,
            **_repeated(request),
        }

    def begun(self) -> JsonObject:
        """As it begins."""
        return self._document

    def ended(self, status: str, output: list[Json], usage: Usage | None, **fields: Json) -> JsonObject:
        """As it ends. A count is always given: zeros where upstream counted nothing."""
        counted = write_usage(usage or Usage())
        return {**self._document, "status": status, "output": output, "usage": counted, **fields}


def _whole_tool(tool: Json) -> Json:
    return {**_FUNCTION, **tool} if isinstance(tool, dict) and tool.get("type") == "function" else tool


def write_usage(usage: Usage) -> JsonObject:
    """`usage`; input counts include what came from a cache, as in the hub."""
    return {
        "input_tokens": usage.input_tokens,
        "input_tokens_details": {
            "cached_tokens": usage.cache_read_tokens,
            "cache_write_tokens": usage.cache_write_tokens,
        },
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.input_tokens + usage.output_tokens,
    }
