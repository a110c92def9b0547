"""What the three dialects of `/chat/completions` say alike: frames, the error in mid-stream, why an answer ended.

Source: upstream contract §4.2.
"""

from copilot_api.simulator.answers.draft import Draft
from copilot_api.simulator.shapes import Json, encode


def data_frame(value: Json) -> bytes:
    """Frame one chunk; chat streams carry no event names."""
    return b"data: " + encode(value) + b"\n\n"


def error_frame(draft: Draft) -> bytes:
    """Write the in-stream error chunk."""
    code = draft.step.error_code or "model_overloaded"
    return data_frame({"error": {"code": code, "message": "The model is overloaded."}})


def finish_reason(draft: Draft) -> str:
    """Choose the finish reason; `stop_with_tools` is upstream's own confusion."""
    if draft.step.finish:
        return {"max_tokens": "length", "refusal": "content_filter"}.get(draft.step.finish, draft.step.finish)
    return "tool_calls" if draft.tools and not draft.has_quirk("stop_with_tools") else "stop"
