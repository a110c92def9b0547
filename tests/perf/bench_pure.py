"""Print what decoder and tap cost per frame: `.venv/bin/python tests/perf/bench_pure.py`.

CPU time, best of several rounds, since other work on the machine only ever adds.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from copilot_api.protocols.registry import PROTOCOLS
from copilot_api.wire.body import splice
from copilot_api.wire.sse import Frame, SseDecoder
from recorded import request, stream

ROUNDS = 7


def nanoseconds(action: Callable[[], object], repeat: int) -> float:
    """Best CPU time of one call, over several rounds of `repeat` calls."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time_ns()
        for _ in range(repeat):
            action()
        best = min(best, (time.process_time_ns() - started) / repeat)
    return best


def main() -> None:
    """Measure and print."""
    deltas = {
        "chat": b'data: {"choices":[{"delta":{"content":"that up."},"index":0}],"created":1788300000,'
        b'"id":"msg_vrtx_01ExampleChat","model":"claude-sonnet-4.5"}\n\n',
        "chat (azure)": stream("chat-azure-text").split(b"\n\n")[3] + b"\n\n",
        "chat (gemini)": stream("chat-gemini-text").split(b"\n\n")[0] + b"\n\n",
        "responses": stream("responses-text").split(b"\n\n")[6] + b"\n\n",
        "messages": stream("messages-bedrock-text").split(b"\n\n")[2] + b"\n\n",
    }
    print(f"{'delta frame of':16}{'bytes':>7}{'decode':>9}{'tap':>9}{'both, 8 a chunk':>17}   (ns a frame)")
    for name, raw in deltas.items():
        decoder = SseDecoder()
        decoder.feed(b": start\n\n")
        upstream = PROTOCOLS[name.partition(" ")[0]].upstream
        assert upstream is not None
        tap = upstream.new_tap()
        tap.model = "known"
        frame, eight = Frame(raw), raw * 8

        def both(tap=tap, decoder=decoder, eight=eight) -> None:
            for each in decoder.feed(eight):
                tap.feed(each)

        feed = nanoseconds(lambda d=decoder, r=raw: d.feed(r), 20_000)
        observe = nanoseconds(lambda t=tap, f=frame: t.feed(f), 20_000)
        print(f"{name:16}{len(raw):7}{feed:9.0f}{observe:9.0f}{nanoseconds(both, 2_500) / 8:17.0f}")
    print()
    for name, protocol in (
        ("opencode/tool-chat/003-POST-v1_chat_completions", "chat"),
        ("codex/tool-gpt-5.5/002-POST-v1_responses", "responses"),
        ("claude-code/tool/002-POST-v1_messages", "messages"),
    ):
        body = request(name)
        peek = PROTOCOLS[protocol].ingress.peek
        peeked = nanoseconds(lambda p=peek, b=body: p(b), 500) / 1000
        spliced = nanoseconds(lambda b=body: splice(b, {"model": "m"}), 500) / 1000
        print(f"{name}: {len(body)} bytes, peek {peeked:.0f} us, splice {spliced:.0f} us")


if __name__ == "__main__":
    main()
