"""What every engine checks before it spends time on a page: that there are pixels at all.

A page without usable pixels is the document's fault, so it fails alone as a Refusal, never as an outage of ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from function.errors import Corrupt

if TYPE_CHECKING:
    from function.page import Pixels


def require_pixels(pixels: Pixels) -> None:
    """Let pass what the contract names: height × width × 3, uint8, neither side zero.

    Raises:
        Corrupt: says what came instead.
    """
    shape, kind = tuple(pixels.shape), str(pixels.dtype)
    if len(shape) != 3 or shape[2] != 3 or kind != "uint8":
        raise Corrupt(f"the page's pixels are {shape} of {kind}, not height × width × 3 of uint8")
    if 0 in shape:
        raise Corrupt(f"the page has no pixels: it is {shape[1]} × {shape[0]}")
