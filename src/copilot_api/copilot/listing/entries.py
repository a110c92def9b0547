"""What is listed: every model the account may call, and the operator's exact aliases.

Pure. Not listed: inline-completion models, models whose policy is disabled, hidden ones while the policy is
on.
"""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime

import msgspec

from copilot_api.copilot.catalog.model import Catalog, Model
from copilot_api.copilot.names import Resolution, exact_aliases, require, resolve

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Anthropic's own answer where a release date is unknown (its SDK's documentation, read 2026-11)."""

_DATE = re.compile(r"(?<!\d)(20\d{2})-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d)")


class Entry(msgspec.Struct, frozen=True):
    """One line of a list: a model under its own id, or under an alias that leads to it."""

    id: str
    model: Model
    alias_of: str | None = None

    @property
    def display_name(self) -> str:
        """The name to show; an alias says where it leads."""
        return self.model.name if self.alias_of is None else f"{self.id} ({self.model.name})"

    @property
    def released(self) -> datetime:
        """When the model came out, as far as its entry tells; else the epoch."""
        if self.model.created_unix_s is not None:
            try:
                return datetime.fromtimestamp(self.model.created_unix_s, UTC)
            except (OverflowError, ValueError, OSError):
                return EPOCH
        for text in (self.model.version, self.model.id):
            found = _DATE.search(text)
            if found is not None:
                return _date(*(int(part) for part in found.groups()))
        return EPOCH

    @property
    def input_tokens(self) -> int | None:
        """The longest prompt: Copilot's prompt limit, else the window."""
        limits = self.model.limits
        return limits.prompt_tokens or limits.context_window_tokens


def list_entries(
    catalog: Catalog,
    mapping: Mapping[str, str] | None = None,
    hidden: Collection[str] = (),
    disable_hidden: bool = False,
) -> tuple[Entry, ...]:
    """Return every listed model in Copilot's order, then every alias that leads to one."""
    entries = [
        Entry(id=model.id, model=model)
        for model in catalog.models.values()
        if model.kind != "completion" and model.is_usable and not (disable_hidden and model.id in hidden)
    ]
    listed = {entry.id for entry in entries}
    for name, target in exact_aliases(mapping or {}):
        found = resolve(name, {name: target}, catalog, hidden, disable_hidden).model
        if found is None or found.id not in listed:
            continue
        alias = Entry(id=name, model=found, alias_of=found.id)
        if name in listed:  # The mapping wins over the model of that name, so the list says so too.
            entries = [alias if entry.id == name else entry for entry in entries]
        elif name != found.id:
            entries.append(alias)
    return tuple(entries)


def find_entry(resolution: Resolution) -> Entry:
    """Return the entry of one asked-for name, so that a detail answers to every spelling a request may use.

    Raises: UnknownModel with the nearest names.
    """
    model = require(resolution)
    if resolution.requested == model.id or (resolution.reason == "normalised" and not resolution.is_mapped):
        return Entry(id=model.id, model=model)
    return Entry(id=resolution.requested, model=model, alias_of=model.id)


def _date(year: int, month: int, day: int) -> datetime:
    try:
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return EPOCH
