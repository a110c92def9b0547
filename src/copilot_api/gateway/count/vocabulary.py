"""Text into a number of tokens, by vocabularies that lie beside this file: nothing is downloaded.

Owns which vocabularies there are, and the sizes in which text is handed to the tokenizer. It is loaded in the
tokenizer's own process only: a vocabulary takes 90 MB and holds the interpreter for hundreds of milliseconds.
Source: tiktoken 0.14 (`tiktoken_ext/openai_public.py` has the patterns and the hashes; read 2026-11).
"""

import binascii
import functools
import hashlib
import lzma
import re
from collections.abc import Callable, Iterator
from importlib import resources
from typing import Final

MAX_PIECE_CHARS: Final = 16_384
"""More text is handed over in pieces, so that no input costs more than its length times a constant."""
_BORDER_WINDOW_CHARS: Final = 1024
# Both patterns always end a word at these places: after a line break before what is no white space and no slash,
# and between a Latin letter and a single space before a letter.
_BORDER: Final = re.compile(r"(?<=\n)(?=[^\s/])|(?<=[A-Za-z])(?= [A-Za-z])")

_CONTRACTIONS: Final = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
_PREFIX: Final = r"[^\r\n\p{L}\p{N}]?"
_UPPER: Final = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
_LOWER: Final = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"

VOCABULARIES: Final = {
    "o200k_base": (
        (
            f"{_PREFIX}{_UPPER}*{_LOWER}+{_CONTRACTIONS}",
            f"{_PREFIX}{_UPPER}+{_LOWER}*{_CONTRACTIONS}",
            r"\p{N}{1,3}",
            r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
            r"\s*[\r\n]+",
            r"\s+(?!\S)",
            r"\s+",
        ),
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    ),
    "cl100k_base": (
        (
            r"'(?i:[sdmt]|ll|ve|re)",
            r"[^\r\n\p{L}\p{N}]?+\p{L}++",
            r"\p{N}{1,3}+",
            r" ?[^\s\p{L}\p{N}]++[\r\n]*+",
            r"\s++$",
            r"\s*[\r\n]",
            r"\s+(?!\S)",
            r"\s",
        ),
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    ),
}
"""How text is split into words, the alternatives in order, and the SHA-256 of the published vocabulary."""

Count = Callable[[str], int]


@functools.cache
def load(name: str) -> Count:
    """The counter of one vocabulary; special tokens in the text are counted as the text they are.

    Raises: KeyError for a vocabulary that does not lie here; ValueError for a file that is not the published one.
    """
    import tiktoken  # noqa: PLC0415 - only the tokenizer's process pays for it

    alternatives, digest = VOCABULARIES[name]
    ranks = read_ranks(name, digest)
    encoding = tiktoken.Encoding(
        name, pat_str="|".join(alternatives), mergeable_ranks=ranks, special_tokens={}
    )
    return lambda text: len(encoding.encode_ordinary(text))


def read_ranks(name: str, digest: str) -> dict[bytes, int]:
    """Token -> rank, from the file of this name. Raises: ValueError when its SHA-256 is another."""
    packed = (
        resources.files("copilot_api.gateway.count")
        .joinpath("vocabularies", f"{name}.tiktoken.xz")
        .read_bytes()
    )
    content = lzma.decompress(packed)
    if hashlib.sha256(content).hexdigest() != digest:
        raise ValueError(f"The vocabulary {name!r} is not the published one. Install copilot-api again.")
    ranks: dict[bytes, int] = {}
    for line in content.splitlines():
        token, _, rank = line.partition(b" ")
        ranks[binascii.a2b_base64(token)] = int(rank)
    return ranks


def count(text: str, count_piece: Count, max_chars: int = MAX_PIECE_CHARS) -> int:
    """The tokens of a text of any length, at most one or two too many per piece that had no good border."""
    if len(text) <= max_chars:
        return count_piece(text)
    return sum(map(count_piece, pieces(text, max_chars)))


def pieces(text: str, max_chars: int) -> Iterator[str]:
    """The text in order, in pieces of at most `max_chars`, cut where the tokenizer would cut anyway if it can be."""
    start = 0
    while len(text) - start > max_chars:
        limit = start + max_chars
        # A border looks at the two characters that follow it.
        found = _BORDER.finditer(text, max(start + 1, limit - _BORDER_WINDOW_CHARS), limit + 2)
        fitting = [match.start() for match in found if match.start() <= limit]
        end = fitting[-1] if fitting else limit
        yield text[start:end]
        start = end
    yield text[start:]
