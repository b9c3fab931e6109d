"""Pages that are far longer than wide, in parts: receipts, banners, screenshots of whole web pages.

The layout model sees every page as a square of 800 × 800 pixels, in which a page ten times as long as wide has no
letters left. So it is cut across, where the least stands on it, and the parts are read one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from msgspec import structs

from function.errors import TooManyPixels
from function.page import PageReading, Pixels

#: Sides by sides from which a page is cut, and of what it is cut into.
MOST_ASPECT, TILE_ASPECT = 4.0, 2.0
MOST_TILES = 40
#: Share of a tile in which the emptiest line is looked for.
_SLACK = 0.25


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a page and where it lies on it, in pixels."""

    pixels: Pixels
    left: int
    top: int


def tiles_of(page: Pixels) -> list[Tile]:
    """A page's parts in reading order; most pages have one.

    Raises:
        TooManyPixels: it is so long that nobody would read it.
    """
    height, width = page.shape[:2]
    short, long = sorted((height, width))
    if long < MOST_ASPECT * short or short < 32:  # a strip of so few pixels holds one line at most
        if long > MOST_ASPECT * short * MOST_TILES and long > 32_000:
            raise TooManyPixels(f"the page is {width} × {height} pixels: too long a strip to be read")
        return [Tile(page, 0, 0)]
    size = round(short * TILE_ASPECT)
    if long > size * MOST_TILES:
        raise TooManyPixels(
            f"the page is {width} × {height} pixels, longer than {MOST_TILES} parts of {size} pixels",
            remedy="Cut it into several images.",
        )
    if height >= width:
        return [Tile(page[top:bottom], 0, top) for top, bottom in pairwise(_cuts(page, size, axis=0))]
    return [Tile(page[:, left:right], left, 0) for left, right in pairwise(_cuts(page, size, axis=1))]


def _cuts(page: Pixels, size: int, *, axis: int) -> list[int]:
    """Where to cut, both ends included: at the most even line near each multiple of `size`."""
    length = page.shape[axis]
    cuts, slack = [0], round(size * _SLACK)
    while length - cuts[-1] > size + slack:
        low = cuts[-1] + size - slack
        band = page[low : low + 2 * slack] if axis == 0 else page[:, low : low + 2 * slack]
        spread = np.ptp(band, axis=(1 - axis, 2))
        cuts.append(low + int(spread.argmin()))
    return [*cuts, length]


def joined(page: Pixels, parts: list[tuple[Tile, PageReading]]) -> PageReading:
    """The parts' readings as the page's."""
    if len(parts) == 1:
        return parts[0][1]
    whole = PageReading(lines=[], width=int(page.shape[1]), height=int(page.shape[0]), blocks=[])
    assert whole.blocks is not None
    for index, (tile, part) in enumerate(parts, start=1):
        names = {image.name: f"part-{index}-{image.name}" for image in part.images}
        dx, dy = tile.left, tile.top
        for block in part.blocks or []:
            x0, y0, x1, y1 = block.bbox
            html = block.html
            for old, new in names.items():
                html = html.replace(f'"{old}"', f'"{new}"') if html else html
            moved = [x0 + dx, y0 + dy, x1 + dx, y1 + dy]
            image = names.get(block.image) if block.image else None
            whole.blocks.append(structs.replace(block, bbox=moved, image=image, html=html))
        for line in part.lines:
            x0, y0, x1, y1 = line.box
            whole.lines.append(replace(line, box=(x0 + dx, y0 + dy, x1 + dx, y1 + dy)))
        whole.images.extend(structs.replace(image, name=names[image.name]) for image in part.images)
        whole.warnings.extend(part.warnings)
    if len(parts) > 1:
        whole.warnings.append(f"the page is far longer than wide and was read in {len(parts)} parts")
    return whole
