"""GitHub's side of an account: the device login, who the account is, and its Copilot token.

Must never know what the tokens are used for. Source: upstream contract 1 (read 2026-11).
"""

from copilot_api.copilot.github.answers import (
    CANNOT_EXCHANGE,
    NO_COPILOT,
    CopilotUser,
    GitHubUser,
    TokenEnvelope,
)
from copilot_api.copilot.github.avatar import Avatar, Avatars
from copilot_api.copilot.github.device import DeviceCode, DeviceLogin
from copilot_api.copilot.github.rest import CLIENT_ID, SCOPE, GitHub

__all__ = [
    "CANNOT_EXCHANGE",
    "CLIENT_ID",
    "NO_COPILOT",
    "SCOPE",
    "Avatar",
    "Avatars",
    "CopilotUser",
    "DeviceCode",
    "DeviceLogin",
    "GitHub",
    "GitHubUser",
    "TokenEnvelope",
]
