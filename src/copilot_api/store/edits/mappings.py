"""The mapping of model names in the configuration's document: added to, changed, copied, ordered.

Owns the edits; use them inside `ConfigFile.update`, so that concurrent ones never lose each other. Entries that are
no text to text are left where they are: they are somebody's mistake to mend, not ours to drop.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from copilot_api.errors import ClientFault
from copilot_api.settings import accepted, as_object
from copilot_api.store.edits.shapes import object_at
from copilot_api.store.sealing import Document

KEY = "modelMapping"
Entry = tuple[str, str]
"""The name asked for, exact or with `*`, and the model that is meant."""


def read_entry(source: str, target: str) -> Entry:
    """Return an entry as it is stored.

    Raises: ValueError for the first part that is not accepted, as (name of the part, reason).
    """
    for part, text in (("from", source), ("to", target)):
        try:
            accepted.model_name(text)
        except ValueError:
            raise ValueError(part, f"{text!r} is not accepted. Give {accepted.MODEL_NAME}.") from None
    if "*" in target:
        raise ValueError("to", f"{target!r} is not accepted. Give one model, without *.")
    return accepted.model_name(source), accepted.model_name(target)


def entries(document: Document) -> list[Entry]:
    """Return every entry that has an effect, in order."""
    table = as_object(document.get(KEY)) or {}
    return [
        (source, target) for source, target in table.items() if isinstance(target, str) and target.strip()
    ]


def add(document: Document, entry: Entry, position: int | None = None) -> None:
    """Add an entry: at the end, or before the one that stands at `position`.

    Raises: ClientFault when the name is mapped already.
    """
    found = _items(document)
    _require_free(document, entry[0])
    places = [index for index, (_, target) in enumerate(found) if isinstance(target, str)]
    at = len(found) if position is None or position >= len(places) else places[max(0, position)]
    _put(document, [*found[:at], entry, *found[at:]])


def change(document: Document, source: str, entry: Entry) -> None:
    """Put an entry in the place of another.

    Raises: ClientFault when the other is not there, or the new name is mapped elsewhere.
    """
    _require_known(document, source)
    if entry[0] != source:
        _require_free(document, entry[0])
    _put(document, [entry if name == source else (name, value) for name, value in _items(document)])


def copy(document: Document, source: str) -> str:
    """Add a copy right behind an entry, and return the copy's name: `-copy`, `-copy-2` and so on.

    Raises: ClientFault when the entry is not there.
    """
    _require_known(document, source)
    found = _items(document)
    taken = {name for name, _ in found}
    name, count = f"{source}-copy", 2
    while name in taken:
        name, count = f"{source}-copy-{count}", count + 1
    at = [entry for entry, _ in found].index(source) + 1
    _put(document, [*found[:at], (name, found[at - 1][1]), *found[at:]])
    return name


def remove(document: Document, source: str) -> None:
    """Take an entry out.

    Raises: ClientFault when it is not there.
    """
    _require_known(document, source)
    _put(document, [item for item in _items(document) if item[0] != source])


def replace(document: Document, wanted: Sequence[Entry]) -> None:
    """Put these entries, in this order, in the place of all that have an effect.

    Raises: ClientFault when a name is there twice.
    """
    twice = [source for source, count in Counter(source for source, _ in wanted).items() if count > 1]
    if twice:
        remedy = "Map each name once."
        raise ClientFault(
            f"{twice[0]!r} is there twice. {remedy}", code="mapping_exists", status=409, remedy=remedy
        )
    names = {source for source, _ in wanted}
    odd = [(n, v) for n, v in _items(document) if not isinstance(v, str) and n not in names]
    _put(document, [*wanted, *odd])


def _items(document: Document) -> list[tuple[str, object]]:
    return list(object_at(document, KEY).items())


def _put(document: Document, items: Iterable[tuple[str, object]]) -> None:
    document[KEY] = dict(items)


def _require_free(document: Document, source: str) -> None:
    if source in dict(_items(document)):
        remedy = "Change that entry, or choose another name."
        raise ClientFault(
            f"{source!r} is mapped already. {remedy}",
            code="mapping_exists",
            status=409,
            param="from",
            remedy=remedy,
        )


def _require_known(document: Document, source: str) -> None:
    if source not in dict(_items(document)):
        raise ClientFault(
            f"{source!r} is not mapped, or not any more.", code="mapping_unknown", status=404, param="from"
        )
