"""Every guide there is, and the model that each is begun with."""

import re
from collections.abc import Collection, Iterable

from copilot_api.copilot.catalog import Catalog, Model, protocols_of
from copilot_api.protocols.base import ProtocolName
from copilot_api.settings import Settings
from copilot_api.web.admin.connect.agents import AGENTS
from copilot_api.web.admin.connect.editors import EDITORS
from copilot_api.web.admin.connect.guide import Guide
from copilot_api.web.admin.connect.sdks import SDKS

GUIDES: tuple[Guide, ...] = (*AGENTS, *EDITORS, *SDKS)

_WANTED: dict[ProtocolName, tuple[str, ...]] = {
    "messages": (r"claude-sonnet", r"claude"),
    "responses": (r"gpt-\d(?!.*(mini|nano|codex))", r"gpt-", r"o\d"),
    "chat": (r"gpt-\d(?!.*(mini|nano|codex))", r"claude-sonnet", r"gpt-"),
    "gemini": (r"gemini.*pro", r"gemini"),
}
"""What a person most likely wants, the best first; the newest of each. Any other model works as well."""


def guide(client_id: str) -> Guide | None:
    """The guide of a client; None for an unknown one."""
    return next((one for one in GUIDES if one.id == client_id), None)


def needs_key(settings: Settings) -> bool:
    """Whether clients must present a key."""
    return bool(settings.client_keys or settings.plain_keys or settings.has_unreadable_keys)


def offered(catalog: Catalog | None, hidden: Collection[str]) -> list[Model]:
    """The models that one can talk to, without those that the operator hides, by id."""
    if catalog is None:
        return []
    found = (one for one in catalog.models.values() if one.kind == "chat" and one.id not in hidden)
    return sorted((one for one in found if protocols_of(one)), key=lambda one: one.id)


def suggest(models: Iterable[Model], protocol: ProtocolName) -> str | None:
    """The model to begin with; None when there is none at all."""
    known = list(models)
    native = [one.id for one in known if protocol in protocols_of(one)]
    for ids in (native, [one.id for one in known]):
        for pattern in _WANTED[protocol]:
            found = [one for one in ids if re.match(pattern, one)]
            if found:
                return max(found, key=_age)
    return known[0].id if known else None


def _age(model_id: str) -> tuple[list[int], int]:
    """Order by version, and of one version the shortest name, which has no preview or variant in it."""
    return [int(number) for number in re.findall(r"\d+", model_id)], -len(model_id)
