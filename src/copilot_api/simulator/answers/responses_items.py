"""The output items of one Responses answer: reasoning, message, calls, compaction.

Source: upstream contract §§5.1-5.3.
"""

from dataclasses import dataclass

from copilot_api.simulator.answers.draft import Draft
from copilot_api.simulator.blobs import encrypt_item, item_id, short_id
from copilot_api.simulator.script.directives import ToolUse
from copilot_api.simulator.shapes import Json, as_list, as_object


@dataclass(frozen=True, slots=True)
class Item:
    """One output item; `number` makes its ids its own."""

    kind: str
    number: int
    tool: ToolUse | None = None

    def bound_id(self, draft: Draft) -> str:
        """The id of the done event: the only one its encrypted content accepts."""
        return item_id(draft.sub_seed("done", self.number))

    def _encrypted(self, draft: Draft, shown_id: str) -> str:
        return encrypt_item(shown_id, draft.owner, draft.sub_seed("blob", self.number))

    def added(self, draft: Draft, fresh_id: str) -> Json:
        """Write the item as `output_item.added` shows it: empty, in progress, another id."""
        if self.kind == "reasoning":
            # A blob of its own that binds to neither id: pairing it with anything must fail on replay.
            blob = "" if draft.has_quirk("summary_in_done") else self._encrypted(draft, "added")
            added: Json = {"content": None, "encrypted_content": blob, "id": fresh_id}
            return {**added, "summary": [], "type": "reasoning"}
        if self.kind == "compaction":
            return {"encrypted_content": "", "id": fresh_id, "type": "compaction"}
        return self._open(draft, fresh_id, "in_progress", is_empty=True)

    def done(self, draft: Draft, shown_id: str | None = None) -> Json:
        """Write the finished item; the blob stays bound to the done id whatever id is shown."""
        bound = self.bound_id(draft)
        visible = shown_id or bound
        if self.kind == "reasoning":
            summary = [{"text": draft.thinking, "type": "summary_text"}] if draft.thinking else []
            return {
                "content": None,
                "encrypted_content": self._encrypted(draft, bound),
                "id": visible,
                "summary": summary,
                "type": "reasoning",
            }
        if self.kind == "compaction":
            return {"encrypted_content": self._encrypted(draft, bound), "id": visible, "type": "compaction"}
        status = "incomplete" if draft.step.finish in ("length", "max_tokens") else "completed"
        return self._open(draft, visible, status, is_empty=False)

    def _open(self, draft: Draft, shown_id: str, status: str, is_empty: bool) -> Json:
        if self.tool is None:
            content = [] if is_empty else [_content(draft)]
            return {
                "content": content,
                "id": shown_id,
                "phase": "commentary" if draft.tools else "final_answer",
                "role": "assistant",
                "status": status,
                "type": "message",
            }
        call: Json = {
            "input" if self.tool.is_custom else "arguments": "" if is_empty else self.tool.arguments,
            "call_id": short_id("call_", draft.sub_seed("call", self.number)),
            "id": shown_id,
            "name": self.tool.name,
        }
        if self.tool.namespace:
            call["namespace"] = self.tool.namespace
        call["status"] = status
        call["type"] = "custom_tool_call" if self.tool.is_custom else "function_call"
        return call


def _content(draft: Draft) -> Json:
    if draft.step.finish == "refusal":
        return {"refusal": "I cannot help with that.", "type": "refusal"}
    return {"annotations": [], "logprobs": [], "text": draft.text, "type": "output_text"}


def is_compaction(body: Json) -> bool:
    """Say whether the newest input item asks for compaction."""
    items = as_list(body.get("input"))
    return bool(items) and as_object(items[-1]).get("type") == "compaction_trigger"


def items_of(draft: Draft) -> list[Item]:
    """List the output items of an answer, in order."""
    if is_compaction(draft.body):
        count = 2 if draft.model.obeys("two_compactions") else 1
        return [Item("compaction", number) for number in range(count)]
    items: list[Item] = []
    if draft.thinking:
        items.append(Item("reasoning", 0))
    if draft.pieces or draft.step.finish == "refusal" or not draft.tools:
        items.append(Item("message", 1))
    items.extend(Item("call", 2 + index, tool) for index, tool in enumerate(draft.tools))
    return items
