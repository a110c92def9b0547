"""The Explain tab: requests are captured for a while, and one of them is looked at from end to end."""

import json
import re
import time
import urllib.error
import urllib.request
import zipfile
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from browser.conftest import OpenPage
from browser.stage import ask, call
from browser.watch import PHONE, Watched
from live import CLIENT_KEY, Gateway

SECRET = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"
MESSAGE = {
    "model": "gpt-5.4",
    "max_tokens": 2000,
    "stream": True,
    "top_k": 5,
    "system": "Be brief.",
    "messages": [{"role": "user", "content": f'My token is {SECRET}. [[sim: text="Quite a long answer."]]'}],
}


def send(gateway: Gateway, document: dict[str, Any] = MESSAGE) -> str:
    """Send a message as Claude Code does; its trace id."""
    request = urllib.request.Request(
        f"{gateway.url}/v1/messages",
        data=json.dumps(document).encode(),
        headers={
            "content-type": "application/json",
            "authorization": f"Bearer {CLIENT_KEY}",
            "user-agent": "claude-cli/2.1.0 (external, cli)",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            answer.read()
            return str(answer.headers["x-trace-id"])
    except urllib.error.HTTPError as refusal:
        return str(refusal.headers["x-trace-id"])


@pytest.fixture
def capturing(gateway: Gateway) -> Gateway:
    """A gateway that captures every request for ten minutes."""
    call(gateway, "POST", "/capture-windows", {"keyId": None, "minutes": 10})
    return gateway


def kept(gateway: Gateway, count: int = 1) -> None:
    """Wait until so many captures are written."""
    for _ in range(100):
        if len(call(gateway, "GET", "/captures")["captures"]) >= count:
            return
        time.sleep(0.1)
    raise AssertionError("not captured")


def side(watched: Watched, title: str) -> Locator:
    """One side of the bodies or the frames."""
    return watched.page.get_by_role("region", name=title, exact=True)


def rows(watched: Watched) -> Locator:
    """The captured requests in the list."""
    return watched.page.get_by_role("table", name="Captured requests").locator("tbody tr")


def test_capturing_begins_for_one_key_and_is_stopped(open_page: OpenPage, gateway: Gateway) -> None:
    """One sees what will be kept before, whose requests and how long still meanwhile, and can stop it."""
    call(gateway, "POST", "/keys", {"name": "laptop", "scopes": ["inference"]})
    watched = open_page("#/explain")
    expect(watched.page.get_by_text("Nothing is being captured.")).to_be_visible()
    expect(watched.page.get_by_text("They are stored sealed on this machine only")).to_be_visible()
    watched.page.get_by_label("Whose requests").select_option("laptop")
    watched.page.get_by_label("For how long").select_option("5 minutes")
    watched.button("Start capturing").click()
    expect(watched.toast("Capturing for 5 minutes")).to_be_visible()
    window = watched.page.get_by_role("list", name="Captures that run").get_by_role("listitem")
    expect(window).to_contain_text(re.compile(r"laptop.*4:\d\d left"))
    assert [entry["keyName"] for entry in call(gateway, "GET", "/captures")["windows"]] == ["laptop"]
    watched.button("Stop capturing: laptop").click()
    expect(watched.page.get_by_text("Nothing is being captured.")).to_be_visible()
    assert call(gateway, "GET", "/captures")["windows"] == []


def test_every_request_is_captured_while_one_looks(open_page: OpenPage, gateway: Gateway) -> None:
    """With the keyboard alone: begun, filled by a request, opened, and back."""
    watched = open_page("#/explain")
    watched.button("Start capturing").focus()
    watched.page.keyboard.press("Enter")
    expect(watched.page.get_by_text("Every request").first).to_be_visible()
    trace_id = send(gateway)
    expect(rows(watched)).to_have_count(1)
    expect(rows(watched)).to_contain_text("messages → responses")
    watched.page.get_by_role("link", name=re.compile("Explain the request at")).focus()
    watched.page.keyboard.press("Enter")
    expect(watched.page.get_by_role("heading", level=1)).to_have_text(f"Request {trace_id[:8]}")
    expect(watched.page.get_by_role("heading", level=1)).to_be_focused()
    watched.page.get_by_role("link", name="All captures").focus()
    watched.page.keyboard.press("Enter")
    expect(watched.page.get_by_role("heading", level=1)).to_have_text("Explain")


def test_a_request_is_explained_from_end_to_end(open_page: OpenPage, capturing: Gateway) -> None:
    """Steps with their reasons, both bodies, both streams, the record; and no secret anywhere."""
    trace_id = send(capturing)
    kept(capturing)
    watched = open_page(f"#/explain/{trace_id}")
    steps = watched.page.locator(".explain-step")
    for told in ("POST /v1/messages", "Messages → Responses", "left out, may matter", "Sent to Copilot"):
        expect(steps.filter(has_text=told).first).to_be_visible()
    expect(watched.page.locator(".explain-summary")).to_contain_text("the request was translated")
    expect(watched.page.locator(".explain-summary")).to_contain_text(re.compile(r"It cost [\d.]+ AI credits"))
    expect(side(watched, "From the client")).to_contain_text("Be brief.")
    expect(side(watched, "To Copilot")).to_contain_text("max_output_tokens")
    expect(side(watched, "From Copilot")).to_contain_text("response.created")
    expect(side(watched, "To the client")).to_contain_text("message_start")
    expect(side(watched, "To the client")).to_contain_text(re.compile(r"\d ms"))
    expect(watched.page.locator("section.card").last).to_contain_text("Claude Code")
    assert SECRET not in watched.page.content()
    assert CLIENT_KEY not in watched.page.content()


def test_differences_are_marked_and_can_be_seen_alone(open_page: OpenPage, capturing: Gateway) -> None:
    """In words: left out here, new there."""
    trace_id = send(capturing)
    kept(capturing)
    watched = open_page(f"#/explain/{trace_id}")
    client, sent = side(watched, "From the client"), side(watched, "To Copilot")
    expect(client.locator(".explain-gone").filter(has_text="top_k")).to_contain_text("left out")
    expect(sent.locator(".explain-new").filter(has_text="store")).to_contain_text("new")
    expect(sent.locator(".explain-leaf").filter(has_text="max_output_tokens")).not_to_contain_text("new")
    watched.page.get_by_role("switch", name="Only differences").click()
    expect(client).not_to_contain_text("Be brief.")
    expect(client).to_contain_text("top_k")


def test_what_clients_send_is_text(open_page: OpenPage, capturing: Gateway) -> None:
    """Markup in a prompt, a name or a model stays what it is: letters."""
    evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
    system = [{"type": "text", "text": evil, evil: evil}]
    trace_id = send(capturing, {**MESSAGE, "system": system, "model": f"gpt-5.4{evil}"})
    kept(capturing)
    watched = open_page("#/explain")
    expect(rows(watched)).to_contain_text(evil)
    watched.open(f"#/explain/{trace_id}")
    expect(side(watched, "From the client")).to_contain_text(evil)
    assert watched.page.locator("main :is(img, script)").count() == 0
    expect(watched.page).to_have_title(re.compile("Explain"))


def test_a_long_conversation_is_drawn_at_once(open_page: OpenPage, capturing: Gateway) -> None:
    """A thousand turns of a thousand characters: folded, searched and compared."""
    turns = [{"role": "user", "content": f"turn {number} " + "word " * 200} for number in range(1000)]
    trace_id = send(capturing, {**MESSAGE, "messages": turns})
    kept(capturing)
    watched = open_page(f"#/explain/{trace_id}")
    client = side(watched, "From the client")
    expect(client).to_contain_text("top_k")
    watched.page.get_by_label("Search names and values").fill("turn 777 ")
    expect(client.locator("mark")).to_have_text("turn 777 ")


def test_bodies_are_searched_folded_and_read_as_text(open_page: OpenPage, capturing: Gateway) -> None:
    """A word is found on both sides, wherever it is folded away."""
    trace_id = send(capturing)
    kept(capturing)
    watched = open_page(f"#/explain/{trace_id}")
    client, sent = side(watched, "From the client"), side(watched, "To Copilot")
    watched.page.get_by_label("Search names and values").fill("long answer")
    expect(client.locator("mark")).to_have_text("long answer")
    expect(sent.locator("mark")).to_have_text("long answer")
    expect(client).not_to_contain_text("top_k")
    watched.page.get_by_label("Search names and values").fill("nowhere to be found")
    expect(client).to_contain_text("Nothing found")
    watched.page.keyboard.press("Escape")
    expect(client).to_contain_text("top_k")
    folder = client.locator("summary").filter(has_text="messages")
    expect(client.locator("summary")).to_have_count(3)  # the list, its entry, the headers
    folder.focus()
    watched.page.keyboard.press("Enter")
    expect(client.locator("summary")).to_have_count(2)
    watched.page.get_by_role("radio", name="Text").check(force=True)
    expect(client.locator("pre")).to_contain_text('"top_k": 5')
    client.get_by_role("button", name="Copy From the client").click()
    copied = json.loads(watched.page.evaluate("navigator.clipboard.readText()"))
    assert copied["top_k"] == 5
    client.get_by_text("Headers (").click()
    expect(client).to_contain_text("claude-cli/2.1.0 (external, cli)")
    expect(client).to_contain_text("[redacted]")


def test_frames_are_searched_and_opened(open_page: OpenPage, capturing: Gateway) -> None:
    """A hundred at first; each can be read whole."""
    stream = {**MESSAGE, "messages": [{"role": "user", "content": "[[sim: chunks=300]]"}]}
    trace_id = send(capturing, stream)
    kept(capturing)
    watched = open_page(f"#/explain/{trace_id}")
    answer = side(watched, "To the client")
    expect(answer.locator("details.explain-frame")).to_have_count(100)
    answer.get_by_role("button", name="Show 100 more").click()
    expect(answer.locator("details.explain-frame")).to_have_count(200)
    watched.page.get_by_label("Search frames").fill("message_stop")
    expect(answer.locator("details.explain-frame")).to_have_count(1)
    answer.locator("summary").first.click()
    expect(answer.locator("pre")).to_contain_text('"type": "message_stop"')


def test_each_attempt_can_be_looked_at(open_page: OpenPage, capturing: Gateway) -> None:
    """A request that was mended and sent again has two bodies, and a step that says why."""
    unknown = {**MESSAGE, "model": "claude-haiku-4.5", "frobnicate": {"deeply": "so"}}
    trace_id = send(capturing, unknown)
    kept(capturing)
    watched = open_page(f"#/explain/{trace_id}")
    expect(
        watched.page.locator(".explain-step").filter(has_text="the attempt before with 400")
    ).to_be_visible()
    sent, answer = side(watched, "To Copilot"), side(watched, "From Copilot")
    expect(sent).to_contain_text("max_tokens")
    expect(sent).not_to_contain_text("frobnicate")
    expect(answer).to_contain_text("message_start")
    watched.page.get_by_role("radio", name="Attempt 1 (400)").check(force=True)
    expect(sent).to_contain_text("frobnicate")
    expect(answer).to_contain_text("Extra inputs are not permitted")


def test_a_failure_says_what_to_do(open_page: OpenPage, capturing: Gateway) -> None:
    """The error, its remedy, and that nothing was sent."""
    trace_id = send(capturing, {**MESSAGE, "model": "no-such-model"})
    kept(capturing)
    watched = open_page(f"#/explain/{trace_id}")
    problem = watched.page.locator(".notice-bad").first
    expect(problem).to_contain_text("model_not_found")
    expect(problem).to_contain_text("What to do")
    expect(watched.page.get_by_text("Nothing was sent to Copilot.")).to_be_visible()


def test_reasons_and_advice_are_said_in_chinese(open_page: OpenPage, capturing: Gateway) -> None:
    """The gateway tells codes; what it says in English itself is not left standing on a Chinese page."""
    trace_id = send(capturing)
    kept(capturing)
    watched = open_page(f"#/explain/{trace_id}", language="zh-CN")
    steps = watched.page.locator(".explain-step")
    expect(steps.filter(has_text="top_k")).to_contain_text("Responses 没有此选项。")
    expect(steps.filter(has_text="top_k")).to_contain_text("已省略，可能有影响")
    expect(watched.page.locator(".explain-summary")).to_contain_text(
        "客户端使用 Messages，模型使用 Responses"
    )
    expect(watched.page.locator(".notice").filter(has_text="提示")).to_contain_text(
        "省略了 1 项可能有影响的内容"
    )
    english = [
        text for text in steps.locator("p").all_inner_texts() if re.search(r"[a-z]+ [a-z]+ [a-z]+", text)
    ]
    assert english == []


def test_a_bundle_is_downloaded(open_page: OpenPage, capturing: Gateway) -> None:
    """A ZIP with both bodies, and without the secret."""
    trace_id = send(capturing)
    kept(capturing)
    watched = open_page(f"#/explain/{trace_id}")
    with watched.page.expect_download() as download:
        watched.button("Download bundle").click()
    assert download.value.suggested_filename == f"copilot-api-explain-{trace_id}.zip"
    with zipfile.ZipFile(download.value.path()) as bundle:
        whole = b"".join(bundle.read(name) for name in bundle.namelist())
    assert b"top_k" in whole
    assert SECRET.encode() not in whole


def test_captures_are_removed_one_by_one_and_all_at_once(open_page: OpenPage, capturing: Gateway) -> None:
    """From the explanation after a question, from the list at once, and all after a question."""
    traces = [send(capturing) for _ in range(4)]
    kept(capturing, 4)
    watched = open_page(f"#/explain/{traces[0]}")
    watched.button("Remove").click()
    watched.button("Remove", watched.dialog()).click()
    expect(rows(watched)).to_have_count(3)
    watched.page.get_by_role("button", name=re.compile("Remove the capture of")).first.click()
    expect(rows(watched)).to_have_count(2)
    watched.button("Remove all").click()
    watched.button("Remove all", watched.dialog()).click()
    expect(watched.page.get_by_text("Nothing captured")).to_be_visible()
    assert call(capturing, "GET", "/captures")["captures"] == []


def test_a_request_of_the_log_leads_to_its_explanation(open_page: OpenPage, gateway: Gateway) -> None:
    """Uncaptured, it is explained from the record, and one press captures the next ones of that key."""
    made = call(gateway, "POST", "/keys", {"name": "laptop", "scopes": ["inference"]})
    ask(gateway, "gpt-4.1", "hello", key=made["value"])
    watched = open_page("#/usage")
    watched.page.locator(".usage-open").first.click()
    watched.dialog().get_by_role("link", name="Explain").click()
    expect(watched.page.get_by_text("Not captured: only what the usage log knows is shown")).to_be_visible()
    expect(watched.page.locator(".explain-step").first).to_be_visible()
    expect(watched.page.get_by_role("heading", name="Bodies")).to_have_count(0)
    watched.button("Capture laptop for 10 minutes").click()
    expect(watched.toast("Capturing for 10 minutes")).to_be_visible()
    assert [entry["keyName"] for entry in call(gateway, "GET", "/captures")["windows"]] == ["laptop"]


def test_a_trace_that_nobody_knows_is_said(open_page: OpenPage, gateway: Gateway) -> None:
    """An address that is stale or mistyped is no blank page."""
    watched = open_page()
    watched.expected |= {404}
    watched.open("#/explain/0000000000000000")
    expect(watched.page.get_by_role("alert")).to_contain_text("0000000000000000")


@pytest.mark.parametrize(("language", "theme", "width"), [("zh-CN", "dark", PHONE), ("en", "light", 1440)])
def test_an_explanation_is_accessible_and_fits(
    open_page: OpenPage, capturing: Gateway, language: str, theme: str, width: int
) -> None:
    """Axe finds nothing and nothing sticks out, with everything in it folded open."""
    trace_id = send(capturing)
    kept(capturing)
    watched = open_page(f"#/explain/{trace_id}", language=language, theme=theme, width=width)
    for summary in watched.page.locator(".explain-side summary").all()[:12]:
        summary.click()
    assert watched.accessibility() == []
    assert watched.sideways() == []
