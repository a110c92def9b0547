"""A request in chat's words: exactly as it was where it was chat, else as chat can say it.

Owns the choice between the two. Must never know Copilot's oddities: quirks run on what is written here.
"""

from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.extras import Json, JsonObject
from copilot_api.neutral.request import ModelRequest
from copilot_api.protocols.base import Target, Written
from copilot_api.protocols.chat.words import ORIGIN, completed
from copilot_api.protocols.chat.writing.native import native_messages
from copilot_api.protocols.chat.writing.options import put_options
from copilot_api.protocols.chat.writing.tools import put_foreign_tools, put_native_tools
from copilot_api.protocols.chat.writing.turns import TurnWriter
from copilot_api.protocols.losses import Losses
from copilot_api.protocols.tools import Naming


def write_request(request: ModelRequest, target: Target) -> Written:
    """Say a request in chat's words.

    Raises: UnsupportedContent for a feature or a content part that chat cannot carry.
    """
    losses = Losses.of(request, ORIGIN)
    if request.origin == ORIGIN:
        return Written(_native(request, target, losses), losses.all)
    if request.native_needs:
        need = request.native_needs[0]
        raise UnsupportedContent(need.message, param=need.path)
    if request.previous_id is not None:
        raise UnsupportedContent(
            "'previous_response_id' names an earlier answer, and none are stored here. Send the whole conversation.",
            param="previous_response_id",
        )
    naming = Naming(request.tools)
    document: JsonObject = {"model": target.model}
    document["messages"] = [*TurnWriter(target, naming, losses).write(request)]
    put_foreign_tools(document, request, target, naming, losses)
    put_options(document, request, target, losses)
    if request.stream is not None:
        document["stream"] = request.stream
    # A translated answer is read as a stream, whatever the client wants, and upstream says what a stream cost only
    # where it is asked to.
    document["stream_options"] = {"include_usage": True}
    return Written(document, losses.all, naming.names)


def _native(request: ModelRequest, target: Target, losses: Losses) -> JsonObject:
    document: JsonObject = {"model": target.model}
    document["messages"] = [*native_messages(request, target, losses)]
    put_native_tools(document, request)
    sampling, options = request.sampling, request.reasoning
    stop: Json = None if sampling.stop is None else [*sampling.stop]
    if sampling.stop is not None and request.spelled.get("stop") == "text":
        stop = sampling.stop[0]
    fields: JsonObject = {
        request.spelled.get("max_output_tokens", "max_tokens"): request.max_output_tokens,
        request.spelled.get("user", "user"): request.user,
        "parallel_tool_calls": request.parallel_tool_calls,
        "reasoning_effort": None if options is None else options.effort,
        "thinking_budget": None if options is None else options.budget_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "frequency_penalty": sampling.frequency_penalty,
        "presence_penalty": sampling.presence_penalty,
        "seed": sampling.seed,
        "logit_bias": sampling.logit_bias,
        "logprobs": sampling.logprobs,
        "top_logprobs": sampling.top_logprobs,
        "n": sampling.candidates,
        "stop": stop,
        "verbosity": sampling.verbosity,
        "stream": request.stream,
        "store": request.store,
        "prompt_cache_key": request.cache_key,
        "metadata": request.metadata,
        "service_tier": request.service_tier,
    }
    document.update({name: value for name, value in fields.items() if value is not None})
    _put_objects(document, request)
    return completed(document, request.extras)


def _put_objects(document: JsonObject, request: ModelRequest) -> None:
    if request.spelled.get("stream_options"):
        usage = request.wants_stream_usage
        document["stream_options"] = {} if usage is None else {"include_usage": usage}
    wanted = request.output_format
    if wanted is None:
        return
    if wanted.kind != "json_schema":
        document["response_format"] = {"type": wanted.kind}
        return
    fields = {
        "name": wanted.name,
        "description": wanted.description,
        "schema": wanted.schema,
        "strict": wanted.strict,
    }
    schema: JsonObject = {name: value for name, value in fields.items() if value is not None}
    document["response_format"] = {"type": wanted.kind, "json_schema": completed(schema, wanted.extras)}
