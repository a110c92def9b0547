"""What `/v1/messages` refuses among tools.

Source: upstream contract §§6.1, 6.3, 6.6.
"""

import re

from copilot_api.simulator import refusals
from copilot_api.simulator.refusals import Refusal
from copilot_api.simulator.rules.question import Question
from copilot_api.simulator.shapes import Json, as_list, as_object, as_text

_EXPECTED_TAGS = (
    "bash_20250124", "custom", "memory_20250818", "text_editor_20250124", "text_editor_20250429",
    "text_editor_20250728", "tool_search_tool_bm25", "tool_search_tool_bm25_20251119",
    "tool_search_tool_regex", "tool_search_tool_regex_20251119",
)  # fmt: skip
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_CUSTOM_FIELDS = {
    "cache_control", "defer_loading", "description", "input_examples",
    "input_schema", "name", "strict", "type",
}  # fmt: skip
_DEFERRING = "advanced-tool-use-"


def check_tools(question: Question) -> None:
    """Check every tool of a Messages body.

    Raises: Refusal for the first one Copilot or the backend would not take.
    """
    for index, tool in enumerate(map(as_object, as_list(question.body.get("tools")))):
        kind = as_text(tool.get("type")) or "custom"
        if kind == "custom":
            _check_custom(question, index, tool)
        else:
            _check_server_tool(question, index, kind)


def _check_server_tool(question: Question, index: int, kind: str) -> None:
    if kind.startswith("web_search"):
        raise refusals.named("400-web-search")
    if kind.startswith("web_fetch"):
        raise refusals.named("400-web-fetch")
    has_computer = any(beta.startswith("computer-use-") for beta in question.betas)
    if kind in _EXPECTED_TAGS or (kind == "computer_20251124" and has_computer):
        return
    tags = ", ".join(f"'{tag}'" for tag in _EXPECTED_TAGS)
    raise refusals.backend(
        question.backend,
        f"tools.{index}: Input tag '{kind}' found using 'type' does not match any of the expected tags: "
        f"{tags}",
    )


def _check_custom(question: Question, index: int, tool: Json) -> None:
    def reject(message: str) -> Refusal:
        return refusals.backend(question.backend, f"tools.{index}.custom.{message}")

    may_defer = any(beta.startswith(_DEFERRING) for beta in question.betas)
    for name in tool:
        if name not in _CUSTOM_FIELDS or (name in ("defer_loading", "input_examples") and not may_defer):
            raise refusals.extra_input(question.backend, f"tools.{index}.custom.{name}")
    if not _NAME.fullmatch(as_text(tool.get("name"))):
        raise reject("name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'")
    if "input_schema" not in tool:
        raise reject("input_schema: Field required")
    if tool.get("defer_loading") and "cache_control" in tool:
        raise reject("cache_control: cache_control is not allowed on a tool with defer_loading")
    if "strict" in tool and question.backend == "vertex":
        raise reject("strict: FAILED_PRECONDITION: strict tool use is not enabled")
