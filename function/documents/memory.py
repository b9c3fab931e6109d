"""Anonymous files in memory: how bulk crosses between processes without /dev/shm, names or copies.

A pod's /dev/shm holds 64 MiB, and running over it is a SIGBUS; a memfd only counts as memory of the container.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import stat


def create(name: str) -> int:
    """An empty memfd that can be sealed."""
    return os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)


def sized(name: str, size: int) -> tuple[int, mmap.mmap]:
    """A memfd of `size` bytes and a writable mapping of it."""
    descriptor = create(name)
    try:
        os.ftruncate(descriptor, size)
        return descriptor, mmap.mmap(descriptor, size)
    except BaseException:
        os.close(descriptor)
        raise


def freeze(descriptor: int) -> None:
    """Make a memfd's bytes final, whoever else holds it."""
    seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)


def view(descriptor: int, size: int) -> mmap.mmap:
    """Map `size` bytes of a memfd that another process made, read-only.

    It is sealed against shrinking first: had its maker been taken over, it could otherwise cut the file short under
    our mapping, and reading that is a SIGBUS.

    Raises:
        ValueError: it is no memfd, or smaller than `size`.
    """
    try:
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)
    except OSError as problem:
        raise ValueError("what the child sent is no memfd") from problem
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or size <= 0 or status.st_size < size:
        raise ValueError(f"what the child sent holds {status.st_size} bytes, not {size}")
    return mmap.mmap(descriptor, size, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ)


def anonymous_bytes(pid: int | str = "self") -> int:
    """Memory that is a process's own, in bytes: neither files nor memfds that it has mapped; 0 if it has gone."""
    try:
        with open(f"/proc/{pid}/statm", "rb", buffering=0) as file:  # noqa: PTH123 - asked after each document
            fields = file.read().split()
    except OSError:
        return 0
    return (int(fields[1]) - int(fields[2])) * mmap.PAGESIZE
