"""Secrets are taken out of captures, in whatever form and however they are split; other words stay."""

import base64
import json
import random
from urllib.parse import quote

import pytest

from copilot_api.gateway.capture.redaction import Redactor

GITHUB = "gho_16C7e42F292c6912E7710c838347Ae178B4a"
COPILOT = "tid=3f2a;exp=1790000000;sku=copilot_individual;st=dotcom;8kp=1:0123456789abcdef"
CLIENT_KEY = "cpa_0123456789abcdefghijABCDEFGHIJ-_0123456789a"
COOKIE = f"{'a1B2-_' * 7}x.{'Z9y8-_' * 7}w"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"my {GITHUB} here", "my [redacted] here"),
        ("github_pat_11ABCDEFG0_abc", "[redacted]"),
        (f'"{COPILOT}"', '"[redacted]"'),
        (f"key {CLIENT_KEY}.", "key [redacted]."),
        (f"copilot_api_session={COOKIE}; x", "copilot_api_session=[redacted]; x"),
        ("sk-" + "proj-0123456789abcdefghij", "[redacted]"),
        ("AIzaSyA0123456789abcdefghijklmnopqrstuvw", "[redacted]"),
        ("/v1beta/models/x:generateContent?alt=sse&key=abc123&z=1", None),
        ("curl -H 'Authorization: Bearer 0123456789abcdef'", "curl -H 'Authorization: Bearer [redacted]'"),
    ],
)
def test_a_secret_goes_and_the_words_around_it_stay(text: str, expected: str | None) -> None:
    """Each form that tokens and keys have."""
    redactor = Redactor()
    wanted = expected or "/v1beta/models/x:generateContent?alt=sse&key=[redacted]&z=1"
    assert redactor.text(text) == wanted
    assert redactor.count == 1


