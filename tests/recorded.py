"""The recordings, by name: upstream answers as bytes, client requests as JSON bytes."""

from pathlib import Path

import msgspec

_ROOT = Path(__file__).parent / "recordings"

STREAM_NAMES = sorted(path.stem for path in (_ROOT / "upstream" / "sse").glob("*.sse"))
REQUEST_NAMES = sorted(
    str(path.relative_to(_ROOT / "clients").with_suffix("")) for path in (_ROOT / "clients").rglob("*.json")
)
MODEL_IN_BODY_NAMES = [name for name in REQUEST_NAMES if not name.lower().endswith("generatecontent")]
"""All but Gemini's, whose URL names the model."""
ERROR_NAMES = sorted(path.stem for path in (_ROOT / "upstream" / "errors").glob("*.json"))


def stream(name: str) -> bytes:
    """The exact bytes of a recorded upstream stream."""
    return (_ROOT / "upstream" / "sse" / f"{name}.sse").read_bytes()


def reply(name: str) -> bytes:
    """A recorded non-streaming upstream answer."""
    return (_ROOT / "upstream" / f"{name}.json").read_bytes()


def request(name: str) -> bytes:
    """The JSON body of a recorded client request, its values spelled as they came."""
    text = (_ROOT / "clients" / f"{name}.json").read_bytes()
    return bytes(msgspec.json.decode(text, type=dict[str, msgspec.Raw])["body"])


def url(name: str) -> tuple[str, str]:
    """Path and query of a recorded client request."""
    text = (_ROOT / "clients" / f"{name}.json").read_bytes()
    path, _, query = str(msgspec.json.decode(text)["path"]).partition("?")
    return path, query


def protocol_of(name: str) -> str:
    """The protocol in the name of a recorded stream."""
    return name.partition("-")[0]


def error(name: str) -> tuple[int, dict[str, str], bytes]:
    """A recorded refusal: status, headers and the literal body."""
    document = msgspec.json.decode((_ROOT / "upstream" / "errors" / f"{name}.json").read_bytes())
    return document["status"], document["headers"], document["body"].encode()
