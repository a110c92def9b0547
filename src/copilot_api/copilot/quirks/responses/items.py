"""Output items as we hand them out: short stable ids, and ciphertext sealed together with its own id.

Owns the ids. Pure: an id follows from the response's and the item's position, so that the stream, its terminal
event and the non-streaming form agree. Source: upstream contract 5.3 (read 2026-11).
"""

import hashlib
from typing import Final

import msgspec

from copilot_api.copilot.quirks.documents import decode_element, encode, fields_of
from copilot_api.copilot.quirks.responses.request import (
    MAX_ID_CHARS,
    PAIRED,
    RENAMED_NAMESPACE,
    RESERVED_NAMESPACE,
)
from copilot_api.neutral.opaque import Opaque, open_sealed, seal

Fields = dict[str, msgspec.Raw]
PREFIXES: Final = {
    "message": "msg",
    "reasoning": "rs",
    "function_call": "fc",
    "custom_tool_call": "ctc",
    "compaction": "cmp",
    "web_search_call": "ws",
    "tool_search_call": "tsc",
    "shell_call": "sh",
    "local_shell_call": "lsh",
    "mcp_call": "mcp",
}
"""The prefixes of the original API; clients only ever compare ids, people read them."""
_RENAMED: Final = f'"{RENAMED_NAMESPACE}"'.encode()


def short_response_id(response_id: str) -> str:
    """The response's id, or a short one made from it where it is longer than the API's own limit for ids."""
    return response_id if len(response_id) <= MAX_ID_CHARS else f"resp_{_digest(response_id)}"


def item_id(response_id: str, index: int, kind: str) -> str:
    """The id of the item at `index`: the same for the same answer, however often it is derived."""
    return f"{PREFIXES.get(kind, 'item')}_{_digest(f'{response_id}/{index}')}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def kind_of(item: Fields) -> str:
    """An item's `type`."""
    return text_of(item, "type")


def text_of(fields: Fields, name: str) -> str:
    """A string member; empty when it is absent or something else."""
    value = decode_element(bytes(fields[name])) if name in fields else ""
    return value if isinstance(value, str) else ""


def finished_item(item: Fields, new_id: str) -> Fields:
    """A finished item under `new_id`; reasoning and compaction sealed with the id that their ciphertext is bound to.

    A sealed one stays as it is, so that repairing twice changes nothing.
    """
    if kind_of(item) in PAIRED:
        text = text_of(item, "encrypted_content")
        if text and open_sealed(text) is None:
            payload = {"encrypted_content": text}
            if "id" in item:
                payload["id"] = text_of(item, "id")
            item["encrypted_content"] = msgspec.Raw(encode(seal(Opaque("responses", payload))))
    return _renamed(item, new_id)


def begun_item(item: Fields, new_id: str) -> Fields:
    """An announced item under `new_id`; its ciphertext, which never replays, is left out."""
    if kind_of(item) in PAIRED and text_of(item, "encrypted_content"):
        item["encrypted_content"] = msgspec.Raw(b'""')
    return _renamed(item, new_id)


def _renamed(item: Fields, new_id: str) -> Fields:
    item["id"] = msgspec.Raw(encode(new_id))
    if "namespace" in item and bytes(item["namespace"]) == _RENAMED:
        item["namespace"] = msgspec.Raw(encode(RESERVED_NAMESPACE))
    return item


def repaired_output(output: list[bytes], response_id: str, done: dict[int, bytes]) -> list[bytes]:
    """The terminal `output`: what the stream has finished, else the item itself; one compaction at most.

    Two compaction items may come (gpt-5-mini) where clients want exactly one; the last is kept, since whatever
    stands before the last compaction is dropped when it is replayed.
    """
    if not output:
        output = [done[index] for index in sorted(done)]
    repaired: list[bytes] = []
    for index, text in enumerate(_without_early_compactions(output)):
        item = fields_of(text)
        if item is None:
            repaired.append(text)
            continue
        known = fields_of(done.get(index, b""))
        if known is not None and kind_of(known) == kind_of(item):
            repaired.append(done[index])
        else:
            repaired.append(encode(finished_item(item, item_id(response_id, index, kind_of(item)))))
    return repaired


def _without_early_compactions(output: list[bytes]) -> list[bytes]:
    """Of compactions in a row only the last, as in the stream."""
    flags = [*(is_compaction(text) for text in output), False]
    return [text for index, text in enumerate(output) if not (flags[index] and flags[index + 1])]


def is_compaction(text: bytes) -> bool:
    """Whether an item's text is a compaction."""
    fields = fields_of(text) if b'"compaction"' in text else None
    return fields is not None and kind_of(fields) == "compaction"
