"""Judging a scene in which a client speaks to a model of another protocol than its own."""

import base64
import json
from pathlib import Path

import pytest

from clients.scene import Played, Scene
from live import PIXEL

MODELS = {"messages": "claude-fable-5", "responses": "gpt-5.5", "chat": "gemini-3.1-pro-preview"}
"""For each upstream protocol a model that speaks nothing else, and reasons."""
PATHS = {"messages": "/v1/messages", "responses": "/responses", "chat": "/chat/completions"}
IMAGES = {
    "messages": '{"type": "image", "source":',
    "responses": '{"type": "input_image"',
    "chat": '"image_url"',
}
"""How a picture stands in a request of each protocol."""
TWO_STEPS = ["user", "agent"]
TEXTS = pytest.mark.parametrize(
    "text",
    ["Hello from upstream.", " ".join(f"word{number}" for number in range(400))],
    ids=["short", "long"],
)


def said(text: str) -> str:
    """The scripted answer that says a text, one delta for each word."""
    return f'text="{text}"; chunks={len(text.split())}'


def require(played: Played, upstream: str, text: str, initiators: list[str]) -> None:
    """The client was content at once: one answer for each request, none refused, on the model's own route.

    The last word of the text is printed once: clients that repeat a request print its answer again.
    """
    assert played.exit_code == 0
    printed = played.stdout.split()
    assert text in " ".join(printed)
    assert printed.count(text.rsplit(maxsplit=1)[-1]) == 1
    assert played.initiators == initiators
    assert played.statuses == [200] * len(initiators)
    assert played.outcomes == ["completed"] * len(initiators)
    assert {request.path for request in played.requests} == {PATHS[upstream]}
    assert {request.body["model"] for request in played.requests} == {MODELS[upstream]}
    assert {exchange["mode"] for exchange in played.exchanges} == {"translated"}


def require_one_interaction(played: Played) -> None:
    """All requests belong to one human turn."""
    assert len({request.interaction_id for request in played.requests}) == 1


def require_loop(played: Played, upstream: str, *results: str, proofs: int = 1) -> None:
    """Two parallel calls after a thought, then the answer: thought and results are in the second request."""
    require(played, upstream, "alpha and beta", TWO_STEPS)
    require_one_interaction(played)
    assert [len(request.proofs()) for request in played.requests] == [0, proofs]
    second = json.dumps(played.requests[1].body)
    assert [result for result in results if result not in second] == []


def require_image(played: Played, upstream: str) -> None:
    """A picture that a tool read is in the second request, as one, and upstream was told that it is there."""
    require(played, upstream, "A red dot.", TWO_STEPS)
    require_one_interaction(played)
    assert [IMAGES[upstream] in json.dumps(request.body) for request in played.requests] == [False, True]
    asked = [request.headers.get("copilot-vision-request") for request in played.requests]
    assert asked == [None, "true"]


def loop(tool: str, field: str, *paths: str) -> str:
    """The scripted answers of that loop, for a client whose reading tool is `tool`."""
    calls = "; ".join(f"tool={tool}{json.dumps({field: path})}" for path in paths)
    return (
        f'thinking="Which files?"; text="I look."; {calls} || thinking="Now I know."; text="alpha and beta"'
    )


def commit_words(scene: Scene) -> None:
    """Two files whose words the loop asks for."""
    scene.commit(a_txt="the first is alpha\n", b_txt="the second is beta\n")


def commit_picture(scene: Scene) -> Path:
    """A file to begin with, and a picture beside it."""
    scene.commit(note_txt="x\n")
    picture = scene.repository / "dot.png"
    picture.write_bytes(base64.b64decode(PIXEL))
    return picture
