"""The admin secret: both hash forms, the plain form, and hashes that are none."""

from pathlib import Path

import msgspec
import pytest

from copilot_api.settings import Settings
from copilot_api.store.admin_secret import hash_admin_secret, matches_hash, verify_admin_secret

# Made with node:crypto's scryptSync("correct horse", <16 bytes 0..15>, 64), its default cost.
NODE_HASH = (
    "scrypt$AAECAwQFBgcICQoLDA0ODw$"
    "JbN2hANm9NOw4h5BRHZnbjzQ6Jr0QwNWojTOC2WgIbViM-ewsk8HvJNAGV8ZyQodp1YlFO0HYqba48J_9bB9Yg"
)
BARE = Settings(data_directory=Path("/nowhere"))


async def test_the_reference_gateways_hash_opens_the_admin() -> None:
    """A user of the reference gateway keeps the secret."""
    settings = msgspec.structs.replace(BARE, admin_secret_hash=NODE_HASH)
    assert await verify_admin_secret("correct horse", settings)
    assert await verify_admin_secret(" correct horse\n", settings)
    assert not await verify_admin_secret("wrong horse", settings)


async def test_a_new_hash_is_argon2id() -> None:
    """New hashes use the stronger form."""
    encoded = hash_admin_secret(" correct horse ")
    assert encoded.startswith("$argon2id$v=19$")
    settings = msgspec.structs.replace(BARE, admin_secret_hash=encoded)
    assert await verify_admin_secret("correct horse", settings)
    assert not await verify_admin_secret("wrong horse", settings)


async def test_a_plain_secret_is_compared_whole() -> None:
    """ADMIN_SECRET from the environment."""
    settings = msgspec.structs.replace(BARE, admin_secret="correct horse")
    assert await verify_admin_secret("correct horse", settings)
    assert not await verify_admin_secret("correct", settings)
    assert not await verify_admin_secret("", settings)


async def test_without_a_secret_nothing_matches() -> None:
    """Not even the empty text."""
    assert not await verify_admin_secret("", BARE)


async def test_a_hash_wins_over_a_plain_secret() -> None:
    """An unreadable hash locks the door, whatever else is set."""
    settings = msgspec.structs.replace(BARE, admin_secret="correct horse", admin_secret_hash="unreadable")
    assert not await verify_admin_secret("correct horse", settings)


@pytest.mark.parametrize(
    "encoded", ["", "unreadable", "scrypt$", "scrypt$a$b$c", "scrypt$AAAA$B", "$argon2id$x"]
)
def test_a_malformed_hash_matches_nothing(encoded: str) -> None:
    """Neither a crash nor an open door."""
    assert not matches_hash("", encoded)
    assert not matches_hash("correct horse", encoded)
