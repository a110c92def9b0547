"""What the page of mappings is told: strictly read."""

import msgspec

_FROM = {"source": "from"}


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename=_FROM):
    """One entry: the name asked for, and the model that is meant."""

    source: str
    to: str


class Addition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename=_FROM):
    """An entry to add; at the end, or before the one that stands at `position`."""

    source: str
    to: str
    position: int | None = None


class Whole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every entry, in order."""

    mappings: tuple[Entry, ...]


class Replacement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename=_FROM):
    """What stands at `source` is to be `mapping`."""

    source: str
    mapping: Entry


class Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename=_FROM):
    """An entry by its name."""

    source: str
