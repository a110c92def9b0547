"""The protocols there are. A fifth is one folder and one line here."""

from copilot_api.protocols.base import ProtocolName, ProtocolSpec
from copilot_api.protocols.chat import PROTOCOL as CHAT
from copilot_api.protocols.gemini import PROTOCOL as GEMINI
from copilot_api.protocols.messages import PROTOCOL as MESSAGES
from copilot_api.protocols.responses import PROTOCOL as RESPONSES

PROTOCOLS: dict[ProtocolName, ProtocolSpec] = {
    spec.name: spec for spec in (CHAT, RESPONSES, MESSAGES, GEMINI)
}
