"""Every documented request field of the four APIs, as small documents: made once, from the SDKs' types.

    .venv/bin/python scripts/losses/inventory.py          writes scripts/losses/fields/*.json

Run it again after an SDK update and review the difference. Shape of an entry: {"field": "messages[].content[text].
cache_control", "at": [path of the field in the document], "document": {...}}. A union is walked through its
variants, named by their `type`; a type inside itself is not walked again.
Source: openai 3.54, anthropic 2.12 (its beta types, which are a superset), google-genai 3.4.
"""

import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, Required, Union, get_args, get_origin

import msgspec
from anthropic.types.beta import message_create_params as messages
from google.genai import types as gemini
from openai.types.chat import completion_create_params as chat
from openai.types.responses import response_create_params as responses
from samples import (
    ABOUT_PARTS,
    BESIDE,
    BY_NAME,
    BY_PATH,
    INSTEAD,
    PICTURE,
    TYPICAL,
    WITHIN,
    in_company,
    is_said_by,
)
from typing_extensions import get_type_hints, is_typeddict

HERE = Path(__file__).parent / "fields"
MAX_DEPTH = 5
WALK: dict[str, list[str]] = msgspec.json.decode((HERE.parent / "walk.json").read_bytes())
WALKED = frozenset(WALK["walked_variants"])
"""Variants whose inside is walked. The rest are things that one API's servers know; they go or stay as a whole."""
WHOLE = frozenset(WALK["whole_fields"])
"""Fields that are not walked either: the inside of what no other API knows."""


class Walker:
    """Walks one API's types and yields its fields."""

    def __init__(self, api: str) -> None:
        self.api = api
        self.camel = api == "gemini"

    def name(self, key: str) -> str:
        """A field's name on the wire."""
        if not self.camel:
            return key
        head, *rest = key.split("_")
        return head + "".join(word.title() for word in rest)

    def hints(self, kind: Any) -> dict[str, Any]:
        """The fields of a TypedDict and their types."""
        return get_type_hints(kind, include_extras=True)

    def sample(self, kind: Any, name: str = "", depth: int = 0) -> Any:
        """The smallest value of a type."""
        kind = bare(kind)
        if is_typeddict(kind):
            return self.smallest(kind, depth)
        if name in BY_NAME and (get_origin(kind) is not Literal or BY_NAME[name] in get_args(kind)):
            return BY_NAME[name]
        if is_union(kind):
            options = [option for option in get_args(kind) if option is not type(None)]
            return self.sample(options[0], name, depth)
        if is_list(kind):
            inner = (get_args(kind) or (str,))[0]
            return [self.sample(inner, name, depth + 1)] if depth < MAX_DEPTH else []
        return plain_sample(kind)

    def smallest(self, kind: Any, depth: int = 0) -> dict[str, Any]:
        """A TypedDict with its required fields, its type, and what it says nothing without."""
        hints = self.hints(kind)
        required = [key for key in hints if is_required(kind, key, hints[key])]
        smallest = {
            self.name(key): self.sample(hints[key], self.name(key), depth + 1)
            for key in hints
            if key in required or (key in ("type", "role") and not self.camel)
        }
        typical = TYPICAL.get(kind.__name__, {})
        return {**smallest, **typical}

    def fields(
        self, kind: Any, path: str, at: list[Any], place: Callable[[Any], Any], seen: set[Any]
    ) -> Iterator[dict[str, Any]]:
        """Yield the fields inside a value of this type; `place` builds the document around it."""
        kind = bare(kind)
        if is_union(kind):
            options = [option for option in get_args(kind) if option is not type(None)]
            for option in options:
                yield from self.fields(option, path, at, place, seen)
        elif is_list(kind):
            inner = (get_args(kind) or (str,))[0]
            yield from self.fields(inner, path + "[]", [*at, 0], lambda value: place([value]), seen)
        elif is_typeddict(kind) and not is_schema(kind):
            yield from self.members(kind, path, at, place, seen)

    def members(
        self, kind: Any, path: str, at: list[Any], place: Callable[[Any], Any], seen: set[Any]
    ) -> Iterator[dict[str, Any]]:
        """Yield the variant itself, where it is one of several, and each of its fields."""
        hints, smallest = self.hints(kind), self.smallest(kind)
        word = smallest.get("type") or smallest.get("role")
        if self.api == "messages" and not is_said_by(path, str(word)):
            return
        if path and isinstance(word, str):
            path = f"{path}({word})"
            yield {"field": path, "at": at, "document": place(smallest)}
        if path.endswith(")") and word not in WALKED:
            return
        if kind in seen or len(at) > 2 * MAX_DEPTH:
            return
        seen.add(kind)
        for key, inner in hints.items():
            name = self.name(key)
            here = f"{path}.{name}" if path else name
            around = self.around(smallest, name, path)
            sample = BY_PATH.get(f"{self.api} {here}")
            value = {**around, name: self.sample(inner, name) if sample is None else sample}
            if name not in ("type", "role"):
                yield {"field": here, "at": [*at, name], "document": place(value)}
            if name not in WHOLE:
                yield from self.fields(inner, here, [*at, name], placing(place, around, name), seen)

    def around(self, smallest: dict[str, Any], name: str, path: str) -> dict[str, Any]:
        """What stands beside a field: the typical fields but those that it replaces, and what it needs."""
        instead = INSTEAD.get(name, ("functionDeclarations",) if path == "tools[]" and self.camel else ())
        kept = {key: value for key, value in smallest.items() if key not in instead}
        about: dict[str, Any] = {"text": "x"} if self.camel and name in ABOUT_PARTS else {}
        if name == "mediaResolution":
            about = {**PICTURE}
        return {**about, **kept, **(WITHIN.get(name, {}) if self.camel else {})}


