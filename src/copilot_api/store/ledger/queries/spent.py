"""What answered exchanges came to, for budgets: from the rows, since sums do not tell which were answered."""

from typing import Literal

from sqlalchemy import Connection, func, select

from copilot_api.store.ledger.tables.schema import exchanges, facets, forms

Scope = Literal["key", "account", "all"]


def spent(connection: Connection, scope: Scope, whose: str, from_ms: int, to_ms: int) -> tuple[int, int]:
    """Nano-AIU and requests of the exchanges that began in the span and that Copilot began to answer.

    Token counts are none, and rows that came from another gateway's ledger are not of this one.
    """
    conditions = [forms.c.mode != "", facets.c.operation != "count_tokens"]
    if scope == "key":
        conditions.append(facets.c.key_id == whose)
    elif scope == "account":
        conditions.append(facets.c.account_id == whose)
    joined = forms.join(facets, forms.c.facet == facets.c.id)
    meant = select(forms.c.id).select_from(joined).where(*conditions)
    sums = select(func.sum(exchanges.c.nano_aiu), func.sum(exchanges.c.requests)).where(
        exchanges.c.form.in_(meant),
        exchanges.c.at_ms >= from_ms,
        exchanges.c.at_ms < to_ms,
        exchanges.c.imported.is_(None),
    )
    nano_aiu, requests = connection.execute(sums).one()
    return int(nano_aiu or 0), int(requests or 0)
