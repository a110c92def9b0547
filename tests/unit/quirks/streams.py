"""What the frame tests share: a stream through its repair, and JSON events of it."""

import json
from typing import Any

from copilot_api.copilot.catalog import Model
from copilot_api.copilot.quirks import QuirkRoute, frame_repair
from copilot_api.wire.sse import Frame, SseDecoder

CLAUDE = Model(id="claude-sonnet-4.5", vendor="Anthropic")
OTHER = Model(id="gpt-4.1", vendor="Azure OpenAI")


def model_for(name: str) -> Model:
    """The model that a recorded stream came from, as far as repairs care."""
    return CLAUDE if "claude" in name or name.startswith("messages") else OTHER


def repaired(route: QuirkRoute, data: bytes, model: Model = OTHER, step: int | None = None) -> bytes:
    """The stream as the client gets it, fed in chunks of `step` bytes."""
    repair = frame_repair(route, model, True)
    assert repair is not None
    decoder = SseDecoder()
    out: list[bytes] = []
    for start in range(0, len(data), step or len(data)):
        out += [repair.feed(frame) for frame in decoder.feed(data[start : start + (step or len(data))])]
    assert decoder.finish() == b""
    return b"".join(out) + repair.finish()


def frames(*events: object) -> bytes:
    """Events as `data:` frames; bytes as they are."""
    return b"".join(
        event
        if isinstance(event, bytes)
        else b"data: " + json.dumps(event, separators=(",", ":")).encode() + b"\n\n"
        for event in events
    )


def events(data: bytes) -> list[Any]:
    """The JSON of each frame; "[DONE]" as text."""
    decoded = [frame.data for frame in SseDecoder().feed(data) if frame.data]
    return [text.decode() if text == b"[DONE]" else json.loads(text) for text in decoded]


__all__ = ["CLAUDE", "OTHER", "Frame", "events", "frames", "model_for", "repaired"]
