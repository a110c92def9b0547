"""What was captured of requests, sealed at rest: one file for each trace id, bounded in number, size and age."""

from copilot_api.store.captures.folder import Bounds, CaptureFolder, Kept, Listing, folder_of, is_kept
from copilot_api.store.captures.form import CaptureHead

__all__ = ["Bounds", "CaptureFolder", "CaptureHead", "Kept", "Listing", "folder_of", "is_kept"]
