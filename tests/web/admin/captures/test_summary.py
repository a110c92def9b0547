"""A request in a few sentences: the way, what was changed, and what it cost; and what to do about it."""

import pytest

from copilot_api.gateway.capture.document import AttemptPart, PlanPart, ResultPart, Step, StepKind
from copilot_api.web.admin.captures.summary import advice_on, summary_of


def plan(*steps: tuple[StepKind, str], upstream: str = "chat", mode: str = "translated") -> PlanPart:
    """A plan of a Messages client with these steps."""
    said = tuple(Step(kind, name, "") for kind, name in steps)
    return PlanPart("messages", upstream, mode, "", "asked", "asked", "answering", "octo", said)


def result(
    *,
    outcome: str = "completed",
    status: int = 200,
    code: str = "",
    tokens: int | None = None,
    nano: int | None = None,
) -> ResultPart:
    """How a request ended."""
    words = "It failed." if code else ""
    return ResultPart(
        "", outcome, status, code, words, "", None, None, tokens, None, None, tokens, None, nano
    )


def said(told: PlanPart, ended: ResultPart, *, count: int = 1, was_sent: bool = True) -> str:
    """The summary as one text."""
    return " ".join(one.text for one in summary_of(told, ended, count=count, was_sent=was_sent))


def test_a_translated_request_tells_protocols_changes_and_cost() -> None:
    """What there was none of is not told."""
    told = plan(
        ("translation", "x"), ("repair", "effort"), ("loss", "top_k (dropped)"), ("loss", "a (dropped)"),
        ("loss", "b (harmless)"),
    )  # fmt: skip
    assert said(told, result(tokens=12, nano=178_500_000), count=2) == (
        "The client speaks Messages and the model Chat Completions: the request was translated, and the answer back. "
        "Repaired for Copilot or for the client: 1. Left out, and it may matter: 2. Left out without effect: 1. "
        "It was sent 2 times, since Copilot refused it as it was. "
        "It cost 0.1785 AI credits: 12 tokens in, 12 out."
    )


def test_a_native_request_without_a_price_says_that_nothing_was_changed() -> None:
    """Tokens are told all the same."""
    assert said(plan(upstream="messages", mode="verbatim"), result(tokens=7)) == (
        "The model speaks the client's own protocol (Messages), so the request was passed on without a translation. "
        "Nothing had to be repaired or left out. It took 7 tokens in and 7 out; no price is known for them."
    )


def test_a_request_that_never_left_says_so() -> None:
    """Refused before a way was chosen, refused by a limit, or answered here."""
    refused = "It was refused here, before anything was sent to Copilot."
    assert said(plan(upstream="", mode=""), result(status=404), was_sent=False) == refused
    assert said(plan(), result(status=402), count=0, was_sent=False) == refused
    assert said(plan(upstream="", mode="local"), result()) == (
        "It was answered on this machine; Copilot was not asked."
    )


@pytest.mark.parametrize(
    ("status", "problem", "expected"),
    [
        (403, "", "Copilot refused it with 403."),
        (None, "reset", "Copilot did not answer."),
        (200, "cut", "Copilot's answer broke off before its end."),
        (200, "", ""),
    ],
)
def test_how_copilot_took_it_is_told_where_it_did_not_go_well(
    status: int | None, problem: str, expected: str
) -> None:
    """Who refused is the first thing that people ask."""
    last = AttemptPart("POST", "", (), "", False, 0.0, status, problem, (), (), False)
    told = summary_of(plan(), result(), count=1, was_sent=True, last=last)
    assert told[-1].text == (expected or "Nothing had to be repaired or left out.")


@pytest.mark.parametrize(
    ("ended", "losses", "code"),
    [
        (result(), ("a (dropped)", "b (approximated)"), "advice.lost"),
        (result(), ("b (approximated)",), "advice.near"),
        (result(), ("c (harmless)",), None),
        (result(outcome="client_gone", status=499, code="client_gone"), (), "advice.client-gone"),
        (result(outcome="cut", status=502, code="upstream_cut"), ("a (dropped)",), "advice.broke-off"),
        (result(outcome="failed", status=429, code="rate_limited"), (), "advice.slow-down"),
        (result(outcome="failed", status=404, code="model_not_found"), (), "advice.read-error"),
    ],
)
def test_advice_is_one_sentence_with_its_code(
    ended: ResultPart, losses: tuple[str, ...], code: str | None
) -> None:
    """Where nothing is to be done there is none."""
    steps: list[tuple[StepKind, str]] = [("loss", loss) for loss in losses]
    found = advice_on(ended, (), plan(*steps))
    assert [one.code for one in found] == ([] if code is None else [code])
