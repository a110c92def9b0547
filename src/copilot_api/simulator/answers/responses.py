"""`/responses` as Copilot answers it: long item ids that differ on every event.

Owns: the Responses stream, the whole body, compaction.
Source: upstream contract §§5.2-5.4; shapes of responses-*.sse and responses-*.json.

Only the (id, encrypted_content) pair of `response.output_item.done`, or of a whole body, replays.
"""

from copilot_api.simulator.answers.draft import QUOTA_SLOT, Draft, Reply, split
from copilot_api.simulator.answers.responses_items import Item, items_of
from copilot_api.simulator.blobs import encrypt_item, item_id, short_id, stretch
from copilot_api.simulator.shapes import CREATED_UNIX_S, Json, as_object, as_text, encode


def responses_reply(draft: Draft) -> Reply:
    """Write a Responses answer, whole or as named events with sequence numbers."""
    reply = draft.reply()
    reply.error_frame = _error_frame(draft)
    if draft.is_stream:
        reply.frames = _Stream(draft).frames()
    else:
        output = [item.done(draft) for item in items_of(draft)]
        status = "incomplete" if _incomplete(draft) else "completed"
        whole = response_object(draft, status, output)
        if draft.copilot_usage is not None:
            whole["copilot_usage"] = draft.copilot_usage
        reply.body = encode(whole)
    return reply


def _error_frame(draft: Draft) -> bytes:
    if draft.step.error_code == "response.failed":
        failed = response_object(draft, "failed", [], is_open=True)
        failed["error"] = {"code": "server_error", "message": "The server had an error."}
        return frame({"response": failed, "sequence_number": 1, "type": "response.failed"})
    code = draft.step.error_code or "rate_limit_exceeded"
    return frame(
        {"code": code, "message": "Rate limit reached.", "param": None, "sequence_number": 1, "type": "error"}
    )


def frame(event: Json) -> bytes:
    """Frame one event under its own type as the event name."""
    return b"event: " + as_text(event["type"]).encode() + b"\ndata: " + encode(event) + b"\n\n"


def _incomplete(draft: Draft) -> str | None:
    return {
        "length": "max_output_tokens",
        "max_tokens": "max_output_tokens",
        "content_filter": "content_filter",
    }.get(draft.step.finish or "")


def response_object(draft: Draft, status: str, output: list[Json], is_open: bool = False) -> Json:
    """Write the `response` object in one of its states; an open one has no usage yet."""
    usage = draft.usage
    counted: Json = {
        "input_tokens": usage.prompt,
        "input_tokens_details": {"cached_tokens": usage.cache_read},
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.prompt + usage.output,
    }
    reasoning = as_object(draft.body.get("reasoning"))
    reason = _incomplete(draft) if status == "incomplete" else None
    return {
        "background": False,
        "completed_at": None,
        "created_at": CREATED_UNIX_S,
        "error": None,
        "id": response_id(draft),
        "incomplete_details": {"reason": reason} if reason else None,
        "instructions": None,
        "max_output_tokens": draft.body.get("max_output_tokens"),
        "metadata": {},
        "model": draft.model.id,
        "object": "response",
        "output": output,
        "parallel_tool_calls": draft.body.get("parallel_tool_calls", True),
        "previous_response_id": draft.body.get("previous_response_id"),
        "reasoning": {"effort": reasoning.get("effort", "medium"), "summary": reasoning.get("summary")},
        "service_tier": "default",
        "status": status,
        "store": False,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}, "verbosity": "medium"},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": None if is_open else counted,
    }


def response_id(draft: Draft) -> str:
    """Return the id of the whole response."""
    return stretch(draft.sub_seed("response"), 120)