@pytest.mark.parametrize(
    "text",
    [
        "the bearer of bad news, Bearer authentication, tid=5 and key=value",
        "gh_ and gho_x are no tokens; neither is sk-learn",
        "a.b.c 0123456789abcdef0123456789abcdef01234567",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    """What only resembles a secret is what people write about."""
    redactor = Redactor()
    assert redactor.text(text) == text
    assert redactor.count == 0


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_a_known_secret_is_found_in_json_within_json(depth: int) -> None:
    """An admin secret has no form of its own, and in tool results it is escaped once or twice."""
    secret = 'correct "horse" / bättery\\staple'
    text = secret
    for _ in range(depth):
        text = json.dumps({"output": text})
    redacted = Redactor([secret]).text(text)
    for _ in range(depth):
        redacted = json.loads(redacted)["output"]
    assert redacted == "[redacted]"


def test_a_known_secret_that_is_too_short_is_left_alone() -> None:
    """It would be found in every second word."""
    assert Redactor(["open"]).text("an open question") == "an open question"


def test_escapes_of_a_copilot_token_do_not_hide_it() -> None:
    """Some JSON writers escape the equals sign and the semicolon."""
    escaped = COPILOT.replace("=", "\\u003d").replace(";", "\\u003b")
    assert Redactor().text(f'{{"token":"{escaped}","x":1}}') == '{"token":"[redacted]","x":1}'


def test_a_secret_split_over_chunks_is_found_wherever_they_were_cut() -> None:
    """The network cuts where it likes: a thousand ways to cut the same stream."""
    chance = random.Random(7)  # noqa: S311 - the same cuts on every run
    text = f'data: {{"text":"use {GITHUB} now"}}\n\ndata: {{"text":"and {COPILOT} too"}}\n\n'
    for _ in range(1000):
        cuts = sorted(chance.sample(range(len(text)), chance.randint(0, 9)))
        chunks = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        redactor = Redactor()
        cleaned = redactor.stream(chunks)
        assert len(cleaned) == len(chunks)
        assert "".join(cleaned) == (
            'data: {"text":"use [redacted] now"}\n\ndata: {"text":"and [redacted] too"}\n\n'
        )
        assert redactor.count == 2


@pytest.mark.parametrize("at", range(1, len(GITHUB)))
def test_a_secret_split_over_two_events_is_found(at: int) -> None:
    """A model says a token in two deltas: no text of the stream has it, and who reads on has all of it."""
    stream = (
        f'data: {{"index":0,"delta":{{"text":"use {GITHUB[:at]}"}}}}\n\n'
        f'data: {{"index":0,"delta":{{"text":"{GITHUB[at:]} now"}}}}\n\n'
    )
    redactor = Redactor()
    (cleaned,) = redactor.stream([stream])
    said = "".join(json.loads(line[6:])["delta"]["text"] for line in cleaned.splitlines() if line)
    assert said.replace("[redacted]", "") == "use  now"
    assert redactor.count == 1


def test_a_long_text_is_searched_in_windows_without_a_gap() -> None:
    """A secret may lie across the edge of a window, and begin or end the text."""
    for place in (0, 65_530, 65_536, 65_500, 131_070):
        text = "x" * place + " " + GITHUB + " " + "y" * 70_000
        redactor = Redactor()
        assert redactor.text(text) == "x" * place + " [redacted] " + "y" * 70_000
        assert redactor.count == 1


def test_a_secret_longer_than_a_window_goes_whole() -> None:
    """Nobody has such a token; a prompt may have such a run."""
    assert Redactor().text("gho_" + "a" * 200_000 + " end") == "[redacted] end"


@pytest.mark.parametrize("secret", [COPILOT, CLIENT_KEY, 'correct "horse" / b\u00e4ttery'])
@pytest.mark.parametrize("before", ["", "a", "ab", "user:"])
@pytest.mark.parametrize("after", ["", "1", "12"])
def test_a_known_secret_goes_whole_in_base64(secret: str, before: str, after: str) -> None:
    """At each of the three places where it may begin, in both alphabets, padded or not; a neighbour may lose one."""
    data = (before + secret + after).encode()
    for text in (
        base64.b64encode(data).decode(),
        base64.b64encode(data).decode().rstrip("="),
        base64.urlsafe_b64encode(data).decode(),
        json.dumps(base64.b64encode(data).decode()).replace("/", "\\/")[1:-1],
        quote(base64.b64encode(data).decode(), safe=""),
    ):
        redactor = Redactor([secret])
        left = redactor.text(f'the text "{text}" of').removeprefix('the text "').removesuffix('" of')
        assert redactor.count == 1
        kept, _, rest = left.partition("[redacted]")
        assert len(kept) <= -(-len(before) * 4 // 3)
        assert len(rest) <= 9


@pytest.mark.parametrize(
    "text",
    [
        "tid%3D3f2a%3Bexp%3D1790000000%3Bsku%3Dcopilot_individual%3Bst%3Ddotcom%3B8kp%3D1%3A0123456789abcdef",
        "tid%3d3f2a%3bexp%3d1790000000%3bsku%3dcopilot_individual%3bst%3ddotcom%3b8kp%3d1%3a0123456789abcdef",
    ],
)
def test_a_copilot_token_is_known_by_its_form_with_percent_signs(text: str) -> None:
    """Also one that is not ours."""
    assert Redactor().text(f"?x={text}&y=1") == "?x=[redacted]&y=1"


@pytest.mark.parametrize(
    "text",
    [
        "correct%20%22horse%22%20%2F%20b%C3%A4ttery",
        "correct%20%22horse%22%20%2f%20b%c3%a4ttery",
        "correct+%22horse%22+%2F+b%C3%A4ttery",
        "correct%20%22horse%22%20/%20b%C3%A4ttery",
    ],
)
def test_a_known_secret_goes_whole_with_percent_signs(text: str) -> None:
    """As forms, urllib and browsers write it."""
    assert Redactor(['correct "horse" / b\u00e4ttery']).text(f"a={text}&b") == "a=[redacted]&b"


def test_headers_that_carry_credentials_show_nothing() -> None:
    """Whatever their values; the values of all others are searched."""
    redactor = Redactor()
    names = (
        "Authorization",
        "x-api-key",
        "x-goog-api-key",
        "api-key",
        "Cookie",
        "set-cookie",
        "proxy-authorization",
    )
    assert {redactor.header(name, "anything") for name in names} == {"[redacted]"}
    assert redactor.header("x-note", f"it is {GITHUB}") == "it is [redacted]"
    assert redactor.count == 8
