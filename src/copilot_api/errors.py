"""The error tree of copilot-api. It knows no wire shapes: each protocol writes its own envelope.

The first split is *whose fault it is*:

    GatewayError(message, code, status, retry_after_s=None, param=None, remedy="")
    ├─ ClientFault
    │  ├─ MalformedRequest     400  the body cannot be read or has the wrong type
    │  ├─ UnsupportedContent   400  the body is fine, but nobody upstream can take it
    │  ├─ UnknownModel         404  no such model for this account (message names the nearest)
    │  ├─ Unauthorized         401  no key, or a wrong one
    │  ├─ Forbidden            403  the guard refused the caller (Host, Origin, scope)
    │  ├─ UnknownRoute         404  nothing is served at this path
    │  ├─ MethodNotAllowed     405  the path exists, the verb does not
    │  ├─ UpgradeRequired      426  reserved for the WebSocket form of a route
    │  ├─ BodyTooLarge         413  more bytes than the operator allows, also after decompression
    │  ├─ UnsupportedEncoding  415  a content-encoding we cannot undo
    │  ├─ Throttled            429  our own rate limit
    │  └─ BudgetExhausted      402  the operator's budget for this key, account or gateway is used up
    ├─ RoutingFault
    │  ├─ NoRoute              400  the model does not speak this protocol
    │  ├─ NoAccount            503  nobody is logged in
    │  ├─ CountUnavailable     503  tokens cannot be counted here
    │  └─ Draining             503  the server is shutting down
    ├─ UpstreamFault
    │  ├─ UpstreamRejected     their 4xx, with their words
    │  │  └─ ContextOverflow   400  the prompt is longer than the model's window
    │  ├─ CredentialRefused    401/403  GitHub or Copilot no longer accepts the account
    │  ├─ QuotaExhausted       402/429  with Retry-After where they sent one
    │  ├─ UpstreamUnavailable  502/503  unreachable, or their 5xx
    │  ├─ UpstreamTimeout      504
    │  └─ UpstreamProtocolError 502  what they sent is not what they promised (a cut stream too)
    └─ StoreFault
       └─ StoreUnavailable     never fails a client's request: log, count, go on

Anything else that escapes is a bug and becomes a 500 with an id.
"""


class GatewayError(Exception):
    """The root. Never raised itself; `status` and `code` default per class.

    Units: `retry_after_s` in seconds. `param` names the offending request field, where one is known. `remedy` is what
    to do about it, where somebody may want to show that apart; see `parted`.
    """

    status: int = 500
    code: str = "internal_error"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        retry_after_s: float | None = None,
        param: str | None = None,
        remedy: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code
        if status is not None:
            self.status = status
        self.retry_after_s = retry_after_s
        self.param = param
        self.remedy = remedy

    @property
    def parted(self) -> tuple[str, str]:
        """What happened and what to do, apart. A message says both unless its fault keeps them apart."""
        return self.message.removesuffix(self.remedy).rstrip(), self.remedy


class ClientFault(GatewayError):
    """The caller can mend it."""

    status = 400
    code = "invalid_request"


class MalformedRequest(ClientFault):
    """The body cannot be read, or a field has the wrong type."""

    code = "invalid_request"


class UnsupportedContent(ClientFault):
    """A feature or content part that the upstream cannot take."""

    code = "unsupported_content"


class UnknownModel(ClientFault):
    """No such model for this account."""

    status = 404
    code = "model_not_found"


class Unauthorized(ClientFault):
    """No client key, or one that is not ours."""

    status = 401
    code = "invalid_api_key"


class Forbidden(ClientFault):
    """The guard refused the caller: Host, Origin, or the scope of its key."""

    status = 403
    code = "forbidden"


class UnknownRoute(ClientFault):
    """Nothing is served at this path."""

    status = 404
    code = "not_found"


class MethodNotAllowed(ClientFault):
    """The path exists, the verb does not."""

    status = 405
    code = "method_not_allowed"


class UpgradeRequired(ClientFault):
    """The WebSocket form of a route was asked for and is not served."""

    status = 426
    code = "upgrade_required"


class BodyTooLarge(ClientFault):
    """More bytes than the operator allows, before or after decompression."""

    status = 413
    code = "request_too_large"


class UnsupportedEncoding(ClientFault):
    """A content-encoding that we cannot undo."""

    status = 415
    code = "unsupported_encoding"


class Throttled(ClientFault):
    """Our own rate limit, not the upstream's."""

    status = 429
    code = "rate_limit_exceeded"


class BudgetExhausted(ClientFault):
    """What the operator allows to be spent in a day or a month is spent."""

    status = 402
    code = "budget_exhausted"


class RoutingFault(GatewayError):
    """We cannot find a way to serve a well-formed request."""

    status = 400
    code = "no_route"


class NoRoute(RoutingFault):
    """The model does not speak this protocol."""

    code = "unsupported_api_for_model"


class NoAccount(RoutingFault):
    """Nobody is logged in, or the chosen account cannot be used."""

    status = 503
    code = "no_account"


class CountUnavailable(RoutingFault):
    """Tokens cannot be counted here: the tokenizer failed, or there is more text than it is given."""

    status = 503
    code = "count_unavailable"


class Draining(RoutingFault):
    """The server is shutting down and takes no new work."""

    status = 503
    code = "shutting_down"


class UpstreamFault(GatewayError):
    """GitHub or Copilot answered, or failed to."""

    status = 502
    code = "upstream_error"


class UpstreamRejected(UpstreamFault):
    """Their 4xx. `status` is theirs, `code` and `message` are their words.

    `upstream_type` is the `type` of their error object, where there was one.
    """

    status = 400
    code = "upstream_rejected"
    upstream_type: str | None = None


class ContextOverflow(UpstreamRejected):
    """The prompt is longer than the model's window.

    Units: both counts in tokens; None where the upstream did not say.
    """

    code = "context_length_exceeded"
    prompt_tokens: int | None = None
    limit_tokens: int | None = None


class CredentialRefused(UpstreamFault):
    """GitHub or Copilot no longer accepts the account's credential."""

    status = 401
    code = "credential_refused"


class QuotaExhausted(UpstreamFault):
    """Their 402 or 429: the plan, a limiter or a budget is used up."""

    status = 429
    code = "rate_limited"


class UpstreamUnavailable(UpstreamFault):
    """They could not be reached, or answered with a 5xx."""

    status = 502
    code = "upstream_unavailable"


class UpstreamTimeout(UpstreamFault):
    """They were silent for longer than allowed."""

    status = 504
    code = "upstream_timeout"


class UpstreamProtocolError(UpstreamFault):
    """What they sent is not what they promised: a cut stream, broken frames."""

    status = 502
    code = "upstream_protocol_error"


class StoreFault(GatewayError):
    """Durable state failed."""

    status = 500
    code = "store_error"


class StoreUnavailable(StoreFault):
    """The store cannot be read or written now. Never fails a client's request."""

    code = "store_unavailable"