def plain_sample(kind: Any) -> Any:
    """A value of a type without parts."""
    if get_origin(kind) is Literal:
        return get_args(kind)[-1]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [member.value for member in kind][-1]
    by_kind: dict[Any, Any] = {str: "x", int: 7, float: 0.5, bool: True, bytes: "QUJD"}
    return by_kind.get(kind, {"a": "b"} if is_mapping(kind) else {})


def placing(place: Callable[[Any], Any], around: dict[str, Any], name: str) -> Callable[[Any], Any]:
    """Build the document around one field of an object."""
    return lambda value: place({**around, name: value})


def bare(kind: Any) -> Any:
    """A type without what only says whether it is required."""
    while get_origin(kind) in (Required, NotRequired, Annotated, typing.Required) or hasattr(
        kind, "__value__"
    ):
        kind = kind.__value__ if hasattr(kind, "__value__") else get_args(kind)[0]
    if is_union(kind):
        options = [option for option in get_args(kind) if option is not type(None)]
        if len(options) == 1:
            return bare(options[0])
    return kind


def is_required(kind: Any, key: str, hint: Any) -> bool:
    """Whether a field must be there."""
    return get_origin(hint) is Required or key in getattr(kind, "__required_keys__", ())


def is_union(kind: Any) -> bool:
    """Whether a type is one of several."""
    return get_origin(kind) in (Union, types.UnionType)


def is_list(kind: Any) -> bool:
    """Whether a value is an array on the wire."""
    origin = get_origin(kind)
    if origin in (list, tuple) or kind is list:
        return True
    name = getattr(origin or kind, "__name__", "")
    return origin in (Iterable, Sequence) or name in ("SequenceNotStr", "Iterable", "Sequence")


def is_mapping(kind: Any) -> bool:
    """Whether a value is an object of any fields."""
    return (get_origin(kind) or kind) in (dict, Mapping)


def is_schema(kind: Any) -> bool:
    """Whether a type spells JSON Schema."""
    return kind.__name__ in ("SchemaDict", "JSONSchemaDict")


ROOTS: dict[str, tuple[Any, dict[str, Any]]] = {
    "chat": (
        chat.CompletionCreateParamsNonStreaming,
        {"model": "m", "messages": [{"role": "user", "content": "hi"}]},
    ),
    "responses": (
        responses.ResponseCreateParamsNonStreaming,
        {"model": "m", "input": [{"role": "user", "content": "hi"}]},
    ),
    "messages": (
        messages.MessageCreateParamsNonStreaming,
        {"model": "m", "max_tokens": 4096, "messages": [{"role": "user", "content": "hi"}]},
    ),
    "gemini": (
        None,
        {"model": "m", "contents": [{"role": "user", "parts": [{"text": "hi"}]}]},
    ),
}
"""An API's request type, and the smallest request that says something."""
GEMINI: dict[str, Any] = {
    "contents": list[gemini.ContentDict],
    "systemInstruction": gemini.ContentDict,
    "tools": list[gemini.ToolDict],
    "toolConfig": gemini.ToolConfigDict,
    "safetySettings": list[gemini.SafetySettingDict],
    "generationConfig": gemini.GenerationConfigDict,
    "cachedContent": str,
    "labels": dict[str, str],
    "serviceTier": str,
}
"""Gemini's request is spelled here: the SDK's own parameters are flatter than the wire."""
HEADERS = ("betas", "user_profile_id", "workspace_id")
"""Parameters of the anthropic SDK that go into headers."""


def fields_of(api: str) -> list[dict[str, Any]]:
    """One API's fields, each once. Instructions are text: no other part of a Gemini content belongs there.

    A field that says nothing by itself has its company (`BESIDE`).
    """
    root, base = ROOTS[api]
    walker = Walker(api)
    members = GEMINI if root is None else walker.hints(root)
    unique: dict[str, dict[str, Any]] = {}
    for name, kind in members.items():
        if name in HEADERS:
            continue
        place = placing(lambda value: value, {**base, **BESIDE[api].get(name, {})}, name)
        value = base.get(name, BY_PATH.get(f"{api} {name}", walker.sample(kind, name)))
        unique[name] = {"field": name, "at": [name], "document": place(value)}
        for entry in walker.fields(kind, name, [name], place, set()):
            if not entry["field"].startswith("systemInstruction.parts[].") or entry["field"].endswith(
                ".text"
            ):
                unique.setdefault(entry["field"], entry)
    return [in_company(api, entry) for entry in unique.values()]


def main() -> None:
    """Write the four files."""
    HERE.mkdir(exist_ok=True)
    for name in ROOTS:
        found = fields_of(name)
        lines = b",\n".join(msgspec.json.encode(entry) for entry in found)
        (HERE / f"{name}.json").write_bytes(b"[\n" + lines + b"\n]\n")
        print(name, len(found))


if __name__ == "__main__":
    main()
