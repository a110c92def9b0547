"""`copilot-api explain` and `capture` in a data directory, without a running gateway."""

import json
import zipfile

import msgspec
import pytest

from copilot_api.gateway.capture.document import (
    AnswerPart,
    AttemptPart,
    Captured,
    ClientPart,
    Frame,
    PlanPart,
    ResultPart,
    Step,
)
from copilot_api.store.captures import CaptureHead, folder_of
from copilot_api.store.vault import open_vault
from unit.cli.conftest import CommandLine

BODY = {"model": "gpt-4.1", "top_k": 3, "messages": []}
SENT = {"model": "gpt-4.1", "messages": [], "stream": True}


def captured(**changes: object) -> Captured:
    """A translated request, as it is kept."""
    frames = tuple(Frame(float(n), f"data: frame {n}\n\n") for n in range(1, 13))
    told = Captured(
        trace_id="t1",
        client=ClientPart(
            "POST", "/v1/messages", (("user-agent", "test\x1b[31m/1"),), json.dumps(BODY), False
        ),
        plan=PlanPart(
            ingress="messages",
            upstream="chat",
            mode="translated",
            reason="only way",
            requested_model="my-model",
            mapped_model="gpt-4.1",
            model="gpt-4.1-2025-04-14",
            account="octo",
            steps=(
                Step("mapping", "mapping", "'my-model' -> 'gpt-4.1'"),
                Step("loss", "top_k (dropped)", "no top_k"),
            ),
        ),
        attempts=(
            AttemptPart(
                method="POST",
                url="https://api.example/chat/completions",
                headers=(("authorization", "[redacted]"),),
                body=json.dumps(SENT),
                is_truncated=False,
                started_ms=0.8,
                status=200,
                problem="",
                response_headers=(),
                frames=frames,
                frames_truncated=True,
            ),
        ),
        answer=AnswerPart(200, (), (Frame(1500.0, "data: end\n\n"),), False, False),
        result=ResultPart(
            started_at="2026-11-22T15:00:00Z",
            outcome="completed",
            status=200,
            error_code="",
            error_message="",
            finish="stop",
            first_byte_ms=2.0,
            total_ms=1500.0,
            input_tokens=1000,
            cached_tokens=10,
            cache_write_tokens=None,
            output_tokens=5,
            reasoning_tokens=None,
            nano_aiu=5_000_000,
        ),
        redactions=2,
    )
    return msgspec.structs.replace(told, **changes)


def keep(command_line: CommandLine, told: Captured, at_unix_s: float = 1_800_000_000.0) -> None:
    """Put a capture into the data directory."""
    folder = folder_of(command_line.home, open_vault(command_line.home, use_keyring=False))
    head = CaptureHead(told.trace_id, at_unix_s, requested_model="my-model", status=200, outcome="completed")
    folder.keep(head, msgspec.json.encode(told))


def test_a_capture_is_explained_for_people(command_line: CommandLine) -> None:
    """Sections, times, what changed between the bodies, losses with reasons; control characters command nothing."""
    keep(command_line, captured())
    assert command_line("explain", "t1") == 0, command_line.err
    lines = [line.rstrip() for line in command_line.out.splitlines()]
    assert "Request t1" in lines
    assert "  2026-11-22T15:00:00Z  messages -> chat (translated)  captured" in lines
    assert "  model my-model -> gpt-4.1 -> gpt-4.1-2025-04-14, account octo" in lines
    assert "  completed 200  first byte after 2.0 ms, 1.50 s in all" in lines
    assert "  test\N{REPLACEMENT CHARACTER}[31m/1" in lines
    assert "  loss         top_k (dropped): no top_k" in lines
    assert "    - top_k: 3" in lines
    assert "    + stream: true" in lines
    assert "       1.0 ms  data: frame 1" in lines
    assert "               … 5 more; --all shows them" in lines
    assert "               … more came than is kept" in lines
    assert "       1.50 s  data: end" in lines
    assert "  1,000 tokens in, 10 of them cached, 5 out, 0.005 AI credits" in lines
    assert "  2 secret(s) were taken out and are marked [redacted]. Prompts were not." in lines
    assert any("x-copilot-api-strict" in line for line in lines)


