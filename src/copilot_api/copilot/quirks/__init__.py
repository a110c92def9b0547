"""Copilot's oddities in one place: ordered, named repairs of requests and answers.

    before_send    rules that are certain; applied to every request, untouched bodies keep their bytes
    inline_images  external addresses, which Copilot never fetches (asynchronous, so apart)
    on_rejection   one mended retry after a classified refusal
    frame_repair   the answer, frame by frame or as a whole

`python -m copilot_api.copilot.quirks` prints them as a page (docs/quirks.md).
"""

from copilot_api.copilot.catalog import Model
from copilot_api.copilot.quirks.base import (
    FrameQuirk,
    FrameRepair,
    QuirkContext,
    QuirkRoute,
    RejectionQuirk,
    RequestQuirk,
)
from copilot_api.copilot.quirks.chat.frames import ChatRepair
from copilot_api.copilot.quirks.embeddings import Base64Repair, wants_base64
from copilot_api.copilot.quirks.general.runaway import RunawayGuard
from copilot_api.copilot.quirks.images import ImageFetch, PublicFetch, inline_images
from copilot_api.copilot.quirks.messages.betas import allowed_betas, refused_betas
from copilot_api.copilot.quirks.messages.frames import MessagesRepair
from copilot_api.copilot.quirks.registry import REJECTION_QUIRKS, REQUEST_QUIRKS
from copilot_api.copilot.quirks.responses.frames import ResponsesRepair
from copilot_api.errors import ContextOverflow, UpstreamFault, UpstreamRejected
from copilot_api.wire.body import Body

__all__ = [
    "LEARNABLE",
    "FrameQuirk",
    "FrameRepair",
    "ImageFetch",
    "PublicFetch",
    "QuirkContext",
    "QuirkRoute",
    "RejectionQuirk",
    "RequestQuirk",
    "RunawayGuard",
    "allowed_betas",
    "before_send",
    "frame_repair",
    "inline_images",
    "on_rejection",
    "refused_betas",
]

LEARNABLE = frozenset({"inline-system"})
"""Names that `on_rejection` may return and that, put into `QuirkContext.learned`, save the next round trip."""


def before_send(route: QuirkRoute, body: Body, context: QuirkContext) -> list[str]:
    """Apply every certain repair, in order; the names of those that applied.

    Raises: UnsupportedContent where the request cannot be served and dropping the field would be a lie.
    """
    return [quirk.name for quirk in REQUEST_QUIRKS[route] if quirk.repair(body, context) is not None]


def on_rejection(route: QuirkRoute, body: Body, context: QuirkContext, fault: UpstreamFault) -> list[str]:
    """Mend a body that was refused; the names of the repairs, empty when there is nothing to try.

    `body` is what was sent: the original after `before_send` (and `inline_images`), made again or kept. On the
    messages route compute the header anew: `allowed_betas(header, body, refused_betas(fault.message))`.
    Only refusals of the request itself are mended, never limits, credentials or an overflow.
    """
    if not isinstance(fault, UpstreamRejected) or isinstance(fault, ContextOverflow) or fault.status != 400:
        return []
    return [quirk.name for quirk in REJECTION_QUIRKS[route] if quirk.repair(body, context, fault) is not None]


def frame_repair(
    route: QuirkRoute, model: Model, is_stream: bool, body: Body | None = None
) -> FrameRepair | None:
    """A repair for one answer; None where the bytes may pass verbatim.

    `body` is the request's; only embeddings look at it (`encoding_format`).
    """
    if route == "responses":
        return ResponsesRepair()
    if route == "chat":
        return ChatRepair(model)
    if route == "messages":
        return MessagesRepair() if is_stream else None
    return Base64Repair() if route == "embeddings" and body is not None and wants_base64(body) else None
