"""The values that travel between the rooms: a page's pixels, its text layer, and the lines read from it.

Coordinates are pixels of the upright page, origin at the top left, x to the right, y down.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:  # a render child uses these values and must not pay for importing numpy
    import numpy as np
    import numpy.typing as npt

    from function.glyphs import Glyphs
    from function.results.model import Block, Image

#: x0, y0, x1, y1 in pixels; x0 <= x1 and y0 <= y1.
Box: TypeAlias = tuple[float, float, float, float]

#: height × width × 3, uint8, blue-green-red (what OpenCV and PP-OCR's models take).
Pixels: TypeAlias = "npt.NDArray[np.uint8]"


def turned_box(box: Box, rotation: int, width: float, height: float) -> Box:
    """A box of a width × height page after the page was turned clockwise."""
    x0, y0, x1, y1 = box
    if rotation == 90:
        return height - y1, x0, height - y0, x1
    if rotation == 180:
        return width - x1, height - y1, width - x0, height - y0
    if rotation == 270:
        return y0, width - x1, y1, width - x0
    return box


def _without_end() -> float:
    return math.inf


def _stays() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants a page read, and how; engines that pass pages on pass this on, too.

    Attributes:
        language: a tag (BCP 47), or empty.
        wishes: options that only some engines know, by their names in the API.
        request_id: of the request or event that the page belongs to, or empty.
        traceparent: of the trace that it belongs to (W3C Trace Context), or empty.
        remaining: seconds until nobody waits any more; negative past that.
        gone: cheap; True once nobody waits.
    """

    language: str = ""
    wishes: Mapping[str, str] = dataclasses.field(default_factory=dict)
    request_id: str = ""
    traceparent: str = ""
    remaining: Callable[[], float] = _without_end
    gone: Callable[[], bool] = _stays


@dataclass(frozen=True, slots=True)
class PageImage:
    """One drawn page.

    Attributes:
        number: 1-based, in the document.
        pixels: height × width × 3, uint8, BGR. Shared memory: treat as read-only.
        dpi: dots per inch it was drawn or scanned at; None where an image does not say.
        asked: by whom, and how.
        is_damaged: only a part of it could be decoded.
    """

    number: int
    pixels: Pixels
    dpi: float | None = None
    asked: Asked = Asked()
    is_damaged: bool = False

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.pixels.shape[0])


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One line of text as an engine or the text layer gives it.

    Attributes:
        box: bounding box in page pixels.
        text: never empty.
        confidence: 0..1.
        angle: of the baseline, in degrees, clockwise positive; 0 is level.
        vertical: the characters stand one below the other (East Asian vertical writing).
        font_size: in page pixels, where known (text layer only).
        bold: where known (text layer only).
        pitch: how wide each of its characters is, in page pixels, where all are equally wide (text layer only).
    """

    box: Box
    text: str
    confidence: float
    angle: float = 0.0
    vertical: bool = False
    font_size: float | None = None
    bold: bool = False
    pitch: float | None = None


@dataclass(frozen=True, slots=True)
class PageReading:
    """What an engine saw on one page.

    Attributes:
        lines: in the engine's own order; reading order is found later.
        rotation: degrees clockwise (0, 90, 180, 270) by which the given pixels had to be turned to stand upright;
            lines' boxes are in the turned page's pixels.
        width, height: of the turned page, in pixels.
        blocks: in reading order, from an engine that arranges a page itself; None where lines are to be arranged.
        images: what `blocks` refer to.
        warnings: what was left out or cut, and why.
        gpu_seconds: that the page took of a GPU.
    """

    lines: list[ReadLine]
    width: int
    height: int
    rotation: int = 0
    blocks: list[Block] | None = None
    images: list[Image] = dataclasses.field(default_factory=list)
    warnings: list[str] = dataclasses.field(default_factory=list)
    gpu_seconds: float = 0.0


class Glyph(Struct, frozen=True, gc=False):
    """One character of a PDF's text layer, spaces included; pages hold them in columns (function/glyphs).

    Attributes:
        char: as mapped by the PDF; may be in a private-use area.
        box: page pixels at the dpi asked for; zero-sized for generated spaces.
        size: font size in page pixels.
        angle: clockwise degrees of its baseline.
        mapped: False where the font gives no trustworthy Unicode value.
        visible: False where it is drawn invisibly (text render mode 3, as OCR layers are), fully transparent, or
            painted over by a later picture or rectangle.
        generated: True where the PDF library inserted it (a space, a line break) rather than the file.
        bold: heavy weight.
        pen: x, y of its origin on the baseline, page pixels.
        advance: how far along the baseline the font moves the pen for it, page pixels; 0 where unknown.
        luma: 0 (black) to 255 (white), how light its paint is; None where it is no plain colour.
    """

    char: str
    box: Box
    size: float
    angle: float = 0.0
    mapped: bool = True
    visible: bool = True
    generated: bool = False
    bold: bool = False
    pen: tuple[float, float] = (0.0, 0.0)
    advance: float = 0.0
    luma: int | None = None


def _no_glyphs() -> Glyphs:
    from function.glyphs import Glyphs

    return Glyphs.of([])


@dataclass(frozen=True, slots=True, eq=False)
class TextLayer:
    """A page's own text, for the same upright pixel grid as the page drawn at the same dpi.

    Attributes:
        glyphs: in the order of the content stream as the PDF library gives it.
        width, height: of the page in pixels at `dpi`.
        problem: not empty: why the layer could not be taken out although the page may have one.
    """

    glyphs: Glyphs = dataclasses.field(default_factory=_no_glyphs)
    width: int = 0
    height: int = 0
    dpi: float = 72.0
    problem: str = ""
