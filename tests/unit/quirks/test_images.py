"""External addresses in messages: fetched safely, sent as base64."""

import asyncio
import json
import socket
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from copilot_api.copilot.catalog import Limits, Model, Vision
from copilot_api.copilot.quirks import PublicFetch, QuirkContext, inline_images
from copilot_api.copilot.quirks.images import media_type_of
from copilot_api.copilot.quirks.images.address import is_public_address
from copilot_api.errors import UnsupportedContent
from copilot_api.wire.body import Body
from unit.quirks.bodies import GPT, SONNET

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
PDF = b"%PDF-1.7 x"
PNG_SOURCE = {"type": "base64", "media_type": "image/png", "data": b64encode(PNG).decode()}


class Shelf:
    """Files by address; counts how often each was asked for."""

    def __init__(self, **files: bytes) -> None:
        self.files = files
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, url: str, max_bytes: int) -> bytes:
        """Give the file."""
        self.asked.append((url, max_bytes))
        return self.files[url.rpartition("/")[2]]


def linked(url: object, kind: str = "image") -> dict[str, object]:
    return {"type": kind, "source": {"type": "url", "url": url}}


async def inlined(fetch: Shelf, *blocks: object, model: Model = SONNET) -> tuple[list[object], list[str]]:
    body = Body(json.dumps({"messages": [{"role": "user", "content": list(blocks)}]}).encode())
    names = await inline_images(body, QuirkContext(model=model), fetch)
    return json.loads(body.encode())["messages"][0]["content"], names


async def test_an_address_becomes_its_bytes() -> None:
    """Contract 0.3 item 25: base64 only, also inside tool results; each address is fetched once."""
    shelf = Shelf(a=PNG, b=PDF)
    result = {"type": "tool_result", "tool_use_id": "t", "content": [linked("http://x/a")]}
    content, names = await inlined(shelf, linked("http://x/a"), result, linked("http://x/b", "document"))
    assert names == ["image-url"]
    assert content == [
        {"type": "image", "source": PNG_SOURCE},
        {**result, "content": [{"type": "image", "source": PNG_SOURCE}]},
        {
            "type": "document",
            "source": {"type": "base64", "media_type": "application/pdf", "data": b64encode(PDF).decode()},
        },
    ]
    assert shelf.asked == [("http://x/a", 3145728), ("http://x/b", 5242880)]


async def test_a_body_without_addresses_keeps_its_bytes() -> None:
    """The word `url` alone fetches nothing."""
    for block in (
        {"type": "text", "text": "url"},
        {"type": "image", "source": PNG_SOURCE},
        {"url": "x"},
        "url",
    ):
        raw = json.dumps({"messages": [{"role": "user", "content": [block]}, "url"]}).encode()
        body = Body(raw)
        assert await inline_images(body, QuirkContext(model=SONNET), Shelf()) == []
        assert body.encode() is raw
    assert await inline_images(Body(b'{"messages":[]}'), QuirkContext(model=SONNET), Shelf()) == []


async def test_a_data_address_is_not_fetched() -> None:
    """Its bytes are there already."""
    content, _ = await inlined(Shelf(), linked("data:image/png;base64," + b64encode(PNG).decode()))
    assert content == [{"type": "image", "source": PNG_SOURCE}]


@pytest.mark.parametrize(
    ("block", "words"),
    [
        (
            linked("http://u:p@x/b"),
            r"'x' is application/pdf; this model takes image/png, image/jpeg, image/webp\.",
        ),
        (linked("http://x/c"), "of an unknown type"),
        (linked("http://x/a", "document"), "takes application/pdf"),
        (linked(5), "needs a string 'url'"),
        (linked("data:image/png,abc"), "of an unknown type"),
        (linked("data:image/png;base64,*"), "valid base64"),
    ],
)
async def test_what_a_file_must_be(block: object, words: str) -> None:
    """By its first bytes; what a server or an ending says counts for nothing."""
    with pytest.raises(UnsupportedContent, match=words):
        await inlined(Shelf(a=PNG, b=PDF, c=b"<svg>"), block)


async def test_a_model_without_limits_takes_the_usual_pictures() -> None:
    """5 MiB, four types."""
    shelf = Shelf(a=b"GIF89a")
    content, _ = await inlined(shelf, linked("http://x/a"), model=GPT)
    assert content[0]["source"]["media_type"] == "image/gif"  # type: ignore[index]
    assert shelf.asked == [("http://x/a", 5242880)]
    vague = Model(id="m", limits=Limits(vision=Vision()))
    assert (await inlined(shelf, linked("http://x/a"), model=vague))[1] == ["image-url"]


