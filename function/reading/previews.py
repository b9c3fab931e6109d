"""Pictures of the pages of a stream, for people who want to see beside the text what was read.

Each is drawn by the child that holds the document anyway, and comes before its page, so that the document is sent once;
one at a time is in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias, TypeVar

import msgspec

from function.documents.base import Document
from function.errors import Corrupt, TooLarge, TooManyPixels
from function.page import Pixels
from function.reading.caller import Caller
from function.results.model import PageResult

Item = TypeVar("Item")
#: BGR pixels to a JPEG for the screen.
Encode: TypeAlias = Callable[[Pixels], bytes]

#: Enough to compare a text with its page on a screen.
DPI = 100


class Picture(msgspec.Struct, frozen=True):
    """One page as the file says it stands.

    Attributes:
        number: of the page.
        pages: how many are read in all.
        data: None where it cannot be drawn; in JSON as base64.
    """

    number: int
    pages: int
    data: bytes | None
    media_type: str = "image/jpeg"


def illustrated(
    told: Iterator[Item], document: Document, numbers: Sequence[int], encode: Encode, caller: Caller
) -> Iterator[Item | Picture]:
    """What is told of pages in order, each page's picture before it: the first at once, the others while engines read.

    Raises:
        DeadlineExceeded, CallerGone: as reading does.
        RendererKilled: from outside.
    """
    ahead = (_picture(document, number, len(numbers), encode, caller) for number in numbers)
    yield from _next(ahead)
    for item in told:
        yield item
        if isinstance(item, PageResult):
            yield from _next(ahead)


def _next(ahead: Iterator[Picture]) -> Iterator[Picture]:
    picture = next(ahead, None)
    if picture is not None:
        yield picture


def _picture(document: Document, number: int, pages: int, encode: Encode, caller: Caller) -> Picture:
    caller.check()
    try:
        return Picture(number, pages, encode(document.draw(number, DPI).pixels))
    except (Corrupt, TooLarge, TooManyPixels):
        return Picture(number, pages, None)
