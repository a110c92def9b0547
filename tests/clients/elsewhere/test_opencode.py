"""opencode in four protocols, each on a model of another one.

It loops without end where the finish is not clear, and still prints the right text: requests are counted.
"""

import json
from pathlib import Path

import pytest

from clients.elsewhere.verdict import (
    MODELS,
    TEXTS,
    TWO_STEPS,
    commit_picture,
    commit_words,
    loop,
    require,
    require_image,
    require_loop,
    said,
)
from clients.scene import GATEWAY_URL, Played, Scene
from live import CLIENT_KEY

PATCH = "*** Begin Patch\n*** Add File: out.txt\n+written\n*** End Patch\n"
PACKAGES = {
    "chat": "@ai-sdk/openai-compatible",
    "responses": "@ai-sdk/openai",
    "messages": "@ai-sdk/anthropic",
    "gemini": "@ai-sdk/google",
}
pytestmark = [
    pytest.mark.clients,
    pytest.mark.parametrize(
        ("ingress", "upstream"),
        [("chat", "messages"), ("responses", "chat"), ("messages", "responses"), ("gemini", "messages")],
    ),
]


def run(scene: Scene, binary: Path, ingress: str, upstream: str, script: str) -> Played:
    """Ask opencode one thing. It escapes quotes in what it is asked, so a rule scripts the answer, not the prompt."""
    model = MODELS[upstream]
    version = "v1beta" if ingress == "gemini" else "v1"
    provider = {
        "npm": PACKAGES[ingress],
        "name": "gateway",
        "options": {"baseURL": f"{GATEWAY_URL}/{version}", "apiKey": CLIENT_KEY},
        "models": {
            model: {
                "name": model,
                "tool_call": True,
                "reasoning": True,
                "attachment": True,
                "modalities": {"input": ["text", "image"], "output": ["text"]},
                "limit": {"context": 200000, "output": 32000},
            }
        },
    }
    config = scene.home / ".config" / "opencode" / "opencode.json"
    config.parent.mkdir(parents=True)
    config.write_text(
        json.dumps({"autoupdate": False, "share": "disabled", "provider": {"gateway": provider}})
    )
    scene.rules.append({"answer": script})
    return scene.play(
        # With a title of its own a session needs no side call for one.
        [str(binary), "run", "--title", "A test", "--model", f"gateway/{model}", "Go ahead."],
        {"OPENCODE_DISABLE_AUTOUPDATE": "1", "OPENCODE_DISABLE_MODELS_FETCH": "1"},
    )


@TEXTS
def test_a_text_answer(scene: Scene, opencode: Path, ingress: str, upstream: str, text: str) -> None:
    """A question is one request and its answer is printed."""
    scene.commit(note_txt="x\n")
    require(run(scene, opencode, ingress, upstream, said(text)), upstream, text, ["user"])


def test_parallel_tools_after_thinking(scene: Scene, opencode: Path, ingress: str, upstream: str) -> None:
    """Two calls in one answer are two results in one request.

    `@ai-sdk/openai-compatible` sends back the words of a thought and knows no field for its proof. Claude takes none
    without the other: on chat the thought is a loss, and the loop goes on.
    """
    commit_words(scene)
    paths = [str(scene.repository / name) for name in ("a.txt", "b.txt")]
    played = run(scene, opencode, ingress, upstream, loop("read", "filePath", *paths))
    proofs = 0 if ingress == "chat" else 1
    require_loop(played, upstream, "the first is alpha", "the second is beta", proofs=proofs)


def test_a_file_is_written(scene: Scene, opencode: Path, ingress: str, upstream: str) -> None:
    """The effect is on disk. Models of OpenAI get a patch tool instead."""
    scene.commit(note_txt="x\n")
    if upstream == "responses":
        call = "apply_patch" + json.dumps({"patchText": PATCH})
    else:
        path = str(scene.repository / "out.txt")
        call = "write" + json.dumps({"filePath": path, "content": "written\n"})
    played = run(scene, opencode, ingress, upstream, f'tool={call} || text="Done writing."')
    require(played, upstream, "Done writing.", TWO_STEPS)
    assert (scene.repository / "out.txt").read_text() == "written\n"


def test_an_image_is_read_by_tool(scene: Scene, opencode: Path, ingress: str, upstream: str) -> None:
    """It comes in the result, or in a user turn of its own where the protocol has no place for one."""
    call = json.dumps({"filePath": str(commit_picture(scene))})
    played = run(scene, opencode, ingress, upstream, f'tool=read{call} || text="A red dot."')
    require_image(played, upstream)
