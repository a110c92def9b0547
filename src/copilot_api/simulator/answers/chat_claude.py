"""`/chat/completions` as Claude models answer it: no `object`, reasoning fields, choices split in two.

Source: upstream contract §§4.3, 4.4; shapes of chat-claude-*.sse and chat-claude-split.json.
"""

from copilot_api.simulator.answers.chat_words import data_frame, error_frame, finish_reason
from copilot_api.simulator.answers.draft import Draft, Reply
from copilot_api.simulator.blobs import mint_opaque, short_id
from copilot_api.simulator.shapes import CREATED_UNIX_S, Json, encode

_PREFIX = {"anthropic": "01", "bedrock": "bdrk_01", "vertex": "vrtx_01"}


def claude_reply(draft: Draft) -> Reply:
    """Write a Claude answer; text and tool calls come in different choices when both are there."""
    reply = draft.reply()
    reply.error_frame = error_frame(draft)
    if draft.is_stream:
        reply.frames = _frames(draft)
    else:
        reply.body = encode(_whole(draft))
    return reply


def _head(draft: Draft) -> Json:
    prefix = "msg_" + _PREFIX[draft.backend]
    return {
        "created": CREATED_UNIX_S,
        "id": short_id(prefix, draft.sub_seed("id")),
        "model": draft.model.id,
    }


def _is_split(draft: Draft) -> bool:
    wanted = bool(draft.tools and (draft.pieces or draft.has_quirk("split")))
    return wanted and not draft.has_quirk("no_split")


def _usage(draft: Draft) -> Json:
    usage = draft.usage
    shown: Json = {
        "completion_tokens": usage.output,
        "completion_tokens_details": {"accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0},
        "prompt_tokens": usage.prompt,
        "prompt_tokens_details": {"cached_tokens": usage.cache_read},
        "total_tokens": usage.prompt + usage.output,
    }
    if usage.reasoning:
        shown["reasoning_tokens"] = usage.reasoning
    return shown


def _opaque(draft: Draft) -> str:
    return mint_opaque("Anthropic", draft.sub_seed("opaque"))


def _tool_id(draft: Draft, index: int) -> str:
    return short_id("toolu_" + _PREFIX[draft.backend], draft.sub_seed("call", index))


def _frames(draft: Draft) -> list[bytes]:
    head = _head(draft)

    def delta(value: Json, index: int = 0, **more: object) -> bytes:
        return data_frame({"choices": [{"delta": value, **more, "index": index}], **head})

    frames: list[bytes] = []
    if draft.thinking:
        frames.append(delta({"content": None, "reasoning_text": draft.thinking, "role": "assistant"}))
        frames.append(delta({"content": None, "reasoning_opaque": _opaque(draft)}))
    for number, piece in enumerate(draft.pieces):
        opening = {"role": "assistant"} if number == 0 and not draft.thinking else {}
        frames.append(delta({"content": piece, **opening}))
    choice = 1 if _is_split(draft) else 0
    for index, tool in enumerate(draft.tools):
        function = {"arguments": "", "name": tool.name}
        call = {"function": function, "id": _tool_id(draft, index), "index": index, "type": "function"}
        frames.append(delta({"content": None, "role": "assistant", "tool_calls": [call]}, choice))
        middle = len(tool.arguments) // 2
        for piece in filter(None, (tool.arguments[:middle], tool.arguments[middle:])):
            part = {"function": {"arguments": piece}, "index": index}
            frames.append(delta({"tool_calls": [part]}, choice))
    frames.extend(_last_frames(draft, head))
    return frames


def _last_frames(draft: Draft, head: Json) -> list[bytes]:
    frames: list[bytes] = []
    billed: Json = {} if draft.copilot_usage is None else {"copilot_usage": draft.copilot_usage}
    if not draft.has_quirk("no_finish"):
        indices = (0, 1) if _is_split(draft) else (0,)
        for index in indices:
            choice = {"delta": {"content": None}, "finish_reason": finish_reason(draft), "index": index}
            last = {**billed, **head, "usage": _usage(draft)} if index == indices[-1] else head
            frames.append(data_frame({"choices": [choice], **last}))
    if not draft.has_quirk("no_done"):
        frames.append(b"data: [DONE]\n\n")
    return frames


def _whole(draft: Draft) -> Json:
    calls = [
        {
            "function": {"arguments": tool.arguments, "name": tool.name},
            "id": _tool_id(draft, index),
            "type": "function",
        }
        for index, tool in enumerate(draft.tools)
    ]
    spoken: Json = {"content": draft.text if draft.pieces else None, "role": "assistant"}
    if draft.thinking:
        spoken.update(reasoning_text=draft.thinking, reasoning_opaque=_opaque(draft))
    messages = [spoken]
    if calls and _is_split(draft):
        messages.append({"content": None, "role": "assistant", "tool_calls": calls})
    elif calls:
        spoken["tool_calls"] = calls
    choices = [
        {"finish_reason": finish_reason(draft), "index": index, "message": message}
        for index, message in enumerate(messages)
    ]
    whole: Json = {"choices": choices}
    if draft.copilot_usage is not None:
        whole["copilot_usage"] = draft.copilot_usage
    return {**whole, **_head(draft), "usage": _usage(draft)}
