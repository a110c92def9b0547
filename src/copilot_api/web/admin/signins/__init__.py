"""Logging in with GitHub from the page: a code to type, and live news of what becomes of it."""

from copilot_api.web.admin.signins.routes import routes

__all__ = ["routes"]
