"""What an account may call: the models Copilot offers it, read leniently and kept fresh.

`model.py` owns the values, `parse.py` reads `/models`, `keeper.py` refreshes. None of them knows a protocol.
"""

from copilot_api.copilot.catalog.facts import (
    PROTOCOLS,
    PriceList,
    facts_of,
    features_of,
    prices_of,
    protocols_of,
    provider_of,
)
from copilot_api.copilot.catalog.keeper import CatalogKeeper
from copilot_api.copilot.catalog.model import (
    CHAT,
    EMBEDDINGS,
    MESSAGES,
    RESPONSES,
    RESPONSES_WEBSOCKET,
    Billing,
    Catalog,
    Limits,
    Model,
    Notice,
    Prices,
    Supports,
    Vision,
)
from copilot_api.copilot.catalog.parse import normal_endpoint, read_catalog, read_model

__all__ = [
    "CHAT",
    "EMBEDDINGS",
    "MESSAGES",
    "PROTOCOLS",
    "RESPONSES",
    "RESPONSES_WEBSOCKET",
    "Billing",
    "Catalog",
    "CatalogKeeper",
    "Limits",
    "Model",
    "Notice",
    "PriceList",
    "Prices",
    "Supports",
    "Vision",
    "facts_of",
    "features_of",
    "normal_endpoint",
    "prices_of",
    "protocols_of",
    "provider_of",
    "read_catalog",
    "read_model",
]
