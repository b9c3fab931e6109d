"""Looking at render children from outside, and a document whose six pages have six shades."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from pathlib import Path

from function.documents.base import Document
from tests.documents import making
from tests.processes import children_of

DOCUMENT = making.pdf([b"%g g 0 0 612 792 re f" % (number / 10) for number in range(6)])


def shade(document: Document, number: int) -> int:
    """How bright a page of DOCUMENT is."""
    return int(document.draw(number, 20).pixels[50, 50, 0])


def child_of(document: Document) -> int:
    """The process that has it open."""
    return int(document._lease.child().pid)  # type: ignore[attr-defined]


def children() -> set[int]:
    """Children of this process, zombies included."""
    return set(children_of(os.getpid()))


def descriptors() -> int:
    """How many this process holds."""
    gc.collect()
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def is_running(pid: int) -> bool:
    """Whether a process is more than a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, a minute at most."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "waited for a minute"
        time.sleep(0.01)
