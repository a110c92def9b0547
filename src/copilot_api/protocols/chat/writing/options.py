"""A foreign request's knobs in chat's words.

Owns which of them Copilot's chat endpoint knows. Source: upstream contract 4.1; openai 3.54,
types/chat/completion_create_params.py (read 2026-11).
"""

from typing import Final

from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.request import ModelRequest, ReasoningOptions
from copilot_api.protocols.base import Target
from copilot_api.protocols.losses import Losses

_EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_BUDGETS: Final = {"minimal": 1024, "low": 4096, "medium": 16384, "high": 32768, "xhigh": 49152, "max": 65536}
"""Units: tokens. What Claude Code and opencode send for their own words lies between these (client survey)."""
_MAX_STOPS: Final = 4
_MAX_METADATA: Final = 16
_SCHEMA_NAME: Final = "answer"


def put_options(document: JsonObject, request: ModelRequest, target: Target, losses: Losses) -> None:
    """Everything but turns and tools.

    Raises: UnsupportedContent for a feature the target lacks.
    """
    sampling = request.sampling
    _put(document, "temperature", sampling.temperature)
    _put(document, "top_p", sampling.top_p)
    _put(document, "frequency_penalty", sampling.frequency_penalty)
    _put(document, "presence_penalty", sampling.presence_penalty)
    _put(document, "seed", sampling.seed)
    _put(document, "logit_bias", sampling.logit_bias)
    _put(document, "verbosity", sampling.verbosity)
    # Contract 4.1: `max_tokens` is what VS Code sends to all models; a quirk renames it where one refuses it.
    _put(document, "max_tokens", request.max_output_tokens)
    _put(document, "user", request.user)
    _put(document, "prompt_cache_key", request.cache_key)
    _put_stop(document, request, losses)
    _put_format(document, request, target, losses)
    _put_reasoning(document, request, target, losses)
    _put_metadata(document, request, losses)
    _put_logprobs(document, request)
    _note_the_rest(request, losses)


def _put(document: JsonObject, name: str, value: str | float | int | JsonObject | None) -> None:
    if value is not None:
        document[name] = value


def _put_stop(document: JsonObject, request: ModelRequest, losses: Losses) -> None:
    stop = request.sampling.stop
    if not stop:
        return
    document["stop"] = [*stop[:_MAX_STOPS]]
    if len(stop) > _MAX_STOPS:
        losses.drop(losses.word("stop"), f"chat takes {_MAX_STOPS} stop sequences, not {len(stop)}")


def _put_format(document: JsonObject, request: ModelRequest, target: Target, losses: Losses) -> None:
    wanted = request.output_format
    if wanted is None:
        return
    losses.drop_extras(losses.word("output_format"), wanted.extras)
    if wanted.kind != "json_schema":
        document["response_format"] = {"type": wanted.kind}
        return
    if not target.has_structured_outputs:
        raise UnsupportedContent(
            f"The model {target.model!r} cannot be held to a JSON schema. Ask for JSON in the prompt, or choose a "
            "model with structured outputs.",
            param=losses.word("output_format"),
        )
    # Chat requires a name; Gemini and Messages have none.
    schema: JsonObject = {"name": wanted.name or _SCHEMA_NAME}
    _put(schema, "description", wanted.description)
    _put(schema, "schema", wanted.schema)
    _put(schema, "strict", wanted.strict)
    document["response_format"] = {"type": "json_schema", "json_schema": schema}


def _put_reasoning(document: JsonObject, request: ModelRequest, target: Target, losses: Losses) -> None:
    options = request.reasoning or ReasoningOptions()
    losses.drop_extras("reasoning", options.extras)
    word = losses.word
    effort = _latest_effort(request, losses) or options.effort
    if options.mode == "disabled" and effort is None:
        effort = "none"
    if options.mode == "adaptive" and effort is None:
        losses.spare(word("reasoning"), "the model thinks as much as it likes anyway")
    if target.reasoning_efforts:
        wanted = effort or _effort_of(options.budget_tokens)
        if effort is None and wanted is not None:
            said = f"a budget of {options.budget_tokens} tokens became {wanted!r}"
            losses.approximate(word("reasoning.budget_tokens"), said)
        _put(document, "reasoning_effort", _nearest(wanted, target.reasoning_efforts, losses))
    elif target.max_thinking_budget is not None:
        _put(document, "thinking_budget", _budget(effort, options.budget_tokens, target, losses))
    elif effort not in (None, "none") or options.budget_tokens not in (None, 0, -1):
        name = "reasoning.effort" if effort is not None else "reasoning.budget_tokens"
        losses.drop(word(name), f"the model {target.model!r} lets nobody choose how much it thinks")


