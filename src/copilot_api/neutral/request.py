"""A request in one vocabulary: a superset of what the four protocols can ask, with a remainder.

Turns stand as the source spoke them and need not alternate; a writer merges or splits where its protocol needs
it. None always means "the client did not say": a writer invents nothing to fill it (law L10), except what its
target requires.
"""

from typing import Literal

import msgspec

from copilot_api.neutral.extras import Extras, JsonObject
from copilot_api.neutral.parts import CacheHint, Part

Role = Literal["system", "developer", "user", "assistant", "tool"]


class Turn(msgspec.Struct, frozen=True):
    """One speaker's message. Results of tools stand in a turn of role "tool", or of "user" where the source put them.

    `is_plain`: the content was a bare string on the wire. `effort` is a per-turn reasoning effort. `name` as chat
    has it. `phase` as Responses has it ("commentary", "final_answer").
    """

    role: Role
    parts: tuple[Part, ...]
    is_plain: bool = False
    name: str | None = None
    phase: str | None = None
    effort: str | None = None
    extras: Extras | None = None


class FunctionTool(msgspec.Struct, frozen=True):
    """A function the client runs. `parameters` is JSON Schema, untouched; None when the source gave none."""

    name: str
    description: str | None = None
    parameters: JsonObject | None = None
    strict: bool | None = None
    is_deferred: bool = False
    cache: CacheHint | None = None
    extras: Extras | None = None


class CustomTool(msgspec.Struct, frozen=True):
    """A freeform tool: its input is text. `format` is the grammar in the origin's words; None is plain text."""

    name: str
    description: str | None = None
    format: JsonObject | None = None
    extras: Extras | None = None


class Namespace(msgspec.Struct, frozen=True):
    """Tools under a common name (Responses)."""

    name: str
    tools: tuple[FunctionTool | CustomTool, ...]
    description: str | None = None
    extras: Extras | None = None


class NativeTool(msgspec.Struct, frozen=True):
    """A tool that the origin's server runs, or that only the origin knows: `web_search`, `googleSearch`..."""

    origin: str
    type: str
    document: JsonObject


Tool = FunctionTool | CustomTool | Namespace | NativeTool


class ToolChoice(msgspec.Struct, frozen=True):
    """Which tool may or must be called.

    `names` goes with "named" (exactly one) and "allowed" (`is_required` then says whether one of them must be).
    `native` holds a choice only the origin can say.
    """

    mode: Literal["auto", "none", "required", "named", "allowed", "native"]
    names: tuple[str, ...] = ()
    is_required: bool = False
    kind: Literal["function", "custom"] = "function"
    native: Extras | None = None
    extras: Extras | None = None


class OutputFormat(msgspec.Struct, frozen=True):
    """What the text of the answer must look like. `schema` is JSON Schema, untouched."""

    kind: Literal["text", "json_object", "json_schema"]
    schema: JsonObject | None = None
    name: str | None = None
    description: str | None = None
    strict: bool | None = None
    extras: Extras | None = None


class ReasoningOptions(msgspec.Struct, frozen=True):
    """How much to think and how much of it to show.

    `effort` is a word ("none", "minimal", "low", "medium", "high", "xhigh", "max"). `budget_tokens` -1 means "as the
    model likes" (Gemini). `mode`: "enabled", "adaptive", "disabled". `summary`: "auto", "concise", "detailed", "none".
    `shows_thoughts`: whether readable thinking was asked for.
    """

    effort: str | None = None
    budget_tokens: int | None = None
    mode: Literal["enabled", "adaptive", "disabled"] | None = None
    summary: str | None = None
    shows_thoughts: bool | None = None
    extras: Extras | None = None


class Sampling(msgspec.Struct, frozen=True):
    """The knobs. Numbers stay as they were spelled."""

    temperature: float | int | None = None
    top_p: float | int | None = None
    top_k: int | None = None
    frequency_penalty: float | int | None = None
    presence_penalty: float | int | None = None
    seed: int | None = None
    logit_bias: JsonObject | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    candidates: int | None = None
    stop: tuple[str, ...] | None = None
    verbosity: str | None = None


class NativeNeed(msgspec.Struct, frozen=True):
    """A feature that only a target of the request's own protocol can have, and the words that refuse it elsewhere.

    Shape: NativeNeed("input[7]", "'input[7]' asks the server to compact...; send ... instead.")
    """

    path: str
    message: str


class Places(msgspec.Struct, frozen=True):
    """Where turns, their parts and tools stood in the client's own document, for the words of losses and refusals.

    Shape: Places(turns=("contents[0]",), parts=(("contents[0].parts[0]",),), tools=()). Empty where nobody noted it.
    """

    turns: tuple[str, ...] = ()
    parts: tuple[tuple[str, ...], ...] = ()
    tools: tuple[str, ...] = ()


class ModelRequest(msgspec.Struct, frozen=True):
    """Everything a client asked.

    `origin` is the protocol it was read from. `instructions` is the top-level system text, where the protocol has
    one (system turns inside the history are turns). `user` names the end user, `session` the client's
    conversation, `cache_key` the prompt cache. `spelled` notes which of several wire spellings was used, by neutral
    field ("max_output_tokens": "max_tokens"), so that the same protocol can be written back exactly.
    """

    origin: str
    model: str
    turns: tuple[Turn, ...]
    instructions: tuple[Part, ...] = ()
    are_instructions_plain: bool = False
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    output_format: OutputFormat | None = None
    reasoning: ReasoningOptions | None = None
    sampling: Sampling = Sampling()
    max_output_tokens: int | None = None
    stream: bool | None = None
    wants_stream_usage: bool | None = None
    store: bool | None = None
    previous_id: str | None = None
    user: str | None = None
    session: str | None = None
    cache_key: str | None = None
    metadata: JsonObject | None = None
    service_tier: str | None = None
    spelled: dict[str, str] = {}
    native_needs: tuple[NativeNeed, ...] = ()
    """Whoever writes the request for another protocol refuses it (UnsupportedContent) with the first of these."""
    places: Places = Places()
    extras: Extras | None = None
