"""A Gemini streamGenerateContent answer: the SSE form, and the JSON array form.

    stream    := chunk* last | chunk* error         last: every candidate has its finishReason; usageMetadata
    chunk     := {responseId, modelVersion, candidates | promptFeedback | usageMetadata}
    candidate := {index, content: {role: "model", parts}, finishReason?}

A part has exactly one kind of content; a functionCall comes whole. A thoughtSignature is base64: the SDKs decode
it. The Gemini CLI asks a turn four times over when its finishReason is missing. An answer whose usage nobody knows
has none; where a chunk has some, the last one has too, since clients take it from there.
Source: google-genai 3.4 `types.py` (GenerateContentResponse, Candidate, Part, FinishReason; read 2026-11).
"""

import base64
import binascii
from typing import Final

import msgspec

from copilot_api.grammars.view import Json, Reading, View, decode
from copilot_api.wire.sse import Frame

_FINISH_REASONS: Final = (
    "STOP",
    "MAX_TOKENS",
    "SAFETY",
    "RECITATION",
    "LANGUAGE",
    "OTHER",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "MALFORMED_FUNCTION_CALL",
    "IMAGE_SAFETY",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_OTHER",
    "NO_IMAGE",
    "IMAGE_RECITATION",
    "UNEXPECTED_TOOL_CALL",
    "TOO_MANY_TOOL_CALLS",
    "MISSING_THOUGHT_SIGNATURE",
    "MALFORMED_RESPONSE",
    "ESCALATION",
    "PUP_LIMITED_DISABLED",
    "CONTINUATION",
    "MODEL_ARMOR",
)
_KINDS: Final = (
    "text",
    "functionCall",
    "functionResponse",
    "inlineData",
    "fileData",
    "executableCode",
    "codeExecutionResult",
    "toolCall",
    "toolResponse",
)
_COUNTED: Final = (
    "promptTokenCount",
    "candidatesTokenCount",
    "toolUsePromptTokenCount",
    "thoughtsTokenCount",
)


class GeminiChecker(Reading):
    """Judges one Gemini stream in its SSE form."""

    def __init__(self) -> None:
        super().__init__()
        self._identity: tuple[str, str] | None = None
        self._is_finished: dict[int, bool] = {}
        self._is_blocked = False
        self._has_failed = False
        self._has_usage = False
        self._ends_in_usage = False

    def read(self, frame: Frame, data: bytes, faults: list[str]) -> None:
        """Take one chunk."""
        if frame.event:
            faults.append(f"has an event line {frame.event!r}")
        chunk = decode(data, faults)
        if chunk is not None:
            self.read_chunk(chunk)

    def read_chunk(self, chunk: View) -> None:
        """Take one decoded chunk."""
        if "error" in chunk.document:
            self._has_failed = self.has_ended = True
            error = chunk.inside("error")
            error.whole("code")
            error.text("message")
            error.words("status")
            return
        identity = (chunk.words("responseId"), chunk.words("modelVersion"))
        if self._identity is None:
            self._identity = identity
        chunk.check(identity == self._identity, "changes responseId or modelVersion")
        candidates, usage = chunk.maybe_each("candidates"), chunk.maybe_inside("usageMetadata")
        if chunk.has("promptFeedback"):
            self._is_blocked = True
            chunk.inside("promptFeedback").words("blockReason")
            chunk.check(not candidates and not self._is_finished, "has promptFeedback beside candidates")
        is_something = bool(candidates) or usage is not None or chunk.has("promptFeedback")
        chunk.check(is_something, "says nothing")
        self._ends_in_usage = usage is not None
        if usage is not None:
            self._has_usage = True
            _read_usage(usage)
        for candidate in candidates or ():
            self._read_candidate(candidate)

    def finish(self) -> tuple[str, ...]:
        """Say what is missing: nothing but its last chunk ends this stream."""
        if self._has_failed:
            return ()
        missing = [
            f"candidate {index} has no finishReason" for index, done in self._is_finished.items() if not done
        ]
        if not self._is_finished and not self._is_blocked:
            missing.append("the stream has no candidate")
        if self._has_usage and not self._ends_in_usage:
            missing.append("the last chunk has no usageMetadata")
        return tuple(missing)

    def _read_candidate(self, candidate: View) -> None:
        index = candidate.maybe_whole("index") or 0
        candidate.check(not self._is_blocked, "answers a blocked prompt")
        candidate.check(not self._is_finished.get(index, False), "goes on after its finishReason")
        self._is_finished.setdefault(index, False)
        content = candidate.maybe_inside("content")
        candidate.check(content is not None or candidate.has("finishReason"), "says nothing")
        if content is not None:
            content.must_be("role", "model")
            for part in content.each("parts"):
                _read_part(part)
        if candidate.has("finishReason"):
            candidate.must_be("finishReason", *_FINISH_REASONS)
            self._is_finished[index] = True


def _read_part(part: View) -> None:
    kinds = [kind for kind in _KINDS if part.has(kind)]
    part.check(len(kinds) == 1, f"has {len(kinds)} kinds of content")
    part.maybe_text("text")
    signature = part.maybe_text("thoughtSignature")
    part.check(signature is None or _is_base64(signature), "has a thoughtSignature that is not base64")
    part.check(isinstance(part.document.get("thought", False), bool), "has a thought that is no flag")
    call = part.maybe_inside("functionCall")
    if call is not None:
        call.words("name")
        call.inside("args")
        call.maybe_text("id")
        is_whole = not call.has("partialArgs") and not call.has("willContinue")
        call.check(is_whole, "comes in pieces")


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        return False
    return text != ""


def _read_usage(usage: View) -> None:
    usage.whole("promptTokenCount")
    total = sum(usage.maybe_whole(name) or 0 for name in _COUNTED)
    usage.check(usage.whole("totalTokenCount") == total, "has a totalTokenCount that is not the sum")


def check_array(body: bytes) -> tuple[str, ...]:
    """Judge a whole answer in the JSON array form: one array whose entries are the chunks of the SSE form."""
    try:
        document: Json = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ("the array is no JSON",)
    if not isinstance(document, list):
        return ("the answer is no JSON array",)
    checker, faults = GeminiChecker(), list[str]()
    for number, entry in enumerate(document):
        if not isinstance(entry, dict):
            faults.append(f"chunk {number}: is no JSON object")
        elif checker.has_ended:
            faults.append(f"chunk {number}: comes after the end")
        else:
            checker.read_chunk(View(entry, faults, f"chunk {number}:"))
    return (*faults, *checker.finish())
