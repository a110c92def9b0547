"""The guides of `copilot-api connect`, followed to the letter by the real clients: files written, lines run.

Only what no guide can know is added: a prompt, and that nobody sits beside it.
"""

import shutil
from pathlib import Path

import pytest

from clients.install import CannotInstall, Client, install
from clients.scene import GATEWAY_URL, Played, Scene
from copilot_api.web.admin.connect.guide import Guide, Snippet, fill
from copilot_api.web.admin.connect.guides import guide
from live import CLIENT_KEY

pytestmark = pytest.mark.clients

PROMPT = 'Say hello. [[sim: text="Hello from upstream."]]'
PACKAGES = {
    "openai-js": Client("openai", "7.57.0", "node_modules/openai"),
    "anthropic-js": Client("@anthropic-ai/sdk", "1.12.0", "node_modules/@anthropic-ai/sdk"),
    "google-js": Client("@google/genai", "3.1.0", "node_modules/@google/genai"),
}


def guide_of(client: str) -> Guide:
    """The guide of a client that is there."""
    found = guide(client)
    assert found is not None
    return found


def filled(snippet: Snippet, model: str) -> str:
    """A snippet as the page shows it."""
    return fill(snippet.text, address=GATEWAY_URL, key=CLIENT_KEY, model=model)


def write(scene: Scene, snippet: Snippet, model: str) -> None:
    """Put a snippet where it says that it belongs."""
    assert snippet.file is not None
    path = scene.home / snippet.file.removeprefix("~/")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(filled(snippet, model))


def started(snippet: Snippet, model: str, binary: Path, *more: str) -> list[str]:
    """Run a snippet's lines; the last one starts the client, with `more` behind it."""
    *lines, last = filled(snippet, model).strip().splitlines()
    program, space, rest = last.partition(" ")
    return ["/bin/sh", "-c", "\n".join([*lines, f'{binary}{space}{rest} "$@"']), program, *more]


def require(played: Played, model: str) -> None:
    """One question, one answer, with the guide's key and the guide's model."""
    assert played.exit_code == 0
    assert "Hello from upstream." in played.stdout
    assert played.outcomes == ["completed"] * len(played.outcomes)
    assert model in {request.body["model"] for request in played.requests}
    assert {exchange["status"] for exchange in played.exchanges} == {200}


UNATTENDED = {"IS_SANDBOX": "1"}


def test_claude_code_by_its_settings(scene: Scene, claude_code: Path) -> None:
    """~/.claude/settings.json is all that it takes."""
    scene.commit(note_txt="x\n")
    write(scene, guide_of("claude-code").snippets[0], "claude-sonnet-4.6")
    played = scene.play([str(claude_code), "--print", PROMPT], UNATTENDED)
    require(played, "claude-sonnet-4.6")


def test_claude_code_by_its_variables(scene: Scene, claude_code: Path) -> None:
    """For one start, without a file; it still may not phone home here."""
    scene.commit(note_txt="x\n")
    command = started(
        guide_of("claude-code").snippets[1], "claude-sonnet-4.6", claude_code, "--print", PROMPT
    )
    quiet = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}
    require(scene.play(command, UNATTENDED | quiet), "claude-sonnet-4.6")


def test_codex(scene: Scene, codex: Path) -> None:
    """The file, and the key as a variable."""
    scene.commit(note_txt="x\n")
    settings, start = guide_of("codex").snippets
    write(scene, settings, "gpt-5.5")
    with (scene.home / ".codex" / "config.toml").open("a") as file:
        file.write("\n[analytics]\nenabled = false  # it waits for a host that nobody can reach here\n")
    command = started(start, "gpt-5.5", codex, "exec", "--dangerously-bypass-approvals-and-sandbox", PROMPT)
    require(scene.play(command, {}), "gpt-5.5")


@pytest.mark.parametrize("way", ["files", "variables"])
def test_gemini_cli(scene: Scene, gemini_cli: Path, way: str) -> None:
    """By ~/.gemini, or by variables; both with the sign-in by key."""
    scene.commit(note_txt="x\n")
    settings, dotenv, start = guide_of("gemini-cli").snippets
    write(scene, settings, "gemini-3.1-pro-preview")
    trusted = {"GEMINI_CLI_TRUST_WORKSPACE": "true"}
    if way == "files":
        write(scene, dotenv, "gemini-3.1-pro-preview")
        played = scene.play([str(gemini_cli), "--yolo", "--prompt", PROMPT], trusted)
    else:
        command = started(start, "gemini-3.1-pro-preview", gemini_cli, "--yolo", "--prompt", PROMPT)
        played = scene.play(command, trusted)
    require(played, "gemini-3.1-pro-preview")


@pytest.mark.parametrize(("number", "model"), [(0, "gpt-4.1"), (1, "claude-sonnet-4.6"), (2, "gpt-5.5")])
def test_opencode(scene: Scene, opencode: Path, number: int, model: str) -> None:
    """Each of the three ways; it escapes quotes in a prompt, so a rule scripts the answer."""
    scene.commit(note_txt="x\n")
    scene.rules.append({"contains": "Go ahead", "answer": 'text="Hello from upstream."'})
    write(scene, guide_of("opencode").snippets[number], model)
    quiet = {"OPENCODE_DISABLE_AUTOUPDATE": "1", "OPENCODE_DISABLE_MODELS_FETCH": "1"}
    played = scene.play([str(opencode), "run", "--title", "A test", "Go ahead."], quiet)
    require(played, model)


@pytest.mark.parametrize(("number", "model"), [(0, "gpt-4.1"), (1, "claude-sonnet-4.6")])
def test_aider(scene: Scene, aider: Path, number: int, model: str) -> None:
    """By the OpenAI way, and by Anthropic's for Claude models."""
    scene.commit(note_txt="x\n")
    quiet = ["--no-check-update", "--no-show-model-warnings", "--no-show-release-notes", "--no-pretty"]
    more = [
        *quiet,
        "--analytics-disable",
        "--yes-always",
        "--map-tokens",
        "0",
        "--message",
        PROMPT,
        "note.txt",
    ]
    command = started(guide_of("aider").snippets[number], model, aider, *more)
    require(scene.play(command, {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}), model)


@pytest.mark.parametrize(
    ("client", "number", "model"),
    [
        ("openai-js", 0, "gpt-5.5"),
        ("openai-js", 1, "gpt-4.1"),
        ("anthropic-js", 0, "claude-sonnet-4.6"),
        ("google-js", 0, "claude-sonnet-4.6"),
    ],
)
def test_a_javascript_sdk(scene: Scene, client: str, number: int, model: str) -> None:
    """The snippet is a whole program: put into a file and run."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not on PATH")
    try:
        package = install(PACKAGES[client])
    except CannotInstall as reason:
        pytest.skip(str(reason))
    modules = next(parent for parent in package.parents if parent.name == "node_modules")
    (scene.repository / "node_modules").symlink_to(modules)
    program = scene.repository / "program.mjs"
    program.write_text(filled(guide_of(client).snippets[number], model))
    scene.rules.append({"contains": "Say hello.", "answer": 'text="Hello from upstream."'})
    require(scene.play([node, str(program)], {}), model)
