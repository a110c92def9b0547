"""What `/v1/messages` refuses at the top of its body and in its headers.

Source: upstream contract §§6.1-6.4, 6.6. The wording's shape follows the backend that serves the request.
"""

from copilot_api.simulator import refusals
from copilot_api.simulator.refusals import Refusal
from copilot_api.simulator.rules.messages_history import check_history
from copilot_api.simulator.rules.messages_tools import check_tools
from copilot_api.simulator.rules.question import Question
from copilot_api.simulator.shapes import Json, as_list, as_object, as_text

MAX_TOKENS = 128_000
_FIELDS = frozenset({
    "context_management", "max_tokens", "messages", "metadata", "model", "output_config", "service_tier",
    "stop_sequences", "stream", "system", "temperature", "thinking", "tool_choice", "tools", "top_k", "top_p",
})  # fmt: skip
_BETA_PREFIXES = ("interleaved-thinking-", "context-management-", "advanced-tool-use-")
_BETAS = {"extended-cache-ttl-2025-04-11", "compact-2026-01-12", "computer-use-2025-11-24"}
_EDITS = {"clear_tool_uses_20250919", "clear_thinking_20251015", "compact_20260112"}
_MIN_BUDGET = 1024


def has_beta(question: Question, prefix: str) -> bool:
    """Say whether the request carries a beta that begins like this."""
    return any(beta.startswith(prefix) for beta in question.betas)


def _reject(question: Question, message: str) -> Refusal:
    return refusals.backend(question.backend, message)


def check_messages(question: Question) -> None:
    """Check a Messages body and its beta header.

    Raises: Refusal for the first thing Copilot or the backend behind it would not take.
    """
    body = question.body
    _check_betas(question)
    for name in body:
        if name not in _FIELDS:
            raise refusals.extra_input(question.backend, name)
    if "context_management" in body:
        _check_context_management(question, as_object(body["context_management"]))
    if not question.is_counting:
        _check_max_tokens(question)
    _check_effort(question)
    _check_thinking(question, as_object(body.get("thinking")))
    check_tools(question)
    check_history(question)


def _check_betas(question: Question) -> None:
    unknown = [beta for beta in question.betas if beta not in _BETAS and not beta.startswith(_BETA_PREFIXES)]
    if unknown:
        listed = ", ".join(f"`{beta}`" for beta in unknown)
        raise _reject(question, f"Unexpected value(s) {listed} for the `anthropic-beta` header.")


def _check_context_management(question: Question, value: Json) -> None:
    if not has_beta(question, "context-management-"):
        raise refusals.extra_input(question.backend, "context_management")
    for index, edit in enumerate(as_list(value.get("edits"))):
        kind = as_text(as_object(edit).get("type"))
        if kind not in _EDITS or (kind.startswith("compact_") and not has_beta(question, "compact-")):
            tags = ", ".join(f"'{tag}'" for tag in sorted(_EDITS))
            raise _reject(
                question,
                f"context_management.edits.{index}: Input tag '{kind}' found using 'type' does not match any "
                f"of the expected tags: {tags}",
            )


def _check_max_tokens(question: Question) -> None:
    wanted = question.body.get("max_tokens")
    if not isinstance(wanted, int):
        raise _reject(question, "max_tokens: Field required")
    if wanted > MAX_TOKENS:
        raise _reject(question, f"The maximum tokens you requested exceeds the model limit of {MAX_TOKENS}")


def _check_effort(question: Question) -> None:
    output = as_object(question.body.get("output_config"))
    effort = output.get("effort")
    model = question.model
    if effort is not None and effort not in model.efforts:
        raise refusals.gate(
            f'output_config.effort "{effort}" is not supported by model {model.id}; '
            f"supported values: [{' '.join(model.efforts)}]",
            "invalid_reasoning_effort",
        )
    if "format" in output and question.backend == "vertex":
        raise _reject(
            question, "output_config.format: FAILED_PRECONDITION: structured outputs are not enabled"
        )


def _check_thinking(question: Question, thinking: Json) -> None:
    kind, model = as_text(thinking.get("type")), question.model
    if kind == "adaptive" and not model.has_adaptive_thinking:
        raise _reject(question, "adaptive thinking is not supported on this model")
    if kind == "enabled" and model.obeys("adaptive_only"):
        raise _reject(
            question,
            '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and '
            '"output_config.effort" to control thinking behavior.',
        )
    if thinking.get("display", "summarized") not in ("summarized", "omitted"):
        raise _reject(question, f"thinking.{kind}.display: Input should be 'summarized' or 'omitted'")
    if kind != "enabled":
        return
    budget = thinking.get("budget_tokens")
    if not isinstance(budget, int) or budget < _MIN_BUDGET:
        raise _reject(
            question,
            f"thinking.enabled.budget_tokens: Input should be greater than or equal to {_MIN_BUDGET}",
        )
    wanted = question.body.get("max_tokens")
    if isinstance(wanted, int) and wanted <= budget:
        raise _reject(question, "`max_tokens` must be greater than `thinking.budget_tokens`.")
