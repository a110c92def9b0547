"""Content parts as a Responses request or answer holds them.

Owns how a neutral part becomes a Responses document. Must never know where it stands in a conversation.
Source: openai-python 3.54, types/responses: response_input_content_param, response_output_text_param (read 2026-11).
"""

from typing import Final

from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.extras import Extras, JsonObject
from copilot_api.neutral.parts import Bytes, CacheHint, Citation, File, Image, Link, Refusal, Stored, Text
from copilot_api.protocols.base import Target
from copilot_api.protocols.losses import Losses
from copilot_api.protocols.responses.reading.content import ORIGIN
from copilot_api.protocols.responses.reading.tools import WHOLE
from copilot_api.protocols.spelling import title

_DETAILS: Final = ("low", "high", "auto", "original")
_EXTENSIONS: Final = {"application/pdf": "pdf", "text/plain": "txt", "text/csv": "csv", "text/html": "html"}


def rejoin(document: JsonObject, extras: Extras | None) -> JsonObject:
    """Put back what our own reader left over or noted; what another one left over is not ours to say."""
    if extras is None or extras.origin != ORIGIN:
        return document
    whole = extras.spelled.get(WHOLE)
    if isinstance(whole, dict):
        return whole
    document.update(extras.fields)
    for name, value in extras.spelled.items():
        if not name.startswith("@"):
            document[name] = value
    return document


def is_own(extras: Extras | None) -> bool:
    """Whether our own reader left these."""
    return extras is not None and extras.origin == ORIGIN


class ContentWriter:
    """Writes content parts for one target; what cannot be said is noted in `losses`."""

    def __init__(self, target: Target, losses: Losses) -> None:
        self._target = target
        self._losses = losses

    def text(self, part: Text, path: str, *, is_output: bool) -> JsonObject:
        """`input_text`, or `output_text` in the model's own turns."""
        document: JsonObject = {"type": "output_text" if is_output else "input_text", "text": part.text}
        annotations = [annotation(citation) for citation in part.citations]
        known = [one for one in annotations if one is not None]
        if known and is_output:
            document["annotations"] = list(known)
        if len(known) < len(annotations) or (known and not is_output):
            self._losses.drop(self._losses.at(path, "citations"), "only an answer's links can be cited")
        if part.opaque is not None:
            self._losses.drop(self._losses.at(path, "opaque"), "a text has no place for a signature")
        return self._finish(document, part.cache, part.extras, path)

    def refusal(self, part: Refusal, path: str) -> JsonObject:
        """`refusal`."""
        return self._finish({"type": "refusal", "refusal": part.text}, None, part.extras, path)

    def image(self, part: Image, path: str) -> JsonObject:
        """`input_image`.

        Raises: UnsupportedContent when the model sees no images, or the image is stored elsewhere.
        """
        if not self._target.has_vision:
            raise UnsupportedContent(
                f"{path!r} is an image and the model {self._target.model!r} sees none. Choose a model with vision.",
                param=path,
            )
        document: JsonObject = {"type": "input_image"}
        match part.source:
            case Bytes(media_type, data):
                document["image_url"] = f"data:{media_type};base64,{data}"
            case Link(url):
                document["image_url"] = url
            case stored:
                document["file_id"] = _stored(stored, path)
        if part.detail is not None and (is_own(part.extras) or part.detail in _DETAILS):
            document["detail"] = part.detail
        elif part.detail is not None:
            place = self._losses.at(path, "detail")
            self._losses.spare(place, f"the Responses API has no detail {part.detail!r}")
        return self._finish(document, part.cache, part.extras, path)

    def file(self, part: File, path: str) -> JsonObject:
        """`input_file`; a document given as plain text is said as text.

        Raises: UnsupportedContent when the file is stored elsewhere.
        """
        if part.source is None:
            self._losses.approximate(path, "a document given as text became text")
            text = f"{part.name}\n\n{part.text or ''}" if part.name else part.text or ""
            return self._finish({"type": "input_text", "text": text}, part.cache, part.extras, path)
        document: JsonObject = {"type": "input_file"}
        match part.source:
            case Bytes(media_type, data):
                is_bare = part.extras is not None and "@file_data" in part.extras.spelled
                document["file_data"] = data if is_bare else f"data:{media_type};base64,{data}"
                # The API wants a name with every file that is sent in the request.
                name = part.name or (
                    None if is_own(part.extras) else f"file.{_EXTENSIONS.get(media_type, 'bin')}"
                )
            case Link(url):
                document["file_url"], name = url, part.name
            case stored:
                document["file_id"], name = _stored(stored, path), part.name
        if name is not None:
            document["filename"] = name
        return self._finish(document, part.cache, part.extras, path)

    def _finish(
        self, document: JsonObject, cache: CacheHint | None, extras: Extras | None, path: str
    ) -> JsonObject:
        if cache is not None:
            self._write_cache(document, cache, path)
        if extras is not None:
            if not is_own(extras):
                self._losses.drop_extras(path, extras)
            return rejoin(document, extras)
        return document

    def _write_cache(self, document: JsonObject, cache: CacheHint, path: str) -> None:
        if is_own(cache.extras):
            mark: JsonObject = {} if cache.ttl is None else {"ttl": cache.ttl}
            document["prompt_cache_breakpoint"] = rejoin(mark, cache.extras)
        else:
            note_cache(self._losses, path)


def note_cache(losses: Losses, path: str) -> None:
    """Note a cache mark: the prefix is cached without being asked, found again by `prompt_cache_key`.

    Copilot is not known to take the API's own marks (upstream contract 5.1).
    """
    losses.spare(losses.at(path, "cache"), "prefixes are cached without marks")


def _stored(stored: Stored, path: str) -> str:
    if stored.origin == ORIGIN:
        return stored.file_id
    raise UnsupportedContent(
        f"{path!r} is kept by the file service of {title(stored.origin)}, which Copilot cannot reach. Send its content "
        "instead.",
        param=path,
    )


def annotation(citation: Citation) -> JsonObject | None:
    """A citation as an annotation; None where it names no address, which is all that ours can cite."""
    if citation.origin == ORIGIN:
        return citation.document
    if citation.url is None:
        return None
    return {
        "type": "url_citation",
        "url": citation.url,
        "title": citation.title or citation.url,
        "start_index": citation.start or 0,
        "end_index": citation.end or citation.start or 0,
    }
