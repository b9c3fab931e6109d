"""The memfd that a child draws a page into."""

from __future__ import annotations

import contextlib
import ctypes
import os

from function.documents import memory


class Canvas:
    """height × width × channels bytes, rows packed, shared with the parent by descriptor.

    Args:
        width: pixels.
        height: pixels.
        channels: 3 (BGR) or 1 (grey).
    """

    def __init__(self, width: int, height: int, channels: int) -> None:
        self.width, self.height, self.channels = width, height, channels
        self.stride = width * channels
        self.descriptor, self._map = memory.sized("page", self.stride * height)

    def buffer(self) -> ctypes.Array[ctypes.c_ubyte]:
        """The bytes, for C code to write to; drop it before `close`."""
        return (ctypes.c_ubyte * len(self._map)).from_buffer(self._map)

    def write_rows(self, top: int, rows: bytes) -> None:
        """Put whole rows in place, the first at row `top`."""
        start = top * self.stride
        self._map[start : start + len(rows)] = rows

    def close(self) -> None:
        """Let go; the parent's copy of the descriptor keeps the bytes."""
        os.close(self.descriptor)
        with contextlib.suppress(BufferError):  # a failed drawing's traceback may still hold `buffer`
            self._map.close()
