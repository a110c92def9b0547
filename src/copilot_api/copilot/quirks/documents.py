"""Wire documents as plain values: narrowing, and edits that leave the neighbours' bytes alone.

Owns the walk. Must never know what a field means. A list member of a body (turns, tools, items) is edited element
by element: only elements whose bytes hold the field in question are decoded.
"""

from collections.abc import Callable, Sequence
from typing import Final, TypeGuard

import msgspec

from copilot_api.neutral.opaque import Opaque, open_sealed, seal
from copilot_api.wire.body import Body
from copilot_api.wire.reading import read_json

Document = dict[str, object]
_ELEMENTS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ENCODER: Final = msgspec.json.Encoder()
DROPPED: Final = object()
"""What an edit returns to take its element out of the list."""


def is_document(value: object) -> TypeGuard[Document]:
    """Whether a decoded value is a JSON object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[object]]:
    """Whether a decoded value is a JSON array."""
    return isinstance(value, list)


def documents_in(value: object) -> list[Document]:
    """The objects of an array; none for anything else."""
    return [one for one in value if is_document(one)] if is_list(value) else []


def integer(value: object) -> int | None:
    """A JSON integer; None for anything else, booleans too."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def elements(body: Body, name: str) -> list[bytes] | None:
    """The array member `name` as one byte string per element; None when it is no array."""
    text = body.text(name)
    if not text.startswith(b"["):
        return None
    return [bytes(one) for one in _ELEMENTS.decode(text)]


def decode_element(text: bytes) -> object:
    """One element as plain values; hidden lone surrogates (wire/body.py) are read as U+FFFD."""
    return read_json(text.replace(b"\xff", b"\\"))


def fields_of(text: bytes) -> dict[str, msgspec.Raw] | None:
    """The members of a JSON object, undecoded; None for anything else."""
    try:
        return _FIELDS.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def encode(value: object) -> bytes:
    """Compact JSON; `msgspec.Raw` inside goes out as it is."""
    return _ENCODER.encode(value)


def join(parts: Sequence[bytes]) -> bytes:
    """A JSON array of elements that are JSON already."""
    return b"[" + b",".join(parts) + b"]"


def edit_elements(
    body: Body, name: str, needles: Sequence[bytes], edit: Callable[[Document], object | None]
) -> int:
    """Edit the objects of an array member whose bytes hold one of `needles`; return how many changed.

    Shape: `edit` returns the new element, DROPPED, or None to leave the element's bytes as they are.
    """
    text = body.text(name)
    if not any(needle in text for needle in needles):
        return 0
    parts = elements(body, name)
    if parts is None:
        return 0
    changed = 0
    kept: list[bytes] = []
    for part in parts:
        new = _edited(part, needles, edit)
        if new is None:
            kept.append(part)
            continue
        changed += 1
        if new is not DROPPED:
            kept.append(_ENCODER.encode(new))
    if changed:
        body.set_text(name, join(kept))
    return changed


def _edited(
    part: bytes, needles: Sequence[bytes], edit: Callable[[Document], object | None]
) -> object | None:
    if not any(needle in part for needle in needles):
        return None
    element = decode_element(part)
    return edit(element) if is_document(element) else None


def drop_path(body: Body, path: Sequence[str]) -> bool:
    """Remove the field that a validator's path names, in every element of the arrays on the way.

    A validator names one element and stops at the first; since there is one retry, its siblings go too. Segments
    that the document does not have are the validator's own union tags and are skipped.
    Shape: ("tools", "0", "custom", "eager_input_streaming")
    """
    if not path or not body.has(path[0]):
        return False
    if len(path) == 1:
        body.drop(path[0])
        return True
    value = body.get(path[0])
    if not _drop_in(value, list(path[1:])):
        return False
    body.set(path[0], value)
    return True


def _drop_in(value: object, path: list[str]) -> bool:
    if not path:
        return False
    if is_list(value):
        rest = path[1:] if path[0].isdigit() else path
        return any([_drop_in(one, rest) for one in value])
    if not is_document(value):
        return False
    if path[0] not in value:
        return _drop_in(value, path[1:])
    if len(path) == 1:
        del value[path[0]]
        return True
    # A union tag may be spelt like a field of the same object ("text"): then the way leads past it.
    return _drop_in(value[path[0]], path[1:]) or _drop_in(value, path[1:])


SEALED: Final = b'"' + seal(Opaque("", {})).partition(".")[0].encode("ascii") + b"."
"""How every sealed blob begins as a JSON string: a needle that says whether opening is worth a try."""


def unsealed(text: object, origin: str, name: str) -> str | None:
    """What `seal` hid in `text` for `origin`: its own value back, or "" for another origin's; None if not sealed.

    Shape: (seal(Opaque("messages", {"signature": "s"})), "messages", "signature") -> "s"
    """
    opaque = open_sealed(text) if isinstance(text, str) else None
    if opaque is None:
        return None
    return opaque.payload.get(name, "") if opaque.origin == origin else ""
