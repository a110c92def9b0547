"""What a Gemini request says about itself, with the model and the stream flag that its URL says.

Owns the peek. Must never know models or accounts.
Source: Gemini API reference; recorded requests of Gemini CLI 0.61 and opencode 1.18 (read 2026-11).
"""

from collections.abc import Sequence
from typing import Final, cast

import msgspec

from copilot_api.errors import MalformedRequest
from copilot_api.protocols.base import RequestPeek, Speaker
from copilot_api.protocols.gemini.call import bare_model, parse_path
from copilot_api.protocols.gemini.reading.media import picture_type
from copilot_api.protocols.turns import Verdict, find_speaker, is_title_call, require_model
from copilot_api.wire.reading import read, read_json

_MISSING: Final = msgspec.Raw(b"")


class _Top(msgspec.Struct, frozen=True):
    model: str | None = None
    stream: bool | None = None
    contents: msgspec.Raw = _MISSING


_TOP: Final = msgspec.json.Decoder(_Top)
_TURNS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_MODEL_ROLES: Final = ("model", "assistant")
_DATA_MARKS: Final = (b"inlineData", b"inline_data", b"fileData", b"file_data")
_ROUTER_MARKS: Final = (b'"complexity_reasoning"', b'"complexity_score"', b'"responseJsonSchema"')
"""The schema of Gemini CLI's question which of its models should answer: no human asked it."""


def peek(body: bytes) -> RequestPeek:
    """Read what routing needs of a body into which "model" and "stream" were put.

    Raises: MalformedRequest naming the field and what is accepted.
    """
    top = read(body, _TOP)
    return _peek(body, top, require_model(top.model), top.stream is True)


def peek_call(path: str, query: str, body: bytes) -> RequestPeek:
    """Read what routing needs of a URL and its body; a model or a stream flag in the body counts for nothing.

    Raises: MalformedRequest
    """
    call = parse_path(path, query)
    if call is None:
        raise MalformedRequest(
            f"The path {path!r} names no model and method. Ask /v1beta/models/{{model}}:generateContent."
        )
    return _peek(body, read(body, _TOP), call.model, call.is_stream)


def _peek(body: bytes, top: _Top, model: str, is_stream: bool) -> RequestPeek:
    turns = _turns(top.contents)
    speaker, human_turn = find_speaker(turns, _judge, "contents")
    is_human = speaker is Speaker.HUMAN and human_turn is not None
    background = "router" if is_human and all(mark in body for mark in _ROUTER_MARKS) else None
    if is_human and human_turn is not None and is_title_call(turns, _judge, human_turn):
        background = "title"
    return RequestPeek(
        model=bare_model(model),
        stream=is_stream,
        speaker=speaker,
        has_images=any(mark in body for mark in _DATA_MARKS) and any(map(_shows_image, turns)),
        human_turn=human_turn,
        background=background,
    )


def _turns(contents: msgspec.Raw) -> Sequence[msgspec.Raw]:
    """The contents one by one; a string or an object on its own is a list of one."""
    text = bytes(contents).lstrip()
    if text.startswith(b"["):
        return read(contents, _TURNS)
    if text[:1] in (b'"', b"{"):
        return [contents]
    raise MalformedRequest(
        "'contents' must be a list of contents. Send one with a role and parts, or a string.",
        param="contents",
    )


def _judge(raw: msgspec.Raw) -> Verdict:
    content = read_json(raw)
    if isinstance(content, str):
        return Speaker.HUMAN, content
    if not isinstance(content, dict):
        raise MalformedRequest("not an object")
    turn = cast("dict[str, object]", content)
    role = turn.get("role")
    if role in _MODEL_ROLES:
        return Speaker.ASSISTANT, ""
    if role == "function":
        return Speaker.TOOL, ""
    if role in ("system", "developer"):
        return None, ""
    parts = _parts(turn)
    texts = [text for part in parts if isinstance(text := _text(part), str)]
    has_results = any(_field(part, "functionResponse", "function_response") is not None for part in parts)
    if texts or (parts and not has_results):
        return Speaker.HUMAN, "\n".join(texts)
    return (Speaker.TOOL if has_results else None), ""


def _parts(turn: dict[str, object]) -> Sequence[object]:
    """The parts of a content, which may be one, or stand without a content around them."""
    parts = turn.get("parts", None if "role" in turn else turn)
    if isinstance(parts, list):
        return cast("list[object]", parts)
    return () if parts is None else (parts,)


def _text(part: object) -> object:
    return part if isinstance(part, str) else _field(part, "text", "text")


def _field(part: object, name: str, other: str) -> object:
    """A field of an object under either spelling; None when there is none, or no object."""
    if not isinstance(part, dict):
        return None
    fields = cast("dict[str, object]", part)
    value = fields.get(name)
    return fields.get(other) if value is None else value


def _shows_image(raw: msgspec.Raw) -> bool:
    """Whether a content holds a picture, also inside a tool's result."""
    if not any(mark in bytes(raw) for mark in _DATA_MARKS):
        return False
    content = read_json(raw)
    if not isinstance(content, dict):
        return False
    waiting = [*_parts(cast("dict[str, object]", content))]
    while waiting:
        part = waiting.pop()
        data = _field(part, "inlineData", "inline_data") or _field(part, "fileData", "file_data")
        kind = _field(data, "mimeType", "mime_type")
        address = _field(data, "fileUri", "file_uri")
        if kind is None and isinstance(address, str):
            kind = picture_type(address)
        if isinstance(kind, str) and kind.startswith("image/"):
            return True
        result = _field(part, "functionResponse", "function_response")
        if isinstance(result, dict):
            waiting += _parts({"role": "", **cast("dict[str, object]", result)})
    return False
