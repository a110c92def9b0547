r"""JSON in, values out: the one place where unreadable JSON becomes a message a person can act on.

Owns the words of a refused body and the tolerance for what real clients send. Must never know a protocol.

JavaScript clients cut strings in the middle of an emoji and send the halves as lone surrogates (`\ud83d`),
which RFC 8259 section 8.2 allows and msgspec refuses, even inside a value it only skips. Such a body is
read with U+FFFD in their place; its bytes stay as they are. Obsolete when
`msgspec.json.decode(b'"\ud83d"')` stops raising.
"""

import re
from typing import Final, TypeVar

import msgspec

from copilot_api.errors import MalformedRequest

T = TypeVar("T")

# Escapes one by one, so that the text `\\\\ud83d` (an escaped backslash) is not taken for a surrogate.
_ESCAPE: Final = re.compile(rb"\\(?:u[dD][89abAB]..(?:\\u[dD][c-fC-F]..)?|u[dD][c-fC-F]..|[^u]|u)", re.DOTALL)
_PAIR_LENGTH: Final = 12
_LONE_LENGTH: Final = 6
_ANY: Final = msgspec.json.Decoder()

_WRONG_TYPE: Final = re.compile(
    r"Expected `(?P<wanted>[^`]+)`, got `(?P<got>[^`]+)`(?: - at `\$\.?(?P<path>[^`]*)`)?"
)
_TYPE_WORDS: Final = {
    "array": "a list",
    "bool": "true or false",
    "float": "a number",
    "int": "an integer",
    "null": "null",
    "object": "an object",
    "str": "a string",
}


def read_json(body: bytes | msgspec.Raw) -> object:
    """Read a JSON document as plain values.

    Raises: MalformedRequest
    """
    return read(body, _ANY)


def read(body: bytes | msgspec.Raw, decoder: "msgspec.json.Decoder[T]") -> T:
    """Read a JSON document through a typed decoder; only for peeks, since types drop unknown fields.

    Raises: MalformedRequest naming the field and the accepted type, in `param` too.
    """
    try:
        try:
            return decoder.decode(body)
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:
            mended = mend_surrogates(bytes(body), b"\\ufffd")
            if mended is None:
                raise
            return decoder.decode(mended)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise malformed(error) from error


def mend_surrogates(body: bytes, replacement: bytes | None = None) -> bytes | None:
    """Replace or hide each lone surrogate escape of `body`; None when there are none.

    Without a replacement the backslash becomes 0xFF, a byte that no UTF-8 text holds and that msgspec lets
    pass in a value it skips: putting the backslashes back restores the body exactly.
    """
    if b"\\u" not in body or b"\xff" in body:
        return None

    def mend(match: re.Match[bytes]) -> bytes:
        escape = match.group()
        if len(escape) != _LONE_LENGTH:
            return escape
        return b"\xff" + escape[1:] if replacement is None else replacement

    mended = _ESCAPE.sub(mend, body)
    return None if mended == body else mended


def malformed(error: Exception) -> MalformedRequest:
    """Say what a person needs to know about a body that msgspec refused."""
    if isinstance(error, RecursionError):
        return MalformedRequest("The request body is nested too deeply. Send a flatter JSON object.")
    if isinstance(error, UnicodeDecodeError):
        return MalformedRequest(f"The request body is not valid UTF-8 ({error}). Send JSON in UTF-8.")
    match = _WRONG_TYPE.search(str(error))
    if match is None:
        return MalformedRequest(
            f"The request body is not valid JSON: {error}. Send one JSON object in UTF-8."
        )
    path = match["path"]
    accepted = " or ".join(_TYPE_WORDS.get(word, word) for word in match["wanted"].split(" | "))
    got = _TYPE_WORDS.get(match["got"], match["got"])
    if not path:
        return MalformedRequest(f"The request body must be {accepted}, not {got}.")
    return MalformedRequest(f"{path!r} must be {accepted}, not {got}.", param=path)
