"""The seam between the story and whatever opens documents."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from msgspec import Struct

from function.page import Box, PageImage, TextLayer


class PlacedWord(Struct, frozen=True, array_like=True, gc=False):
    """A word of a searchable PDF; pixels of the upright page, y down.

    Attributes:
        text: without spaces.
        x: of where its baseline begins.
        y: of the same.
        right: along the whole baseline.
        up: from the baseline, as long as its letters are high.
        ends: a space follows.
    """

    text: str
    x: float
    y: float
    right: tuple[float, float]
    up: tuple[float, float]
    ends: bool


class PageWords(Struct, frozen=True, array_like=True):
    """What a page of a searchable PDF says.

    Attributes:
        number: 1-based.
        width: of the upright page, in pixels.
        height: of the same.
        rotation: degrees clockwise by which the page as drawn was turned to stand upright.
        words: in reading order.
    """

    number: int
    width: int
    height: int
    rotation: int
    words: list[PlacedWord]

    @property
    def drawn(self) -> tuple[int, int]:
        """Width and height of the page as drawn, before it was turned."""
        return (self.height, self.width) if self.rotation % 180 else (self.width, self.height)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost; the names are those of the settings (OCR_MAX_PAGES and so on)."""

    max_pages: int
    max_pixels: int
    page_seconds: float
    child_memory_bytes: int
    sandbox: str = "auto"


class Source(Protocol):
    """Where the bytes lie: memory or a spooled file, never read twice from outside."""

    name: str
    sha256: str
    size: int

    def fileno(self) -> int:
        """A descriptor of a regular file or memfd that holds exactly the bytes, for the child to map."""
        ...


class ClosingSource(Source, AbstractContextManager["ClosingSource"], Protocol):
    """A source that whoever took it in closes."""

    def close(self) -> None:
        """Give the bytes back; children that have them open keep their own descriptors."""
        ...


class Document(Protocol):
    """One opened document. Used from one thread; several documents may be open at once."""

    @property
    def media_type(self) -> str:
        """Found from the content."""
        ...

    @property
    def pages(self) -> int:
        """How many."""
        ...

    @property
    def warnings(self) -> Sequence[str]:
        """What was passed over (frames of an animation), in the user's words."""
        ...

    def draw(self, number: int, dpi: float, *, grey: bool = False, part: Box | None = None) -> PageImage:
        """Draw page `number` (1-based) upright as the file says; images come at their own size whatever the dpi.

        Over the pixel cap a PDF page is drawn at a lower dpi (which the answer tells). With `grey`, pixels are
        height × width × 1. With `part` (x0, y0, x1, y1 as shares of the drawn page, 0..1), only the pixels that it
        touches are drawn, at least one: a line of text for a hundredth of its page's cost. Raises Corrupt,
        TooManyPixels, TooLarge (memory) or RendererKilled; the next page may still be drawn after any of them.
        """
        ...

    def text_layer(self, number: int, dpi: float) -> TextLayer:
        """The page's own text in the pixel grid of `draw(number, dpi)`; no glyphs where it has none (images)."""
        ...

    def searchable(self, pages: Sequence[PageWords]) -> memoryview:
        """The document as a PDF with these words laid invisibly over its pages, which stay as they are.

        Raises Corrupt, TooLarge or RendererKilled.
        """
        ...


class Opener(Protocol):
    """Opens documents."""

    def open(self, source: Source) -> AbstractContextManager[Document]:
        """Open, check type and limits. Raises a Refusal, or RendererKilled."""
        ...

    def start(self, *, wait: bool = False) -> None:
        """Start a child before the first document comes; with `wait`, return when it stands.

        Raises RendererKilled where it does not come up.
        """
        ...

    def close(self) -> None:
        """End the children."""
        ...
