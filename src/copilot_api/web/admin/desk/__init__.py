"""What every page of the admin API works with: one way to change the configuration, one feed, one audit log."""

from copilot_api.web.admin.desk.caller import AnyRequest, Caller, caller_of, remember_caller
from copilot_api.web.admin.desk.desk import Desk
from copilot_api.web.admin.desk.feed import Feed, Reader
from copilot_api.web.admin.desk.versions import Stale, VersionMissing, require_version, version_of

__all__ = [
    "AnyRequest",
    "Caller",
    "Desk",
    "Feed",
    "Reader",
    "Stale",
    "VersionMissing",
    "caller_of",
    "remember_caller",
    "require_version",
    "version_of",
]
