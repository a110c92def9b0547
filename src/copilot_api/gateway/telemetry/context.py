"""Where a request stands in somebody's trace: W3C trace context, read and written. Pure but for fresh ids.

Source: W3C Trace Context, level 1 (Recommendation of 2021-11-23), 3.2.
"""

import os
import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

_FORM: Final = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII)
_SAMPLED: Final = 0x01

NewId = Callable[[int], str]
"""A fresh id of so many bytes, in hex."""


class TraceContext(NamedTuple):
    """The spans of one exchange: our serving, and the call to Copilot within it.

    Shape: `parent_id` is the client's span, empty where it named none; `call_id` is the call's, which Copilot is told.
    """

    trace_id: str
    span_id: str
    parent_id: str
    is_sampled: bool
    call_id: str

    @property
    def traceparent(self) -> str:
        """What the next one on the way is told."""
        return f"00-{self.trace_id}-{self.call_id}-{int(self.is_sampled):02x}"


def _fresh(size: int) -> str:
    return os.urandom(size).hex()


def context_of(headers: Mapping[str, str], new_id: NewId = _fresh) -> TraceContext:
    """The exchange's own spans, in the client's trace where its `traceparent` can be read, else in a new one.

    A header that is malformed, of the forbidden version ff, or of zeros only counts as none.
    """
    found = _FORM.fullmatch(headers.get("traceparent", "").strip())
    span_id, call_id = new_id(8), new_id(8)
    if found is not None:
        version, trace_id, parent_id, flags, more = found.groups()
        is_legal = version != "ff" and not (version == "00" and more) and set(trace_id) != {"0"}
        if is_legal and set(parent_id) != {"0"}:
            return TraceContext(trace_id, span_id, parent_id, bool(int(flags, 16) & _SAMPLED), call_id)
    return TraceContext(new_id(16), span_id, "", True, call_id)
