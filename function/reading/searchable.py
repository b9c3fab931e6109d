"""A result as a searchable PDF: the document's own pages, with what was read laid invisibly where it stands."""

from __future__ import annotations

import math
import os

from function.documents.base import Opener, PageWords, PlacedWord, Source
from function.results.model import DocumentResult, PageResult
from function.results.words import Word, lines_of, words
from function.results.writers import Writer

#: Up to so many degrees, words stand level, each at the height of its middle: programs that take text out of PDFs would
#: otherwise break sloping words into pieces, and nobody finds those.
_SKEW = 12.0


def written(writer: Writer, result: DocumentResult, opener: Opener, source: Source | None) -> bytes:
    """A result in any format.

    Args:
        writer: of the format.
        result: what was read.
        opener: opens the document once more, where the format takes it.
        source: of the document; only formats without a `write` of their own look at it.

    Raises:
        Corrupt, TooLarge, RendererKilled, DeadlineExceeded: of `searchable_pdf` alone.
    """
    if writer.write is not None:
        return writer.write(result)
    assert source is not None, "whoever asks for a PDF brings the document"
    return searchable_pdf(result, opener, source)


def searchable_pdf(result: DocumentResult, opener: Opener, source: Source) -> bytes:
    """The document with its words.

    Pages that were not asked for stay in it as they are, as do those that have their text already. A PDF of which that
    is true of every page comes back byte for byte.

    Raises:
        Corrupt: it is too damaged to be written anew.
        TooLarge: that took more memory than a child may use.
        RendererKilled, DeadlineExceeded: try again later.
    """
    pages = [_page_words(page) for page in result.pages if page.rung != "text" and page.width and page.height]
    with opener.open(source) as document:
        if document.media_type == "application/pdf" and not any(page.words for page in pages):
            return os.pread(source.fileno(), source.size, 0)
        with document.searchable(pages) as data:
            return bytes(data)


def _page_words(page: PageResult) -> PageWords:
    placed = [_placed(word) for block in page.blocks for line in lines_of(block) for word in words(line)]
    return PageWords(page.number, page.width, page.height, page.rotation, placed)


def _placed(word: Word) -> PlacedWord:
    cos, sin = math.cos(math.radians(word.angle)), math.sin(math.radians(word.angle))
    along, up = (word.length * cos, word.length * sin), (word.height * sin, -word.height * cos)
    x, y = word.start
    if 0 < abs(word.angle) <= _SKEW:
        y, along, up = y + along[1] / 2, (along[0], 0.0), (0.0, -word.height)
    return PlacedWord(word.text, x, y, along, up, word.ends)
