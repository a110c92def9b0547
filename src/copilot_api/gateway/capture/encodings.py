"""How a secret that is known stands in a text: as it is, in base64, with percent signs, and each of them in JSON.

Pure. In base64 three bytes are four characters, so a secret within a longer text is written in one of three ways, by
where it begins. Its first and last character may hold bits of its neighbours, too: they are no part of what is looked
for, and go with it.
"""

import base64
import json
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import quote, quote_plus

_MIXED_BEFORE: Final = (0, 1, 1)
"""Characters before, of which some bits are the secret's, by alignment."""
_FOREIGN: Final = (0, 2, 3)
"""Characters at the beginning that are not the secret's alone, by alignment."""
_SAFE: Final = ("", "/", "!'()*~", "!'()*~;/?:@&=+$,#")
"""What encoders leave as it is: strict ones, urllib's, encodeURIComponent, encodeURI."""


class Needle(NamedTuple):
    """A text to be found; so many characters of base64 `before` and `after` it have bits of the secret."""

    text: str
    before: int = 0
    after: int = 0


def needles_of(secret: str) -> frozenset[Needle]:
    """Every way in which a secret may be written down."""
    plain = {Needle(secret), *_base64(secret)}
    escaped = {needle._replace(text=text) for needle in plain for text in _percent(needle.text)}
    return frozenset(
        needle._replace(text=text) for needle in plain | escaped for text in _in_json(needle.text)
    )


def _base64(secret: str) -> Iterator[Needle]:
    """In the standard alphabet and in that of addresses, beginning at each of three places."""
    data = secret.encode("utf-8", "surrogatepass")
    for place in range(3):
        whole_characters, bits_left = divmod((place + len(data)) * 8, 6)
        encoded = base64.b64encode(b"\0" * place + data)
        core = encoded[_FOREIGN[place] : whole_characters].decode()
        for text in {core, core.replace("+", "-").replace("/", "_")}:
            yield Needle(text, _MIXED_BEFORE[place], 1 if bits_left else 0)


def _percent(text: str) -> Iterator[str]:
    for safe in _SAFE:
        found = quote(text, safe=safe, errors="surrogatepass")
        yield from (found, _lower(found))
    found = quote_plus(text, errors="surrogatepass")
    yield from (found, _lower(found))


def _lower(quoted: str) -> str:
    """The same with small digits: %2f for %2F."""
    head, *rest = quoted.split("%")
    return "%".join([head, *(part[:2].lower() + part[2:] for part in rest)])


def _in_json(text: str) -> Iterator[str]:
    """As it stands in a text, in a JSON string, and in a JSON string within one."""
    yield text
    for is_ascii in (True, False):
        once = json.dumps(text, ensure_ascii=is_ascii)[1:-1]
        twice = json.dumps(once, ensure_ascii=is_ascii)[1:-1]
        yield from (once, twice, once.replace("/", "\\/"))
        yield from (twice.replace("/", "\\/"), twice.replace("/", "\\\\/"))
