"""Which process descends from which.

By the parent that each process names itself: the kernel's other list, /proc/PID/task/TID/children, goes by threads, and
a thread that ends while it is read takes its children out of sight for a moment.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def children_of(pid: int) -> list[int]:
    """Every process that PID started and has not yet waited for, zombies included."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):  # ended meanwhile
            parent = stat.read_text(errors="replace").rpartition(")")[2].split()[1]
            if int(parent) == pid:
                found.append(int(stat.parent.name))
    return sorted(found)


def descendants_of(pid: int) -> list[int]:
    """Every process below PID, each followed by those below it."""
    return [found for child in children_of(pid) for found in (child, *descendants_of(child))]