def _latest_effort(request: ModelRequest, losses: Losses) -> str | None:
    """The newest turn's own effort holds for the answer to come."""
    efforts = [turn.effort for turn in request.turns if turn.effort is not None]
    if not efforts:
        return None
    newest = max(at for at, turn in enumerate(request.turns) if turn.effort is not None)
    own = None if request.reasoning is None else request.reasoning.effort
    if len(set(efforts)) > 1 or own not in (None, efforts[-1]):
        place = losses.at(losses.turn(newest), "turn.effort")
        losses.approximate(place, "chat has one effort for the whole request: the newest turn's")
    return efforts[-1]


def _effort_of(budget: int | None) -> str | None:
    """The greatest effort whose budget is not above this one."""
    if budget is None or budget < 0:
        return None
    return max((word for word in _BUDGETS if _BUDGETS[word] <= budget), key=_EFFORTS.index, default="none")


def _nearest(effort: str | None, known: tuple[str, ...], losses: Losses) -> str | None:
    """The effort itself, else the nearest lower one that the model has, else its lowest."""
    if effort is None or effort in known:
        return effort
    ranked = sorted((word for word in known if word in _EFFORTS), key=_EFFORTS.index)
    if not ranked or effort not in _EFFORTS:
        losses.drop(
            losses.word("reasoning.effort"), f"the model knows no effort {effort!r}, only {', '.join(known)}"
        )
        return None
    lower = [word for word in ranked if _EFFORTS.index(word) < _EFFORTS.index(effort)]
    nearest = lower[-1] if lower else ranked[0]
    losses.approximate(losses.word("reasoning.effort"), f"{effort!r} became {nearest!r}, which the model has")
    return nearest


def _budget(effort: str | None, budget: int | None, target: Target, losses: Losses) -> int | None:
    if budget is None and effort is not None:
        budget = _BUDGETS.get(effort)
        if budget is not None:
            losses.approximate(losses.word("reasoning.effort"), f"{effort!r} became a budget of tokens")
    if budget is None or budget <= 0:
        return None
    fit = min(max(budget, target.min_thinking_budget or 0), target.max_thinking_budget or budget)
    if fit != budget:
        said = f"{budget} became {fit}, the nearest that the model takes"
        losses.approximate(losses.word("reasoning.budget_tokens"), said)
    return fit


def _put_metadata(document: JsonObject, request: ModelRequest, losses: Losses) -> None:
    metadata = request.metadata
    if not metadata:
        return
    if len(metadata) <= _MAX_METADATA and all(isinstance(value, str) for value in metadata.values()):
        document["metadata"] = metadata
    else:
        losses.spare(losses.word("metadata"), f"chat takes at most {_MAX_METADATA} pairs of strings")


def _put_logprobs(document: JsonObject, request: ModelRequest) -> None:
    """Chat wants to be told in words what elsewhere a number says by itself."""
    count = request.sampling.top_logprobs
    if request.sampling.logprobs or count:
        document["logprobs"] = True
        _put(document, "top_logprobs", count)


def _note_the_rest(request: ModelRequest, losses: Losses) -> None:
    sampling = request.sampling
    if sampling.candidates is not None and sampling.candidates > 1:
        raise UnsupportedContent(
            f"{sampling.candidates} candidates were asked for, and one answer is what a translated request gives. "
            "Ask for one, several times.",
            param=losses.word("candidates"),
        )
    if sampling.top_k is not None:
        losses.drop(losses.word("top_k"), "chat has no top_k")
    if request.service_tier not in (None, "auto", "default"):
        losses.spare(losses.word("service_tier"), "Copilot has no service tiers")
    if request.store:
        losses.spare(losses.word("store"), "Copilot stores no answers")
    losses.drop_extras("", request.extras)
