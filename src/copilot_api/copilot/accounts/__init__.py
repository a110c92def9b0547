"""GitHub accounts as they run: their credentials, models and quota, and which of them answers for a request.

Must never know who looks at them.
"""

from copilot_api.copilot.accounts.account import DOUBT_PAUSE_S, Account, Trouble
from copilot_api.copilot.accounts.identity import Identified, identify
from copilot_api.copilot.accounts.meter import QuotaMeter
from copilot_api.copilot.accounts.roster import Accounts
from copilot_api.copilot.accounts.surroundings import Surroundings

__all__ = [
    "DOUBT_PAUSE_S",
    "Account",
    "Accounts",
    "Identified",
    "QuotaMeter",
    "Surroundings",
    "Trouble",
    "identify",
]
