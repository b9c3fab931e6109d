"""The memfd that a child draws a page, or a part of it, into."""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
from dataclasses import dataclass

from function.documents import memory
from function.page import Box


def pixels_of(part: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """The whole pixels that a part of a page touches: left, top, right, bottom; at least one, within the page.

    Args:
        part: edges as shares of the page, 0..1.
        width: of the page, in pixels.
        height: of the page, in pixels.
    """
    left = min(max(0, math.floor(part[0] * width)), width - 1)
    top = min(max(0, math.floor(part[1] * height)), height - 1)
    right = min(max(left + 1, math.ceil(part[2] * width)), width)
    bottom = min(max(top + 1, math.ceil(part[3] * height)), height)
    return left, top, right, bottom


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


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawn page.

    Attributes:
        canvas: its pixels; whoever holds the drawing closes it.
        dpi: it was really drawn or scanned at; None where unknown.
        warnings: what the user should know about this page.
    """

    canvas: Canvas
    dpi: float | None
    warnings: list[str]
