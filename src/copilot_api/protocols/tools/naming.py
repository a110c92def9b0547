"""Tool names as targets take them, and the way back.

Owns one rule: `^[a-zA-Z0-9_-]{1,64}$`, true of chat, Responses and Messages alike. A name that fits is kept;
another is shortened and gets a mark made from its content, so that a longer history spells it the same.
Source: upstream contract 4.1; Anthropic tool use documentation; OpenAI API reference (read 2026-11).
"""

import hashlib
import re
from collections.abc import Iterable
from typing import Final, Literal

from copilot_api.neutral.parts import ToolCall
from copilot_api.neutral.request import CustomTool, FunctionTool, Namespace, NativeTool, Tool
from copilot_api.protocols.base import ToolNames
from copilot_api.protocols.tools.custom import wrap_custom, wrap_input
from copilot_api.protocols.tools.schema import object_schema, wrap_value

MAX_NAME_CHARS: Final = 64
_MARK_CHARS: Final = 8
_FIT: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_UNFIT: Final = re.compile(r"[^a-zA-Z0-9_-]")

Kind = Literal["function", "custom"]
_Key = tuple[str, str | None, Kind]


class Naming:
    """Gives each tool of a request the name its target knows.

    `keeps_custom` and `keeps_namespaces`: the target has freeform tools and namespaces of its own (Responses).
    Functions outside namespaces come first to their names, then freeform tools, then namespaces' tools, then what
    only the history knows.
    """

    def __init__(
        self, tools: Iterable[Tool], *, keeps_custom: bool = False, keeps_namespaces: bool = False
    ) -> None:
        self._keeps_custom = keeps_custom
        self._keeps_namespaces = keeps_namespaces
        self._names: dict[_Key, str] = {}
        self._owners: dict[str, _Key] = {}
        self._back: dict[str, tuple[str, str | None, Kind]] = {}
        self._wrapped: set[str] = set()
        self._declared: dict[str, tuple[str, Kind, str | None]] = {}
        declared = [*_declared(tools)]
        for tool, namespace in sorted(declared, key=_precedence):
            kind: Kind = "custom" if isinstance(tool, CustomTool) else "function"
            name = self.name(tool.name, namespace, kind)
            self._declared.setdefault(tool.name, (name, kind, namespace))
            if isinstance(tool, FunctionTool) and object_schema(tool.parameters)[1]:
                self._wrapped.add(name)

    @property
    def names(self) -> ToolNames:
        """The way back, for everything named so far."""
        return ToolNames(back=dict(self._back), wrapped=frozenset(self._wrapped))

    def name(self, name: str, namespace: str | None = None, kind: Kind = "function") -> str:
        """The target's name of a tool, declared or not."""
        key = (name, namespace, kind)
        known = self._names.get(key)
        return known if known is not None else self._spell(key)

    def find(self, name: str) -> tuple[str, Kind, str | None] | None:
        """The target's name, the kind and the namespace of a declared tool; None when nothing declares it."""
        return self._declared.get(name)

    def function(self, tool: FunctionTool | CustomTool, namespace: str | None = None) -> FunctionTool:
        """A declared tool as a function of the target: its name, and a schema with an object at its root."""
        if isinstance(tool, CustomTool):
            return wrap_custom(tool, self.name(tool.name, namespace, "custom"))
        return FunctionTool(
            name=self.name(tool.name, namespace),
            description=tool.description,
            parameters=object_schema(tool.parameters)[0],
            strict=tool.strict,
            is_deferred=tool.is_deferred,
            cache=tool.cache,
            extras=tool.extras,
        )

    def is_wrapped(self, name: str) -> bool:
        """Whether the arguments of the target's function stand under one property."""
        return name in self._wrapped

    def call_name(self, call: ToolCall) -> str:
        """The target's name of the tool that a call in the history is for."""
        return self.name(call.name, call.namespace, call.kind)

    def arguments(self, call: ToolCall) -> str:
        """The arguments of a call in the history, as the target's function takes them."""
        if call.kind == "custom":
            return call.arguments if self._keeps_custom else wrap_input(call.arguments)
        if self._wrapped and self.is_wrapped(self.call_name(call)):
            return wrap_value(call.arguments)
        return call.arguments

    def _spell(self, key: _Key) -> str:
        name, namespace, kind = key
        is_flattened = namespace is not None and not self._keeps_namespaces
        flat = f"{namespace}__{name}" if is_flattened else name
        # With namespaces kept, two of them may hold the same name.
        owner: _Key = (name, None, kind) if self._keeps_namespaces else key
        if not _FIT.fullmatch(flat) or self._owners.get(flat, owner) != owner:
            mark = hashlib.sha256("\0".join((name, namespace or "", kind)).encode("utf-8", "replace"))
            head = _UNFIT.sub("_", flat)[: MAX_NAME_CHARS - _MARK_CHARS - 1]
            flat = f"{head}_{mark.hexdigest()[:_MARK_CHARS]}"
        self._names[key] = flat
        self._owners[flat] = owner
        if flat != name or is_flattened or (kind == "custom" and not self._keeps_custom):
            self._back[flat] = (name, namespace if is_flattened else None, kind)
        return flat


def _declared(tools: Iterable[Tool]) -> Iterable[tuple[FunctionTool | CustomTool, str | None]]:
    for tool in tools:
        match tool:
            case Namespace():
                for inner in tool.tools:
                    yield inner, tool.name
            case NativeTool():
                continue
            case _:
                yield tool, None


def _precedence(declared: tuple[FunctionTool | CustomTool, str | None]) -> int:
    tool, namespace = declared
    return (2 if namespace is not None else 0) + isinstance(tool, CustomTool)
