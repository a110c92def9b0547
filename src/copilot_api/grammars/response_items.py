"""The output items of a Responses stream.

    item          := output_item.added inner* output_item.done        same id, type, call_id and name at both ends
    message       : (content_part.added words content_part.done)*     output_text or refusal; content_index 0, 1, 2...
    words         : (output_text.delta | annotation.added)* output_text.done | refusal.delta* refusal.done
    reasoning     : (reasoning_summary_part.added summary_text.delta* summary_text.done summary_part.done)*
                    (content_part.added reasoning_text.delta* reasoning_text.done content_part.done)*
    function_call : function_call_arguments.delta* function_call_arguments.done
    custom_tool_call : custom_tool_call_input.delta* custom_tool_call_input.done
    others        : their own events, not judged

Whatever a `done` repeats equals what its deltas added up to. Items begin in the order of their output_index.
Source: openai 3.54 `types/responses/response_*_event.py`, `lib/streaming/responses/_responses.py`; opencode and
the AI SDK break on items that were not added or whose ids change (read 2026-11).
"""

from typing import Final

from copilot_api.grammars.view import Json, View

_SPOKEN: Final = {
    "response.output_text": "output_text",
    "response.refusal": "refusal",
    "response.reasoning_text": "reasoning_text",
    "response.reasoning_summary_text": "summary_text",
}
"""Events that speak a part, and the part's type."""
_CALLED: Final = {
    "response.function_call_arguments": ("function_call", "arguments"),
    "response.custom_tool_call_input": ("custom_tool_call", "input"),
}
"""Events that speak a call's input: the item's type and the field."""
_WORDS: Final = {"refusal": "refusal"}
"""The field that holds a part's words, where it is not `text`."""


class _Part:
    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.words = ""
        self.annotations: list[Json] = []
        self.has_spoken = False  # its words are done
        self.whole: dict[str, Json] | None = None


class _Item:
    def __init__(self, document: dict[str, Json]) -> None:
        self.id = document.get("id")
        self.kind = document.get("type")
        self.call = (document.get("call_id"), document.get("name"))
        self.content: list[_Part] = []
        self.summary: list[_Part] = []
        self.input = ""
        self.has_input = False  # its input is done
        self.whole: Json = None

    def open_part(self) -> _Part | None:
        """The part that is speaking; parts of one item do not overlap."""
        for parts in (self.content, self.summary):
            if parts and parts[-1].whole is None:
                return parts[-1]
        return None


class Items:
    """The items so far."""

    def __init__(self) -> None:
        self._items: list[_Item] = []

    @property
    def has_any(self) -> bool:
        """Whether an item has begun."""
        return bool(self._items)

    @property
    def unfinished(self) -> list[int]:
        """The output_index of every open item."""
        return [index for index, item in enumerate(self._items) if item.whole is None]

    @property
    def finished(self) -> list[Json]:
        """The finished items as their `done` events had them."""
        return [item.whole for item in self._items if item.whole is not None]

    def read(self, kind: str, event: View) -> None:
        """Take one event that belongs to an item."""
        if not event.has("output_index") and not event.has("item_id"):
            return  # a service event of the answer as a whole
        index = event.whole("output_index")
        if kind == "response.output_item.added":
            self._add(index, event)
            return
        if index >= len(self._items):
            event.fault(f"has {kind} for item {index}, which was not added")
            return
        item = self._items[index]
        event.check(item.whole is None, f"has {kind} for item {index}, which is done")
        if kind == "response.output_item.done":
            _finish_item(item, event.inside("item"))
            return
        event.check(event.document.get("item_id") == item.id, "has an item_id that is not the item's id")
        _read_inner(item, kind, event)

    def _add(self, index: int, event: View) -> None:
        event.check(index == len(self._items), "has an output_index out of order")
        item = event.inside("item")
        identity, kind = item.words("id"), item.words("type")
        item.check(all(known.id != identity for known in self._items), "has the id of another item")
        if kind == "message":
            item.must_be("role", "assistant")
            item.must_be("status", "in_progress")
            item.check(item.each("content") == [], "begins with content")
        elif kind == "reasoning":
            item.check(item.each("summary") == [], "begins with a summary")
        for expected, field in _CALLED.values():
            if kind == expected:
                item.words("call_id")
                item.words("name")
                item.check(item.text(field) == "", f"begins with {field}")
        self._items.append(_Item(item.document))


