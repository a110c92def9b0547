"""`/v1/messages` as Anthropic, Bedrock and Vertex answer it through Copilot.

Source: upstream contract §6.5; shapes of messages-*.sse and messages-nonstream.json.
"""

from copilot_api.simulator.answers.draft import Draft, Reply, split
from copilot_api.simulator.blobs import redact_thinking, short_id, sign_thinking
from copilot_api.simulator.shapes import Json, as_list, as_object, as_text, decode_object, encode

_PREFIX = {"anthropic": "01", "bedrock": "bdrk_01", "vertex": "vrtx_01"}
_STOP = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal", "tool_calls": "tool_use"}
_PING = b'event: ping\ndata: {"type":"ping"}\n\n'
_DONE = b"data: [DONE]\n\n"


def messages_reply(draft: Draft) -> Reply:
    """Write a Messages answer, whole or as named events."""
    reply = draft.reply()
    code = draft.step.error_code or "overloaded_error"
    reply.error_frame = _frame("error", {"error": {"message": "Overloaded", "type": code}, "type": "error"})
    blocks = _blocks(draft)
    if draft.is_stream:
        reply.frames = _frames(draft, blocks)
    else:
        reply.body = encode(_whole(draft, blocks))
    return reply


def _frame(name: str, value: Json) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + encode(value) + b"\n\n"


def _stop_reason(draft: Draft) -> str:
    if draft.step.finish:
        return _STOP.get(draft.step.finish, draft.step.finish)
    return "tool_use" if draft.tools and not draft.has_quirk("stop_with_tools") else "end_turn"


def _is_omitted(draft: Draft) -> bool:
    """Newer models keep the thinking text to themselves unless asked to summarise it (contract §6.4)."""
    shown = as_text(as_object(draft.body.get("thinking")).get("display"))
    return shown == "omitted" or (draft.model.obeys("thinking_omitted") and shown != "summarized")


def _blocks(draft: Draft) -> list[Json]:
    blocks: list[Json] = []
    if draft.thinking:
        text = "" if _is_omitted(draft) else draft.thinking
        signature = sign_thinking(text, draft.sub_seed("thinking"))
        blocks.append({"signature": signature, "thinking": text, "type": "thinking"})
    if draft.has_quirk("redacted"):
        blocks.append({"data": redact_thinking(draft.sub_seed("redacted")), "type": "redacted_thinking"})
    if draft.pieces:
        blocks.append({"text": draft.text, "type": "text"})
    for index, tool in enumerate(draft.tools):
        call_id = short_id("toolu_" + _PREFIX[draft.backend], draft.sub_seed("call", index))
        blocks.append({"id": call_id, "input": tool.arguments, "name": tool.name, "type": "tool_use"})
    return blocks


def _usage(draft: Draft) -> Json:
    usage = draft.usage
    return {
        "cache_creation_input_tokens": usage.cache_write,
        "cache_read_input_tokens": usage.cache_read,
        "input_tokens": usage.input,
        "output_tokens": usage.output,
    }


def _start_usage(draft: Draft) -> Json:
    split_by_age = {
        "ephemeral_1h_input_tokens": 0,
        "ephemeral_5m_input_tokens": draft.usage.cache_write,
    }
    return {"cache_creation": split_by_age, **_usage(draft)}


def _with_thinking_tokens(draft: Draft, usage: Json) -> Json:
    if draft.usage.reasoning:
        usage["output_tokens_details"] = {"thinking_tokens": draft.usage.reasoning}
    return usage


def _ending(draft: Draft) -> Json:
    reason = _stop_reason(draft)
    details = {"category": "cyber"} if reason == "refusal" else None
    sequences = as_list(draft.body.get("stop_sequences"))
    sequence = sequences[0] if reason == "stop_sequence" and sequences else None
    return {"stop_details": details, "stop_reason": reason, "stop_sequence": sequence}


def _message_head(draft: Draft) -> Json:
    prefix = "msg_" + _PREFIX[draft.backend]
    return {
        "id": short_id(prefix, draft.sub_seed("id")),
        "model": draft.model.dashed_id,
        "role": "assistant",
    }


def _context_management(draft: Draft) -> Json:
    if "context_management" not in draft.body:
        return {}
    return {"context_management": {"applied_edits": []}}


