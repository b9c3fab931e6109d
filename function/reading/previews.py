"""Pages drawn for a person's eyes alone, a few at a time; they cost a slot, as reading does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from function.documents.base import Opener, Source
from function.errors import Corrupt, TooLarge, TooManyPixels
from function.page import Pixels
from function.reading.admission import Admission
from function.reading.caller import Caller
from function.reading.options import Options

#: Pages drawn at once, so that nobody holds a slot for a whole book.
MOST = 8
#: Enough to compare a text with its page on a screen.
DPI = 100


@dataclass(frozen=True, slots=True)
class Preview:
    """One page: its picture, or None where it cannot be drawn."""

    number: int
    picture: bytes | None


@dataclass(frozen=True, slots=True)
class Previews:
    """The first few of the pages that were asked for, and how many the document has."""

    pages: int
    drawn: list[Preview]


def previews(
    opener: Opener,
    admission: Admission,
    source: Source,
    options: Options,
    caller: Caller,
    encode: Callable[[Pixels], bytes],
) -> Previews:
    """Draw the first `MOST` of the pages that `options` ask for, as the file says they stand.

    Raises:
        Refusal: the document cannot be opened, or has no such page.
        Busy, DeadlineExceeded, CallerGone: as reading does.
        RendererKilled: from outside.
    """
    with admission.slot(caller), opener.open(source) as document:
        drawn = []
        for number in options.numbers(document.pages)[:MOST]:
            caller.check()
            try:
                drawn.append(Preview(number, encode(document.draw(number, DPI).pixels)))
            except (Corrupt, TooLarge, TooManyPixels):
                drawn.append(Preview(number, None))
        return Previews(document.pages, drawn)
