"""What a render child takes upon itself before it touches a byte of anybody's."""

from __future__ import annotations

import contextlib
import ctypes
import math
import resource
import signal
import time
from pathlib import Path

_PR_SET_NO_NEW_PRIVS = 38
_DESCRIPTORS = 64


def confine(memory_bytes: int) -> None:
    """Limit this process for good; see the comments for why.

    Args:
        memory_bytes: of address space (OCR_CHILD_BYTES).
    """
    _lower(resource.RLIMIT_AS, memory_bytes)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, _DESCRIPTORS)
    _lower(resource.RLIMIT_NPROC, 0)
    # Files in memory that are not mapped count as nobody's address space.
    _lower(resource.RLIMIT_FSIZE, memory_bytes)
    # The parent's end is this process's end (the socket hangs up); what is meant for the parent (Ctrl-C at a
    # terminal, systemd's SIGTERM to a whole group) must not tear a page from a server that is draining.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    _be_killed_first()
    ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def allow_cpu(seconds: float) -> None:
    """Let this process use `seconds` more of CPU time (rounded up); then the kernel ends it with SIGXCPU."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = math.ceil(time.process_time() + seconds)
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def _lower(which: int, wanted: int) -> None:
    _, hard = resource.getrlimit(which)
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(which, (limit, limit))


def _be_killed_first() -> None:
    """When memory runs out the kernel shall end a child, not the server with everybody's documents."""
    with contextlib.suppress(OSError):  # a read-only /proc
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
