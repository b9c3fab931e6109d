"""How coarsely a page is looked at for its lines, and in how many tiles.

The detector finds lines whose letters are at least 6 pixels tall (em, measured; below 5.5 whole pages vanish without a
trace), and gains nothing above 9. It costs by the pixel, and the runtime keeps 250 MB a megapixel, so pages are shrunk
as far as their text allows, and what is still larger than one tile is looked at tile by tile.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

#: A4 at 110 dpi: text of 5 points is 7 pixels tall.
LONG_SIDE = 1280
TEXT_DPI = 110.0
#: Scans that say less than this often say nothing true (cameras write 72).
TRUSTED_DPI = 150.0
#: Without a trusted resolution no page is shrunk further than this, nor a strip (a receipt, a long screenshot) so far
#: that it is narrower than that.
SMALLEST_ZOOM, NARROWEST = 0.35, 640
#: Small images are enlarged until their short side is this long, at most so many times.
SHORT_SIDE, LARGEST_ZOOM = 736, 4.0
MOST_PIXELS = 4_000_000
#: A page that would be searched on a grid so many times longer is first searched coarsely: scans often claim a paper
#: size that is many times the true one. Strips this elongated have no use for that.
WORTH, STRIP = 1.25, 3.0
#: Pixels: a quarter of the lines below this, and the page is searched again on the finer grid.
SMALL = 14.0

#: Sides are stretched to the nearest of these: a runtime compiles anew for each shape and keeps that (a quarter of a
#: second and some MB). A4 and letter pages share one, by stretching A4 and squeezing letter across by a twentieth. All
#: are multiples of 32, as the model wants.
SIDES = (64, 96, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 672, 768, 832, 960, 1120, 1280)
#: Beyond these, pages are searched in tiles, whose sides are multiples of this.
STEP = 64
TILE, OVERLAP = 1280, 128


@dataclass(frozen=True, slots=True)
class Span:
    """Part of one side of a grid.

    Attributes:
        outer: what a tile covers.
        inner: for which part of the side its answer counts; these parts meet without a gap.
        counts: the same part, from the start of the tile.
    """

    outer: slice
    inner: slice
    counts: slice


def grids(width: int, height: int, dpi: float | None) -> list[tuple[int, int]]:
    """Widths and heights in pixels at which a page is searched: one, or a coarse one and one for small text."""
    short, long = min(width, height), max(width, height)
    if long < LONG_SIDE:
        zooms = [min(LARGEST_ZOOM, LONG_SIDE / long, max(1.0, SHORT_SIDE / short))]
    else:
        usual = TEXT_DPI / dpi if dpi is not None and dpi >= TRUSTED_DPI else SMALLEST_ZOOM
        fine = min(max(LONG_SIDE / long, usual, min(1.0, NARROWEST / short)), math.sqrt(MOST_PIXELS / (width * height)))
        zooms = [LONG_SIDE / long, fine] if fine * long > WORTH * LONG_SIDE and long < STRIP * short else [fine]
    return [(_rounded(width * zoom), _rounded(height * zoom)) for zoom in zooms]


def needs_finer(heights: Sequence[float]) -> bool:
    """Whether lines so tall on the grid (in pixels, margins included) hint at others too small to be seen on it."""
    return not heights or sorted(heights)[len(heights) // 4] < SMALL


def spans(side: int) -> list[Span]:
    """Cut one side of a grid into overlapping parts of equal length; one part where it is short enough."""
    count = 1 if side <= TILE else math.ceil((side - OVERLAP) / (TILE - OVERLAP))
    length = min(side, math.ceil((side + (count - 1) * OVERLAP) / count / STEP) * STEP)
    starts = [round(part * (side - length) / max(1, count - 1)) for part in range(count)]
    seams = [(start + length + after) // 2 for start, after in itertools.pairwise(starts)]
    return [
        Span(slice(start, start + length), slice(first, last), slice(first - start, last - start))
        for start, first, last in zip(starts, [0, *seams], [*seams, side], strict=True)
    ]


def _rounded(side: float) -> int:
    if side > LONG_SIDE + STEP:
        return round(side / STEP) * STEP
    return min(SIDES, key=lambda known: abs(math.log(known / side)))
