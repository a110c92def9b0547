"""What every page of the admin API works with: one way to change the configuration, one feed, one audit log."""

from copilot_api.web.admin.desk.caller import (
    AnyRequest,
    Caller,
    How,
    caller_of,
    caller_or_none,
    remember_caller,
)
from copilot_api.web.admin.desk.desk import Desk
from copilot_api.web.admin.desk.documents import (
    MAX_DOCUMENT_BYTES,
    Nothing,
    answered,
    asks,
    if_match,
    read_json,
)
from copilot_api.web.admin.desk.faults import (
    AdminFault,
    BadBody,
    Conflict,
    NotAccepted,
    NotFound,
    NotJson,
    SaidFault,
    say,
)
from copilot_api.web.admin.desk.feed import Feed, Reader
from copilot_api.web.admin.desk.versions import Stale, VersionMissing, require_version, version_of

__all__ = [
    "MAX_DOCUMENT_BYTES",
    "AdminFault",
    "AnyRequest",
    "BadBody",
    "Caller",
    "Conflict",
    "Desk",
    "Feed",
    "How",
    "NotAccepted",
    "NotFound",
    "NotJson",
    "Nothing",
    "Reader",
    "SaidFault",
    "Stale",
    "VersionMissing",
    "answered",
    "asks",
    "caller_of",
    "caller_or_none",
    "if_match",
    "read_json",
    "remember_caller",
    "require_version",
    "say",
    "version_of",
]
