"""Entries for tests: the words that matter are said, the rest is an ordinary request."""

from copilot_api.store.ledger import Entry, Facet, Form, Manner

BEGIN_MS = 1_790_000_000_000
"""2026-09-21T14:13:20Z."""


def entry(
    number: int = 0,
    *,
    at_ms: int | None = None,
    model: str = "claude-opus-5.5",
    account: str = "1",
    key: str = "laptop",
    client: str = "Claude Code",
    outcome: str = "completed",
    session: str = "",
    requested: str = "",
    multiplier: float | None = None,
    **fields: object,
) -> Entry:
    """An entry known by its number, which is its trace id and its second."""
    facet = Facet(
        account_id=account,
        account=f"octo-{account}",
        key_id=f"k-{key}",
        key=key,
        client_name=client,
        model=model,
        upstream="messages",
        operation="inference",
        outcome=outcome,
    )
    form = Form(
        facet=facet,
        client="claude-cli/2.1.330 (external, cli)",
        client_version="2.1.330",
        ingress="messages",
        mode="verbatim",
        path="/v1/messages",
        requested_model=requested or model,
        answering_model=model,
        has_conversation=bool(session),
        status=200 if outcome == "completed" else 502,
        error_code="" if outcome == "completed" else "upstream_unavailable",
        multiplier=multiplier,
        credits_from="copilot",
    )
    at = BEGIN_MS + number * 1000 if at_ms is None else at_ms
    manner = Manner("user", True, "end_turn")
    return Entry(at_ms=at, form=form, manner=manner, trace_id=f"t{number}", conversation=session, **fields)  # type: ignore[arg-type]  # fields of Entry
