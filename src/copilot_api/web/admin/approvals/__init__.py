"""`/admin/api/approvals`: requests that wait for a person, listed, let go and refused. Shows no word of any of them."""

from copilot_api.web.admin.approvals.routes import routes
from copilot_api.web.admin.approvals.view import ApprovalView, shown

__all__ = ["ApprovalView", "routes", "shown"]
