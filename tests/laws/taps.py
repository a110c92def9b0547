"""Taps for recorded answers."""

from copilot_api.protocols.base import Tap
from copilot_api.protocols.registry import PROTOCOLS
from recorded import protocol_of


def new_tap(name: str) -> Tap:
    """A tap of the protocol that the recording's name begins with."""
    upstream = next(spec for spec in PROTOCOLS.values() if spec.name == protocol_of(name)).upstream
    assert upstream is not None
    return upstream.new_tap()
