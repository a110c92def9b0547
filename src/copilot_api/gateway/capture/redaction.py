"""Secrets are taken out of what was captured, before it is sealed.

Owns what a secret looks like. Knows two kinds: those with a form of their own (tokens of GitHub and Copilot, keys) and
those that the gateway is told (`known`: the admin secret, tokens of the accounts, the keys of the request), also as
they stand in JSON, in base64 and with percent signs (`encodings.py`).

A secret may be split: over two chunks, so the chunks of one side are read as one text; over two events of a stream, so
the strings under one name ("text", "arguments") are read as one, too. Everything runs in a thread, a window of the text
at a time: one long search would hold Python's lock, and with it every other request.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from copilot_api.gateway.capture.encodings import Needle, needles_of

MARK: Final = "[redacted]"
CREDENTIAL_HEADERS: Final = frozenset({
    "api-key", "authorization", "cookie", "proxy-authorization", "set-cookie", "x-admin-secret", "x-api-key",
    "x-csrf-token", "x-goog-api-key",
})  # fmt: skip
LEAST_KNOWN_CHARACTERS: Final = 8
"""A shorter text is no secret of ours, and would be found in every second word."""
_WINDOW: Final = 64 * 1024
_REACH: Final = 4 * 1024

_WORD: Final = r"[A-Za-z0-9_-]"
_ENDS: Final = r"\s\"'\\<>&"


class _Form(NamedTuple):
    """What one kind of secret looks like. Its part `secret` goes, where it has one, and so do `before` characters."""

    pattern: re.Pattern[str]
    before: int = 0


_FORMS: Final = (
    _Form(re.compile(r"gh[a-z](?:_|\\+u005[fF])[A-Za-z0-9]{6,}")),
    _Form(re.compile(r"github_pat_[A-Za-z0-9_]{6,}")),
    # A Copilot token: tid=...;exp=...;...:mac, in JSON perhaps with = and ; as escapes, in addresses quoted.
    _Form(
        re.compile(
            r"tid(?:=|\\+u003[dD]|%3[dD])[A-Za-z0-9_-]+(?:;|\\+u003[bB]|%3[bB])"
            r"(?:[^" + _ENDS + r"]|\\+u00(?:3[bBdDaA]|2[bBfF])|\\+/)*"
        )
    ),
    _Form(re.compile(rf"cpa_{_WORD}{{20,}}")),
    # The cookie of an admin session: an id and its signature, 32 bytes each in base64url.
    _Form(re.compile(rf"\.{_WORD}{{43}}(?!{_WORD})"), before=43),
    _Form(re.compile(rf"sk-{_WORD}{{20,}}")),
    _Form(re.compile(rf"AIza{_WORD}{{30,}}")),
    _Form(re.compile(rf"[?&](?:key|api_key|access_token|token)=(?P<secret>[^{_ENDS}#]+)")),
    _Form(re.compile(rf"[Bb]earer +(?P<secret>(?=[^{_ENDS}]*[0-9])[^{_ENDS}]{{12,}})")),
)
_STRING: Final = re.compile(r'"([A-Za-z_]{1,40})"\s*:\s*"((?:[^"\\]|\\.)*+)"')
_NEVER_PROSE: Final = frozenset(
    {"finish_reason", "id", "item_id", "model", "object", "role", "status", "type"}
)
"""Most strings of a stream. They are words of the protocol, and nothing continues in the next one."""
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]*")
_BEFORE: Final = re.compile(rf"{_WORD}*\Z")

Span = tuple[int, int]


class Redactor:
    """Takes secrets out of one capture, and counts them."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self.count = 0
        found = {secret for secret in known if len(secret) >= LEAST_KNOWN_CHARACTERS}
        self._known = frozenset(needle for secret in found for needle in needles_of(secret))

    def header(self, name: str, value: str) -> str:
        """Return what may be shown of a header: of a credential, nothing."""
        if name.lower() in CREDENTIAL_HEADERS:
            self.count += 1
            return MARK
        return self.text(value)

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        spans = _merged(self._spans(text))
        self.count += len(spans)
        return _cut([text], spans)[0] if spans else text

    def stream(self, chunks: Sequence[str]) -> list[str]:
        """Return as many chunks, which together are one stream without secrets."""
        whole = "".join(chunks)
        spans = _merged(self._spans(whole))
        self.count += len(spans)
        spans = _merged([*spans, *self._split_over_strings(whole, spans)])
        return _cut(chunks, spans) if spans else [*chunks]

    def _spans(self, text: str) -> Iterator[Span]:
        for needle in self._known:
            for start in _places_of(needle.text, text):
                yield _widened(text, needle, start)
        for form in _FORMS:
            yield from _found(form, text)

    def _split_over_strings(self, whole: str, known: list[Span]) -> Iterator[Span]:
        """Find what is a secret only when the strings of one name are read one after the other."""
        values: dict[str, list[Span]] = {}
        for match in _STRING.finditer(whole):
            if match.end(2) > match.start(2) and match[1] not in _NEVER_PROSE:
                values.setdefault(match[1], []).append(match.span(2))
        for places in values.values():
            joined = "".join([whole[start:end] for start, end in places])
            offsets = [0, *accumulate(end - start for start, end in places)]
            for span in _merged(self._spans(joined)):
                parts = list(_parts_of(span, places, offsets))
                is_known = [_is_within(part, known) for part in parts]
                self.count += not any(is_known)
                yield from (
                    part for part, known_already in zip(parts, is_known, strict=True) if not known_already
                )


