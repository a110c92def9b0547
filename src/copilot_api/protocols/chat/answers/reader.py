"""A streamed chat answer, read into events.

Owns what chat's chunks mean, Copilot's ways included, so that translated answers need no repair before:

    stream := filter_results? chunk* finish+ usage? "[DONE]"?

Claude's answer may be split over several choices (all are one answer here); Gemini repeats `role` and a usage of
zeros on every chunk; `reasoning_opaque` may come with the thinking, with the first text or call, or last; calls
may lack an index; `[DONE]` or the finish reason may be missing; an `error` chunk is the last one. The end is held
back until nothing more can come, since usage follows the finish reason. Degenerate output is not judged here: a
guard on the events, or a quirk on the frames, ends it.
Source: upstream contract 4.2-4.5; openai 3.54, types/chat/chat_completion_chunk.py (read 2026-11).
"""

import hashlib
from typing import Final, cast

import msgspec

from copilot_api.neutral.events import (
    Event,
    NativeEvent,
    ReplyEnded,
    ReplyFailed,
    ReplyStarted,
    UsageSeen,
)
from copilot_api.neutral.extras import Extras, Json, JsonObject
from copilot_api.neutral.parts import Citation, Reasoning, Text, TokenLogprob, ToolCall
from copilot_api.neutral.usage import Finish, FinishReason, Usage
from copilot_api.protocols.billing import add_price, as_count
from copilot_api.protocols.chat.answers.parts import PartQueue, Speaking
from copilot_api.protocols.chat.slots import FIELD
from copilot_api.protocols.chat.tap import failure_of
from copilot_api.protocols.chat.words import ORIGIN, read_finish, read_usage
from copilot_api.protocols.openai.logprobs import read_logprobs
from copilot_api.wire.sse import Frame

_SERVICE: Final = ("system_fingerprint", "service_tier", "prompt_filter_results")
_THOUGHTS: Final = ("reasoning_text", "reasoning_content", "reasoning", "cot_summary", "thinking")
"""The first that is there: Copilot's own, other servers', Azure's o-series, VS Code's old form for Claude."""
_NAMELESS: Final = "The upstream called a tool without naming it."
"""Nobody could run the call, and clients take it for a call of the tool `""`: a failure is asked again."""
_NATIVE: Final = ("copilot_references", "copilot_confirmation", "copilot_errors")


