"""Which places of config.json hold secrets, and how plain ones there are sealed, masked and revealed.

Owns the list of places. Must never read or write a file.
"""

from collections.abc import Callable, Iterator
from typing import cast

from copilot_api.settings import VAULT_PREFIX

Document = dict[str, object]
_MASK = "***"


def _places(document: Document) -> Iterator[tuple[dict[str, object] | list[object], str | int]]:
    """Walk every place that may hold a secret, as (container, key); odd shapes are skipped."""
    accounts = document.get("accounts")
    if isinstance(accounts, list):
        for account in cast(list[object], accounts):
            if isinstance(account, dict):
                yield cast(Document, account), "token"
    auth = document.get("auth")
    if isinstance(auth, dict):
        yield cast(Document, auth), "apiKey"
        keys = cast(Document, auth).get("apiKeys")
        if isinstance(keys, list):
            for index in range(len(cast(list[object], keys))):
                yield cast(list[object], keys), index
    yield document, "anthropicApiKey"


def _secrets(document: Document, is_wanted: Callable[[str], bool]) -> list[tuple[Callable[[str], None], str]]:
    """List the wanted secrets, each with the setter of its place."""
    found: list[tuple[Callable[[str], None], str]] = []
    for container, key in _places(document):
        place = cast(dict[str | int, object], container)  # a list answers to the same two operations
        value = place[key] if isinstance(container, list) else container.get(str(key))
        if isinstance(value, str) and value.strip() and is_wanted(value):
            found.append((_setter(place, key), value))
    return found


def _setter(place: dict[str | int, object], key: str | int) -> Callable[[str], None]:
    def put(text: str) -> None:
        place[key] = text

    return put


def is_sealed(text: str) -> bool:
    """Whether a text is a vault reference."""
    return text.startswith(VAULT_PREFIX)


def has_plain(document: Document) -> bool:
    """Whether some secret still stands there for everyone to read."""
    return bool(_secrets(document, lambda text: not is_sealed(text)))


def references(document: Document) -> set[str]:
    """Collect the vault references in use."""
    return {text for _, text in _secrets(document, is_sealed)}


def seal_plain(document: Document, put_all: Callable[[list[str]], list[str]]) -> None:
    """Replace every plain secret by the reference that `put_all` gives for it."""
    plain = _secrets(document, lambda text: not is_sealed(text))
    if plain:
        for (put, _), reference in zip(plain, put_all([text.strip() for _, text in plain]), strict=True):
            put(reference)


def reveal_all(document: Document, open_reference: Callable[[str], str]) -> None:
    """Replace every reference by its secret, as the reference gateway's format wants it."""
    for put, text in _secrets(document, is_sealed):
        put(open_reference(text))


def mask_all(document: Document) -> None:
    """Replace every secret, sealed or plain, and the hash of the admin secret by a mask."""
    for put, _ in _secrets(document, lambda text: True):
        put(_MASK)
    auth = document.get("auth")
    if isinstance(auth, dict) and isinstance(cast(Document, auth).get("apiKeys"), str):
        cast(Document, auth)["apiKeys"] = _MASK  # the wrong type, and still a secret
    admin = document.get("adminAuth")
    if isinstance(admin, dict) and "secretHash" in admin:
        cast(Document, admin)["secretHash"] = _MASK
    keys = document.get("clientKeys")
    for key in cast(list[object], keys) if isinstance(keys, list) else []:
        if isinstance(key, dict) and "sha256" in key:
            cast(Document, key)["sha256"] = _MASK
