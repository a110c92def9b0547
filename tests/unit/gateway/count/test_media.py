"""Pictures and documents: sizes read from file headers, and tokens by each vendor's published examples."""

import base64
import struct

import pytest

from copilot_api.copilot.catalog import Model
from copilot_api.gateway.count.dimensions import read_size
from copilot_api.gateway.count.media import file_tokens, image_tokens, rule_of, text_of
from copilot_api.neutral.parts import Bytes, File, Image, Link, Stored


def encoded(data: bytes) -> str:
    """Base64 as requests carry it."""
    return base64.b64encode(data).decode()


def png(width: int, height: int) -> bytes:
    """The head of a PNG."""
    return (
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", width, height) + b"\x08\x02\x00\x00\x00"
    )


def jpeg(width: int, height: int, before: bytes = b"", frame: int = 0xC0) -> bytes:
    """A JPEG up to its frame header."""
    return (
        b"\xff\xd8"
        + before
        + bytes((0xFF, frame, 0, 11, 8))
        + struct.pack(">HH", height, width)
        + b"\x01\x01\x11\x00"
    )


APP1 = b"\xff\xe1" + struct.pack(">H", 60_002) + b"\xff\xc0" * 30_000
VP8 = b"VP8 " + b"\x00" * 4 + b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", 640 | 0x4000, 480)
VP8L = b"VP8L" + b"\x00" * 4 + b"\x2f" + struct.pack("<I", (640 - 1) | (480 - 1) << 14)
VP8X = b"VP8X" + b"\x00" * 8 + struct.pack("<I", 640 - 1)[:3] + struct.pack("<I", 480 - 1)[:3]


@pytest.mark.parametrize(
    "data",
    [
        png(640, 480),
        b"GIF87a" + struct.pack("<HH", 640, 480),
        b"GIF89a" + struct.pack("<HH", 640, 480),
        jpeg(640, 480),
        jpeg(640, 480, APP1),
        jpeg(640, 480, b"\xff\xff\xd0\xff\xc4\x00\x04\x00\x00", frame=0xC2),
        *(b"RIFF\x00\x00\x00\x00WEBP" + kind for kind in (VP8, VP8L, VP8X)),
    ],
)
def test_sizes_are_read_from_the_head(data: bytes) -> None:
    """Each format has them at its own place; metadata before them is stepped over, not searched."""
    assert read_size(encoded(data)) == (640, 480)
    wrapped = "\r\n".join(encoded(data)[at : at + 76] for at in range(0, len(encoded(data)), 76))
    assert read_size(wrapped) == (640, 480)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "????",
        "%%%",
        "é" * 8,
        encoded(b"%PDF-1.7"),
        encoded(b"\x89PNG\r\n\x1a\n"),
        encoded(png(0, 9)),
        encoded(b"\xff\xd8"),
        encoded(b"\xff\xd8\xff\xe0\x00\x00" + b"\x00" * 20),
        encoded(b"RIFF\x00\x00\x00\x00WEBP"),
        encoded(b"GIF89a\x01"),
    ],
)
def test_what_is_no_picture_has_no_size(text: str) -> None:
    """Garbage, other files and cut headers are told apart without raising."""
    assert read_size(text) is None


def cost(family: str, width: int, height: int, detail: str | None = None) -> int:
    """Tokens of one PNG of a size on a model of a family."""
    image = Image(Bytes("image/png", encoded(png(width, height))), detail)
    return image_tokens(image, rule_of(Model(id="m", family=family)))


@pytest.mark.parametrize(
    ("family", "width", "height", "tokens"),
    [
        # OpenAI's guide: 1024x1024 is 765, 2048x4096 is 1105 on gpt-4o.
        ("gpt-4o", 1024, 1024, 765),
        ("gpt-4o", 2048, 4096, 1105),
        ("gpt-4.1", 1024, 1024, 765),
        ("gpt-4o-mini", 512, 512, 8500),
        ("gpt-5", 1024, 1024, 630),
        # OpenAI's guide: 1024 patches times 1.62; measured on gpt-5-mini: 1229 (developer forum, June 2026).
        ("gpt-4.1-mini", 1024, 1024, 1659),
        ("gpt-5-mini", 1024, 1024, 1229),
        ("gpt-5-mini", 4096, 4096, 1844),
        ("gpt-5.4", 1600, 1600, 3000),
        # Anthropic's guide: 28-pixel patches; 1000x1000 is 1296, at most 1568, or 4784 on the newer models.
        ("claude-sonnet-4.6", 1000, 1000, 1296),
        ("claude-sonnet-4.6", 4000, 3000, 1568),
        ("claude-opus-4.7", 4000, 3000, 4784),
        # Google's guide: 258 for each 768-pixel tile before Gemini 3, 1120 at its default resolution.
        ("gemini-2.5-pro", 384, 384, 258),
        ("gemini-2.5-pro", 1024, 1024, 1032),
        ("gemini-3.1-pro-preview", 64, 64, 1120),
        ("grok-code-fast-1", 1024, 1024, 765),
        ("gpt-4o", 1, 100_000, 765),
    ],
)
def test_pictures_cost_what_the_vendors_say(family: str, width: int, height: int, tokens: int) -> None:
    """By family; whoever is not known counts as gpt-4o."""
    assert cost(family, width, height) == tokens


def test_low_detail_is_the_base_price_where_there_is_one() -> None:
    """Patches have no such discount."""
    assert cost("gpt-4o", 4000, 4000, "low") == 85
    assert cost("gpt-5-mini", 1024, 1024, "low") == 1229


@pytest.mark.parametrize("source", [Link("https://example.com/a.png"), Bytes("image/png", "AAAA")])
def test_a_picture_of_unknown_size_counts_as_a_thousand_squared(source: Link | Bytes) -> None:
    """A link is not followed to count it."""
    assert image_tokens(Image(source), rule_of(Model(id="gpt-4o"))) == 765


def test_documents_that_are_text_are_read() -> None:
    """From either place a text can be in."""
    assert text_of(File(None, text="words")) == "words"
    assert text_of(File(Bytes("text/plain", encoded(b"hello")))) == "hello"
    assert text_of(File(Bytes("application/json", encoded(b"{}")))) == "{}"
    assert text_of(File(Bytes("text/plain", "a"))) is None
    assert text_of(File(Bytes("application/pdf", "AAAA"))) is None
    assert text_of(File(Stored("messages", "file_1"))) is None


def test_other_documents_count_by_their_size() -> None:
    """50,000 bytes are a page, a page is 2,250 tokens, and what is not here is one page."""
    assert file_tokens(File(Bytes("application/pdf", "A" * 4))) == 2250
    assert file_tokens(File(Bytes("application/pdf", encoded(b"x" * 120_000)))) == 6750
    assert file_tokens(File(Link("https://example.com/a.pdf"))) == 2250
