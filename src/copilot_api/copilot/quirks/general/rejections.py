"""Repairs after a rejection that several routes share: unknown fields, efforts, limits.

Owns how a rejection's words lead to a field. Must never decide by words alone: the field must be in the body.
"""

import re
from typing import Final

from copilot_api.copilot.quirks.base import QuirkContext
from copilot_api.copilot.quirks.documents import (
    Document,
    drop_path,
    edit_elements,
    is_document,
)
from copilot_api.copilot.quirks.rules import listed_efforts, nearest_effort
from copilot_api.errors import UpstreamFault
from copilot_api.wire.body import Body

_EXTRA: Final = re.compile(r"([A-Za-z_][\w.\-]*): Extra inputs are not permitted")
_PARAMETER: Final = re.compile(
    r"(?:Unsupported|Unknown|Unrecognized)[a-z ]*(?:parameter|argument)s?[a-z ]*:? *'([^']+)'"
)
_INDEX: Final = re.compile(r"\[(\d+)\]")
_LIMIT: Final = re.compile(r"(?:limit of|at most|maximum of|<=) *(\d+)")
PROTECTED: Final = frozenset(
    {
        "model", "messages", "input", "tools", "system", "instructions", "max_tokens", "stream", "n",
        "previous_response_id", "conversation", "thread",
    }
)  # fmt: skip
"""Root fields that carry what the client asked for: a request without them would be another request."""


def drop_extra_inputs(body: Body, context: QuirkContext, fault: UpstreamFault) -> str | None:
    """Drop the fields that a validator calls extra inputs."""
    dropped = [path for path in _EXTRA.findall(fault.message) if _drop(body, path)]
    return f"dropped {', '.join(dropped)}" if dropped else None


def drop_parameter(body: Body, context: QuirkContext, fault: UpstreamFault) -> str | None:
    """Drop the parameter that a rejection names as unknown or unsupported."""
    found = _PARAMETER.search(fault.message)
    name = (
        found[1]
        if found
        else fault.param
        if fault.code in ("unknown_parameter", "unsupported_parameter")
        else None
    )
    if not name or not _drop(body, _INDEX.sub(r".\1", name)):
        return None
    return f"dropped {name}"


def _drop(body: Body, path: str) -> bool:
    steps = path.split(".")
    return not (len(steps) == 1 and steps[0] in PROTECTED) and drop_path(body, steps)


def lower_effort(body: Body, context: QuirkContext, fault: UpstreamFault) -> str | None:
    """Send an effort that the rejection lists, or none where the model takes none."""
    holder = "reasoning" if body.has("reasoning") else "output_config" if body.has("output_config") else None
    config = body.get(holder) if holder else {"effort": body.get("reasoning_effort")}
    if "effort" not in fault.code + fault.message or not is_document(config):
        return None
    effort = config.get("effort")
    if not isinstance(effort, str):
        return None
    nearest = nearest_effort(effort, listed_efforts(fault.message))
    rest: Document = {key: value for key, value in config.items() if key != "effort"}
    if nearest is not None:
        rest["effort"] = nearest
    if holder is None:
        _set_or_drop(body, "reasoning_effort", nearest)
    else:
        _set_or_drop(body, holder, rest or None)
    return f"effort {effort!r} sent as {nearest!r}" if nearest else f"effort {effort!r} dropped"


def _set_or_drop(body: Body, name: str, value: object) -> None:
    if value is None:
        body.drop(name)
    else:
        body.set(name, value)


def lower_limit(body: Body, context: QuirkContext, fault: UpstreamFault) -> str | None:
    """Lower the output limit to the one that a rejection names."""
    found = _LIMIT.search(fault.message)
    if found is None or "tokens" not in fault.message:
        return None
    limit = int(found[1])
    for name in ("max_tokens", "max_completion_tokens", "max_output_tokens"):
        wanted = body.get(name)
        if isinstance(wanted, int) and wanted > limit > 0:
            body.set(name, limit)
            return f"{name} {wanted} sent as {limit}"
    return None


def drop_strictness(body: Body, context: QuirkContext, fault: UpstreamFault) -> str | None:
    """Drop strict tools and the output format, which an organisation's policy on one backend refuses."""
    if "FAILED_PRECONDITION" not in fault.code + fault.message:
        return None
    notes: list[str] = []
    if edit_elements(body, "tools", (b'"strict"',), _without_strict):
        notes.append("strict dropped from tools")
    config = body.get("output_config")
    if is_document(config) and config.pop("format", None) is not None:
        _set_or_drop(body, "output_config", config or None)
        notes.append("output_config.format dropped")
    return "; ".join(notes) or None


def _without_strict(tool: Document) -> Document | None:
    return tool if tool.pop("strict", None) is not None else None
