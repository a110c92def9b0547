"""Sealing: the one text form of a blob."""

import base64

import pytest

from copilot_api.neutral.opaque import Opaque, open_sealed, seal

SEALED = "capi1.WyJyZXNwb25zZXMiLHsiZW5jcnlwdGVkX2NvbnRlbnQiOiJnQUFBIiwiaWQiOiJyc18xIn1d"


def test_a_seal_is_one_fixed_text() -> None:
    """Stored conversations carry it: the form is forever, and the order of the payload does not matter."""
    assert seal(Opaque("responses", {"id": "rs_1", "encrypted_content": "gAAA"})) == SEALED
    assert seal(Opaque("responses", {"encrypted_content": "gAAA", "id": "rs_1"})) == SEALED
    assert open_sealed(SEALED) == Opaque("responses", {"id": "rs_1", "encrypted_content": "gAAA"})


def sealed(packed: bytes) -> str:
    """A text with our prefix around anything."""
    return "capi1." + base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "capi1.",
        "capi2." + SEALED[6:],
        SEALED[6:],
        " " + SEALED,
        SEALED + "=",
        SEALED + "\n",
        SEALED[:-1],
        SEALED[:-1] + "!",
        "capi1.ünicode",
        "capi1.\ud83d",
        "ErUBCkYIBxgCKkDxCp1Ls+signature/of/anthropic==",
        "gAAAAABf47PCJGajhh0bw5HHyks",
        sealed(b"[]"),
        sealed(b"{}"),
        sealed(b'["a"]'),
        sealed(b'["a",{"b":1}]'),
        sealed(b'["a",{},"more"]'),
        sealed(b'["a", {}]'),
        sealed(b'["a",{"z":"1","a":"2"}]'),
        sealed(b"\xff\xfe"),
        sealed(b'["a",{"b":"\xff"}]'),
        sealed(b"[" * 50_000),
        sealed(b'["a",{"b":"' + b"x" * (13 * 1024 * 1024) + b'"}]'),
    ],
)
def test_a_foreign_or_hostile_text_does_not_open(text: str) -> None:
    """Nor does one that differs from a seal in a single character."""
    assert open_sealed(text) is None
