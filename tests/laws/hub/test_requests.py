"""L1, L5, L7 and L10 over every pair: what clients ask, read and written."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot_api.errors import ClientFault, MalformedRequest, UnsupportedContent
from copilot_api.neutral.extras import Json, JsonObject
from copilot_api.neutral.loss import Handling, Loss
from copilot_api.neutral.parts import Reasoning, ToolCall
from copilot_api.neutral.request import ModelRequest
from copilot_api.protocols.losses import refuse_losses
from laws.hub.pairs import INGRESSES, PAIRS, UPSTREAMS, decoded, ingress_of, target_of, upstream_of
from laws.hub.replies import JSON
from laws.hub.requests import requests_of
from recorded import REQUEST_NAMES, request

TURNS: Final = {"chat": "messages", "messages": "messages", "responses": "input", "gemini": "contents"}
"""Where a protocol's turns stand."""
PROMPT: Final = ("system", "instructions")
"""What stands before the turns in the prompt; tools do too, and a history may bring more of them."""
_PATHS: Final = {
    "v1_messages": "messages",
    "v1_responses": "responses",
    "v1_chat_completions": "chat",
    "generateContent": "gemini",
    "GenerateContent": "gemini",
}


def spoken_in(name: str) -> str:
    """The protocol of a recorded request; empty for other calls (counting, embedding)."""
    return next((protocol for words, protocol in _PATHS.items() if name.endswith(words)), "")


def document_of(name: str) -> JsonObject:
    """A recorded request's body, with what a Gemini client says in its URL."""
    document = decoded(request(name))
    return {"model": "m", **document} if spoken_in(name) == "gemini" else document


REQUESTS = {ingress: requests_of(ingress) for ingress in INGRESSES}
CARRIED = [
    (name, upstream) for name in REQUEST_NAMES if spoken_in(name) in INGRESSES for upstream in UPSTREAMS
]
SAME = [name for name in REQUEST_NAMES if spoken_in(name) in INGRESSES and spoken_in(name) in UPSTREAMS]


@pytest.mark.parametrize("name", SAME)
def test_a_request_comes_back_from_the_hub_as_it_went_in(name: str) -> None:
    """L1, JSON-deep, without a loss; reading changes nothing."""
    protocol, document = spoken_in(name), document_of(name)
    before = msgspec.json.encode(document)
    written = upstream_of(protocol).write_request(
        ingress_of(protocol).read_request(document), target_of(protocol)
    )
    # `model` is the mapped one.
    assert {**written.document, "model": document["model"]} == document
    assert written.losses == ()
    assert msgspec.json.encode(document) == before


@pytest.mark.parametrize(("name", "upstream"), CARRIED)
def test_every_recorded_request_can_be_asked_of_every_upstream(name: str, upstream: str) -> None:
    """L5: a document, or a clear refusal of what cannot be said; twice the same."""
    asked = ingress_of(spoken_in(name)).read_request(document_of(name))
    written = written_or_refused(asked, upstream)
    if isinstance(written, str):
        assert "compact" in name
        return
    assert msgspec.json.decode(msgspec.json.encode(written)) == written
    assert written_or_refused(asked, upstream) == written
    assert written[TURNS[upstream]]


def written_or_refused(asked: ModelRequest, upstream: str) -> JsonObject | str:
    """The document for an upstream, or the words that refuse it."""
    try:
        return upstream_of(upstream).write_request(asked, target_of(upstream)).document
    except UnsupportedContent as refusal:
        return refusal.message


@pytest.mark.parametrize(("ingress", "upstream"), PAIRS)
@given(data=st.data())
@settings(max_examples=60)
def test_every_legal_request_is_written_or_refused(ingress: str, upstream: str, data: st.DataObject) -> None:
    """L5: no exception but a refusal, every loss says what it is about, and whoever is strict loses nothing."""
    asked = data.draw(REQUESTS[ingress])
    try:
        written = upstream_of(upstream).write_request(asked, target_of(upstream))
    except ClientFault:
        return
    msgspec.json.encode(written.document)
    assert all(isinstance(loss, Loss) and loss.path and loss.reason for loss in written.losses)
    dropped = [loss.path for loss in written.losses if loss.handling is Handling.DROPPED]
    if not dropped:
        refuse_losses(written.losses, "m")
        return
    with pytest.raises(UnsupportedContent) as refusal:
        refuse_losses(written.losses, "m")
    assert refusal.value.param == dropped[0]


