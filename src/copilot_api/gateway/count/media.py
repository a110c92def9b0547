"""What pictures and documents cost, by the rules of whoever made the model. Pure; the tables are data.

Sources (read 2026-11): Anthropic's vision and PDF guides; OpenAI's images and vision guide, with the multipliers that
people measured where it is out of date (developer forum, June 2026); Google's token and media resolution guides.
"""

import binascii
import math
from typing import Final

import msgspec

from copilot_api.copilot.catalog import Model
from copilot_api.gateway.count.dimensions import Size, read_size
from copilot_api.neutral.parts import Bytes, File, Image

PDF_BYTES_PER_PAGE: Final = 50_000
"""A page of a text PDF with its fonts; scans have fewer pages per byte, and each counts as one anyway."""
PDF_PAGE_TOKENS: Final = 2_250
"""The middle of the 1,500 to 3,000 that Anthropic's guide names for a page's text and picture."""
UNKNOWN_SIZE: Final[Size] = (1024, 1024)
"""A picture that is behind a link, or whose header cannot be read, counts as if it had this size."""


class Tiles(msgspec.Struct, frozen=True):
    """OpenAI: fit into 2048 pixels, shortest side to 768, then so much for each 512-pixel tile."""

    base: int
    tile: int

    def cost(self, size: Size, detail: str | None) -> int:
        """Tokens of one picture."""
        if detail == "low":
            return self.base
        width, height = _shrunk(size, longest=2048)
        ratio = min(1.0, 768 / min(width, height))
        across = math.ceil(round(width * ratio) / 512) * math.ceil(round(height * ratio) / 512)
        return self.base + self.tile * max(1, across)


class Patches(msgspec.Struct, frozen=True):
    """A number of square patches that cover the picture, after it was shrunk to what the model takes."""

    edge: int
    most: int
    multiplier: float = 1.0
    longest: int | None = None

    def cost(self, size: Size, detail: str | None) -> int:
        """Tokens of one picture; `detail` makes no difference."""
        del detail
        width, height = _shrunk(size, longest=self.longest or max(size))
        patches = math.ceil(width / self.edge) * math.ceil(height / self.edge)
        return math.ceil(min(patches, self.most) * self.multiplier)


class Flat(msgspec.Struct, frozen=True):
    """The same for every picture."""

    tokens: int

    def cost(self, size: Size, detail: str | None) -> int:
        """Tokens of one picture."""
        del size, detail
        return self.tokens


Rule = Tiles | Patches | Flat

RULES: Final[tuple[tuple[str, Rule], ...]] = (
    ("claude-3", Patches(28, 1568, longest=1568)),
    ("claude-haiku-4", Patches(28, 1568, longest=1568)),
    ("claude-sonnet-4", Patches(28, 1568, longest=1568)),
    ("claude-opus-4.5", Patches(28, 1568, longest=1568)),
    ("claude-opus-4.6", Patches(28, 1568, longest=1568)),
    ("claude", Patches(28, 4784, longest=2576)),
    ("gpt-4o-mini", Tiles(2833, 5667)),
    ("gpt-4.1-mini", Patches(32, 1536, 1.62)),
    ("gpt-4.1-nano", Patches(32, 1536, 2.46)),
    ("gpt-4", Tiles(85, 170)),
    ("gpt-5-mini", Patches(32, 1536, 1.2)),
    ("gpt-5-nano", Patches(32, 1536, 1.5)),
    ("gpt-5.4-mini", Patches(32, 1536, 1.2)),
    ("gpt-5.4-nano", Patches(32, 1536, 1.2)),
    ("gpt-5.1", Tiles(70, 140)),
    ("gpt-5.", Patches(32, 2500, 1.2)),
    ("gpt-5", Tiles(70, 140)),
    ("o4-mini", Patches(32, 1536, 1.72)),
    ("o1", Tiles(75, 150)),
    ("o3", Tiles(75, 150)),
    ("gemini-2", Patches(768, 256, 258.0)),
    ("gemini", Flat(1120)),
)
"""Rules by how a model's family begins, the more special first. Everybody else counts as gpt-4o."""
_DEFAULT: Final = Tiles(85, 170)


def rule_of(model: Model) -> Rule:
    """What pictures cost on a model."""
    name = model.family or model.id
    return next((rule for prefix, rule in RULES if name.startswith(prefix)), _DEFAULT)


def image_tokens(image: Image, rule: Rule) -> int:
    """Tokens of one picture."""
    size = read_size(image.source.data) if isinstance(image.source, Bytes) else None
    return rule.cost(size or UNKNOWN_SIZE, image.detail)


def text_of(file: File) -> str | None:
    """The words of a document that is text; None for another, or one that does not lie in the request."""
    if file.text is not None:
        return file.text
    source = file.source
    if not isinstance(source, Bytes) or not _is_text(source.media_type):
        return None
    try:
        return binascii.a2b_base64(source.data).decode("utf-8", "replace")
    except ValueError:
        return None


def file_tokens(file: File) -> int:
    """Tokens of a document that is no text, by its size; one page where the size is not known."""
    length = len(file.source.data) * 3 // 4 if isinstance(file.source, Bytes) else 0
    return PDF_PAGE_TOKENS * max(1, math.ceil(length / PDF_BYTES_PER_PAGE))


def _is_text(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type in {"application/json", "application/xml"}


def _shrunk(size: Size, *, longest: int) -> Size:
    ratio = min(1.0, longest / max(size))
    return max(1, round(size[0] * ratio)), max(1, round(size[1] * ratio))