def _places_of(wanted: str, text: str) -> Iterator[int]:
    """Where a text stands, window by window: one search of 2 MB takes 6 ms."""
    position = 0
    while position < len(text):
        edge = position + _WINDOW
        start = text.find(wanted, position, edge + len(wanted) - 1)
        if start >= 0:
            yield start
        position = edge if start < 0 else start + len(wanted)


def _widened(text: str, needle: Needle, start: int) -> Span:
    """Where a needle stands, with the characters of base64 around it that have bits of the secret."""
    end = start + len(needle.text)
    first, last = max(0, start - needle.before), min(len(text), end + needle.after)
    return (
        first if _BASE64.fullmatch(text, first, start) else start,
        last if _BASE64.fullmatch(text, end, last) else end,
    )


def _found(form: _Form, text: str) -> Iterator[Span]:
    """Every match, looked for window by window; between two of them other threads may run."""
    position = 0
    while position < len(text):
        edge = min(len(text), position + _WINDOW)
        end = min(len(text), edge + _REACH)
        match = form.pattern.search(text, position, end)
        if match is None or (match.start() >= edge and end < len(text)):
            position = edge
            continue
        if match.end() >= end:
            match = form.pattern.match(text, match.start()) or match
        start, stop = match.span("secret") if "secret" in form.pattern.groupindex else match.span()
        if form.before:
            word = _BEFORE.search(text, max(0, start - form.before - 1), start)
            length = 0 if word is None else len(word[0])
            if length != form.before:
                position = match.end()
                continue
            start -= form.before
        yield start, stop
        position = max(match.end(), position + 1)


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The same characters in order, each once."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _parts_of(span: Span, places: list[Span], offsets: list[int]) -> Iterator[Span]:
    """Where the characters of a span of joined texts stand in the whole; `offsets` is where each text begins."""
    for index in range(bisect_right(offsets, span[0]) - 1, len(places)):
        if offsets[index] >= span[1]:
            return
        start, end = places[index]
        yield start + max(span[0] - offsets[index], 0), min(start + span[1] - offsets[index], end)


def _is_within(part: Span, spans: list[Span]) -> bool:
    index = bisect_right(spans, (part[0], part[1]))
    return any(start <= part[0] and part[1] <= end for start, end in spans[max(0, index - 1) : index + 1])


def _cut(pieces: Sequence[str], spans: list[Span]) -> list[str]:
    """Put the mark where a secret begins, and nothing where it goes on."""
    cut: list[str] = []
    offset = index = 0
    for piece in pieces:
        kept: list[str] = []
        position, end_of_piece = 0, offset + len(piece)
        while index < len(spans) and spans[index][0] < end_of_piece:
            start, end = spans[index]
            if start >= offset:
                kept += (piece[position : start - offset], MARK)
            position = min(end - offset, len(piece))
            if end > end_of_piece:
                break
            index += 1
        kept.append(piece[position:])
        cut.append("".join(kept))
        offset = end_of_piece
    return cut
