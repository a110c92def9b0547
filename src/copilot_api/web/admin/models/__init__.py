"""The page of models: what an account may call, what it costs, what is said about it here, and what has changed."""

from copilot_api.web.admin.models.history import History
from copilot_api.web.admin.models.routes import routes

__all__ = ["History", "routes"]
