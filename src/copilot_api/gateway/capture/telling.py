"""From what was seen to what is kept: decoded, cut into events, without secrets. Runs in a thread.

The order matters: secrets are taken out of whole texts first, and only then are texts cut, at their bounds and into
events.
"""

import codecs
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final
from urllib.parse import parse_qs, urlsplit

from copilot_api.gateway.capture import steps
from copilot_api.gateway.capture.document import (
    AnswerPart,
    AttemptPart,
    Captured,
    ClientPart,
    Frame,
    Pairs,
    PlanPart,
    ResultPart,
    Step,
)
from copilot_api.gateway.capture.redaction import CREDENTIAL_HEADERS, Redactor
from copilot_api.gateway.capture.seen import SLACK_BYTES, Attempt, Part, Seen
from copilot_api.gateway.ledger import UsageRecord
from copilot_api.store.captures import CaptureHead

_END: Final = re.compile(r"\n\n|\r\n\r\n")
MAX_FRAMES: Final = 2000
"""Of one side; where there are more events, several that came after each other are one frame."""
_LEAST_SECRET_CHARACTERS: Final = 20
"""A shorter credential is a placeholder, as clients without a key send it, and may be a common word."""


def told(seen: Seen, known: Iterable[str]) -> tuple[CaptureHead, Captured]:
    """Tell what was seen; `known` are secrets without a form of their own."""
    redactor = Redactor((*known, *_presented(seen.headers), *_in_address(seen.path)))
    record = seen.record or UsageRecord(trace_id=seen.trace_id, ingress="", path=seen.path)
    attempts = tuple(_attempt(attempt, redactor) for attempt in seen.attempts)
    captured = Captured(
        trace_id=seen.trace_id,
        client=_client(seen, redactor),
        plan=_plan(seen, record, attempts, redactor),
        attempts=attempts,
        answer=_answer(seen, redactor),
        result=_result(record, redactor),
        redactions=redactor.count,
    )
    return _head(seen, record, redactor), captured


def _presented(headers: Mapping[str, str]) -> Iterable[str]:
    """The credentials of this request: a client may have them in its prompt as well."""
    for name in CREDENTIAL_HEADERS & headers.keys():
        scheme, _, rest = headers[name].partition(" ")
        value = rest.strip() if scheme.lower() == "bearer" else headers[name].strip()
        if len(value) >= _LEAST_SECRET_CHARACTERS:
            yield value


def _in_address(path: str) -> Iterable[str]:
    """The key as Gemini's clients may present it."""
    for value in parse_qs(urlsplit(path).query).get("key", ()):
        if len(value) >= _LEAST_SECRET_CHARACTERS:
            yield value


def _head(seen: Seen, record: UsageRecord, redactor: Redactor) -> CaptureHead:
    return CaptureHead(
        trace_id=seen.trace_id,
        started_unix_s=seen.started_unix_s,
        key_id="" if seen.key is None else seen.key.id,
        key_name="" if seen.key is None else seen.key.name,
        client=redactor.text(seen.headers.get("user-agent", ""))[:200],
        ingress=record.ingress,
        upstream=record.upstream,
        mode=record.mode,
        requested_model=redactor.text(record.requested_model)[:200],
        status=record.status,
        outcome=record.outcome,
        error_code=record.error_code,
    )


def _client(seen: Seen, redactor: Redactor) -> ClientPart:
    body = _body(seen.body, redactor)
    headers = tuple((name, redactor.header(name, value)) for name, value in seen.headers.items())
    return ClientPart(seen.method, redactor.text(seen.path), headers, body, seen.body.is_truncated)


def _plan(seen: Seen, record: UsageRecord, attempts: tuple[AttemptPart, ...], redactor: Redactor) -> PlanPart:
    found = (
        *(
            steps.plain_name_step(record.requested_model, record.mapped_model)
            if seen.resolve is None
            else steps.name_steps(seen.resolve())
        ),
        *steps.route_steps(record.ingress, record.upstream, record.mode, record.reason),
        *steps.repair_steps(record.repairs),
        *(steps.loss_steps(seen.losses) or steps.plain_loss_steps(record.losses)),
        *steps.retry_steps(attempts),
    )
    return PlanPart(
        ingress=record.ingress,
        upstream=record.upstream,
        mode=record.mode,
        reason=record.reason,
        requested_model=redactor.text(record.requested_model),
        mapped_model=record.mapped_model,
        model=record.answering_model,
        account=record.account,
        steps=tuple(_step(step, redactor) for step in found),
    )


def _step(step: Step, redactor: Redactor) -> Step:
    parameters = {name: redactor.text(value) for name, value in step.parameters.items()}
    return Step(step.kind, redactor.text(step.name), redactor.text(step.detail), step.code, parameters)


