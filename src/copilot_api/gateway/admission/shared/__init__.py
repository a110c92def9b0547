"""Limits that several gateways keep together, in Redis or Valkey: minutes, and slots with leases that expire."""

from copilot_api.gateway.admission.shared.server import Server
from copilot_api.gateway.admission.shared.slots import SharedSlots
from copilot_api.gateway.admission.shared.windows import SharedWindows, weighed

__all__ = ["Server", "SharedSlots", "SharedWindows", "weighed"]
