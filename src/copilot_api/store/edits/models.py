"""What an operator says about single models, in the configuration's document.

Owns the edits; use them inside `ConfigFile.update`, so that concurrent ones never lose each other.
"""

from collections.abc import Collection

from copilot_api.settings import as_list, as_object
from copilot_api.store.edits.shapes import malformed, object_at
from copilot_api.store.sealing import Document

HIDDEN = "hiddenModels"
CARDS = "modelCardMetadata"


def hide(document: Document, models: Collection[str], *, is_hidden: bool) -> None:
    """Hide models, or show them again. Raises: ClientFault when the list is none."""
    found = document.get(HIDDEN)
    kept = [] if found is None else as_list(found)
    if kept is None:
        raise malformed(HIDDEN, "an array")
    left = [model for model in kept if model not in models]
    document[HIDDEN] = [*left, *dict.fromkeys(models)] if is_hidden else left


def note(document: Document, table_name: str, model: str, value: object) -> None:
    """Say something about a model in one of the tables, or, with None, no more. Raises: ClientFault."""
    if value is None and document.get(table_name) is None:
        return
    table = object_at(document, table_name)
    if value is None:
        table.pop(model, None)
    else:
        table[model] = value


def note_window(document: Document, model: str, tokens: int | None) -> None:
    """Note the context window on a model's card, or take the note off; the rest of the card stays."""
    cards = as_object(document.get(CARDS)) or {}
    card = {**(as_object(cards.get(model)) or {}), "contextWindowTokens": tokens}
    left = {name: value for name, value in card.items() if value is not None}
    note(document, CARDS, model, left or None)
