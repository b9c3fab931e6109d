"""Pictures of pages with what was found on them, for callers who ask to see it; drawn once more, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from function.documents.base import Opener, Source
from function.errors import BadRequest
from function.page import Pixels
from function.reading.caller import Caller

if TYPE_CHECKING:
    from function.results.model import PageResult

#: Longest side of a picture in pixels: one that is looked at needs no more, and it travels as base64.
LONGEST = 2000
_QUALITY = 85
#: Blue, green, red.
_LINE, _BLOCK = (64, 64, 224), (224, 96, 32)


class Pictures(NamedTuple):
    """JPEGs of one page; empty where the page could not be drawn.

    Attributes:
        given: as it came.
        found: upright, with what was found outlined.
    """

    given: bytes
    found: bytes


def drawn(
    opener: Opener, source: Source, pages: Sequence[PageResult], dpi: float, caller: Caller, *, lines: bool
) -> Iterator[Pictures]:
    """Pictures of each page, in order; one page is in memory at a time.

    Args:
        opener: opens the document.
        source: its bytes.
        pages: as read.
        dpi: that they were read at.
        caller: who waits.
        lines: outline each line instead of each block.

    Raises:
        BadRequest: OpenCV is not installed here.
        OcrError, CallerGone: as reading does.
    """
    try:
        import cv2  # noqa: F401 - told before the document is opened again
    except ImportError:
        raise BadRequest(
            "pictures of pages cannot be drawn here: this instance has no OpenCV", remedy="Send visualize=false."
        ) from None
    with opener.open(source) as document:
        for page in pages:
            caller.check()
            if page.error is not None:
                yield Pictures(b"", b"")
                continue
            yield _of_page(document.draw(page.number, dpi).pixels, page, lines=lines)


def _of_page(pixels: Pixels, page: PageResult, *, lines: bool) -> Pictures:
    import cv2
    import numpy as np

    upright = np.ascontiguousarray(np.rot90(pixels, -page.rotation // 90))
    outlined = upright.copy()
    across, down = outlined.shape[1] / max(page.width, 1), outlined.shape[0] / max(page.height, 1)
    for block in page.blocks:
        boxes = [line.bbox for line in block.lines] if lines and block.lines else [block.bbox]
        for x0, y0, x1, y1 in boxes:
            corners = (round(x0 * across), round(y0 * down)), (round(x1 * across), round(y1 * down))
            cv2.rectangle(outlined, *corners, _LINE if lines else _BLOCK, 2)
    return Pictures(_jpeg(pixels), _jpeg(outlined))


def _jpeg(pixels: Pixels) -> bytes:
    import cv2

    height, width = pixels.shape[:2]
    share = min(1.0, LONGEST / max(height, width))
    if share < 1:
        pixels = cv2.resize(pixels, (round(width * share), round(height * share)), interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    assert done, "a JPEG of pixels in memory"
    return bytes(data)
