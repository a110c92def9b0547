"""Every quirk there is, by route, in the order it is applied. A new one is one function and one entry."""

from collections.abc import Mapping
from typing import Final

from copilot_api.copilot.quirks import chat, images, messages, responses
from copilot_api.copilot.quirks.base import FrameQuirk, QuirkRoute, RejectionQuirk, RequestQuirk
from copilot_api.copilot.quirks.embeddings import repair_input

_EMBEDDINGS: Final = (
    RequestQuirk(
        "input-list",
        "400 `Bad Request` for a single string; token arrays and too many strings are refused with a remedy.",
        "contract 0.3 item 29, 2.7; ericc-ch#100, copilot-gpt4-service#167",
        "Copilot accepts a string and token arrays.",
        repair_input,
    ),
)
REQUEST_QUIRKS: Final[Mapping[QuirkRoute, tuple[RequestQuirk, ...]]] = {
    "chat": chat.REQUEST,
    "responses": responses.REQUEST,
    "messages": messages.REQUEST,
    "embeddings": _EMBEDDINGS,
    "gemini": (),
}
REJECTION_QUIRKS: Final[Mapping[QuirkRoute, tuple[RejectionQuirk, ...]]] = {
    "chat": chat.REJECTION,
    "responses": responses.REJECTION,
    "messages": messages.REJECTION,
    "embeddings": (),
    "gemini": (),
}
FRAME_QUIRKS: Final[Mapping[QuirkRoute, tuple[FrameQuirk, ...]]] = {
    "chat": chat.FRAME,
    "responses": responses.FRAME,
    "messages": messages.FRAME,
    "embeddings": (
        FrameQuirk(
            "base64-vectors",
            "Copilot answers numbers where the client asked for base64 (the OpenAI SDK's default).",
            "contract 2.7; client survey (openai-python 3.54, node 7.57)",
            "Copilot honours `encoding_format`.",
        ),
    ),
    "gemini": (),
}
ASYNC_QUIRKS: Final[Mapping[QuirkRoute, tuple[FrameQuirk, ...]]] = {
    "chat": (),
    "responses": (),
    "messages": (
        FrameQuirk(
            images.NAME,
            "400 `external image URLs are not supported`; the file is fetched (public addresses only) and sent as "
            "base64. PDF documents too.",
            "contract 0.3 item 25, 6.3, 10; fixture 400-image-url",
            "Copilot fetches addresses itself.",
        ),
    ),
    "embeddings": (),
    "gemini": (),
}
"""Repairs before sending that need the network."""
