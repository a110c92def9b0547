"""GET of the model list and of one model, in the shape of whoever asks.

`/v1beta/models` is Google's. `/v1/models` follows the caller: `x-goog-api-key` or `x-goog-api-client` means Google,
`anthropic-version` means Anthropic, anything else OpenAI. Source: reference/clients of 2026-11: current Google
SDKs ask on `/v1` by default.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal
from urllib.parse import parse_qs, unquote

from copilot_api.copilot.accounts import Account, Accounts
from copilot_api.copilot.listing import (
    Entry,
    find_entry,
    list_entries,
    render_anthropic,
    render_anthropic_model,
    render_google,
    render_google_model,
    render_openai,
    render_openai_model,
)
from copilot_api.errors import GatewayError, MethodNotAllowed
from copilot_api.gateway.request.choose import is_allowed, require_allowed
from copilot_api.protocols.base import ProtocolName
from copilot_api.protocols.registry import PROTOCOLS
from copilot_api.settings import ClientKeyEntry, Settings
from copilot_api.web.asgi import Scope, Send, reply, reply_json
from copilot_api.web.guard import Guard
from copilot_api.web.ingress import trace_id_of

Shape = Literal["openai", "anthropic", "google"]

_LISTS = ("/v1/models", "/models", "/v1beta/models")
_ERRORS: dict[Shape, ProtocolName] = {"openai": "chat", "anthropic": "messages", "google": "gemini"}


class ModelListing:
    """Answers the model routes for the account of the caller's key."""

    def __init__(
        self, accounts: Accounts, settings: Callable[[], Settings], guard: Callable[[], Guard]
    ) -> None:
        self._accounts = accounts
        self._settings = settings
        self._guard = guard

    @staticmethod
    def serves(path: str) -> bool:
        """Whether a path is a model list or one model of it."""
        return path in _LISTS or path.startswith(tuple(f"{listed}/" for listed in _LISTS))

    async def __call__(self, scope: Scope, headers: dict[str, str], send: Send) -> None:
        """Answer one request whose Host and Origin have been checked."""
        path: str = scope["path"]
        shape = shape_for(path, headers)
        try:
            if scope["method"] not in {"GET", "HEAD"}:
                raise MethodNotAllowed(f"{scope['method']} is not served on {path}; send GET.")
            key = self._guard().require_key(scope, headers)
            account = self._accounts.choose(key.account_id if key is not None else None)
            document = await self._document(path, shape, account, key, _query(scope))
        except GatewayError as error:
            wire = PROTOCOLS[_ERRORS[shape]].ingress.write_error(error)
            pairs = [
                (b"content-type", b"application/json"),
                (b"content-length", b"%d" % len(wire.body)),
                (b"x-trace-id", trace_id_of(headers).encode()),
            ]
            await reply(send, wire.status, wire.body, pairs)
            return
        await reply_json(send, 200, document, [(b"x-trace-id", trace_id_of(headers).encode())])

    async def _document(
        self,
        path: str,
        shape: Shape,
        account: Account,
        key: ClientKeyEntry | None,
        query: Mapping[str, str],
    ) -> dict[str, object]:
        settings = self._settings()
        listed = next(prefix for prefix in sorted(_LISTS, key=len, reverse=True) if path.startswith(prefix))
        name = unquote(path[len(listed) + 1 :])
        if name:
            entry = find_entry(await account.resolve(name, settings))
            require_allowed(key, name, entry.model.id)
            return _ONE[shape](entry)
        catalog = await account.catalog.loaded()
        entries = list_entries(
            catalog, settings.model_mapping, settings.hidden_models, settings.disable_hidden_models
        )
        if key is not None and key.models:
            entries = tuple(entry for entry in entries if is_allowed(key.models, entry.id, entry.model.id))
        return _render_list(shape, entries, query)


def shape_for(path: str, headers: Mapping[str, str]) -> Shape:
    """In whose words to answer."""
    if path.startswith("/v1beta/"):
        return "google"
    if "x-goog-api-key" in headers or "x-goog-api-client" in headers:
        return "google"
    return "anthropic" if "anthropic-version" in headers else "openai"


def _render_list(shape: Shape, entries: Sequence[Entry], query: Mapping[str, str]) -> dict[str, object]:
    if shape == "google":
        return render_google(entries, page_size=query.get("pageSize"), page_token=query.get("pageToken"))
    if shape == "anthropic":
        return render_anthropic(
            entries,
            limit=query.get("limit"),
            after_id=query.get("after_id"),
            before_id=query.get("before_id"),
        )
    return render_openai(entries)


_ONE: dict[Shape, Callable[[Entry], dict[str, object]]] = {
    "openai": render_openai_model,
    "anthropic": render_anthropic_model,
    "google": render_google_model,
}


def _query(scope: Scope) -> dict[str, str]:
    parsed = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    return {name: values[-1] for name, values in parsed.items()}
