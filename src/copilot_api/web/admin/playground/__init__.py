"""The playground: the operator's own request, on the same line as every client's, and recorded like theirs."""

from copilot_api.web.admin.playground.routes import routes

__all__ = ["routes"]
