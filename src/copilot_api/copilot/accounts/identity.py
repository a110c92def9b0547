"""Whose token it is, and whether Copilot is theirs: asked once, right after a login.

Must never know who logged in where: the command line and the admin both ask.
"""

from collections.abc import Mapping

import msgspec

from copilot_api.copilot.github import CANNOT_EXCHANGE, GitHub
from copilot_api.errors import CredentialRefused, UpstreamFault
from copilot_api.settings import AccountEntry
from copilot_api.store.edits.accounts import account_id, account_type


class Identified(msgspec.Struct, frozen=True):
    """The account a token belongs to, ready to be remembered.

    `refusal` is set when GitHub says that the account has no Copilot, `doubt` when it could not say.
    """

    entry: AccountEntry
    refusal: UpstreamFault | None = None
    doubt: UpstreamFault | None = None

    def kind(self, before: Mapping[str, object] | None) -> str:
        """What kind of account it is: by its plan; where GitHub could not say, what it was `before`."""
        known = before.get("accountType") if before is not None and self.doubt is not None else None
        return known if isinstance(known, str) else self.entry.account_type


async def identify(github: GitHub, token: str, host: str, *, created_at: str) -> Identified:
    """Ask GitHub who `token` belongs to and which plan they have.

    Units: `created_at` ISO 8601 in UTC.
    Raises: CredentialRefused, QuotaExhausted or another UpstreamFault when not even the name can be had.
    """
    user = await github.user(token, host)
    plan, refusal, doubt = "", None, None
    try:
        plan = (await github.copilot_user(token, host)).plan
    except CredentialRefused as fault:
        refusal, doubt = await _second_opinion(github, token, host, fault)
    except UpstreamFault as fault:
        doubt = fault
    entry = AccountEntry(
        id=account_id(user.id, host),
        login=user.login,
        token=token,
        avatar_url=user.avatar_url,
        account_type=account_type(plan),
        created_at=created_at,
        github_host=host,
    )
    return Identified(entry, refusal, doubt)


async def _second_opinion(
    github: GitHub, token: str, host: str, first: UpstreamFault
) -> tuple[UpstreamFault | None, UpstreamFault | None]:
    """The seat's document was refused: an account that gets a token all the same has Copilot.

    The refusal of the token says more precisely what is missing, where it says it at all.
    """
    try:
        await github.exchange(token, host)
    except CredentialRefused as fault:
        return (first if fault.code == CANNOT_EXCHANGE else fault), None
    except UpstreamFault as fault:
        return None, fault
    return None, first
