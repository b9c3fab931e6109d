"""What a render child can no longer reach once its libraries are there: files, the network, programs, other processes.

Nothing of it takes a privilege, so it works in a pod under Pod Security's level `restricted`. A kernel that lacks a
part (gVisor's has no Landlock) gives the others; the parent tells which walls stand (`process.py`).
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

from function.documents import landlock, syscalls
from function.documents.messages import CALLS, FILES

_PR_SET_DUMPABLE = 4
#: Where pdfium looks for fonts that a PDF names and does not bring, when the first such page is drawn.
_FONTS = ("/usr/share/fonts", "/usr/share/X11/fonts/Type1", "/usr/share/X11/fonts/TTF", "/usr/local/share/fonts")
#: Where the loader finds what libraries are linked with.
_LOADER = ("/etc/ld.so.cache", "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")
#: Libraries in which later imports end; each lies in its folder of packages.
_PACKAGES = ("pypdfium2", "PIL", "pikepdf")
#: How much memory is used (`memory.anonymous_bytes`). A rule is about the file as it is now: it stays that while it is
#: open, whereas the kernel may make it anew once nobody has it open.
_MEMORY = Path("/proc/self/statm")


def stand() -> list[str]:
    """Put up what the kernel has, for good; this process must have one thread only.

    Returns:
        Which of `messages.WALLS` stand.
    """
    # A crash would otherwise hand the memory, with somebody's document in it, to the node's collector of cores, to
    # which RLIMIT_CORE does not apply (core(5)). After this nobody but root looks into /proc of this process.
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    os.open(_MEMORY, os.O_RDONLY | os.O_CLOEXEC)
    files = landlock.restrict(_readable()) > 0
    return [*([FILES] if files else []), *([CALLS] if syscalls.filter_calls() else [])]


def _readable() -> Iterator[Path]:
    """Fonts and programs, of the system, of Python and ours: no user's data, and no secret."""
    yield _MEMORY
    yield from map(Path, (*_FONTS, *_LOADER))
    yield Path(os.__file__).parent
    yield Path(__file__).parents[1]
    for name in _PACKAGES:
        found = importlib.util.find_spec(name)
        if found is not None and found.origin is not None:
            yield Path(found.origin).parents[1]
