"""Noticing that memory was refused to a library which carries on without it.

pdfium draws a page without the picture that it found no room for, and says nothing: at the limit of its address space
a scan comes out blank. The C library leaves ENOMEM in `errno` wherever it refuses memory, and nothing clears it.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
from collections.abc import Iterator

_location = ctypes.CDLL(None).__errno_location
_location.restype = ctypes.POINTER(ctypes.c_int)


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """Around calls into a library, in one thread.

    Raises:
        MemoryError: memory was refused meanwhile.
    """
    _location()[0] = 0
    yield
    if _location()[0] == errno.ENOMEM:
        raise MemoryError
