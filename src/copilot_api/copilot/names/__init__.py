"""From the name a client asks for to the model that answers: the rules, and what can be said about them."""

from copilot_api.copilot.names.resolution import (
    Catalogued,
    Reason,
    Resolution,
    exact_aliases,
    map_name,
    require,
    require_model,
    resolve,
)

__all__ = [
    "Catalogued",
    "Reason",
    "Resolution",
    "exact_aliases",
    "map_name",
    "require",
    "require_model",
    "resolve",
]