@pytest.mark.parametrize("ingress", INGRESSES)
@given(data=st.data())
@settings(max_examples=150)
def test_a_damaged_request_is_read_or_refused(ingress: str, data: st.DataObject) -> None:
    """L5: one value anywhere is replaced by another; the answer is a request or a 400 that names a field."""
    document = document_of(
        data.draw(st.sampled_from([name for name in REQUEST_NAMES if spoken_in(name) == ingress]))
    )
    damage(document, data)
    try:
        asked = ingress_of(ingress).read_request(document)
    except MalformedRequest:
        return
    for upstream in UPSTREAMS:
        with suppress(ClientFault):
            upstream_of(upstream).write_request(asked, target_of(upstream))


def damage(document: JsonObject, data: st.DataObject) -> None:
    """Walk down at random and replace what is there."""
    here: JsonObject | list[Json] = document
    while True:
        keys: list[str] | range = list(here) if isinstance(here, dict) else range(len(here))
        key = data.draw(st.sampled_from(keys))
        inside: Json = here[key]  # type: ignore[index, call-overload]  # the key is of the container
        if isinstance(inside, dict | list) and inside and data.draw(st.integers(0, 4)):
            here = inside
            continue
        here[key] = data.draw(JSON)  # type: ignore[index, call-overload]  # as above
        return


@pytest.mark.parametrize(("name", "upstream"), CARRIED)
def test_a_longer_history_is_written_as_an_extension_of_a_shorter_one(name: str, upstream: str) -> None:
    """L7: the upstream's prompt cache sees the same beginning, whatever is asked next."""
    protocol = spoken_in(name)
    document, turns_at = document_of(name), TURNS[protocol]
    turns = document[turns_at]
    if not isinstance(turns, list):
        return  # a bare string has no history
    # Instructions that stand first in the history belong together, wherever the target puts them.
    first = next((index for index, turn in enumerate(turns) if not _instructs(turn)), 0)
    earlier: JsonObject | str = ""
    for count in range(first + 1, len(turns) + 1):
        asked = ingress_of(protocol).read_request({**document, turns_at: turns[:count]})
        if all(turn.role in ("system", "developer") for turn in asked.turns):
            continue  # nobody has spoken yet: no model is asked
        later = written_or_refused(asked, upstream)
        if isinstance(earlier, dict) and isinstance(later, dict):
            rest_at = TURNS[upstream]
            assert begins(later[rest_at], earlier[rest_at]), f"after {count} turns"
            assert [later.get(key) for key in PROMPT] == [earlier.get(key) for key in PROMPT]
            assert extends(later.get("tools", []), earlier.get("tools", []))
        earlier = later


def _instructs(turn: Json) -> bool:
    return isinstance(turn, dict) and turn.get("role") in ("system", "developer")


def begins(later: Json, earlier: Json) -> bool:
    """Whether the later list begins with the earlier one; the last turn may have grown at its end."""
    assert isinstance(later, list)
    assert isinstance(earlier, list)
    *head, last = earlier
    if later[: len(head)] != head:
        return False
    grown = later[len(head)]
    if grown == last:
        return True
    if not (isinstance(grown, dict) and isinstance(last, dict)):
        return False
    return all(grown.get(key) == value or extends(grown.get(key), value) for key, value in last.items())


def extends(grown: Json, value: Json) -> bool:
    """Whether a turn's content has the earlier content at its beginning."""
    if isinstance(value, str) and isinstance(grown, list):
        value = [{"type": "text", "text": value}]
    return isinstance(value, list) and isinstance(grown, list) and grown[: len(value)] == value


Has = Callable[[ModelRequest], bool]
_ALWAYS: Final[Has] = lambda _: True  # noqa: E731  # one line of the table below


def _sampled(name: str) -> Has:
    return lambda request: getattr(request.sampling, name) is not None


def _said(name: str) -> Has:
    return lambda request: getattr(request, name) not in (None, ())


def _thinks(request: ModelRequest) -> bool:
    return request.reasoning is not None or any(turn.effort for turn in request.turns)


def _goes_on(request: ModelRequest) -> bool:
    parts = [part for turn in request.turns for part in turn.parts]
    has_model = any(turn.role == "assistant" for turn in request.turns)
    return bool(request.tools) or has_model or any(isinstance(part, ToolCall | Reasoning) for part in parts)


def _speaks(request: ModelRequest) -> bool:
    turns = (turn.role in ("system", "developer") for turn in request.turns)
    return bool(request.instructions) or request.are_instructions_plain or any(turns)


