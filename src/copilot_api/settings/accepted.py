"""Which texts a setting accepts: one small reader per kind of value.

Owns the accepted forms and their words. Must never know which setting asks. Each reader returns the value or
raises ValueError; the caller adds the name of the setting and the accepted form.
"""

import base64
import binascii
import ipaddress
import math
import re
import ssl
from pathlib import Path
from urllib.parse import urlsplit

_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})
_PROXY_SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")
_HOST_LABELS = re.compile(
    r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?"
)
# 64 bytes of key and any salt in unpadded base64url: what the reference gateway writes.
_SCRYPT = re.compile(r"scrypt\$[A-Za-z0-9_-]{4,}\$[A-Za-z0-9_-]{86}")
_ARGON2ID = re.compile(r"\$argon2id\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{8,}\$[A-Za-z0-9+/]{16,}")

SAMPLE_KEYS = frozenset(
    {
        "api-key", "api_key", "apikey", "change-me", "change_me", "changeme", "dummy", "example", "key",
        "my-secret-key", "none", "null", "password", "placeholder", "secret", "sk-...", "sk-dummy", "sk-test",
        "test", "token", "undefined", "your-api-key", "your-key", "your-secret-key", "your_api_key", "<key>",
    }
)  # fmt: skip

BOOLEAN = "true, false, 1, 0, yes, no, on or off"
PORT = "a whole number from 0 to 65535"
SECONDS = "a number of seconds greater than 0, such as 5 or 0.5"
MEGABYTES = "a number of megabytes greater than 0 and at most 4096"
HOST = "an IP address or a host name, without scheme and port"
HOSTS = "host names or IP addresses separated by commas, without scheme and port"
NETWORKS = "IP addresses or networks such as 10.0.0.0/8, separated by commas"
ORIGINS = "origins such as https://chat.example.com, separated by commas, without path"
URL = "an https:// address, or http:// to this machine (localhost, 127.0.0.1, [::1]), without query"
PROXY = (
    "a proxy such as http://proxy.example:8080 or socks5h://127.0.0.1:1080; one that asks for a password goes into "
    "HTTPS_PROXY, with PROXY_ENV=true"
)
DATABASE = "postgresql://USER:PASSWORD@HOST:PORT/NAME, or sqlite:////ABSOLUTE/PATH"
LIMITS_URL = "redis://HOST:PORT/NUMBER, or rediss://, valkey:// or valkeys://"
COUNT = "a whole number from 1"
MAX_MONTHS = 1200
MONTHS = f"a whole number from 1 to {MAX_MONTHS}"
FILE = "the path of an existing file"
CERTIFICATES = "the path of an existing file of certificates in PEM form"
DIRECTORY = "the path of a directory"
MODEL_NAME = "a name of 1 to 200 characters, without line breaks or other control characters"
CLIENT_KEY = "a key of your own of at least 8 characters without spaces; `copilot-api keys create` makes one"
ADMIN_SECRET = "at least 8 characters"  # noqa: S105 - the accepted form, not a secret
HASHED_FORM = (
    "scrypt$<salt>$<key> in base64url, or $argon2id$...; `copilot-api config hash-secret` makes one "
    "(in a compose file write each $ as $$)"
)
VAULT_KEY = "32 bytes in base64, such as `openssl rand -base64 32` prints"


def boolean(text: str) -> bool:
    """Read a yes or no."""
    word = text.lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError(text)


def port(text: str) -> int:
    """Read a TCP port; 0 asks the system for a free one."""
    if not (text.isascii() and text.isdigit()) or int(text) > 65535:
        raise ValueError(text)
    return int(text)


def seconds(text: str) -> float:
    """Read a positive, finite number of seconds."""
    value = float(text)
    if not (value > 0 and math.isfinite(value)):
        raise ValueError(text)
    return value


def megabytes_as_bytes(text: str) -> int:
    """Read megabytes (MiB) and return bytes."""
    value = seconds(text)
    if value > 4096:
        raise ValueError(text)
    return max(1, int(value * 1024 * 1024))


def count(text: str) -> int:
    """Read a whole number from 1."""
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) < 2**31:
        raise ValueError(text)
    return int(text)


def limits_url(text: str) -> str:
    """Read the address of a Redis or Valkey server."""
    parts = urlsplit(text)
    if parts.scheme not in {"redis", "rediss", "valkey", "valkeys"} or not parts.hostname:
        raise ValueError(text)
    _ = parts.port  # raises ValueError when it is not a port
    return text


def host(text: str) -> str:
    """Read an address or a name, lower-case; an IPv6 address may stand in brackets."""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        name = text.lower()
        if not _HOST_LABELS.fullmatch(name):
            raise ValueError(text) from None
        return name.rstrip(".")