async def test_no_more_than_twenty_files() -> None:
    """Contract 6.1: at most 20 pictures."""
    shelf = Shelf(**{str(n): PNG for n in range(21)})
    with pytest.raises(UnsupportedContent, match="More than 20"):
        await inlined(shelf, *[linked(f"http://x/{n}") for n in range(21)])


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF87a", "image/gif"),
        (b"RIFF1234WEBPVP8", "image/webp"),
        (b"RIFF1234WAVE", None),
        (b"", None),
    ],
)
def test_files_are_known_by_their_first_bytes(data: bytes, kind: str | None) -> None:
    """Magic numbers."""
    assert media_type_of(data) == kind


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("192.168.1.1", False),
        ("172.16.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("168.63.129.16", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("0.0.0.0", False),
        ("::1", False),
        ("::", False),
        ("[::1]", False),
        ("fe80::1%eth0", False),
        ("fd00:ec2::254", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("::7f00:1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("2002:7f00:1::", False),
        ("localhost", False),
    ],
)
def test_only_public_addresses_are_connected_to(address: str, is_public: bool) -> None:
    """Loopback, private, link-local, shared, cloud metadata, multicast, and IPv6 forms of them."""
    assert is_public_address(address) is is_public


class Names(AbstractResolver):
    """A name server of the test's own."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Look the name up."""
        if host not in self.names:
            raise OSError("no such name")
        return [
            ResolveResult(
                hostname=host,
                host=self.names[host],
                port=port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        """Nothing is open."""


@asynccontextmanager
async def host(answer: Callable[[web.Request], object]) -> AsyncIterator[int]:
    """A loopback server standing in for a public host; gives its port."""

    async def answered(request: web.Request) -> web.StreamResponse:
        given = answer(request)
        return given if isinstance(given, web.StreamResponse) else await given  # type: ignore[misc,no-any-return]

    server = web.Server(answered)
    runner = web.ServerRunner(server, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def fetcher(timeout_s: float = 5.0, **names: str) -> PublicFetch:
    """A fetcher for which 127.0.0.1, and nothing else on this machine, is a public address."""
    known = {"images.example": "127.0.0.1", **{name.replace("_", "."): to for name, to in names.items()}}
    return PublicFetch(
        resolver=lambda: Names(known), is_allowed=lambda address: address == "127.0.0.1", timeout_s=timeout_s
    )


async def test_a_file_is_fetched_without_cookies_or_credentials() -> None:
    """Nothing of ours or the client's goes along."""
    seen: list[web.Request] = []

    def answer(request: web.Request) -> web.Response:
        seen.append(request)
        return web.Response(body=PNG, headers={"Set-Cookie": "a=b"})

    async with host(answer) as port:
        assert await fetcher()(f"http://user:pass@images.example:{port}/a?b=c", 100) == PNG
        assert await fetcher()(f"http://127.0.0.1:{port}/", 100) == PNG
    assert seen[0].path_qs == "/a?b=c"
    assert not {"Authorization", "Cookie", "Referer"} & set(seen[0].headers)
    assert seen[0].headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://10.0.0.1/x", "'10.0.0.1' cannot be included: it is not a public address"),
        ("http://[::1]/x", "'::1' cannot be included: it is not a public address"),
        (
            "http://inside.example/x",
            "'inside.example' cannot be included: it does not lead to a public address",
        ),
        ("http://nowhere.example/x", "its name cannot be resolved"),
        ("ftp://images.example/x", "'ftp' addresses are not fetched"),
        ("file:///etc/passwd", "'file' addresses are not fetched"),
        ("nonsense", "'no' addresses are not fetched"),
        ("http://images.example:99999/", "it is not a URL"),
    ],
)
async def test_addresses_that_are_not_public_are_refused_before_connecting(url: str, words: str) -> None:
    """The check sits in the resolver, so the checked address is the connected one."""
    with pytest.raises(UnsupportedContent, match=words.replace("[", r"\[")):
        await fetcher(inside_example="10.0.0.1")(url, 100)


async def test_the_default_refuses_this_machine() -> None:
    """No configuration is needed to be safe."""
    with pytest.raises(UnsupportedContent, match="public address"):
        await PublicFetch()("http://localhost:1/x", 100)
    for spelling in ("2130706433", "127.1", "0x7f.1"):
        with pytest.raises(UnsupportedContent, match=r"public address|not a URL"):
            await PublicFetch()(f"http://{spelling}:1/x", 100)


async def test_redirects_are_followed_three_times_and_checked_each_time() -> None:
    """A public host cannot send us inside."""

    def answer(request: web.Request) -> web.Response:
        left = int(request.query.get("left", 0))
        if request.path == "/inside":
            return web.Response(status=302, headers={"Location": "http://10.0.0.1/secret"})
        if left:
            return web.Response(status=302, headers={"Location": f"/a?left={left - 1}"})
        return web.Response(body=PNG)

    async with host(answer) as port:
        assert await fetcher()(f"http://images.example:{port}/a?left=3", 100) == PNG
        with pytest.raises(UnsupportedContent, match="redirects more than 3 times"):
            await fetcher()(f"http://images.example:{port}/a?left=4", 100)
        with pytest.raises(UnsupportedContent, match=r"'10\.0\.0\.1' cannot be included"):
            await fetcher()(f"http://images.example:{port}/inside", 100)


async def test_size_status_and_time_are_limited() -> None:
    """No more is read than asked for, and not for longer."""

    async def endless(request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse()
        await stream.prepare(request)
        if request.path == "/big":
            for _ in range(50):
                await stream.write(b"0" * 100_000)
        else:
            await asyncio.Event().wait()  # until the client has gone and the server is torn down
        return stream

    def answer(request: web.Request) -> object:
        return web.Response(status=404) if request.path == "/none" else endless(request)

    async with host(answer) as port:
        with pytest.raises(UnsupportedContent, match="larger than 1000 bytes"):
            await fetcher()(f"http://images.example:{port}/big", 1000)
        with pytest.raises(UnsupportedContent, match="it answered 404"):
            await fetcher()(f"http://images.example:{port}/none", 1000)
        with pytest.raises(UnsupportedContent, match=r"longer than 0\.05 s"):
            await fetcher(timeout_s=0.05)(f"http://images.example:{port}/slow", 1000)


async def test_a_broken_connection_is_named() -> None:
    """The reason is in the client's hands."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(UnsupportedContent, match="the connection failed"):
            await fetcher()(f"http://images.example:{port}/", 100)