class ChatReader:
    """Reads the frames of one answer. `origin` is put on the blobs it meets."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._parts = PartQueue()
        self._calls: dict[tuple[int, int], tuple[str, Speaking]] = {}
        self._last_call: tuple[int, int] | None = None
        self._natives: list[NativeEvent] = []  # of the answer as a whole: said when no part is open
        self._tokens: tuple[TokenLogprob, ...] = ()  # of the delta that is being read
        self._late_blob = ""  # of thinking that was over when it came
        self._is_started = self._has_ended = self._is_done = False
        self._open: set[int] = set()
        self._finish: dict[int, Finish] = {}
        self._usage: Usage | None = None
        self._price: object = None
        self._answer_id = ""

    def feed(self, frame: Frame) -> tuple[Event, ...]:
        """Advance by one frame."""
        data = frame.data
        if not data or self._has_ended:
            return ()
        if data == b"[DONE]":
            self._is_done = True
            return self._end()
        try:
            chunk: object = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return ()
        if not isinstance(chunk, dict):
            return ()
        self._read(cast(JsonObject, chunk))
        return self._parts.take()

    def finish(self) -> tuple[Event, ...]:
        """The end of input: a cut, unless every choice had its finish reason."""
        return () if self._has_ended else self._end()

    def read_whole(self, document: JsonObject) -> tuple[Event, ...]:
        """A whole answer: its choices' messages are deltas that say everything at once."""
        self._is_done = True
        choices = document.get("choices")
        whole = [
            {**choice, "delta": choice.get("message")}
            for choice in (choices if isinstance(choices, list) else ())
            if isinstance(choice, dict)
        ]
        self._read({**document, "choices": [*whole]})
        return self._parts.take() if self._has_ended else self._end()

    def _read(self, chunk: JsonObject) -> None:
        if chunk.get("error") is not None:
            self._fail(chunk["error"])
            return
        choices = chunk.get("choices")
        if not self._is_started and (choices or chunk.get("id")):
            self._start(chunk)
        usage = chunk.get("usage")
        if usage is not None:
            self._usage = read_usage(usage) or self._usage
        if "copilot_usage" in chunk:
            self._price = chunk["copilot_usage"]
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict) and not self._has_ended:
                self._read_choice(choice)
        for name in _NATIVE:
            if chunk.get(name):
                self._begin()
                self._natives.append(NativeEvent(ORIGIN, {name: chunk[name]}))

    def _start(self, chunk: JsonObject) -> None:
        self._is_started = True
        answer_id, model, created = chunk.get("id"), chunk.get("model"), chunk.get("created")
        self._answer_id = answer_id if isinstance(answer_id, str) else ""
        fields = {name: chunk[name] for name in _SERVICE if chunk.get(name) is not None}
        self._parts.out.append(
            ReplyStarted(
                self._answer_id,
                model if isinstance(model, str) else "",
                as_count(created) or None,
                Extras(ORIGIN, fields) if fields else None,
            )
        )

    def _begin(self) -> None:
        if not self._is_started:
            self._start({})

    def _read_choice(self, choice: JsonObject) -> None:
        index = as_count(choice.get("index"))
        self._open.add(index)
        delta = choice.get("delta")
        if isinstance(delta, dict):
            weighed = choice.get("logprobs")
            self._tokens = self._read_logprobs(weighed) if isinstance(weighed, dict) else ()
            self._read_message(delta, index)
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason:
            self._finish[index] = read_finish(reason)

    def _read_logprobs(self, weighed: JsonObject) -> tuple[TokenLogprob, ...]:
        """The probabilities of the words; those of a refusal have no place in any other protocol."""
        refusal = weighed.get("refusal")
        if refusal:
            self._natives.append(NativeEvent(ORIGIN, {"logprobs": {"refusal": refusal}}))
        return read_logprobs(weighed.get("content"))

    def _read_message(self, delta: JsonObject, index: int) -> None:
        """What one delta, or one whole message, says."""
        parts = self._parts
        content = delta.get("content")
        # The common case first: words and nothing else.
        if isinstance(content, str) and content and len(delta) <= 2 and ("role" in delta or len(delta) == 1):
            parts.text(content, self._tokens)
            return
        for name in _THOUGHTS:
            thought = delta.get(name)
            if isinstance(thought, str) and thought:
                parts.thought(thought)
                break
        self._read_blob(delta)
        if isinstance(content, str) and content:
            parts.text(content, self._tokens)
        elif self._tokens and isinstance(parts.last(), Text | None):
            # A token that is a part of a character has no text of its own, be it the first one.
            parts.text("", self._tokens)
        self._cite(delta)
        refusal = delta.get("refusal")
        if isinstance(refusal, str) and refusal:
            parts.refusal(refusal)
        calls = delta.get("tool_calls")
        for position, call in enumerate(calls if isinstance(calls, list) else ()):
            if isinstance(call, dict) and not self._has_ended:
                self._read_call(call, index, position)

    def _read_blob(self, delta: JsonObject) -> None:
        """A proof stands with the thinking that it proves; one that comes too late is thinking without words."""
        blob = delta.get(FIELD)
        if not isinstance(blob, str) or not blob:
            return
        last = self._parts.last()
        if last is None or isinstance(last, Reasoning):
            self._parts.prove(self._origin, FIELD, blob, is_apart=False)
        else:
            self._late_blob += blob

    def _settle_blob(self) -> None:
        if self._late_blob:
            self._parts.prove(self._origin, FIELD, self._late_blob, is_apart=True)
            self._late_blob = ""

    def _cite(self, delta: JsonObject) -> None:
        for document in _citations(delta):
            if not self._parts.cite(_citation(document)):
                self._natives.append(NativeEvent(ORIGIN, document))

    def _read_call(self, call: JsonObject, choice: int, position: int) -> None:
        call_id = call.get("id")
        call_id = call_id if isinstance(call_id, str) else ""
        inner = call.get("function")
        is_custom = not isinstance(inner, dict) and isinstance(call.get("custom"), dict)
        inner = call["custom"] if is_custom else inner
        function = inner if isinstance(inner, dict) else {}
        name, text = function.get("name"), function.get("input" if is_custom else "arguments")
        key = self._key(call, call_id, choice, position)
        known = self._calls.get(key)
        if known is None or (call_id and known[0] and call_id != known[0]):
            if not isinstance(name, str) or not name:
                self._fail({"message": _NAMELESS, "code": "invalid_event"})
                return
            self._settle_blob()
            said = ToolCall(
                call_id or self._made_id(len(self._calls)),
                name,
                "",
                "custom" if is_custom else "function",
            )
            known = self._calls[key] = (call_id, self._parts.start_call(said))
        self._last_call = key
        if isinstance(text, str) and text:
            self._parts.input(known[1], text)

    def _key(self, call: JsonObject, call_id: str, choice: int, position: int) -> tuple[int, int]:
        index = call.get("index")
        if isinstance(index, int):
            return choice, index
        if not call_id and self._last_call is not None and position == 0:
            return self._last_call
        # Whole calls without an index: each is a new one.
        return choice, -1 - len(self._calls)

    def _made_id(self, position: int) -> str:
        mark = hashlib.sha256(f"{self._answer_id}\0{position}".encode("utf-8", "replace"))
        return f"call_{mark.hexdigest()[:24]}"

    def _fail(self, error: Json) -> None:
        self._begin()
        self._count()
        code = error.get("code") if isinstance(error, dict) else None
        self._parts.out.append(ReplyFailed("error", failure_of(error), code if isinstance(code, str) else ""))
        self._has_ended = True

    def _close_parts(self) -> None:
        self._settle_blob()
        self._parts.end()
        self._parts.out += self._natives
        self._count()

    def _count(self) -> None:
        usage = add_price(self._usage, self._price)
        if usage is not None:
            self._parts.out.append(UsageSeen(usage))

    def _end(self) -> tuple[Event, ...]:
        self._begin()
        self._has_ended = True
        if self._is_done or (bool(self._finish) and self._open == set(self._finish)):
            self._close_parts()
            self._parts.out.append(ReplyEnded(self._reason()))
        else:
            self._count()
            self._parts.out.append(
                ReplyFailed("cut", "The answer from upstream was cut off before it was complete.")
            )
        return self._parts.take()

    def _reason(self) -> Finish:
        """The last reason that came, made to fit the calls: they are one themselves (contract 4.2, 4.4)."""
        finish = [*self._finish.values()][-1] if self._finish else Finish(FinishReason.STOP, "")
        said = (finish.reason, self._parts.has_calls)
        if said == (FinishReason.STOP, True):
            return Finish(FinishReason.TOOL_CALLS, finish.raw)
        if said == (FinishReason.TOOL_CALLS, False):
            return Finish(FinishReason.STOP, finish.raw)
        return finish


def _citations(delta: JsonObject) -> list[JsonObject]:
    """What stands in `annotations` (OpenAI) and in Copilot's code citations."""
    copilot = delta.get("copilot_annotations")
    found = [
        delta.get("annotations"),
        copilot.get("IPCodeCitations") if isinstance(copilot, dict) else None,
    ]
    return [
        document
        for documents in found
        if isinstance(documents, list)
        for document in documents
        if isinstance(document, dict)
    ]


def _citation(document: JsonObject) -> Citation:
    document = {name: value for name, value in document.items() if name != "index"}
    inner, nested = document.get("url_citation"), document.get("citations")
    if isinstance(inner, dict):
        source, place = inner, (inner.get("start_index"), inner.get("end_index"))
        title, quote = inner.get("title"), None
    else:
        source = nested if isinstance(nested, dict) else {}
        place = (document.get("start_offset"), document.get("end_offset"))
        title, quote = source.get("license"), source.get("snippet")
    url = source.get("url")
    start, end = (number if isinstance(number, int) else None for number in place)
    return Citation(
        ORIGIN,
        document,
        url if isinstance(url, str) else None,
        title if isinstance(title, str) else None,
        quote if isinstance(quote, str) else None,
        start,
        end,
    )
