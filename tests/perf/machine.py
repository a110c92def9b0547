"""What the kernel knows of a process: CPU time and memory of it and all its children.

Owns /proc. Must never know who the processes are.
Source: proc(5), `/proc/pid/stat` fields 4 (ppid), 14 and 15 (utime, stime: all threads, also ended ones).
"""

import os
from pathlib import Path

_PROC = Path("/proc")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def is_measurable() -> bool:
    """Whether this system has the /proc that the measurements read."""
    return (_PROC / "self" / "stat").exists()


def cpu_s(pid: int) -> float:
    """User and system CPU seconds of a process and of its living descendants."""
    ticks = 0
    for member in family(pid):
        fields = _stat(member)
        if fields:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICKS_PER_S


def rss_mb(pid: int) -> float:
    """Resident memory of a process and of its living descendants, in MB of 2**20 bytes."""
    kilobytes = 0
    for member in family(pid):
        try:
            lines = (_PROC / str(member) / "status").read_text().splitlines()
        except OSError:
            continue
        kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
    return kilobytes / 1024


def load_average() -> float:
    """The load of the last minute, other people's work included."""
    return os.getloadavg()[0]


def family(pid: int) -> list[int]:
    """The process and its living descendants."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            fields = _stat(int(entry.name))
            if fields:
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [pid]
    for member in found:
        found += children.get(member, [])
    return found


def _stat(pid: int) -> list[str]:
    """The fields from the third (state) on; empty when the process is gone."""
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return []
    return text[text.rindex(")") + 2 :].split()
