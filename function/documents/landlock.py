"""Landlock: a process gives up files, and more, for good (landlock(7), Linux 5.13 and later; no privilege is needed).

What is named to the kernel as "handled" is refused unless a rule allows it; newer kernels, of a higher ABI, take more
names. It refuses opening, making and removing, not looking at (stat) or changing owners and modes: `syscalls` does.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable
from pathlib import Path

#: Their numbers are those of every architecture (include/uapi/asm-generic/unistd.h).
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1 << 0
_PATH_BENEATH = 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
#: How many rights of files there are, from the lowest bit on, by the ABI that brought them.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
#: Binding and connecting TCP (ABI 4); signals, and abstract Unix sockets, of processes outside (ABI 6).
_NETWORK, _NETWORK_ABI = 0b11, 4
_SCOPES, _SCOPES_ABI = 0b11, 6


def restrict(readable: Iterable[Path]) -> int:
    """Keep this thread, and what it starts, from all files but these; and from TCP and others' processes.

    `PR_SET_NO_NEW_PRIVS` must be set. What is open already stays open, memfds can still be made.

    Args:
        readable: files, and folders with all below them, that may be read; those that are not there are passed over.

    Returns:
        The ABI that the kernel speaks; 0 where it has no Landlock, or does not let us: then nothing has changed.
    """
    call = ctypes.CDLL(None).syscall
    abi = call(_CREATE_RULESET, None, 0, _VERSION)
    if abi < 1:
        return 0
    ruleset = call(_CREATE_RULESET, *_handled(abi), 0)
    if ruleset < 0:
        return 0
    try:
        for path in readable:
            _allow(call, ruleset, path)
        return abi if call(_RESTRICT_SELF, ruleset, 0) == 0 else 0
    finally:
        os.close(ruleset)


def _handled(abi: int) -> tuple[bytes, ctypes.c_size_t]:
    """The struct landlock_ruleset_attr, as long as the kernel knows it."""
    rights = max(count for since, count in _FILE_RIGHTS.items() if since <= abi)
    fields = [(1 << rights) - 1]
    if abi >= _NETWORK_ABI:
        fields.append(_NETWORK)
    if abi >= _SCOPES_ABI:
        fields.append(_SCOPES)
    packed = struct.pack(f"={len(fields)}Q", *fields)
    return packed, ctypes.c_size_t(len(packed))


def _allow(call: ctypes._NamedFuncPointer, ruleset: int, path: Path) -> None:
    """A rule that fails allows nothing, which is safe."""
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rights = _READ_FILE | (_READ_DIR if stat.S_ISDIR(os.fstat(place).st_mode) else 0)
        call(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, place), 0)
    finally:
        os.close(place)
