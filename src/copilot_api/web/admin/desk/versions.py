"""Optimistic concurrency: the version of a part of the configuration is a digest of what it says.

A writer sends back the version that it saw. The check runs inside the configuration's lock, on the document as it
is then, so an edit by another page, the CLI or a text editor in between is never overwritten.
"""

import hashlib
import json
from collections.abc import Callable

from copilot_api.store.sealing import Document
from copilot_api.web.admin.desk.faults import AdminFault

Part = Callable[[Document], object]
"""Picks out of the document what a version stands for."""


class Stale(AdminFault):
    """The caller's version is not the current one any more."""

    status = 412
    code = "stale_version"


class VersionMissing(AdminFault):
    """A write that replaces a whole thing did not say which version it replaces."""

    status = 428
    code = "version_missing"


def version_of(value: object) -> str:
    """Name what `value` says now: equal values have equal versions."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def require_version(
    document: Document, part: Part, expected: str | None, *, is_required: bool = False
) -> None:
    """Return when `expected` (an If-Match header's value, or None) names the part as it is.

    Raises: VersionMissing, Stale.
    """
    if expected is None or not expected.strip():
        if is_required:
            raise VersionMissing(
                "This replaces a whole list, so it needs to know which one.",
                remedy="Send the ETag that you read as If-Match.",
            )
        return
    given = {tag.strip().removeprefix("W/").strip('"') for tag in expected.split(",")}
    if "*" not in given and version_of(part(document)) not in given:
        raise Stale(
            "This was changed by somebody else in the meantime.",
            remedy="Read it again, then repeat your change.",
        )
