"""How the C library keeps memory that was given back to it: little of it, because pages come in every size.

Left to itself, glibc keeps an arena for nearly every thread, and after the first large block is freed it takes blocks
of up to 32 MiB from them instead of from the system (mallopt(3), M_ARENA_MAX and M_MMAP_THRESHOLD), where pages of
changing sizes leave holes. With these bounds the same work needs a fifth less memory, and hardly more as it goes on.

What still grows over the first pages are holes alone; what is in use stays the same. Measured over 250 pages with
OpenVINO on 2 processors, holes came to 55 MiB, reached after 180 pages, where blocks of up to 4 MiB lay in the arenas,
and to 22 MiB, reached after 50, with the 1 MiB of below. The price is 1,100 to 1,500 page faults a
page read, 6 to 10 ms of the system's time beside 400 to 500 ms of processor time.

Small blocks still leave holes, also in the children that open documents: a server that had read 1,500 pages of both
kinds, scanned and with text, held 65 MiB of them. So whoever rests gives its holes back (malloc_trim(3)): a
millisecond's work, and nobody waits for it.
"""

from __future__ import annotations

import ctypes

#: Names of glibc's malloc.h, and what they are set to.
_M_ARENA_MAX, _ARENAS = -8, 2
_M_MMAP_THRESHOLD, _LARGE = -3, 1 << 20
_M_TRIM_THRESHOLD, _SPARE = -1, 64 << 20
#: Who had nothing to do for so many seconds rests.
REST = 0.5


def bound() -> bool:
    """Call it before threads begin; returns False where the C library knows nothing of it (musl)."""
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is None:
        return False
    wanted = ((_M_ARENA_MAX, _ARENAS), (_M_MMAP_THRESHOLD, _LARGE), (_M_TRIM_THRESHOLD, _SPARE))
    return all(set_option(option, value) for option, value in wanted)


def give_back() -> None:
    """Return to the system what is free; for threads that rest, because others wait for memory meanwhile."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
