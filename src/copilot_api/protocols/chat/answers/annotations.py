"""Citations as chat's `annotations`. Source: openai 3.54, types/chat/chat_completion_message.py (read 2026-11)."""

from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.parts import Citation
from copilot_api.protocols.chat.words import ORIGIN


def annotation(citation: Citation, start: int, end: int) -> JsonObject | None:
    """A citation of an address; None for one of anything else.

    Units: `start` and `end` are where the cited text stands in the content, in characters, unless the citation
    counts them within that text itself.
    """
    if citation.origin == ORIGIN and citation.document.get("type") == "url_citation":
        return citation.document
    if citation.url is None:
        return None
    return {
        "type": "url_citation",
        "url_citation": {
            "url": citation.url,
            "title": citation.title or "",
            "start_index": start if citation.start is None else start + citation.start,
            "end_index": end if citation.end is None else start + citation.end,
        },
    }
