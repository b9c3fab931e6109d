"""seccomp: a process gives up all system calls but those that reading a document takes (seccomp(2)).

Not among them: sockets, programs, processes and threads, signals to others, memory of others, mounts, keys, io_uring,
and whatever changes files by their names. A call that is refused fails with EPERM. Numbers are those of the kernel's
headers (tests compare them); on other machines than these two there is no filter.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterator, Sequence

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000  # the latter with an error number
#: AUDIT_ARCH_*, and which of a pair of numbers is the machine's.
_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
#: From here on numbers are the same everywhere, and for these the C library has older calls to fall back to if told
#: that they do not exist.
_NEWER = 424

#: x86_64, aarch64; -1: there is none.
ALWAYS = {
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "pread64": (17, 67),
    "pwrite64": (18, 68), "lseek": (8, 62), "close": (3, 57), "dup": (32, 23), "ftruncate": (77, 46),
    "fstat": (5, 80), "stat": (4, -1), "lstat": (6, -1), "newfstatat": (262, 79), "statx": (332, 291),
    "fstatfs": (138, 44), "access": (21, -1), "faccessat": (269, 48), "readlink": (89, -1), "readlinkat": (267, 78),
    "getcwd": (79, 17), "getdents64": (217, 61), "fadvise64": (221, 223), "memfd_create": (319, 279),
    "mmap": (9, 222), "munmap": (11, 215), "mprotect": (10, 226), "mremap": (25, 216), "madvise": (28, 233),
    "mincore": (27, 232), "brk": (12, 214), "futex": (202, 98), "set_robust_list": (273, 99), "rseq": (334, 293),
    "sched_yield": (24, 124), "sched_getaffinity": (204, 123), "getcpu": (309, 168), "getpid": (39, 172),
    "gettid": (186, 178), "getppid": (110, 173), "getuid": (102, 174), "geteuid": (107, 175), "getgid": (104, 176),
    "getegid": (108, 177), "uname": (63, 160), "sysinfo": (99, 179), "times": (100, 153), "getrusage": (98, 165),
    "getrlimit": (97, 163), "clock_gettime": (228, 113), "clock_getres": (229, 114), "gettimeofday": (96, 169),
    "time": (201, -1), "nanosleep": (35, 101), "clock_nanosleep": (230, 115), "poll": (7, -1), "ppoll": (271, 73),
    "select": (23, -1), "pselect6": (270, 72), "recvmsg": (47, 212), "sendmsg": (46, 211), "getsockopt": (55, 209),
    "getsockname": (51, 204), "getpeername": (52, 205), "getrandom": (318, 278), "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "sigaltstack": (131, 132), "restart_syscall": (219, 128),
    "membarrier": (324, 283), "exit": (60, 93), "exit_group": (231, 94),
}  # fmt: skip

#: Bits of open(2)'s flags that write, make, or cut short.
_WRITES = os.O_ACCMODE | os.O_CREAT | os.O_TRUNC | 0o20000000  # the last is O_TMPFILE's own
_ANY = 0xFFFFFFFF
#: F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC, F_ADD_SEALS, F_GET_SEALS; not F_SETOWN, which signals.
_FCNTL = (0, 1, 2, 3, 4, 1030, 1033, 1034)
#: TCGETS (is it a terminal?), FIONBIO, FIONCLEX, FIOCLEX.
_IOCTL = (0x5401, 0x5421, 0x5450, 0x5451)
#: Its numbers; then which argument, masked by what, must be one of which values. 0 is this process itself.
SOMETIMES: dict[str, tuple[tuple[int, int], int, int, Sequence[int]]] = {
    "open": ((2, -1), 1, _WRITES, (os.O_RDONLY,)),
    "openat": ((257, 56), 2, _WRITES, (os.O_RDONLY,)),
    "fcntl": ((72, 25), 1, _ANY, _FCNTL),
    "ioctl": ((16, 29), 1, _ANY, _IOCTL),
    "prlimit64": ((302, 261), 0, _ANY, (0,)),
}
#: abort() ends by a signal to the thread itself; its first argument must be this process.
_TGKILL = (234, 131)

_LOAD, _AND, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_NUMBER_AT, _MACHINE_AT, _ARGUMENTS_AT = 0, 4, 16


def filter_calls() -> bool:
    """Refuse this process all other calls from now on; `PR_SET_NO_NEW_PRIVS` must be set.

    Returns:
        Whether that stands; False where the kernel has no filters, or the machine is another.
    """
    machine = _MACHINES.get(os.uname().machine)
    if machine is None or struct.calcsize("P") < 8:  # a process of 32 bits has other numbers
        return False
    program = b"".join(_program(*machine))
    steps = ctypes.create_string_buffer(program, len(program))
    address = struct.pack("@HP", len(program) // 8, ctypes.addressof(steps))
    return bool(ctypes.CDLL(None).prctl(_PR_SET_SECCOMP, _MODE_FILTER, address, 0, 0) == 0)


def _program(architecture: int, which: int) -> Iterator[bytes]:
    """Classic BPF over struct seccomp_data: number, architecture, six arguments of 64 bits each, little-endian."""
    refuse = _REFUSE | errno.EPERM
    yield from (_step(_LOAD, _MACHINE_AT), _step(_EQUAL, architecture, 1), _step(_RETURN, refuse))
    yield from (_step(_LOAD, _NUMBER_AT), _step(_AT_LEAST, _NEWER, 0, 1), _step(_RETURN, _REFUSE | errno.ENOSYS))
    for numbers in ALWAYS.values():
        if numbers[which] >= 0:
            yield from (_step(_EQUAL, numbers[which], 0, 1), _step(_RETURN, _ALLOW))
    own = (_TGKILL, 0, _ANY, (os.getpid(),))
    for numbers, argument, mask, values in (*SOMETIMES.values(), own):
        if numbers[which] >= 0:
            yield _step(_EQUAL, numbers[which], 0, 3 + 2 * len(values))
            yield from (_step(_LOAD, _ARGUMENTS_AT + 8 * argument), _step(_AND, mask))
            for value in values:
                yield from (_step(_EQUAL, value, 0, 1), _step(_RETURN, _ALLOW))
            yield _step(_RETURN, refuse)
    yield _step(_RETURN, refuse)


def _step(code: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
    """An instruction: what to do, how many to pass over in either case, and with which value."""
    return struct.pack("=HBBI", code, if_so, if_not, value)