def hosts(text: str) -> tuple[str, ...]:
    """Read a comma-separated list of hosts."""
    return tuple(host(item.strip()) for item in text.split(",") if item.strip())


def network(text: str) -> str:
    """Read an address or a network in its canonical form."""
    return str(ipaddress.ip_network(text, strict=False))


def networks(text: str) -> tuple[str, ...]:
    """Read a comma-separated list of addresses and networks."""
    return tuple(network(item.strip()) for item in text.split(",") if item.strip())


def origin(text: str) -> str:
    """Read the origin of a web page, lower-case; browser extensions have schemes of their own."""
    parts = urlsplit(text.lower().rstrip("/"))
    if not parts.scheme or not parts.hostname or parts.username is not None or parts.path or parts.query:
        raise ValueError(text)
    _ = parts.port  # raises ValueError when it is not a port
    return f"{parts.scheme}://{parts.netloc}"


def origins(text: str) -> tuple[str, ...]:
    """Read a comma-separated list of origins."""
    return tuple(origin(item.strip()) for item in text.split(",") if item.strip())


def is_loopback_name(name: str) -> bool:
    """Whether a host name or address always means this machine."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def base_url(text: str) -> str:
    """Read a base address that a bearer may be sent to; no trailing slash."""
    parts = urlsplit(text)
    name = parts.hostname or ""
    if (
        not name
        or parts.username is not None
        or parts.query
        or parts.fragment
        or any(c.isspace() for c in text)
    ):
        raise ValueError(text)
    _ = parts.port  # raises ValueError when it is not a port
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback_name(name)):
        raise ValueError(text)
    return text.rstrip("/")


def database_url(text: str) -> str:
    """Read the address of a database."""
    parts = urlsplit(text)
    if parts.scheme not in {"postgresql", "postgres", "sqlite"}:
        raise ValueError(text)
    if parts.scheme == "sqlite" and (not text.startswith("sqlite:///") or len(text) == len("sqlite:///")):
        raise ValueError(text)
    if parts.scheme != "sqlite" and not parts.path.strip("/"):
        raise ValueError(text)
    return text


def months(text: str) -> int:
    """Read a number of months."""
    count = int(text)
    if not 1 <= count <= MAX_MONTHS:
        raise ValueError(text)
    return count


def proxy(text: str) -> str:
    """Read the address of a proxy; no password, because this is shown to whoever may see the settings."""
    parts = urlsplit(text)
    if parts.scheme not in _PROXY_SCHEMES or not parts.hostname or parts.username is not None:
        raise ValueError(text)
    if parts.path not in {"", "/"} or parts.query or parts.fragment or any(c.isspace() for c in text):
        raise ValueError(text)
    _ = parts.port  # raises ValueError when it is not a port
    return text.rstrip("/")


def existing_file(text: str) -> Path:
    """Read the path of a file that is there."""
    path = Path(text).expanduser().absolute()
    if not path.is_file():
        raise ValueError(text)
    return path


def certificates(text: str) -> Path:
    """Read the path of a file of PEM certificates."""
    path = existing_file(text)
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=str(path))  # raises an OSError
    return path


def directory(text: str) -> Path:
    """Read the path of a directory, which need not exist yet."""
    path = Path(text).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise ValueError(text)
    return path


def model_name(text: str) -> str:
    """Read the name of a model as clients send it; longer ones are nobody's."""
    name = text.strip()
    if not 1 <= len(name) <= 200 or not name.isprintable():
        raise ValueError(text)
    return name


def is_sample_key(text: str) -> bool:
    """Whether a key is one of those that documentation prints and everybody knows."""
    word = text.strip().lower()
    return (
        word in SAMPLE_KEYS or re.fullmatch(r"(sk-)?(x{3,}|\*{3,}|\.{3,}|0{3,}|12345\d*)", word) is not None
    )


def client_key(text: str) -> str:
    """Read a client key of the operator's own making."""
    if len(text) < 8 or any(c.isspace() for c in text) or is_sample_key(text):
        raise ValueError(text)
    return text


def admin_secret(text: str) -> str:
    """Read the admin secret. Shorter ones could be set but never entered in the reference gateway."""
    if len(text) < 8:
        raise ValueError(text)
    return text


def secret_hash(text: str) -> str:
    """Read the hash of an admin secret: the reference gateway's scrypt form or argon2id."""
    if not (_SCRYPT.fullmatch(text) or _ARGON2ID.fullmatch(text)):
        raise ValueError(text)
    return text


def vault_key(text: str) -> bytes:
    """Read the key that seals the vault, from standard or URL-safe base64."""
    try:
        key = base64.b64decode(
            text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True
        )
    except binascii.Error:
        raise ValueError(text) from None
    if len(key) != 32:
        raise ValueError(text)
    return key