def _read_inner(item: _Item, kind: str, event: View) -> None:
    name, _, stage = kind.rpartition(".")
    match name:
        case "response.content_part":
            _read_part(item.content, "content_index", item, stage, event)
        case "response.reasoning_summary_part":
            _read_part(item.summary, "summary_index", item, stage, event)
        case "response.output_text.annotation":
            part = _speaking(item, item.content, "content_index", "output_text", event)
            if part is not None:
                is_next = event.whole("annotation_index") == len(part.annotations)
                event.check(is_next, "has an annotation_index out of order")
                part.annotations.append(event.inside("annotation").document)
        case _ if name in _SPOKEN:
            is_summary = name == "response.reasoning_summary_text"
            parts, index = (item.summary, "summary_index") if is_summary else (item.content, "content_index")
            part = _speaking(item, parts, index, _SPOKEN[name], event)
            if part is not None:
                _read_words(part, stage, event)
        case _ if name in _CALLED:
            _read_input(item, name, stage, event)
        case _:
            pass


def _read_part(parts: list[_Part], index_name: str, item: _Item, stage: str, event: View) -> None:
    index, part = event.whole(index_name), event.inside("part")
    if stage == "added":
        event.check(item.open_part() is None, "begins a part inside another")
        event.check(index == len(parts), f"has a {index_name} out of order")
        kind = part.words("type")
        part.check(part.text(_WORDS.get(kind, "text")) == "", "begins with words")
        if kind == "output_text":
            part.check(part.each("annotations") == [], "begins with annotations")
        parts.append(_Part(kind))
        return
    if not parts or index != len(parts) - 1 or parts[-1].whole is not None:
        event.fault("ends a part that is not open")
        return
    known = parts[-1]
    known.whole = part.document
    event.check(known.has_spoken, "ends a part whose words are not done")
    part.must_be("type", known.kind)
    part.check(part.text(_WORDS.get(known.kind, "text")) == known.words, "has words that are not its deltas")
    if known.kind == "output_text":
        annotations = [entry.document for entry in part.each("annotations")]
        part.check(annotations == known.annotations, "has annotations that were not added")


def _speaking(item: _Item, parts: list[_Part], index_name: str, kind: str, event: View) -> _Part | None:
    """Find the part that an event is about."""
    index = event.whole(index_name)
    if index != len(parts) - 1 or parts[index].whole is not None:
        event.fault("speaks in a part that is not open")
        return None
    part = parts[index]
    event.check(part.kind == kind, f"says {kind} in a {part.kind} part")
    event.check(not part.has_spoken, "comes after the part's words were done")
    return part


def _read_words(part: _Part, stage: str, event: View) -> None:
    if stage == "delta":
        part.words += event.text("delta")
        return
    part.has_spoken = True
    said = event.text("refusal" if part.kind == "refusal" else "text")
    event.check(said == part.words, "has words that are not its deltas")


def _read_input(item: _Item, name: str, stage: str, event: View) -> None:
    kind, field = _CALLED[name]
    event.check(item.kind == kind, f"has {field} for a {item.kind}")
    event.check(not item.has_input, f"comes after the {field} were done")
    if stage == "delta":
        item.input += event.text("delta")
        return
    item.has_input = True
    event.check(event.text(field) == item.input, f"has {field} that are not its deltas")


def _finish_item(item: _Item, whole: View) -> None:
    document = whole.document
    whole.check(document.get("id") == item.id, "changes its id")
    whole.check(document.get("type") == item.kind, "changes its type")
    whole.check((document.get("call_id"), document.get("name")) == item.call, "changes its call_id or name")
    whole.check(item.open_part() is None, "ends with an open part")
    item.whole = document
    if item.kind == "message":
        whole.must_be("status", "completed", "incomplete")
        content = [part.document for part in whole.each("content")]
        whole.check(content == [part.whole for part in item.content], "has content that is not its parts")
    elif item.kind == "reasoning":
        summary = [part.document for part in whole.each("summary")]
        whole.check(summary == [part.whole for part in item.summary], "has a summary that is not its parts")
        content = [part.document for part in whole.maybe_each("content") or ()]
        whole.check(content == [part.whole for part in item.content], "has content that is not its parts")
    for kind, field in _CALLED.values():
        if item.kind == kind:
            whole.check(item.has_input, f"ends before its {field} are done")
            whole.check(whole.text(field) == item.input, f"has {field} that are not its deltas")
