"""Settings in the configuration's document: put, and taken out again.

Owns the edits; use them inside `ConfigFile.update`, so that concurrent ones never lose each other. What they put
must have been judged (`settings.registry`).
"""

from copilot_api.errors import ClientFault
from copilot_api.settings import as_object
from copilot_api.settings.registry import Setting, default_of
from copilot_api.store.sealing import Document


def put(document: Document, setting: Setting, value: object) -> None:
    """Write a setting's value, as JSON. A null that says no more than the default takes the setting out."""
    if value is None and (not setting.is_nullable or default_of(setting) is None):
        take_out(document, setting)
        return
    if setting.parent and document.get(setting.parent) is None:
        document[setting.parent] = {}
    table = _table(setting, document) if setting.parent else document
    table[setting.leaf] = value.strip() if setting.is_secret and isinstance(value, str) else value


def take_out(document: Document, setting: Setting) -> None:
    """Leave a setting to its default; an object that nothing is left in goes too."""
    if not setting.parent:
        document.pop(setting.leaf, None)
        return
    if document.get(setting.parent) is None:
        return
    table = _table(setting, document)
    if table.pop(setting.leaf, None) is not None and not table:
        del document[setting.parent]


def _table(setting: Setting, document: Document) -> Document:
    table = as_object(document.get(setting.parent))
    if table is None:
        remedy = "Mend it there first; nothing was changed."
        raise ClientFault(
            f"{setting.parent!r} in config.json is not an object. {remedy}",
            code="config_malformed",
            status=409,
            remedy=remedy,
        )
    return table
