"""Small real servers on loopback: a scripted HTTP upstream, a CONNECT proxy, a SOCKS5 server."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

Script = Callable[[bytes, bytes, asyncio.StreamWriter], Awaitable[bool]]
"""Answers one request (head, body); returns whether the connection is kept."""


class Server:
    """A listening server and what it saw."""

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []
        self.writers: list[asyncio.StreamWriter] = []

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


async def ok(head: bytes, body: bytes, writer: asyncio.StreamWriter) -> bool:
    """A plain 200."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")
    return True


def answering(status: int, body: bytes = b"", headers: bytes = b"") -> Script:
    """The same answer to everything."""

    async def script(head: bytes, received: bytes, writer: asyncio.StreamWriter) -> bool:
        length = str(len(body)).encode()
        start = b"HTTP/1.1 " + str(status).encode() + b" X\r\n"
        writer.write(start + headers + b"content-length: " + length + b"\r\n\r\n" + body)
        return True

    return script


@asynccontextmanager
async def http_server(script: Script, context: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """An HTTP/1.1 server that answers by `script`."""
    server = Server()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        server.writers.append(writer)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = 0
                for line in head.lower().split(b"\r\n"):
                    if line.startswith(b"content-length:"):
                        length = int(line.partition(b":")[2])
                body = await reader.readexactly(length)
                server.heads.append(head)
                server.bodies.append(body)
                if not await script(head, body, writer):
                    return
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async with _listening(server, serve, context):
        yield server


def certified(directory: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """A certificate authority's bundle, and a server context with its certificate for `name`."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    bundle, key_file = directory / "ca.pem", directory / "key.pem"
    bundle.write_bytes(certificate.public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(bundle, key_file)
    return bundle, context


@asynccontextmanager
async def connect_proxy(target: Server, *, authorization: bytes | None = None) -> AsyncIterator[Server]:
    """A CONNECT and absolute-form proxy that leads every name to `target`."""
    server = Server()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        server.heads.append(head)
        if authorization is not None and b"Proxy-Authorization: " + authorization not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")
            writer.close()
            return
        if head.startswith(b"CONNECT"):
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await _pipe(reader, writer, target.port, b"")
        else:
            await _pipe(reader, writer, target.port, head)

    async with _listening(server, serve):
        yield server


@asynccontextmanager
async def socks_proxy(target: Server, *, user: bytes = b"", password: bytes = b"") -> AsyncIterator[Server]:
    """A SOCKS5 server (RFC 1928, 1929) that leads every name to `target`; `heads` are the names asked for."""
    server = Server()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, count = await reader.readexactly(2)
        methods = await reader.readexactly(count)
        method = 2 if user else 0
        if method not in methods:
            writer.write(b"\x05\xff")
            writer.close()
            return
        writer.write(bytes([5, method]))
        if user:
            await reader.readexactly(1)
            given_user = await reader.readexactly((await reader.readexactly(1))[0])
            given_password = await reader.readexactly((await reader.readexactly(1))[0])
            is_known = (given_user, given_password) == (user, password)
            writer.write(b"\x01\x00" if is_known else b"\x01\x01")
            if not is_known:
                writer.close()
                return
        _, _, _, kind = await reader.readexactly(4)
        if kind == 3:
            name = await reader.readexactly((await reader.readexactly(1))[0])
        else:
            name = socket.inet_ntoa(await reader.readexactly(4)).encode()
        await reader.readexactly(2)
        server.heads.append(name)
        writer.write(b"\x05\x00\x00\x01" + socket.inet_aton("127.0.0.1") + struct.pack("!H", target.port))
        await _pipe(reader, writer, target.port, b"")

    async with _listening(server, serve):
        yield server


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def _listening(
    server: Server, serve: Serve, context: ssl.SSLContext | None = None
) -> AsyncIterator[None]:
    running: set[asyncio.Task[None]] = set()

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            await serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            return  # A cancel comes from the end of the test only.
        finally:
            running.discard(task)
            writer.close()

    listener = await asyncio.start_server(guarded, "127.0.0.1", 0, ssl=context)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield
    finally:
        listener.close()
        for task in tuple(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, first: bytes) -> None:
    onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", port)

    async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            sink.write(data)
        sink.close()

    onward_writer.write(first)
    try:
        await asyncio.gather(copy(reader, onward_writer), copy(onward_reader, writer))
    finally:
        onward_writer.close()
