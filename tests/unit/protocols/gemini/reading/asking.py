"""What the tests of requests share."""

from typing import cast

import msgspec

from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.parts import Part
from copilot_api.neutral.request import ModelRequest, Turn
from copilot_api.protocols.base import IngressHalf
from copilot_api.protocols.gemini import GeminiIngress

INGRESS: IngressHalf = GeminiIngress()


def read(document: object) -> ModelRequest:
    """A request as the gateway hands it over; contents are added where a test has none. Reading changes nothing."""
    given = {"model": "gpt-5", "contents": "hi", **cast("JsonObject", document)}
    before = msgspec.json.encode(given)
    request = INGRESS.read_request(given)
    assert msgspec.json.encode(given) == before
    return request


def turns_of(*contents: object) -> tuple[Turn, ...]:
    """The turns of a history."""
    return read({"contents": list(contents)}).turns


def parts_of(*documents: object, role: str = "user") -> tuple[Part, ...]:
    """The parts of one content."""
    [turn] = turns_of({"role": role, "parts": list(documents)})
    return turn.parts
