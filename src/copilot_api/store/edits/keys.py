"""Client keys in the configuration's document: added, changed, rotated, revoked."""

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from copilot_api.errors import StoreUnavailable
from copilot_api.settings import ClientKeyEntry, FormerKey, as_list, as_object, read_instant
from copilot_api.store.sealing import Document

LONGEST_GRACE_S = 30 * 86_400.0
"""A former value that works for longer is a second key, and should be one."""


def add(document: Document, entry: ClientKeyEntry) -> None:
    """Add a key. Raises: StoreUnavailable when the place of the keys holds something else; nothing is changed."""
    keys = _keys(document)
    if keys is None:
        keys = document["clientKeys"] = []
    keys.append(_fields(entry))


def change(document: Document, wanted: str, fields: Mapping[str, object]) -> bool:
    """Set fields of a key, by their names in config.json; None takes one back to its default. False: not there."""
    found = find(document, wanted)
    if found is None:
        return False
    for name, value in fields.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = value
    return True


def rotate(
    document: Document, wanted: str, *, sha256: str, hint: str, grace_s: float, now_unix_s: float
) -> bool:
    """Give a key another value; the one it had works for `grace_s` more. False when it is not there.

    Without grace every former value ends at once: whoever rotates like that has lost one.
    """
    found = find(document, wanted)
    if found is None:
        return False
    if grace_s > 0:
        ends = datetime.fromtimestamp(now_unix_s + min(grace_s, LONGEST_GRACE_S), UTC)
        last = FormerKey(str(found["sha256"]), ends.strftime("%Y-%m-%dT%H:%M:%SZ"))
        found["former"] = [*_still_good(found.get("former"), now_unix_s), msgspec.to_builtins(last)]
    else:
        found.pop("former", None)
    found["sha256"], found["hint"] = sha256, hint
    return True


def revoke(document: Document, unwanted: str) -> Document | None:
    """Take a key out; None when it is not there."""
    keys = _keys(document) or []
    found = find(document, unwanted)
    if found is not None:
        keys.remove(found)
    return found


def find(document: Document, wanted: str) -> Document | None:
    """The key with this id, or with this name, as it stands in the document; None when there is none."""
    keys = [entry for entry in map(as_object, _keys(document) or []) if entry is not None]
    by_id = (entry for entry in keys if entry.get("id") == wanted)
    return next(by_id, None) or next((entry for entry in keys if entry.get("name") == wanted), None)


def has_name(document: Document, name: str, *, but: str = "") -> bool:
    """Whether another key than `but` (an id) bears this name already."""
    keys = map(as_object, _keys(document) or [])
    return any(entry.get("name") == name and entry.get("id") != but for entry in keys if entry is not None)


def _keys(document: Document) -> list[object] | None:
    found = document.get("clientKeys")
    if found is not None and as_list(found) is None:
        raise StoreUnavailable(
            "clientKeys in config.json is not an array. Mend it first; nothing was changed."
        )
    return as_list(found)


def _fields(entry: ClientKeyEntry) -> Document:
    """What is worth writing: the file is read by people."""
    fields = msgspec.json.decode(msgspec.json.encode(entry), type=dict[str, object])
    return {name: value for name, value in fields.items() if value not in ("", [], {}, None, False)}


def _still_good(former: object, now_unix_s: float) -> list[object]:
    good: list[object] = []
    for found in as_list(former) or []:
        entry = as_object(found)
        try:
            if entry is not None and read_instant(str(entry.get("until"))) > now_unix_s:
                good.append(entry)
        except ValueError:
            continue
    return good
