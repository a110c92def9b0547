"""The page's own modules: every import leads somewhere, and what the first screen needs is announced at once."""

import re
from pathlib import Path

UI = Path(__file__).resolve().parents[3] / "src/copilot_api/web/ui"
STATIC = re.compile(
    r"""(?:^import\s*|^(?:import|export)\b[^;"`]*?\bfrom\s*|\}from)"([^"]+)\"""", re.MULTILINE
)
DYNAMIC = re.compile(r'\bimport\(\s*"([^"]+)"')
PRELOAD = re.compile(r'<link rel="modulepreload" href="/admin/([^"]+)">')


def code_of(path: Path) -> str:
    """A module without its line comments."""
    return re.sub(r"^\s*//.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)


def needed_by(path: Path, seen: set[Path]) -> set[Path]:
    """Add a module and everything that it imports, and what those import."""
    if path not in seen:
        seen.add(path)
        for target in STATIC.findall(code_of(path)):
            needed_by((path.parent / target).resolve(), seen)
    return seen


def test_imports_lead_to_files_that_are_there() -> None:
    """Bare names need an import map, which the content policy does not allow; so every import is a path."""
    dead = []
    for path in UI.rglob("*.js"):
        code = code_of(path)
        for target in [*STATIC.findall(code), *DYNAMIC.findall(code)]:
            if not target.startswith(".") or not (path.parent / target).is_file():
                dead.append((str(path.relative_to(UI)), target))
    assert dead == []


def test_what_the_first_screen_needs_is_announced() -> None:
    """Modules import one another five deep; announced, they arrive together and not one after another."""
    announced = PRELOAD.findall((UI / "index.html").read_text(encoding="utf-8"))
    needed = {path.relative_to(UI).as_posix() for path in needed_by(UI / "main.js", set())} - {"main.js"}
    assert announced == sorted(needed)


def test_every_tab_has_its_three_files() -> None:
    """A component, its words, its stylesheet: they are loaded together."""
    tabs = re.findall(r'\{ id: "(\w+)"', (UI / "shell/tabs.js").read_text(encoding="utf-8"))
    assert len(tabs) >= 8
    missing = [
        f"{tab}/{name}"
        for tab in tabs
        for name in ("index.js", "words.js", f"{tab}.css")
        if not (UI / "tabs" / tab / name).is_file()
    ]
    assert missing == []
    assert sorted(tabs) == sorted(folder.name for folder in (UI / "tabs").iterdir())


def test_the_page_names_no_other_server() -> None:
    """Nothing in it would fetch from elsewhere, whatever the content policy."""
    found = []
    for path in UI.rglob("*"):
        if path.suffix in {".js", ".css", ".html"} and "vendor" not in path.parts:
            found += [
                (path.name, link)
                for link in re.findall(r"""(?:src|href|url|import|fetch)\W{1,3}https?://""", code_of(path))
            ]
    assert found == []
