"""What is written down of one exchange: numbers, and words that are stored once.

A year of requests has some hundred different facets (who asked whom, and how it ended) and some thousand forms (a
facet and everything else that is said in words), so a row keeps the number of its form. That halves the file, and
makes every filter a choice of forms.
"""

import msgspec


class Facet(msgspec.Struct, frozen=True, array_like=True, cache_hash=True, gc=False):
    """What the sums are kept by.

    `source` is "request" for clients, "usage_test" or "playground" for what the operator asks here.
    """

    account_id: str = ""
    account: str = ""
    key_id: str = ""
    key: str = ""
    client_name: str = ""
    model: str = ""
    upstream: str = ""
    operation: str = ""
    source: str = "request"
    outcome: str = "completed"


class Form(msgspec.Struct, frozen=True, array_like=True, cache_hash=True, gc=False):
    """A facet and the other words of a row. `repairs` is a JSON array.

    `has_conversation` says whether the row's entry has one: then a list of conversations finds all others quickly.
    """

    facet: Facet = Facet()
    client: str = ""
    client_version: str = ""
    ingress: str = ""
    mode: str = ""
    reason: str = ""
    path: str = ""
    requested_model: str = ""
    answering_model: str = ""
    has_conversation: bool = False
    status: int = 0
    error_code: str = ""
    multiplier: float | None = None
    credits_from: str = ""
    repairs: str = ""


class Manner(msgspec.Struct, frozen=True, array_like=True, cache_hash=True, gc=False):
    """What would make six forms of each: who began, how it was asked for, and upstream's word for its end."""

    initiator: str = ""
    is_stream: bool = False
    finish: str = ""


class Reading(msgspec.Struct, frozen=True):
    """What GitHub said of one quota bucket at one moment, in the bucket's own unit."""

    account_id: str
    bucket: str
    at_ms: int
    remaining: float
    entitlement: float | None = None
    resets_at: str = ""
    is_token_billed: bool = False


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One exchange, ready to be written.

    Units: `at_ms` Unix milliseconds at its start; tokens; `nano_aiu` 1e-9 AI credits; `charge_nano` what GitHub is
    expected to take off the principal bucket, in 1e-9 of its unit; `premium` legacy premium requests; quota in the
    bucket's own unit, as what is left. `requests` is more than 1 only for imported sums. `conversation` is the
    client's own session id, "" where it has none. `imported` is the id of the row in another ledger.
    """

    at_ms: int
    form: Form
    manner: Manner
    trace_id: str
    conversation: str = ""
    interaction_id: str = ""
    requests: int = 1
    input_tokens: int | None = None
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    nano_aiu: int | None = None
    charge_nano: int = 0
    premium: float = 0.0
    quota_before: float | None = None
    quota_after: float | None = None
    first_byte_ms: int | None = None
    total_ms: int = 0
    request_bytes: int = 0
    response_bytes: int = 0
    attempts: int = 0
    losses: str = ""
    error_message: str = ""
    upstream_request_id: str = ""
    imported: bytes | None = None
