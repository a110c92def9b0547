"""Citations as `groundingMetadata`: sources once each, and which bytes of the answer they stand behind.

Owns offsets. Google counts bytes of UTF-8; Gemini CLI's web search puts its marks at them into all text of the answer
joined, so offsets count over the whole answer, and streamed and whole answers agree.
Source: google-genai 3.4 `types.GroundingMetadata`, `types.Segment`; Gemini CLI 0.61 web search (read 2026-11).
"""

from copilot_api.neutral.extras import Json, JsonObject
from copilot_api.neutral.parts import Citation


class Grounding:
    """Collects the citations of an answer as its texts are finished."""

    __slots__ = ("_bytes", "_chunks", "_supports")

    def __init__(self) -> None:
        self._bytes = 0
        self._chunks: dict[tuple[str, str, str], JsonObject] = {}
        self._supports: list[Json] = []

    def add_text(self, text: str, citations: tuple[Citation, ...]) -> None:
        """The next text of the answer and what it cites."""
        for citation in citations:
            self._add(text, citation)
        self._bytes += len(text.encode())

    def write(self) -> JsonObject | None:
        """The `groundingMetadata`; None when nothing was cited."""
        if not self._supports:
            return None
        return {"groundingChunks": [*self._chunks.values()], "groundingSupports": self._supports}

    def _add(self, text: str, citation: Citation) -> None:
        key = (citation.url or "", citation.title or "", "" if citation.url else citation.quote or "")
        self._chunks.setdefault(key, _write_chunk(citation))
        start, end = citation.start, citation.end
        if start is None or end is None or not 0 <= start <= end <= len(text):
            start, end = 0, len(text)
        before = self._bytes + len(text[:start].encode())
        cited = text[start:end]
        segment: JsonObject = {
            "startIndex": before,
            "endIndex": before + len(cited.encode()),
            "text": cited,
        }
        index = [*self._chunks].index(key)
        self._supports.append({"segment": segment, "groundingChunkIndices": [index]})


def _write_chunk(citation: Citation) -> JsonObject:
    if citation.url:
        return {"web": {"uri": citation.url, "title": citation.title or citation.url}}
    source: JsonObject = {}
    if citation.title:
        source["title"] = citation.title
    if citation.quote:
        source["text"] = citation.quote
    return {"retrievedContext": source}