def _attempt(attempt: Attempt, redactor: Redactor) -> AttemptPart:
    answer_headers = _pairs(attempt.response_headers, redactor)
    return AttemptPart(
        method="POST",
        url=redactor.text(attempt.url),
        headers=_pairs(attempt.headers, redactor),
        body=_body(attempt.body, redactor),
        is_truncated=attempt.body.is_truncated,
        started_ms=_rounded(attempt.started_ms),
        status=attempt.status,
        problem=redactor.text(attempt.problem),
        response_headers=answer_headers,
        frames=_frames(attempt.answer, answer_headers, redactor),
        frames_truncated=attempt.answer.is_truncated,
    )


def _answer(seen: Seen, redactor: Redactor) -> AnswerPart | None:
    if seen.answer_status is None:
        return None
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in seen.answer_headers]
    headers = _pairs(pairs, redactor)
    return AnswerPart(
        status=seen.answer_status,
        headers=headers,
        frames=_frames(seen.answer, headers, redactor),
        frames_truncated=seen.answer.is_truncated,
        is_aborted=seen.is_aborted,
    )


def _result(record: UsageRecord, redactor: Redactor) -> ResultPart:
    usage = record.usage
    return ResultPart(
        started_at=datetime.fromtimestamp(record.started_unix_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        outcome=record.outcome,
        status=record.status,
        error_code=record.error_code,
        error_message=redactor.text(record.error_message),
        finish=record.finish,
        first_byte_ms=_rounded(record.first_byte_ms) if record.first_byte_ms else None,
        total_ms=_rounded(record.total_ms) if record.total_ms else None,
        input_tokens=None if usage is None else usage.input_tokens,
        cached_tokens=None if usage is None else usage.cache_read_tokens,
        cache_write_tokens=None if usage is None else usage.cache_write_tokens,
        output_tokens=None if usage is None else usage.output_tokens,
        reasoning_tokens=None if usage is None else usage.reasoning_tokens,
        nano_aiu=record.nano_aiu,
    )


def _pairs(pairs: Iterable[tuple[str, str]], redactor: Redactor) -> Pairs:
    """Upstream's names are of a type of their own, which JSON does not know."""
    return tuple((str(name), redactor.header(name, value)) for name, value in pairs)


def _body(part: Part, redactor: Redactor) -> str:
    """The whole text, or as much of it as was seen; bytes that are no UTF-8 are marked as such."""
    text = redactor.text(b"".join([data for _, data in part.chunks]).decode("utf-8", "replace"))
    return text[: -SLACK_BYTES or None] if part.is_truncated else text


def _frames(part: Part, headers: Pairs, redactor: Redactor) -> tuple[Frame, ...]:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    chunks = [decoder.decode(data) for _, data in part.chunks]
    chunks.append(decoder.decode(b"", final=True))
    times = [at_ms for at_ms, _ in part.chunks]
    texts = redactor.stream(chunks)
    if times:
        texts[-2:] = ["".join(texts[-2:])]
    if part.is_truncated:
        texts = _shortened(texts, SLACK_BYTES)
    is_stream = any(
        name.lower() == "content-type" and value.startswith("text/event-stream") for name, value in headers
    )
    timed = zip(times, texts, strict=False)
    frames = list(_events(timed)) if is_stream else [(at_ms, text) for at_ms, text in timed if text]
    return tuple(Frame(_rounded(at_ms), text) for at_ms, text in _fewer(frames))


def _fewer(frames: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """Neighbours together, where there are more than anybody reads."""
    size = -(-len(frames) // MAX_FRAMES)
    if size <= 1:
        return frames
    groups = [frames[start : start + size] for start in range(0, len(frames), size)]
    return [(group[-1][0], "".join([text for _, text in group])) for group in groups]


def _shortened(texts: list[str], by: int) -> list[str]:
    """Without the last so many characters."""
    kept = [*texts]
    while kept and by > 0:
        last = kept.pop()
        if len(last) > by:
            kept.append(last[:-by])
        by -= len(last)
    return kept


def _events(timed: Iterable[tuple[float, str]]) -> Iterable[tuple[float, str]]:
    """One event at a time, with the time at which its end came."""
    rest, at_ms = "", 0.0
    for at_ms, text in timed:
        rest += text
        ends = [0, *_ends_of(rest, len(rest) - len(text))]
        yield from ((at_ms, rest[start:end]) for start, end in pairwise(ends))
        rest = rest[ends[-1] :]
    if rest:
        yield at_ms, rest


def _ends_of(text: str, fresh: int) -> list[int]:
    """Where events end; before `fresh` there is no end, but one may have begun there."""
    return [match.end() for match in _END.finditer(text, max(0, fresh - 3))]


def _rounded(at_ms: float) -> float:
    return round(at_ms, 2)