class _Stream:
    """Writes the events of one response in order, a fresh id on each."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._frames: list[bytes] = []
        self._ids = 0

    def frames(self) -> list[bytes]:
        draft = self._draft
        opened = response_object(draft, "in_progress", [], is_open=True)
        self._emit("response.created", response=opened)
        self._emit("response.in_progress", response=opened)
        items = items_of(draft)
        for index, item in enumerate(items):
            self._item(index, item)
        output = [item.done(draft, self._fresh_id()) for item in items]
        status = "incomplete" if _incomplete(draft) else "completed"
        last = response_object(draft, status, output)
        more: Json = {} if draft.copilot_usage is None else {"copilot_usage": draft.copilot_usage}
        quota = as_text(QUOTA_SLOT.decode().strip('"'))
        self._emit(f"response.{status}", copilot_quota_snapshots=quota, **more, response=last)
        return self._frames

    def _emit(self, kind: str, **fields: object) -> None:
        event = {**fields, "sequence_number": len(self._frames), "type": kind}
        self._frames.append(frame(event))

    def _fresh_id(self) -> str:
        self._ids += 1
        return item_id(self._draft.seed + b"event %d" % self._ids)

    def _item(self, index: int, item: Item) -> None:
        draft = self._draft
        self._emit("response.output_item.added", item=item.added(draft, self._fresh_id()), output_index=index)
        if item.kind == "reasoning":
            self._summary(index, draft)
        elif item.kind == "message":
            self._message(index, draft)
        elif item.tool is not None:
            self._call(index, item)
        self._emit("response.output_item.done", item=item.done(draft), output_index=index)

    def _summary(self, index: int, draft: Draft) -> None:
        if not draft.thinking or draft.has_quirk("summary_in_done"):
            return
        where: Json = {"output_index": index, "summary_index": 0}
        name = "response.reasoning_summary"
        part = {"text": "", "type": "summary_text"}
        self._emit(f"{name}_part.added", item_id=self._fresh_id(), part=part, **where)
        for piece in split(draft.thinking, None):
            self._emit(f"{name}_text.delta", delta=piece, item_id=self._fresh_id(), **where)
        self._emit(f"{name}_text.done", item_id=self._fresh_id(), text=draft.thinking, **where)
        part = {"text": draft.thinking, "type": "summary_text"}
        self._emit(f"{name}_part.done", item_id=self._fresh_id(), part=part, **where)

    def _message(self, index: int, draft: Draft) -> None:
        where: Json = {"content_index": 0, "output_index": index}
        if draft.step.finish == "refusal":
            refusal = "I cannot help with that."
            part: Json = {"refusal": "", "type": "refusal"}
            self._emit("response.content_part.added", item_id=self._fresh_id(), part=part, **where)
            self._emit("response.refusal.delta", delta=refusal, item_id=self._fresh_id(), **where)
            self._emit("response.refusal.done", item_id=self._fresh_id(), refusal=refusal, **where)
            part = {"refusal": refusal, "type": "refusal"}
            self._emit("response.content_part.done", item_id=self._fresh_id(), part=part, **where)
            return
        part = {"annotations": [], "logprobs": [], "text": "", "type": "output_text"}
        self._emit("response.content_part.added", item_id=self._fresh_id(), part=part, **where)
        self._text_deltas(index, draft.pieces)
        text = draft.text
        self._emit("response.output_text.done", item_id=self._fresh_id(), logprobs=[], text=text, **where)
        part = {**part, "text": text}
        self._emit("response.content_part.done", item_id=self._fresh_id(), part=part, **where)

    def _text_deltas(self, index: int, pieces: list[str]) -> None:
        """Write text deltas from one template: the hot path of benchmarks."""
        before = b'event: response.output_text.delta\ndata: {"content_index":0,"delta":'
        number = len(self._frames)
        for piece in pieces:
            self._frames.append(
                b'%b%b,"item_id":"%b","logprobs":[],"obfuscation":"x9","output_index":%d,'
                b'"sequence_number":%d,"type":"response.output_text.delta"}\n\n'
                % (before, encode(piece), self._fresh_id().encode(), index, number)
            )
            number += 1

    def _call(self, index: int, item: Item) -> None:
        tool = item.tool
        if tool is None:
            return
        name = "response.custom_tool_call_input" if tool.is_custom else "response.function_call_arguments"
        final = "input" if tool.is_custom else "arguments"
        middle = len(tool.arguments) // 2
        for piece in filter(None, (tool.arguments[:middle], tool.arguments[middle:])):
            self._emit(f"{name}.delta", delta=piece, item_id=self._fresh_id(), output_index=index)
        more: Json = {final: tool.arguments} if tool.is_custom else {final: tool.arguments, "name": tool.name}
        self._emit(f"{name}.done", item_id=self._fresh_id(), output_index=index, **more)


__all__ = ["encrypt_item", "frame", "response_id", "response_object", "responses_reply", "short_id"]
