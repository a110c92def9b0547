"""What the admin API says when it does not do what was asked: one shape for every page and every reason.

    {"error": {"code": "mapping_exists", "message": "...", "remedy": "...", "fields": {"from": "..."}}}

Owns the faults that only the admin has; those of errors.py leave in the same shape.
"""

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from litestar import Response

from copilot_api.errors import ClientFault, GatewayError, StoreFault


class AdminFault(ClientFault):
    """The root of what a page of the admin refuses.

    Shape: `remedy` is one sentence on what to do; `fields` maps JSON names of fields (`rateLimit.concurrency`) to
    what is wrong with them; `current` is the document as it stands, for a caller whose copy was stale.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        remedy: str = "",
        fields: Mapping[str, str] | None = None,
        retry_after_s: float | None = None,
        current: object = None,
    ) -> None:
        super().__init__(message, code=code, retry_after_s=retry_after_s, remedy=remedy)
        self.fields = dict(fields or {})
        self.current = current


class BadBody(AdminFault):
    """The body is not JSON."""

    status = 400
    code = "malformed_json"


class NotFound(AdminFault):
    """What the path names is not there, or not there any more."""

    status = 404
    code = "not_found"


class Conflict(AdminFault):
    """What was asked does not go together with how things are."""

    status = 409
    code = "conflict"


class NotJson(AdminFault):
    """The body is announced as something else than JSON."""

    status = 415
    code = "not_json"


class NotAccepted(AdminFault):
    """The document is JSON, but a value in it is not accepted; `fields` says which."""

    status = 422
    code = "not_accepted"


class SaidError(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """The inside of the one error shape."""

    code: str
    message: str
    remedy: str
    fields: dict[str, str]
    trace_id: str = ""


class SaidFault(msgspec.Struct, frozen=True, omit_defaults=True):
    """The one error shape of the admin API. `current` only where a stale copy was refused."""

    error: SaidError
    current: object = None


def say(error: GatewayError, trace_id: str = "") -> Response[SaidFault]:
    """Put any refusal into the one shape."""
    message, remedy = error.parted
    fields, current = dict[str, str](), None
    if isinstance(error, AdminFault):
        fields, current = error.fields, error.current
    status = HTTPStatus.SERVICE_UNAVAILABLE if isinstance(error, StoreFault) else error.status
    headers = {"cache-control": "no-store"}
    if error.retry_after_s is not None:
        headers["retry-after"] = str(max(1, round(error.retry_after_s)))
    if status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = 'Bearer realm="copilot-api admin"'
    said = SaidFault(SaidError(error.code, message, remedy, fields, trace_id), current)
    return Response(said, status_code=status, headers=headers, media_type="application/json")
