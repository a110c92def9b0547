"""Judge a coverage report: the pure rooms are covered in full, branches included; the whole by 90 %.

Reads the JSON that `coverage json` writes. Shape: {"files": {path: {"summary": {...}}}, "totals": {...}}.
"""

import json
import sys
from pathlib import Path
from typing import Any

PURE_ROOMS = ("neutral", "wire", "protocols")
WHOLE_PERCENT = 90.0


def pure_gaps(files: dict[str, Any]) -> list[str]:
    """List the pure rooms' files that have an uncovered line or branch."""
    gaps = []
    for path, report in sorted(files.items()):
        room = path.replace("\\", "/").partition("copilot_api/")[2].partition("/")[0]
        summary = report["summary"]
        if room in PURE_ROOMS and (summary["missing_lines"] or summary.get("missing_branches", 0)):
            lines = ", ".join(str(line) for line in report["missing_lines"]) or "none"
            branches = ", ".join(f"{a}->{b}" for a, b in report.get("missing_branches", [])) or "none"
            gaps.append(f"{path}: lines missing: {lines}; branches missing: {branches}")
    return gaps


def verdict(report: dict[str, Any]) -> list[str]:
    """List every gate that the report fails; an empty list passes."""
    failures = pure_gaps(report["files"])
    percent = report["totals"]["percent_covered"]
    if percent < WHOLE_PERCENT:
        failures.append(f"the whole is covered by {percent:.1f} %; {WHOLE_PERCENT:.0f} % is the floor")
    return failures


def main(path: str) -> int:
    """Print the verdict on one report file; the exit code says whether it passed."""
    report = json.loads(Path(path).read_text(encoding="utf-8"))
    failures = verdict(report)
    for line in failures:
        print(f"coverage: {line}")
    if not failures:
        print(f"coverage: {report['totals']['percent_covered']:.1f} %; the pure rooms in full")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "coverage.json"))
