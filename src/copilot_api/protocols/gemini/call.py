"""What a Gemini URL asks for: the model, the method and the form of the stream stand in it, not in the body.

    path := ["/v1" | "/v1beta" | "/v1alpha"] "/models/" model ":" method        model may be percent-encoded

Source: Gemini API reference; google-genai 3.4 and @google/genai 3.1, which ask under /v1; litellm 1.81, whose base
ends in /v1beta (read 2026-11).
"""

import re
from typing import Final, Literal, cast
from urllib.parse import parse_qs, unquote

import msgspec

Method = Literal[
    "generateContent", "streamGenerateContent", "countTokens", "embedContent", "batchEmbedContents"
]
_METHODS: Final = frozenset(
    ("generateContent", "streamGenerateContent", "countTokens", "embedContent", "batchEmbedContents")
)
_PATH: Final = re.compile(r"(?:/v1(?:beta|alpha)?)?/models/(?P<model>.+):(?P<method>[A-Za-z]+)", re.DOTALL)
_PREFIX: Final = "models/"


class GeminiCall(msgspec.Struct, frozen=True):
    """One method of one model. `is_array`: the stream is a JSON array, since nobody asked for `alt=sse`."""

    model: str
    method: Method
    is_array: bool = False

    @property
    def is_stream(self) -> bool:
        """Whether the answer is streamed, in either form."""
        return self.method == "streamGenerateContent"


def parse_path(path: str, query: str = "") -> GeminiCall | None:
    """Read a URL's path, percent-encoded or not, and its query; None for what is no call of this protocol.

    Shape: ("/v1beta/models/gpt-5:streamGenerateContent", "alt=sse")
    -> GeminiCall("gpt-5", "streamGenerateContent")
    """
    match = _PATH.fullmatch(unquote(path))
    if match is None or match["method"] not in _METHODS:
        return None
    method = cast("Method", match["method"])
    forms = parse_qs(query).get("alt", [])
    is_array = method == "streamGenerateContent" and "sse" not in forms
    return GeminiCall(bare_model(match["model"]), method, is_array)


def bare_model(name: str) -> str:
    """A model's name without the resource prefix, however often it was put before it."""
    while name.startswith(_PREFIX):
        name = name[len(_PREFIX) :]
    return name
