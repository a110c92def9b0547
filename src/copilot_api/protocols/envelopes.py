"""Encoding of error envelopes: the one step they all share.

Owns that an error can always be said: a message with lone surrogates, which no UTF-8 can carry, must not turn
one error into another.
"""

import json

import msgspec


def encode(envelope: object) -> bytes:
    """Encode an envelope as JSON."""
    try:
        return msgspec.json.encode(envelope)
    except UnicodeEncodeError:
        return json.dumps(envelope).encode("ascii")
