"""`/admin/api/captures`: what explains a request; windows in which requests are captured, and what was."""

from copilot_api.web.admin.captures.room import CaptureRoom
from copilot_api.web.admin.captures.routes import routes

__all__ = ["CaptureRoom", "routes"]
