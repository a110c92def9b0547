"""Tool calls on the way back: the client's names, namespaces and kinds, and arguments in its own shape.

Owns the reversal of `Naming`. A reply's writer puts it before itself; without renamed tools it costs nothing.
"""

import msgspec

from copilot_api.neutral.events import Event, PartEnded, PartStarted, ToolInputDelta
from copilot_api.neutral.fold import Completion
from copilot_api.neutral.parts import Part, ToolCall
from copilot_api.protocols.base import ToolNames
from copilot_api.protocols.tools.custom import InputUnwrapper, unwrap_input
from copilot_api.protocols.tools.schema import ValueUnwrapper, unwrap_value


def restore_call(call: ToolCall, names: ToolNames) -> ToolCall:
    """A whole call as the client knows it."""
    renamed = _rename(call, names)
    if renamed.kind == "custom" and call.kind == "function":
        return msgspec.structs.replace(renamed, arguments=unwrap_input(call.arguments))
    if call.name in names.wrapped:
        return msgspec.structs.replace(renamed, arguments=unwrap_value(call.arguments))
    return renamed


def restore_completion(completion: Completion, names: ToolNames) -> Completion:
    """A whole answer with every call as the client knows it."""
    if not names.back and not names.wrapped:
        return completion
    parts = tuple(_restored(part, names) for part in completion.parts)
    return msgspec.structs.replace(completion, parts=parts)


def _restored(part: Part, names: ToolNames) -> Part:
    return restore_call(part, names) if isinstance(part, ToolCall) else part


def _rename(call: ToolCall, names: ToolNames) -> ToolCall:
    back = names.back.get(call.name)
    if back is None:
        return call
    name, namespace, kind = back
    return msgspec.structs.replace(call, name=name, namespace=namespace or call.namespace, kind=kind)


class CallRestorer:
    """Restores the calls of a stream of events, delta by delta."""

    __slots__ = ("_is_idle", "_names", "_unwrapper")

    def __init__(self, names: ToolNames) -> None:
        self._names = names
        self._is_idle = not names.back and not names.wrapped
        self._unwrapper: InputUnwrapper | ValueUnwrapper | None = None

    def feed(self, event: Event) -> tuple[Event, ...]:
        """The event as the client's protocol should say it; nothing while a piece is not certain yet."""
        if self._is_idle:
            return (event,)
        if isinstance(event, PartStarted) and isinstance(event.part, ToolCall):
            return (PartStarted(event.index, self._start(event.part)),)
        if self._unwrapper is None:
            return (self._end(event),) if isinstance(event, PartEnded) else (event,)
        if isinstance(event, ToolInputDelta):
            text = self._unwrapper.feed(event.text)
            return (ToolInputDelta(event.index, text),) if text else ()
        if isinstance(event, PartEnded):
            rest = self._unwrapper.finish()
            self._unwrapper = None
            ended = self._end(event)
            return (ToolInputDelta(event.index, rest), ended) if rest else (ended,)
        return (event,)

    def _start(self, call: ToolCall) -> ToolCall:
        renamed = _rename(call, self._names)
        if renamed.kind == "custom" and call.kind == "function":
            self._unwrapper = InputUnwrapper()
        elif call.name in self._names.wrapped:
            self._unwrapper = ValueUnwrapper()
        else:
            return renamed
        return msgspec.structs.replace(renamed, arguments=self._unwrapper.feed(call.arguments))

    def _end(self, event: PartEnded) -> PartEnded:
        if not isinstance(event.part, ToolCall):
            return event
        return PartEnded(event.index, restore_call(event.part, self._names))
