"""What a quirk is: a named defect of Copilot and its repair, as data.

Owns the types. Must never know a protocol's fields. A quirk says what goes wrong (`symptom`), how we know
(`evidence`: section of the upstream contract, public issue numbers) and when it may go (`remove_when`).
"""

from collections.abc import Callable, Mapping
from typing import Literal, Protocol

import msgspec

from copilot_api.copilot.catalog import Model
from copilot_api.errors import UpstreamFault
from copilot_api.wire.body import Body
from copilot_api.wire.sse import Frame

QuirkRoute = Literal["chat", "responses", "messages", "gemini", "embeddings"]
"""An upstream route. `gemini` has no quirks: Copilot does not speak it."""


class QuirkContext(msgspec.Struct, frozen=True):
    """What a repair may look at besides the body.

    Shape: `headers` are the client's, names in lower case. `learned` names the request quirks that a rejection
    has shown to be needed for this model (see `LEARNABLE`); they then apply before sending.
    """

    model: Model
    headers: Mapping[str, str] = {}
    learned: frozenset[str] = frozenset()


class RequestQuirk(msgspec.Struct, frozen=True):
    """A repair before sending, where the rule is certain. `repair` says what it did, or None.

    `repair` may raise a ClientFault where the only honest answer is a refusal.
    """

    name: str
    symptom: str
    evidence: str
    remove_when: str
    repair: Callable[[Body, QuirkContext], str | None]


class RejectionQuirk(msgspec.Struct, frozen=True):
    """A repair after a classified rejection; the request is then sent once more.

    The wording of a rejection finds the field; that the body has that field is what decides (contract 6.6).
    """

    name: str
    symptom: str
    evidence: str
    remove_when: str
    repair: Callable[[Body, QuirkContext, UpstreamFault], str | None]


class FrameQuirk(msgspec.Struct, frozen=True):
    """A repair of the answer. The state machines in `*/frames.py` carry several at once, so this is the record."""

    name: str
    symptom: str
    evidence: str
    remove_when: str


class FrameRepair(Protocol):
    """The repair of one answer: of its frames, or of the whole where it does not stream."""

    def feed(self, frame: Frame) -> bytes:
        """What to forward instead: `frame.raw` when untouched, empty to drop it or to hold it back.

        Raises: UpstreamProtocolError when the answer is beyond repair.
        """
        ...

    def finish(self) -> bytes:
        """What is still to be forwarded after the last frame; never raises."""
        ...

    def read_reply(self, body: bytes) -> bytes:
        """The repaired whole; the same object when untouched."""
        ...
