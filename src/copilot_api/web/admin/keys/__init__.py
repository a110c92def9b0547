"""The page of client keys: made and seen once, limited, rotated, revoked."""

from copilot_api.web.admin.keys.routes import routes

__all__ = ["routes"]
