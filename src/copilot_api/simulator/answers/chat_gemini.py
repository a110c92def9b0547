"""`/chat/completions` as Gemini models answer it: usage on every chunk, whole tool calls, one opaque blob.

Source: upstream contract §4.5; shapes of chat-gemini-*.sse.
"""

from copilot_api.simulator.answers.chat_words import data_frame, error_frame, finish_reason
from copilot_api.simulator.answers.draft import Draft, Reply
from copilot_api.simulator.blobs import mint_opaque, short_id, stretch
from copilot_api.simulator.shapes import CREATED_UNIX_S, Json, encode

_ZERO: Json = {
    "completion_tokens": 0,
    "prompt_tokens": 0,
    "prompt_tokens_details": {"cached_tokens": 0},
    "reasoning_tokens": 0,
    "total_tokens": 0,
}


def gemini_reply(draft: Draft) -> Reply:
    """Write a Gemini answer; `reasoning_opaque` comes exactly once per message."""
    reply = draft.reply()
    reply.error_frame = error_frame(draft)
    if draft.is_stream:
        reply.frames = _frames(draft)
    else:
        reply.body = encode(_whole(draft))
    return reply


def _deltas(draft: Draft) -> list[Json]:
    deltas: list[Json] = []
    if draft.thinking and not draft.has_quirk("opaque_no_text"):
        deltas.append(
            {"content": None, "role": "assistant", "reasoning_text": f"**Weighing it**\n\n{draft.thinking}"}
        )
    texts: list[Json] = [{"content": piece, "role": "assistant"} for piece in draft.pieces]
    calls: list[Json] = [
        {"content": None, "role": "assistant", "tool_calls": [call]} for call in _calls(draft)
    ]
    bearer = (calls or texts or [{"content": "", "role": "assistant"}])[0]
    if not calls and texts and not draft.has_quirk("opaque_first"):
        bearer = texts[-1]
    if (draft.thinking or calls) and not draft.has_quirk("no_opaque"):
        bearer["reasoning_opaque"] = mint_opaque("Google", draft.sub_seed("opaque"))
    return deltas + texts + calls or [bearer]


def _calls(draft: Draft) -> list[Json]:
    return [
        {
            "function": {"arguments": tool.arguments, "name": tool.name},
            "id": "call_" + stretch(draft.sub_seed("call", index), 12).replace("+", "x").replace("/", "y"),
            "index": index,
            "type": "function",
        }
        for index, tool in enumerate(draft.tools)
    ]


def _usage(draft: Draft) -> Json:
    usage = draft.usage
    return {
        "completion_tokens": usage.output - usage.reasoning,
        "prompt_tokens": usage.prompt,
        "prompt_tokens_details": {"cached_tokens": usage.cache_read},
        "reasoning_tokens": usage.reasoning,
        "total_tokens": usage.prompt + usage.output,
    }


def _head(draft: Draft) -> Json:
    return {"created": CREATED_UNIX_S, "id": short_id("", draft.sub_seed("id"))[:22]}


def _frames(draft: Draft) -> list[bytes]:
    head = _head(draft)
    deltas = _deltas(draft)
    frames: list[bytes] = []
    for number, delta in enumerate(deltas):
        is_last = number == len(deltas) - 1
        choice: Json = {"index": 0, "delta": delta}
        if is_last and not draft.has_quirk("no_finish"):
            choice = {"finish_reason": finish_reason(draft), **choice}
        chunk: Json = {"choices": [choice], **head}
        if is_last and draft.copilot_usage is not None:
            chunk["copilot_usage"] = draft.copilot_usage
        chunk["usage"] = _usage(draft) if is_last else _ZERO
        chunk["model"] = draft.model.id
        frames.append(data_frame(chunk))
    if not draft.has_quirk("no_done"):
        frames.append(b"data: [DONE]\n\n")
    return frames


def _whole(draft: Draft) -> Json:
    message: Json = {"content": draft.text if draft.pieces else None, "role": "assistant"}
    for delta in _deltas(draft):
        for name in ("reasoning_text", "reasoning_opaque"):
            if name in delta:
                message[name] = delta[name]
    if draft.tools:
        message["tool_calls"] = _calls(draft)
    choice = {"finish_reason": finish_reason(draft), "index": 0, "message": message}
    whole: Json = {"choices": [choice], **_head(draft)}
    if draft.copilot_usage is not None:
        whole["copilot_usage"] = draft.copilot_usage
    return {**whole, "usage": _usage(draft), "model": draft.model.id}
