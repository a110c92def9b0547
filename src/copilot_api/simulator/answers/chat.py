"""`/chat/completions` as Azure, OpenAI and the smaller vendors answer it.

Owns: the OpenAI dialect, streamed and whole, and the choice between the three dialects.
Source: upstream contract §4.2; shapes of chat-azure-*.sse and chat-azure.json.
"""

from copilot_api.simulator.answers.chat_claude import claude_reply
from copilot_api.simulator.answers.chat_gemini import gemini_reply
from copilot_api.simulator.answers.chat_words import data_frame, error_frame, finish_reason
from copilot_api.simulator.answers.draft import Draft, Reply
from copilot_api.simulator.blobs import short_id
from copilot_api.simulator.shapes import CREATED_UNIX_S, Json, encode

DONE = b"data: [DONE]\n\n"
_SAFE: Json = {
    name: {"filtered": False, "severity": "safe"} for name in ("hate", "self_harm", "sexual", "violence")
}
_BLOCKED: Json = {**_SAFE, "violence": {"filtered": True, "severity": "medium"}}
_PROMPT_FILTER = [{"content_filter_results": _SAFE, "prompt_index": 0}]
_SAFE_TEXT = encode(_SAFE)
_CITATION: Json = {
    "IPCodeCitations": [
        {
            "citations": {
                "ip_type": "LICENSE",
                "license": "MIT",
                "snippet": "def f(): pass",
                "url": "https://github.com/example/repo/blob/main/a.py",
            },
            "details": {},
            "end_offset": 14,
            "id": 1,
            "start_offset": 0,
        }
    ]
}


def chat_reply(draft: Draft) -> Reply:
    """Write a chat answer in the dialect of the model's vendor."""
    if draft.model.vendor == "Anthropic":
        return claude_reply(draft)
    if draft.model.vendor == "Google":
        return gemini_reply(draft)
    reply = draft.reply()
    reply.error_frame = error_frame(draft)
    if draft.is_stream:
        reply.frames = _frames(draft)
    else:
        reply.body = encode(_whole(draft))
    return reply


