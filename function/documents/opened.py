"""What the child keeps open: the seam between its loop and the kinds of documents."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import BinaryIO, Protocol

from function.documents.base import Limits, PageWords
from function.documents.canvas import Drawing
from function.documents.kinds import HEAD_BYTES, PDF, sniff
from function.documents.raw_layer import RawLayer
from function.errors import UnsupportedType
from function.page import Box


class OpenedFile(Protocol):
    """One opened document of some kind, inside the child."""

    media_type: str
    pages: int
    warnings: list[str]

    def draw(self, number: int, dpi: float, *, grey: bool, part: Box | None) -> Drawing:
        """Draw a page, 1-based, or a part of it (see base.Document)."""
        ...

    def text_layer(self, number: int, dpi: float) -> RawLayer:
        """A page's own text, in the pixel grid of `draw(number, dpi)`."""
        ...

    def searchable(self, pages: Sequence[PageWords], out: BinaryIO) -> None:
        """Write it as a PDF with these words laid invisibly over its pages."""
        ...

    def close(self) -> None:
        """Give everything back but the descriptor."""
        ...


def open_file(descriptor: int, size: int, limits: Limits) -> OpenedFile:
    """Open what lies behind a descriptor, by its content.

    Raises:
        Refusal: of whichever kind fits.
    """
    kind = sniff(os.pread(descriptor, HEAD_BYTES, 0))
    if kind is None:
        raise UnsupportedType("the content is neither a PDF nor an image of a known kind, whatever its name says")
    if kind is PDF:
        from function.documents.pdf import PdfFile

        return PdfFile(descriptor, size, limits)
    from function.documents.images import ImageFile

    return ImageFile(descriptor, kind, limits)