def test_all_shows_every_frame_whole(command_line: CommandLine) -> None:
    """And every difference."""
    keep(command_line, captured())
    assert command_line("explain", "t1", "--all") == 0
    assert all(f"data: frame {n}" in command_line.out for n in range(1, 13))
    assert "--all shows" not in command_line.out


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"body": json.dumps(BODY)}, "body as the client's, byte for byte"),
        ({"body": json.dumps(BODY, indent=1)}, "body as the client's, but for spaces"),
        ({"is_truncated": True}, "body not compared with the client's: one of them is cut short or no JSON"),
        ({"body": "no json"}, "body not compared with the client's: one of them is cut short or no JSON"),
        ({"status": None, "problem": "The connection broke."}, "Attempt 1: no answer"),
        ({"frames": ()}, "no body"),
    ],
)
def test_an_attempt_says_what_is_special_about_it(
    command_line: CommandLine, changes: dict[str, object], expected: str
) -> None:
    """One line each."""
    told = captured()
    keep(command_line, captured(attempts=(msgspec.structs.replace(told.attempts[0], **changes),)))
    assert command_line("explain", "t1") == 0
    assert expected in [line.strip() for line in command_line.out.splitlines()]


def test_json_is_what_the_admin_api_says(command_line: CommandLine) -> None:
    """The same names."""
    keep(command_line, captured())
    told = command_line.json("explain", "t1", "--json")
    assert isinstance(told, dict)
    assert (told["traceId"], told["isCaptured"], told["record"]) == ("t1", True, None)
    assert told["attempts"][0]["frames"][0] == {"atMs": 1.0, "text": "data: frame 1\n\n"}


def test_without_a_trace_id_the_newest_capture_is_explained(command_line: CommandLine) -> None:
    """Or it says that there is none."""
    assert command_line("explain") == 1
    assert "copilot-api capture on" in command_line.err
    keep(command_line, captured(trace_id="new"), 2_000_000_000.0)
    keep(command_line, captured(trace_id="old"), 1_900_000_000.0)
    told = command_line.json("explain", "--json")
    assert isinstance(told, dict)
    assert told["traceId"] == "new"


def test_a_bundle_is_written_for_its_owner_alone(command_line: CommandLine) -> None:
    """It has prompts in it."""
    keep(command_line, captured())
    path = command_line.home / "report.zip"
    assert command_line("explain", "t1", "--bundle", str(path)) == 0
    assert "word for word" in command_line.out
    assert path.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(path) as archive:
        assert json.loads(archive.read("upstream-request-1.json")) == SENT
        assert archive.read("upstream-frames-1.txt").startswith(b"[1.00 ms]\ndata: frame 1\n\n[2.00 ms]")


def test_a_trace_that_nobody_knows_is_refused(command_line: CommandLine) -> None:
    """With where to find one."""
    assert command_line("explain", "nobody") == 1
    assert "x-trace-id" in command_line.err


def test_captures_are_listed_and_cleared_without_a_gateway(command_line: CommandLine) -> None:
    """Clearing leaves a line in the audit log."""
    command_line.variables["PORT"] = "1"
    assert command_line("capture", "list") == 0
    assert "Nothing was captured" in command_line.out
    keep(command_line, captured())
    assert command_line("capture", "list") == 0
    assert "t1" in command_line.out
    listed = command_line.json("capture", "list", "--json")
    assert isinstance(listed, dict)
    assert ([one["traceId"] for one in listed["captures"]], listed["windows"]) == (["t1"], [])
    assert command_line("capture", "clear") == 0
    assert "1 captured request(s) forgotten" in command_line.out
    assert command_line("admin", "audit") == 0
    assert "captures.clear" in command_line.out


def test_capture_without_a_gateway_says_where_it_looked(command_line: CommandLine) -> None:
    """Windows live in the running gateway."""
    command_line.variables["PORT"] = "1"
    assert command_line("capture", "on") == 1
    assert "No gateway answers at http://127.0.0.1:1" in command_line.err
    assert command_line("capture", "on", "--url", "ftp://x") == 1
    assert "is no address" in command_line.err
    assert command_line("capture", "on", "--minutes", "61") == 2