def _usage(draft: Draft) -> Json:
    """Write usage as chat says it: cached tokens are part of the prompt."""
    usage = draft.usage
    shown: Json = {
        "completion_tokens": usage.output,
        "completion_tokens_details": {"accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0},
        "prompt_tokens": usage.prompt,
        "prompt_tokens_details": {"cached_tokens": usage.cache_read},
        "total_tokens": usage.prompt + usage.output,
    }
    if usage.reasoning:
        shown["completion_tokens_details"]["reasoning_tokens"] = usage.reasoning
    return shown


def _head(draft: Draft) -> Json:
    return {
        "created": CREATED_UNIX_S,
        "id": short_id("chatcmpl-", draft.sub_seed("id")),
        "model": draft.model.version,
    }


def _frames(draft: Draft) -> list[bytes]:
    frames: list[bytes] = []
    is_azure = draft.model.vendor == "Azure OpenAI"
    if is_azure and not draft.has_quirk("no_first_chunk"):
        first: Json = {"choices": [], "created": 0, "id": "", "model": "", "object": ""}
        frames.append(b": keepalive\n\n")
        frames.append(data_frame({**first, "prompt_filter_results": _PROMPT_FILTER}))
    head = {**_head(draft), "object": "chat.completion.chunk", "system_fingerprint": "fp_simulator"}
    frames.append(_delta_frame(head, {"content": "", "refusal": None, "role": "assistant"}))
    frames.extend(_text_frames(draft, head))
    if draft.has_quirk("annotations"):
        frames.append(_delta_frame(head, {"content": "def f(): pass\n", "copilot_annotations": _CITATION}))
    if draft.step.finish == "refusal":
        frames.append(_delta_frame(head, {"refusal": "I cannot help with that."}))
    frames.extend(_tool_frames(draft, head))
    frames.extend(_last_frames(draft, head, is_azure))
    return frames


def _delta_frame(head: Json, delta: Json, finish: str | None = None, **more: object) -> bytes:
    filtered = _BLOCKED if finish == "content_filter" else {}
    choice = {
        "content_filter_results": filtered,
        "delta": delta,
        "finish_reason": finish,
        "index": 0,
        "logprobs": None,
    }
    return data_frame({"choices": [choice], **head, "usage": None, **more})


def _text_frames(draft: Draft, head: Json) -> list[bytes]:
    """Write the text chunks from one template: they are the hot path of every benchmark."""
    before = b'data: {"choices":[{"content_filter_results":' + _SAFE_TEXT + b',"delta":{"content":'
    after = (
        b'},"finish_reason":null,"index":0,"logprobs":null}],' + encode(head)[1:-1] + b',"usage":null}\n\n'
    )
    return [before + encode(piece) + after for piece in draft.pieces]


def _tool_frames(draft: Draft, head: Json) -> list[bytes]:
    frames: list[bytes] = []
    for index, tool in enumerate(draft.tools):
        call_id = short_id("call_", draft.sub_seed("call", index))
        opening: Json = {"content": None, "role": "assistant"} if not frames and not draft.pieces else {}
        function = {"arguments": "", "name": tool.name}
        call = {"function": function, "id": call_id, "index": index, "type": "function"}
        frames.append(_delta_frame(head, {**opening, "tool_calls": [call]}))
        middle = len(tool.arguments) // 2
        for piece in (tool.arguments[:middle], tool.arguments[middle:]):
            if piece:
                frames.append(
                    _delta_frame(head, {"tool_calls": [{"function": {"arguments": piece}, "index": index}]})
                )
        if draft.has_quirk("whitespace_args"):
            blank = {"tool_calls": [{"function": {"arguments": "\r\n\t" * 80}, "index": index}]}
            frames.extend([_delta_frame(head, blank)] * 6)
    return frames


def _last_frames(draft: Draft, head: Json, is_azure: bool) -> list[bytes]:
    reason = None if draft.has_quirk("no_finish") else finish_reason(draft)
    billed: Json = {} if draft.copilot_usage is None else {"copilot_usage": draft.copilot_usage}
    usage = _usage(draft)
    frames: list[bytes] = []
    if draft.has_quirk("no_usage"):
        frames.append(_delta_frame(head, {}, reason))
    elif is_azure or draft.has_quirk("usage_last"):
        frames.append(_delta_frame(head, {}, reason))
        frames.append(data_frame({"choices": [], **billed, **head, "usage": usage}))
    else:
        choice: Json = {
            "content_filter_results": {}, "delta": {}, "finish_reason": reason, "index": 0, "logprobs": None,
        }  # fmt: skip
        frames.append(data_frame({"choices": [choice], **billed, **head, "usage": usage}))
    if not draft.has_quirk("no_done"):
        frames.append(DONE)
    return frames


def _whole(draft: Draft) -> Json:
    reason = finish_reason(draft)
    message: Json = {
        "content": draft.text if draft.pieces else None,
        "padding": "abcdef",
        "role": "assistant",
    }
    if draft.tools:
        message["tool_calls"] = [
            {
                "function": {"arguments": tool.arguments, "name": tool.name},
                "id": short_id("call_", draft.sub_seed("call", index)),
                "type": "function",
            }
            for index, tool in enumerate(draft.tools)
        ]
    if draft.step.finish == "refusal":
        message["refusal"] = "I cannot help with that."
    filtered = _BLOCKED if reason == "content_filter" else _SAFE
    choice = {
        "content_filter_results": filtered,
        "finish_reason": reason,
        "index": 0,
        "logprobs": None,
        "message": message,
    }
    whole: Json = {"choices": [choice], **_head(draft), "object": "chat.completion"}
    if draft.model.vendor == "Azure OpenAI":
        whole["prompt_filter_results"] = _PROMPT_FILTER
    whole.update(system_fingerprint="fp_simulator", usage=_usage(draft))
    if draft.copilot_usage is not None:
        whole["copilot_usage"] = draft.copilot_usage
    return whole
