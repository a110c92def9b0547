"""Fields that Anthropic knows and Copilot's copy of the API does not.

Source: upstream contract 6.3, 10 (read 2026-11).
"""

from typing import Final

from copilot_api.copilot.quirks.base import QuirkContext
from copilot_api.copilot.quirks.documents import Document, edit_elements
from copilot_api.errors import UnsupportedContent
from copilot_api.protocols.messages.errors import THREAD_UNSUPPORTED
from copilot_api.wire.body import Body

REFUSED_FIELDS: Final = ("inference_geo", "fallbacks", "service_tier", "speed")
"""Root fields of the official API that Copilot refuses or does not understand. None carries content."""


def refuse_thread(body: Body, context: QuirkContext) -> str | None:
    """Refuse a message thread: its history would be on a server that does not keep it.

    Raises: UnsupportedContent, upon which the SDK's tool runner sends whole histories.
    """
    if body.get("thread") is None:
        return None
    raise UnsupportedContent(
        "'thread' cannot be served: Copilot keeps no message threads. Send the full history in 'messages' and "
        "the tools with every request, without 'thread'.",
        code=THREAD_UNSUPPORTED,
        param="thread",
    )


def drop_refused_fields(body: Body, context: QuirkContext) -> str | None:
    """Drop the root fields that only the original API has."""
    dropped = [name for name in REFUSED_FIELDS if body.has(name)]
    for name in dropped:
        body.drop(name)
    return f"dropped {', '.join(dropped)}" if dropped else None


def drop_eager_streaming(body: Body, context: QuirkContext) -> str | None:
    """Drop `eager_input_streaming` from tools; arguments stream all the same."""
    changed = edit_elements(body, "tools", (b'"eager_input_streaming"',), _without_eager)
    return "eager_input_streaming dropped from tools" if changed else None


def _without_eager(tool: Document) -> Document | None:
    return tool if tool.pop("eager_input_streaming", None) is not None else None
