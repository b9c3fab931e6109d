"""What a render child and its parent say to each other; bulk (pixels, glyphs) travels beside, as a memfd."""

from __future__ import annotations

from msgspec import Struct

#: Around a child. By Landlock: no file but fonts and libraries, for reading.
FILES = "files"
#: By seccomp: no socket but the parent's, no program, process or thread, no signal to others, nobody else's memory.
CALLS = "calls"
WALLS = (FILES, CALLS)


class Open(Struct, tag=True, frozen=True):
    """Open the document behind the descriptor that comes along; whatever was open before is closed."""

    size: int


class Draw(Struct, tag=True, frozen=True):
    """Draw one page (1-based)."""

    number: int
    dpi: float
    grey: bool = False
    part: tuple[float, float, float, float] | None = None


class ReadText(Struct, tag=True, frozen=True):
    """Extract one page's text layer in the pixel grid of `Draw(number, dpi)`."""

    number: int
    dpi: float


class WriteSearchable(Struct, tag=True, frozen=True):
    """Write the document as a PDF; the descriptor that comes along holds `size` bytes: PageWords in MessagePack."""

    size: int


class Close(Struct, tag=True, frozen=True):
    """Forget the document; the child is free for another."""


Request = Open | Draw | ReadText | WriteSearchable | Close


class Ready(Struct, tag=True, frozen=True):
    """The child stands: limits set, libraries loaded, walls up.

    Attributes:
        walls: which of WALLS.
    """

    walls: list[str] = []


class Opened(Struct, tag=True, frozen=True):
    """The document is open."""

    media_type: str
    pages: int
    warnings: list[str]


class Drawn(Struct, tag=True, frozen=True):
    """The descriptor that comes along holds height × width × channels bytes, rows packed, BGR or grey."""

    width: int
    height: int
    channels: int
    dpi: float | None
    warnings: list[str]


class TextRead(Struct, tag=True, frozen=True):
    """The descriptor that comes along holds `size` bytes: a RawLayer in MessagePack."""

    size: int


class Written(Struct, tag=True, frozen=True):
    """The descriptor that comes along holds `size` bytes: a PDF."""

    size: int


class Closed(Struct, tag=True, frozen=True):
    """Nothing is open any more."""


class Failed(Struct, tag=True, frozen=True):
    """The request failed but the child lives.

    Attributes:
        kind: name of the class of function.errors.
        trace: the traceback where the failure was no deliberate refusal; for our log, never for callers.
        ours: the exception is of a kind that parsers do not raise, so the mistake is probably in our code.
    """

    kind: str
    detail: str
    remedy: str | None = None
    trace: str = ""
    ours: bool = False


Reply = Ready | Opened | Drawn | TextRead | Written | Closed | Failed
