"""The render child: opens one document at a time and draws its pages, under limits, for the parent at its socket.

    python -m function.documents.child SOCKET-DESCRIPTOR LIMITS-AS-JSON

It reads no settings and never imports numpy: it should start fast and stay small.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
import traceback
from typing import NoReturn

import msgspec

from function import heap
from function.documents import confine, memory, walls
from function.documents.base import Limits, PageWords
from function.documents.channel import Broken, Channel
from function.documents.messages import (
    Close,
    Closed,
    Draw,
    Drawn,
    Failed,
    Open,
    Opened,
    ReadText,
    Ready,
    Reply,
    Request,
    TextRead,
    WriteSearchable,
    Written,
)
from function.documents.opened import OpenedFile, open_file
from function.errors import Corrupt, Refusal, TooLarge

#: Packets are short.
_LONGEST_TRACE = 8_000
_LONGEST_DETAIL = 500
_MOST_WARNINGS = 20
#: No parser raises these about a document.
_OURS = (ImportError, NameError, AttributeError, AssertionError, NotImplementedError)


class Servant:
    """Answers requests about at most one open document.

    Args:
        limits: of the pool.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._file: OpenedFile | None = None
        self._descriptor = -1

    def answer(self, request: Request, descriptor: int | None) -> tuple[Reply, int | None]:
        """Do what is asked; a descriptor that comes back is for the parent, and is closed after sending."""
        confine.allow_cpu(self._limits.page_seconds)
        try:
            return self._done(request, descriptor)
        except Refusal as problem:
            return _told(problem), None
        except (MemoryError, OSError) as problem:
            if isinstance(problem, OSError) and problem.errno != errno.ENOMEM:
                return _failed(problem), None
            return _told(_no_memory(self._limits)), None
        except Exception as problem:  # noqa: BLE001 - parsers raise anything; a child must answer
            return _failed(problem), None

    def _done(self, request: Request, descriptor: int | None) -> tuple[Reply, int | None]:
        if isinstance(request, Open):
            assert descriptor is not None
            return self._open(descriptor, request.size), None
        if isinstance(request, Close):
            self._close()
            return Closed(), None
        assert self._file is not None
        if isinstance(request, WriteSearchable):
            assert descriptor is not None
            confine.allow_cpu(self._limits.page_seconds * self._file.pages)
            return _write_searchable(self._file, descriptor, request.size)
        if isinstance(request, Draw):
            return _draw(self._file, request)
        return _read_text(self._file, request)

    def _open(self, descriptor: int, size: int) -> Reply:
        self._close()
        self._descriptor = descriptor
        self._file = open_file(descriptor, size, self._limits)
        return Opened(self._file.media_type, self._file.pages, self._file.warnings[:_MOST_WARNINGS])

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def serve(channel: Channel[Request], limits: Limits) -> NoReturn:
    """Answer until the parent hangs up, which Channel raises as Broken."""
    servant = Servant(limits)
    rest: float | None = None
    while True:
        try:
            asked = channel.receive(rest)
        except TimeoutError:
            heap.give_back()
            rest = None
            continue
        rest = heap.REST
        reply, bulk = servant.answer(*asked)
        channel.send(reply, bulk)
        if bulk is not None:
            os.close(bulk)


def main() -> int:
    """Start, tell the parent so, serve, and end when the parent has gone."""
    sock = socket.socket(fileno=int(sys.argv[1]))
    limits = msgspec.json.decode(sys.argv[2], type=Limits)
    confine.confine(limits.child_memory_bytes)
    heap.bound()
    import pypdfium2  # noqa: F401 - most documents are PDFs; loaded before it is waited for

    channel: Channel[Request] = Channel(sock, Request)
    try:
        channel.send(Ready(walls.stand() if limits.sandbox != "off" else []))
        import function.documents.images  # noqa: F401 - meanwhile, so that the first picture does not wait for it

        serve(channel, limits)
    except Broken:
        return 0


def _draw(file: OpenedFile, request: Draw) -> tuple[Reply, int]:
    drawing = file.draw(request.number, request.dpi, grey=request.grey, part=request.part)
    canvas = drawing.canvas
    bulk = os.dup(canvas.descriptor)
    canvas.close()
    return Drawn(canvas.width, canvas.height, canvas.channels, drawing.dpi, drawing.warnings), bulk


def _read_text(file: OpenedFile, request: ReadText) -> tuple[Reply, int]:
    data = msgspec.msgpack.encode(file.text_layer(request.number, request.dpi))
    bulk, view = memory.sized("text", len(data))
    with view:
        view[:] = data
    return TextRead(len(data)), bulk


def _write_searchable(file: OpenedFile, descriptor: int, size: int) -> tuple[Reply, int]:
    with open(descriptor, "rb") as asked:
        pages = msgspec.msgpack.decode(os.pread(asked.fileno(), size, 0), type=list[PageWords])
    bulk = memory.create("searchable")
    try:
        with open(bulk, "w+b", closefd=False) as out:
            file.searchable(pages, out)
            out.flush()
            return Written(os.fstat(bulk).st_size), bulk
    except BaseException:
        os.close(bulk)
        raise


def _told(problem: Refusal) -> Failed:
    return Failed(type(problem).__name__, problem.detail[:_LONGEST_DETAIL], problem.remedy)


def _no_memory(limits: Limits) -> TooLarge:
    return TooLarge(
        f"it needs more memory than a render child may use, {limits.child_memory_bytes} bytes (OCR_CHILD_BYTES)",
        remedy="Send a smaller document or picture, or raise OCR_CHILD_BYTES.",
    )


def _failed(problem: Exception) -> Failed:
    refusal = Corrupt(f"it cannot be read: {type(problem).__name__}: {problem}")
    return Failed(
        "Corrupt",
        refusal.detail[:_LONGEST_DETAIL],
        refusal.remedy,
        trace="".join(traceback.format_exception(problem))[-_LONGEST_TRACE:],
        ours=isinstance(problem, _OURS),
    )


if __name__ == "__main__":
    sys.exit(main())
