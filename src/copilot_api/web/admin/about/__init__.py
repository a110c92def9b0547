"""What the admin says about itself: /about, the audit log, and the API's own description."""

from copilot_api.web.admin.about.openapi import describe
from copilot_api.web.admin.about.routes import routes

__all__ = ["describe", "routes"]
