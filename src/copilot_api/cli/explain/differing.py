"""What differs between two JSON documents, by paths: short enough to read. Pure."""

import json
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from copilot_api.settings import as_list, as_object

MAX_VALUE_CHARACTERS: Final = 70
Sign = Literal["+", "-", "~"]


class Difference(NamedTuple):
    """One path that was added (+), taken away (-) or changed (~), and its values in short."""

    sign: Sign
    path: str
    words: str


def differences(before: str, after: str) -> list[Difference] | None:
    """List what differs, in the order of the documents; None where one of them is no JSON."""
    try:
        old, new = json.loads(before), json.loads(after)
    except (ValueError, RecursionError):
        return None
    return list(_walk("", old, new))


def _walk(path: str, old: object, new: object) -> Iterator[Difference]:
    old_fields, new_fields = as_object(old), as_object(new)
    old_items, new_items = as_list(old), as_list(new)
    if old_fields is not None and new_fields is not None:
        yield from _fields(path, old_fields, new_fields)
    elif old_items is not None and new_items is not None:
        yield from _items(path, old_items, new_items)
    elif old != new or isinstance(old, bool) != isinstance(new, bool):
        yield Difference("~", path, f"{_short(old)} -> {_short(new)}")


def _fields(path: str, old: dict[str, object], new: dict[str, object]) -> Iterator[Difference]:
    lead = f"{path}." if path else ""
    for name, value in old.items():
        if name in new:
            yield from _walk(lead + name, value, new[name])
        else:
            yield Difference("-", lead + name, _short(value))
    for name, value in new.items():
        if name not in old:
            yield Difference("+", lead + name, _short(value))


def _items(path: str, old: list[object], new: list[object]) -> Iterator[Difference]:
    """Lists that begin and end alike are compared in between: one item more does not change all that follow."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    inner_old, inner_new = old[head : len(old) - tail], new[head : len(new) - tail]
    for index in range(max(len(inner_old), len(inner_new))):
        place = f"{path}[{head + index}]"
        if index >= len(inner_new):
            yield Difference("-", place, _short(inner_old[index]))
        elif index >= len(inner_old):
            yield Difference("+", place, _short(inner_new[index]))
        else:
            yield from _walk(place, inner_old[index], inner_new[index])


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= MAX_VALUE_CHARACTERS:
        return text
    return f"{text[:MAX_VALUE_CHARACTERS]}… ({len(text)} characters)"
