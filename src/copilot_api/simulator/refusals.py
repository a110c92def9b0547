"""Everything the simulator says no with, byte for byte.

Owns: `Refusal` and the error bodies: literal ones in `data/errors.json`, those that quote a value here.
Must never know: when a refusal applies (that is `rules/` and `routes/gate.py`).
Source: upstream contract §§1.5, 2.3, 4.1, 5.2, 6.2-6.4, 7.1.
"""

from copilot_api.simulator.shapes import Json, as_int, as_object, as_text, encode, load_data

TEXT = "text/plain; charset=utf-8"
JSON = "application/json"


RESET = "reset"
"""The name of the error that is no answer at all: the connection breaks."""


class Refusal(Exception):
    """One HTTP answer that is not a success; raised by rules, written by the gate.

    Status 0 breaks the connection instead of answering.
    """

    def __init__(
        self,
        status: int,
        body: bytes,
        content_type: str = TEXT,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {body[:200]!r}")
        self.status = status
        self.body = body
        self.content_type = content_type
        self.headers = headers or {}


_DEFAULT_OF_STATUS = {
    "400": "400-bad-request-text",
    "401": "401-token-expired",
    "402": "402-quota-exceeded",
    "403": "403-forbidden",
    "404": "404-page",
    "413": "413-text",
    "422": "422-content-filter",
    "429": "429-rate-limited",
    "466": "466-client-too-old",
    "499": "499-cancelled",
    "500": "500-text",
    "502": "502-html",
    "503": "503-provider",
}


def named(name: str, retry_after: str | None = None) -> Refusal:
    """Look up a literal error by its name (`429-weekly`) or its bare status (`429`).

    Raises: KeyError for a name that does not exist.
    """
    if name == RESET:
        return Refusal(0, b"")
    entry = as_object(load_data("errors.json").get(_DEFAULT_OF_STATUS.get(name, name)))
    if not entry:
        if name.isdigit() and 400 <= int(name) <= 599:
            return Refusal(int(name), f"simulated error {name}\n".encode())
        raise KeyError(name)
    headers = {key: as_text(value) for key, value in as_object(entry["headers"]).items()}
    if retry_after is not None:
        headers["retry-after"] = retry_after
    return Refusal(as_int(entry["status"]), entry["body"].encode(), entry["content_type"], headers)


def text(status: int, line: str) -> Refusal:
    """Build a plain-text refusal; upstream ends these lines with a newline."""
    return Refusal(status, line.encode() + b"\n")


def gate(message: str, code: str, status: int = 400, **more: str) -> Refusal:
    """Build a refusal of the Copilot gate: JSON under `error`, sent as text/plain."""
    error: Json = {"message": message, "code": code, **more}
    return Refusal(status, encode({"error": error}))


def backend(name: str, message: str) -> Refusal:
    """Build a Messages refusal in the shape of the backend that happened to serve the request.

    Shape: anthropic -> {"type":"error","error":{...},"request_id":...} as JSON; else {"message":...}
    """
    if name != "anthropic":
        return Refusal(400, encode({"message": message}))
    error = {"type": "invalid_request_error", "message": message}
    body = {"type": "error", "error": error, "request_id": "req_011CSIMULATORSIMULATORS"}
    return Refusal(400, encode(body), JSON)


def extra_input(name: str, path: str) -> Refusal:
    """Refuse a field the Messages validator does not know, naming its path."""
    return backend(name, f"{path}: Extra inputs are not permitted")


def model_not_supported() -> Refusal:
    """Refuse an unknown, hidden or policy-disabled model."""
    return named("400-model-not-supported")


def integrator(name: str) -> Refusal:
    """Refuse a model that is not offered to this integrator."""
    return gate(
        f'The requested model is not available for integrator "{name}". '
        "Verify the correct Copilot-Integration-Id header is being sent.",
        "model_not_supported",
    )


def wrong_endpoint(model: str, path: str) -> Refusal:
    """Refuse a model on a route it does not list in `supported_endpoints`."""
    if path == "/responses":
        return gate(f"model {model} is not supported via Responses API.", "unsupported_api_for_model")
    return gate(f'model "{model}" is not accessible via the {path} endpoint', "unsupported_api_for_model")


def prompt_too_long(tokens: int, limit: int) -> Refusal:
    """Refuse a prompt over `max_prompt_tokens` on the OpenAI routes."""
    return gate(
        f"prompt token count of {tokens} exceeds the limit of {limit}", "model_max_prompt_tokens_exceeded"
    )


def prompt_too_long_messages(tokens: int, limit: int) -> Refusal:
    """Refuse a prompt over `max_prompt_tokens` on the Messages route."""
    return backend("anthropic", f"prompt is too long: {tokens} tokens > {limit} maximum")


def invalid_body(message: str) -> Refusal:
    """Refuse a body with the gate's `invalid_request_body`."""
    return gate(message, "invalid_request_body")


def schema(reason: str, location: str) -> Refusal:
    """Refuse a chat body that fails the schema check, in the validator's wording."""
    return invalid_body(
        f"invalid request body, failed to validate schema: (1) Reason: {reason}, Location: {location}."
    )


def unsupported(message: str, param: str) -> Refusal:
    """Refuse an unsupported value."""
    return gate(message, "unsupported_value", param=param)


def missing_results(index: int, call_ids: list[str]) -> Refusal:
    """Refuse tool calls of message `index` that nobody answered, in Claude's words."""
    return invalid_body(
        f"messages.{index}: `tool_use` ids were found without `tool_result` blocks immediately after: "
        f"{', '.join(call_ids)}. "
        "Each `tool_use` block must have a corresponding `tool_result` block in the next message."
    )


def entitlement(notification_id: str) -> Refusal:
    """Refuse a token exchange with one of GitHub's notification ids."""
    signup = notification_id in {"not_signed_up", "subscription_ended"}
    details = {
        "message": f"Access problem: {notification_id}.",
        "notification_id": notification_id,
        "title": "GitHub Copilot access",
        "url": "https://github.com/settings/copilot",
    }
    body = {
        "can_signup_for_limited": signup,
        "error_details": details,
        "message": "Resource not accessible by integration",
    }
    return Refusal(403, encode(body), JSON)
