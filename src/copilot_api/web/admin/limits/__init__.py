"""`/admin/api/limits`: what waits, what is paused, and how budgets stand at this moment."""

from copilot_api.web.admin.limits.routes import LimitsView, routes, view_of

__all__ = ["LimitsView", "routes", "view_of"]
