"""Client keys: made, told once, recognised on every request, and when each was used last.

Must never keep a key in clear.
"""

from copilot_api.store.keys.making import KEY_PREFIX, create_key, hint_of, new_value, read_expiry
from copilot_api.store.keys.ring import KeyRing, plain_entry
from copilot_api.store.keys.uses import KEY_USES_NAME, KeyUses
from copilot_api.store.keys.wishes import WrongFields, check_against, read_fields

__all__ = [
    "KEY_PREFIX",
    "KEY_USES_NAME",
    "KeyRing",
    "KeyUses",
    "WrongFields",
    "check_against",
    "create_key",
    "hint_of",
    "new_value",
    "plain_entry",
    "read_expiry",
    "read_fields",
]