SOURCES: Final[dict[str, dict[str, Has]]] = {
    "chat": {
        "model": _ALWAYS,
        "messages": _ALWAYS,
        "stream": _ALWAYS,  # a translated answer is always streamed from upstream, and its usage is counted
        "stream_options": _ALWAYS,
        "tools": _said("tools"),
        "tool_choice": _said("tool_choice"),
        "function_call": _said("tool_choice"),
        "parallel_tool_calls": _said("parallel_tool_calls"),
        "response_format": _said("output_format"),
        "reasoning_effort": _thinks,
        "thinking_budget": _thinks,
        "thinking": _thinks,
        "max_tokens": _said("max_output_tokens"),
        "max_completion_tokens": _said("max_output_tokens"),
        "temperature": _sampled("temperature"),
        "top_p": _sampled("top_p"),
        "frequency_penalty": _sampled("frequency_penalty"),
        "presence_penalty": _sampled("presence_penalty"),
        "top_k": _sampled("top_k"),  # a vendor's word: only a chat client can have said it
        "seed": _sampled("seed"),
        "logit_bias": _sampled("logit_bias"),
        # Chat's `top_logprobs` needs it; elsewhere the number says both.
        "logprobs": lambda request: (
            (request.sampling.logprobs, request.sampling.top_logprobs) != (None, None)
        ),
        "top_logprobs": _sampled("top_logprobs"),
        "n": _sampled("candidates"),
        "stop": _sampled("stop"),
        "verbosity": _sampled("verbosity"),
        "store": _said("store"),
        "user": _said("user"),
        "safety_identifier": _said("user"),
        "prompt_cache_key": _said("cache_key"),
        "metadata": _said("metadata"),
        "service_tier": _said("service_tier"),
    },
    "messages": {
        "model": _ALWAYS,
        "messages": _ALWAYS,
        "max_tokens": _ALWAYS,  # required by the API: the model's own limit where the client set none
        "stream": _ALWAYS,
        # The API has no way to ask for just any JSON object but words.
        "system": lambda request: _speaks(request) or request.output_format is not None,
        "tools": _said("tools"),
        "tool_choice": lambda request: (
            request.tool_choice is not None or request.parallel_tool_calls is not None
        ),
        "output_config": lambda request: request.output_format is not None or _thinks(request),
        "output_format": _said("output_format"),
        "thinking": _thinks,
        # The API caches only what is marked; the others cache a conversation that goes on by themselves.
        "cache_control": lambda request: request.cache_key is not None or _goes_on(request),
        "temperature": _sampled("temperature"),
        "top_p": _sampled("top_p"),
        "top_k": _sampled("top_k"),
        "stop_sequences": _sampled("stop"),
        "metadata": lambda request: request.user is not None or request.metadata is not None,
        "service_tier": _said("service_tier"),
    },
    "responses": {
        "model": _ALWAYS,
        "input": _ALWAYS,
        "instructions": _speaks,
        "stream": _ALWAYS,
        "tools": _said("tools"),
        "tool_choice": _said("tool_choice"),
        "parallel_tool_calls": _said("parallel_tool_calls"),
        "text": lambda request: request.output_format is not None or request.sampling.verbosity is not None,
        "reasoning": _thinks,
        "include": _ALWAYS,  # without the blobs in the answer, thinking cannot be replayed: nothing is stored
        "max_output_tokens": _said("max_output_tokens"),
        "temperature": _sampled("temperature"),
        "top_p": _sampled("top_p"),
        "top_logprobs": _sampled("top_logprobs"),
        "store": _ALWAYS,  # the API stores unless it is told not to, and Copilot refuses that
        "previous_response_id": _said("previous_id"),
        "user": _said("user"),
        "safety_identifier": _said("user"),
        "prompt_cache_key": lambda request: request.cache_key is not None or request.session is not None,
        "metadata": _said("metadata"),
        "service_tier": _said("service_tier"),
    },
}
"""Every key that an upstream document may have, and when: L10 as data."""


@pytest.mark.parametrize(("ingress", "upstream"), PAIRS)
@given(data=st.data())
@settings(max_examples=40)
def test_no_key_is_invented(ingress: str, upstream: str, data: st.DataObject) -> None:
    """L10: each key of the written document traces to what was asked, or to the one requirement of the target."""
    asked = data.draw(REQUESTS[ingress])
    document = written_or_refused(asked, upstream)
    if isinstance(document, str):
        return
    extras = asked.extras if asked.extras is not None and asked.extras.origin == upstream else None
    own = {} if extras is None else {**extras.fields, **extras.spelled}
    table = SOURCES[upstream]
    invented = [key for key in document if key not in own and not (key in table and table[key](asked))]
    assert invented == []
