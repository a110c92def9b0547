"""Settings in the configuration's document: put, and taken out again.

Owns the edits; use them inside `ConfigFile.update`, so that concurrent ones never lose each other. What they put
must have been judged (`settings.registry`).
"""

from typing import cast

from copilot_api.settings.registry import Setting, default_of, tidied
from copilot_api.store.edits import mappings
from copilot_api.store.edits.shapes import object_at
from copilot_api.store.sealing import Document


def put(document: Document, setting: Setting, value: object) -> None:
    """Write a setting's value, as JSON. A null that says no more than the default takes the setting out."""
    if value is None and (not setting.is_nullable or default_of(setting) is None):
        take_out(document, setting)
        return
    if setting.name == mappings.KEY and isinstance(value, dict):
        entries = tidied(setting, cast("dict[str, object]", value))
        mappings.replace(
            document, [*cast("dict[str, str]", entries).items()]
        )  # as its own page: what is no mapping stays
        return
    table = object_at(document, setting.parent) if setting.parent else document
    table[setting.leaf] = (
        value.strip() if setting.is_secret and isinstance(value, str) else tidied(setting, value)
    )


def take_out(document: Document, setting: Setting) -> None:
    """Leave a setting to its default; an object that nothing is left in goes too."""
    if not setting.parent:
        document.pop(setting.leaf, None)
        return
    if document.get(setting.parent) is None:
        return
    table = object_at(document, setting.parent)
    if table.pop(setting.leaf, None) is not None and not table:
        del document[setting.parent]
