"""What a browser may do with our answers: nothing but show the page itself, from here alone.

Laid over every answer of the operations, errors included, wherever the answer did not say otherwise itself.
Source: MDN, Content-Security-Policy and Cross-Origin-Resource-Policy (read 2026-11).
"""

from copilot_api.web.asgi import Application, Message, Receive, Scope, Send

_EVERYWHERE = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"cache-control", b"no-store"),
)
# data: and blob: for images alone: the playground shows the picture that it is about to send.
_PAGE_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    b"connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    b"require-trusted-types-for 'script'; trusted-types 'none'"
)
_API_POLICY = b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def guarded(application: Application) -> Application:
    """The same application, with these headers on everything it answers."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                said: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
                names = {name.lower() for name, _ in said}
                policy = _API_POLICY if _is_data(scope["path"]) else _PAGE_POLICY
                more = (*_EVERYWHERE, (b"content-security-policy", policy))
                message["headers"] = [*said, *(pair for pair in more if pair[0] not in names)]
            await send(message)

        await application(scope, receive, send_guarded)

    return guard


def _is_data(path: str) -> bool:
    return not path.startswith("/admin") or path.startswith("/admin/api")
