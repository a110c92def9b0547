"""What an account may call: the models Copilot offers it, read leniently and kept fresh.

`model.py` owns the values, `parse.py` reads `/models`, `keeper.py` refreshes. None of them knows a protocol.
"""

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
    "RESPONSES",
    "RESPONSES_WEBSOCKET",
    "Billing",
    "Catalog",
    "CatalogKeeper",
    "Limits",
    "Model",
    "Notice",
    "Prices",
    "Supports",
    "Vision",
    "normal_endpoint",
    "read_catalog",
    "read_model",
]
