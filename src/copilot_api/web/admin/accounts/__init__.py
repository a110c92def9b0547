"""The page of accounts: who is logged in, who answers, what is left of each plan."""

from copilot_api.web.admin.accounts.routes import routes

__all__ = ["routes"]
