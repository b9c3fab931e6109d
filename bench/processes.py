"""What a process and its descendants take: memory, CPU time, descriptors; from Linux's /proc, without a library."""

from __future__ import annotations

import os
from pathlib import Path

from bench.sampling import Sampling

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
MIB = 1 << 20


def tree(pid: int) -> list[int]:
    """The process and all its living descendants."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        current = waiting.pop()
        found.append(current)
        waiting.extend(parents.get(current, []))
    return found


def rss(pid: int) -> int:
    """Resident bytes of the process and its descendants; memory that they share counts in each."""
    return sum(_rss_of(each) for each in tree(pid))


def cpu_seconds(pid: int) -> float:
    """User and system time of the process, its descendants, and those that ended and were waited for."""
    ticks = 0
    for each in tree(pid):
        if fields := _stat(each):
            ticks += sum(map(int, fields[11:15]))
    return ticks / _TICKS


def descriptors(pid: int) -> int:
    """Open file descriptors of the process and its descendants."""
    return sum(_count(Path(f"/proc/{each}/fd")) for each in tree(pid))


def threads(pid: int) -> int:
    """Threads of the process and its descendants."""
    return sum(_count(Path(f"/proc/{each}/task")) for each in tree(pid))


class PeakRss(Sampling):
    """The highest `rss` while the `with` block runs, sampled: `bytes` afterwards."""

    def __init__(self, pid: int, *, seconds: float = 0.2) -> None:
        super().__init__(seconds)
        self.bytes = 0
        self._pid = pid

    def look(self) -> bool:
        """Take a sample."""
        self.bytes = max(self.bytes, rss(self._pid))
        return True


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the state on (the name before it may hold spaces); None if it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None


def _rss_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE
    except OSError:
        return 0


def _count(folder: Path) -> int:
    try:
        return sum(1 for _ in folder.iterdir())
    except OSError:
        return 0
