"""One row of the log in the admin API's words."""

from typing import Any

import pytest

from copilot_api.web.admin.usage.view import UsageRow, row_view

FIELDS = ("model", "session", "interaction", "at_ms", *UsageRow.__struct_fields__)


def row(**said: object) -> dict[str, Any]:
    """A row of the ledger of which nothing is known but this."""
    return {**dict.fromkeys(FIELDS), "at_ms": 0, **said}


@pytest.mark.parametrize(
    ("before", "after", "went"),
    [
        (300.0, 299.67, 0.33),
        (300.0, 300.0, 0.0),
        (1.5, 300.0, None),
        (None, 300.0, None),
        (300.0, None, None),
    ],
)
def test_what_went_of_a_quota_is_told_unless_it_was_reset_meanwhile(
    before: float | None, after: float | None, went: float | None
) -> None:
    """More than before is a new month, not a gain."""
    assert row_view(row(quota_before=before, quota_after=after)).quota_delta == went


def test_an_interaction_is_a_uuid_again() -> None:
    """The ledger keeps its sixteen bytes."""
    shown = row_view(row(interaction=bytes(range(16)), nano_aiu=1_500_000_000, session="s-1", model="gpt-5"))
    assert shown.interaction_id == "00010203-0405-0607-0809-0a0b0c0d0e0f"
    assert (shown.credits, shown.conversation, shown.mapped_model, shown.at) == (
        1.5,
        "s-1",
        "gpt-5",
        "1970-01-01T00:00:00Z",
    )
