"""Which rows are meant: a filter is a choice of forms, and a span of time.

A year of rows has some thousand forms, so words are compared with those few, never with the rows.
"""

from sqlalchemy import ColumnElement, Select, select

from copilot_api.store.ledger.answers import FAILED, Choice
from copilot_api.store.ledger.tables.schema import facets, forms


def of_facets(choice: Choice) -> list[ColumnElement[bool]]:
    """The conditions on facets: all that the sums know."""
    columns = facets.c
    wanted = (
        (columns.account_id, choice.account_id),
        (columns.model, choice.model),
        (columns.client_name, choice.client),
        (columns.key, choice.key),
        (columns.key_id, choice.key_id),
        (columns.upstream, choice.upstream),
        (columns.source, choice.source),
    )
    conditions = [column == value for column, value in wanted if value]
    if choice.outcome == "errors":
        conditions.append(columns.outcome.in_(FAILED))
    elif choice.outcome:
        conditions.append(columns.outcome == choice.outcome)
    return conditions


def of_forms(choice: Choice) -> list[ColumnElement[bool]]:
    """The conditions on forms joined to their facets."""
    conditions = of_facets(choice)
    if choice.q:
        conditions.append(forms.c.words.contains(choice.q.lower(), autoescape=True))
    return conditions


def chosen_forms(choice: Choice) -> Select[tuple[int]]:
    """The numbers of the forms it chooses."""
    joined = forms.join(facets, forms.c.facet == facets.c.id)
    return select(forms.c.id).select_from(joined).where(*of_forms(choice))


def chosen_facets(choice: Choice) -> Select[tuple[int]]:
    """The numbers of the facets it chooses; `q` is not among what sums can tell."""
    return select(facets.c.id).where(*of_facets(choice))