def _whole(draft: Draft, blocks: list[Json]) -> Json:
    content: list[Json] = []
    for block in blocks:
        if block["type"] == "tool_use":
            content.append({**block, "input": decode_object(as_text(block["input"]).encode()) or {}})
        else:
            content.append(block)
    whole: Json = {"content": content, **_context_management(draft)}
    if draft.copilot_usage is not None:
        whole["copilot_usage"] = draft.copilot_usage
    whole.update(_message_head(draft), **_ending(draft), type="message")
    whole["usage"] = _with_thinking_tokens(draft, _start_usage(draft))
    return whole


def _frames(draft: Draft, blocks: list[Json]) -> list[bytes]:
    nothing: Json = {"stop_details": None, "stop_reason": None, "stop_sequence": None}
    guess = {**_start_usage(draft), "output_tokens": min(3, draft.usage.output)}
    message: Json = {"content": [], **_message_head(draft), **nothing, "type": "message", "usage": guess}
    frames = [_frame("message_start", {"message": message, "type": "message_start"})]
    for index, block in enumerate(blocks):
        frames.extend(_block_frames(draft, index, block))
        if index == 0 and (draft.backend == "anthropic" or draft.has_quirk("ping")):
            frames.insert(2, _PING)
    last: Json = {**_context_management(draft)}
    if draft.copilot_usage is not None:
        last["copilot_usage"] = draft.copilot_usage
    last.update(delta=_ending(draft), type="message_delta")
    last["usage"] = _with_thinking_tokens(draft, _usage(draft))
    if not draft.has_quirk("no_finish"):
        frames.append(_frame("message_delta", last))
    frames.append(_frame("message_stop", {**_metrics(draft), "type": "message_stop"}))
    if (draft.backend == "vertex" and not draft.has_quirk("no_done")) or draft.has_quirk("stray_done"):
        frames.append(_DONE)
    return frames


def _metrics(draft: Draft) -> Json:
    if draft.backend != "bedrock" and not draft.has_quirk("metrics"):
        return {}
    metrics = {
        "firstByteLatency": 850,
        "inputTokenCount": draft.usage.prompt,
        "invocationLatency": 1153,
        "outputTokenCount": draft.usage.output,
    }
    return {"amazon-bedrock-invocationMetrics": metrics}


def _block_frames(draft: Draft, index: int, block: Json) -> list[bytes]:
    kind = block["type"]
    if kind == "thinking":
        opening: Json = {"signature": "", "thinking": "", "type": "thinking"}
        deltas: list[Json] = [
            {"thinking": piece, "type": "thinking_delta"} for piece in split(as_text(block["thinking"]), None)
        ]
        deltas.append({"signature": block["signature"], "type": "signature_delta"})
    elif kind == "text":
        return _text_frames(index, draft.pieces)
    elif kind == "tool_use":
        opening = {**block, "input": {}}
        arguments = as_text(block["input"])
        middle = len(arguments) // 2
        pieces = ["", arguments[:middle], arguments[middle:]] if arguments else [""]
        deltas = [{"partial_json": piece, "type": "input_json_delta"} for piece in pieces]
    else:
        opening, deltas = block, []
    frames = [
        _frame(
            "content_block_start", {"content_block": opening, "index": index, "type": "content_block_start"}
        )
    ]
    for delta in deltas:
        frames.append(
            _frame("content_block_delta", {"delta": delta, "index": index, "type": "content_block_delta"})
        )
    frames.append(_frame("content_block_stop", {"index": index, "type": "content_block_stop"}))
    return frames


def _text_frames(index: int, pieces: list[str]) -> list[bytes]:
    """Write a text block from one template: the hot path of benchmarks."""
    number = str(index).encode()
    before = b'event: content_block_delta\ndata: {"delta":{"text":'
    after = b',"type":"text_delta"},"index":' + number + b',"type":"content_block_delta"}\n\n'
    opening: Json = {"text": "", "type": "text"}
    return [
        _frame(
            "content_block_start", {"content_block": opening, "index": index, "type": "content_block_start"}
        ),
        *(before + encode(piece) + after for piece in pieces),
        _frame("content_block_stop", {"index": index, "type": "content_block_stop"}),
    ]
