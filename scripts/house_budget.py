"""Hold the source tree to its size budget: 400 lines a file, 40 a function, 10 files a folder.

When something grows past that, a concept is hiding in it. Vendored and data files have no lines to count, and
a module whose name says nothing (`utils`, `helpers`, ...) is refused as well.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 40
MAX_FOLDER_FILES = 10
COUNTED_SUFFIXES = {".py", ".js", ".css", ".html"}
NOT_OURS = {"__pycache__", "vendor", "data"}
EMPTY_NAMES = frozenset(
    "helper helpers util utils manager handler processor service common misc".split()  # noqa: SIM905 - reads better
)

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def long_functions(path: Path) -> Iterator[str]:
    """Yield one complaint for each function of a Python file that is over the budget."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, _Function) and node.end_lineno is not None:
            length = node.end_lineno - node.lineno + 1
            if length > MAX_FUNCTION_LINES:
                where = f"{path}:{node.lineno}: {node.name}"
                yield f"{where} has {length} lines; {MAX_FUNCTION_LINES} are allowed"


def file_complaints(path: Path) -> Iterator[str]:
    """Yield what is wrong with one file: its name, its length, its functions."""
    if path.stem in EMPTY_NAMES:
        yield f"{path}: {path.stem!r} says nothing about what it owns; name the thing"
    length = len(path.read_text(encoding="utf-8").splitlines())
    if length > MAX_FILE_LINES:
        yield f"{path}: {length} lines; {MAX_FILE_LINES} are allowed"
    if path.suffix == ".py":
        yield from long_functions(path)


def complaints(root: Path) -> Iterator[str]:
    """Yield every breach of the budget below `root`, folders first."""
    folders = [folder for folder in (root, *sorted(root.rglob("*"))) if folder.is_dir()]
    for folder in folders:
        if NOT_OURS.intersection(folder.relative_to(root).parts):
            continue
        files = sorted(entry for entry in folder.iterdir() if entry.is_file())
        if len(files) > MAX_FOLDER_FILES:
            yield f"{folder}: {len(files)} files; {MAX_FOLDER_FILES} are allowed"
        for path in files:
            if path.suffix in COUNTED_SUFFIXES:
                yield from file_complaints(path)


def main(roots: list[str]) -> int:
    """Print every breach below the given folders; the exit code says whether there was one."""
    found = [line for root in roots for line in complaints(Path(root))]
    print("\n".join(found) or "within budget")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["src"]))
