"""Memory that was used is given back."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT

#: The C library's own allocation, and the process's size in bytes.
_BEGIN = """
import ctypes, sys
from function import heap
malloc, free = ctypes.CDLL(None).malloc, ctypes.CDLL(None).free
malloc.restype, malloc.argtypes, free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
size = lambda: int(open("/proc/self/statm").read().split()[1]) * 4096
"""
#: Frees blocks of 2 MiB beside small ones that stay, as pages and their results do, then tells the process's size.
_WORK = """
if sys.argv[1] == "bounded":
    assert heap.bound()
free(malloc(30 << 20))
pages = []
for _ in range(80):
    pages.append(malloc(2 << 20))
    ctypes.memset(pages[-1], 1, 2 << 20)
    malloc(100 << 10)
for page in pages:
    free(page)
print(size())
"""
#: Leaves holes of 64 KiB between small blocks that stay, and tells by how much resting makes the process smaller.
_HOLES = """
holes = []
for _ in range(1024):
    holes.append(malloc(64 << 10))
    ctypes.memset(holes[-1], 1, 64 << 10)
    malloc(1 << 10)
for hole in holes:
    free(hole)
before = size()
heap.give_back()
print(before - size())
"""

pytestmark = pytest.mark.skipif(
    not hasattr(__import__("ctypes").CDLL(None), "gnu_get_libc_version"), reason="glibc's own ways"
)


def _told(work: str, *arguments: str) -> int:
    command = [sys.executable, "-c", _BEGIN + work, *arguments]
    return int(subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout)


def test_large_blocks_go_back_to_the_system_though_small_ones_lie_behind_them() -> None:
    """Otherwise a server grows with the number of sizes it has met."""
    assert _told(_WORK, "bounded") < _told(_WORK, "unbounded") - (64 << 20)


def test_holes_between_small_blocks_are_given_back_at_rest() -> None:
    """Most of 64 MiB, without the blocks between them being touched."""
    assert _told(_HOLES) > 48 << 20
