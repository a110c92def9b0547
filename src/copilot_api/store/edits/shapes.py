"""Objects inside the configuration's document, where edits expect them. What is no object is somebody's to mend."""

from copilot_api.errors import ClientFault
from copilot_api.settings import as_object
from copilot_api.store.sealing import Document


def object_at(document: Document, name: str) -> Document:
    """Return the object at a key, made where there is none.

    Raises: ClientFault when something else stands there.
    """
    if document.get(name) is None:
        document[name] = {}
    table = as_object(document[name])
    if table is None:
        raise malformed(name, "an object")
    return table


def malformed(name: str, form: str) -> ClientFault:
    """Say that a key holds what no edit can add to."""
    remedy = "Mend it there first; nothing was changed."
    return ClientFault(
        f"{name!r} in config.json is not {form}. {remedy}",
        code="config_malformed",
        status=409,
        remedy=remedy,
    )
