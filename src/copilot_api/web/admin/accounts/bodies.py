"""What the page of accounts is told: strictly read."""

from typing import Literal

import msgspec

from copilot_api.settings import CredentialMode

AccountType = Literal["individual", "business", "enterprise"]


class Switch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Make it the active account; `force` also when it cannot answer now."""

    force: bool = False


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What is to be different."""

    account_type: AccountType | msgspec.UnsetType = msgspec.UNSET
    credential_mode: CredentialMode | msgspec.UnsetType = msgspec.UNSET


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every account's id, in the order they shall have."""

    ids: tuple[str, ...]
