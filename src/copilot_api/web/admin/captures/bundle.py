"""One explanation as a file for a bug report: a ZIP with a note that says what is in it, and what is not."""

import io
import platform
import zipfile

import msgspec

from copilot_api import __version__
from copilot_api.gateway.capture.document import Frame
from copilot_api.web.admin.captures.view import Explanation

_NOTE = """What happened to one request that went through copilot-api.

  explanation.json         everything below in one document, with the plan and its steps
  client-request.json      the client's body, as it came
  upstream-request-N.json  the body of attempt N, as it went to Copilot
  upstream-frames-N.txt    what Copilot answered to attempt N, with the ms since the request
  client-frames.txt        what the client got, with the ms since the request

Trace id:    {trace_id}
Started at:  {started_at}
Outcome:     {outcome} ({status}) {error_code}
Versions:    copilot-api {version}, Python {python}, {system}

BEFORE YOU SEND IT TO ANYBODY: tokens, keys and cookies were taken out ({redactions} place(s), marked [redacted]).
Prompts, files, tool results and answers were NOT: they are in it word for word. Read it, and shorten it where you can.
"""


def bundle(told: Explanation) -> bytes:
    """Pack a captured request. Runs in a thread."""
    files = {"README.txt": _note(told), "explanation.json": _json(told)}
    if told.client is not None:
        files["client-request.json"] = told.client.body
    for number, attempt in enumerate(told.attempts, 1):
        files[f"upstream-request-{number}.json"] = attempt.body
        files[f"upstream-frames-{number}.txt"] = _lines(attempt.frames)
    if told.answer is not None:
        files["client-frames.txt"] = _lines(told.answer.frames)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text.encode("utf-8", "replace"))
    return packed.getvalue()


def _note(told: Explanation) -> str:
    return _NOTE.format(
        trace_id=told.trace_id,
        started_at=told.result.started_at,
        outcome=told.result.outcome,
        status=told.result.status,
        error_code=told.result.error_code,
        version=__version__,
        python=platform.python_version(),
        system=platform.platform(),
        redactions=told.redactions,
    )


def _json(told: Explanation) -> str:
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode()


def _lines(frames: tuple[Frame, ...]) -> str:
    return "".join(f"[{frame.at_ms:.2f} ms]\n{frame.text.rstrip()}\n\n" for frame in frames)
