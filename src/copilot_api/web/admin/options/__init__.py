"""The page of settings: everything in the registry, shown with who decided it, and changed all or nothing."""

from copilot_api.web.admin.options.routes import routes

__all__ = ["routes"]
