"""The page of model mappings: which name leads to which model, and what is doubtful about that."""

from copilot_api.web.admin.mappings.routes import routes

__all__ = ["routes"]
