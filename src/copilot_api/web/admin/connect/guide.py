"""The form of a guide, and how its placeholders are filled."""

from typing import Literal

import msgspec

from copilot_api.protocols.base import ProtocolName

Language = Literal["sh", "json", "toml", "yaml", "py", "ts"]


class Snippet(msgspec.Struct, frozen=True):
    """Some lines to copy. `file` is where they go; null for what is typed or run.

    `text` has {{address}} (scheme, host and port), {{key}} and {{model}} where a value belongs.
    """

    title: str
    language: Language
    text: str
    file: str | None = None


class Guide(msgspec.Struct, frozen=True, rename="camel"):
    """One client. `client_names` is how the usage log calls it."""

    id: str
    name: str
    client_names: tuple[str, ...]
    protocol: ProtocolName
    snippets: tuple[Snippet, ...]
    notes: tuple[str, ...] = ()


def fill(text: str, *, address: str, key: str, model: str) -> str:
    """Put the values into a snippet."""
    for name, value in (("address", address), ("key", key), ("model", model)):
        text = text.replace("{{" + name + "}}", value)
    return text
