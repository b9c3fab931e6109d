"""A document read before anybody asks: the same way as every other, but without a slot and in nobody's statistics.

What the first request needs is there afterwards: the render child has opened a document, the engine has compiled what
it compiles at the first page of that shape, and the text has been arranged.
"""

from __future__ import annotations

import numpy as np

from function.documents.base import Opener, Source
from function.reading.caller import Caller
from function.reading.layout import arrange, find_rulings
from function.reading.queue.batcher import Batcher


def rehearse(opener: Opener, batcher: Batcher, source: Source, caller: Caller, *, dpi: float) -> str:
    """Read the pixels of a document's first page; returns its text, a block a line.

    Raises:
        OcrError: whatever reading can raise.
    """
    with opener.open(source) as document:
        image = document.draw(1, dpi)
        begun = batcher.submit(image, caller)
        _import_while_waiting()
        reading = batcher.wait(begun, caller).reading
        if reading.blocks is not None:
            return "\n".join(block.text for block in reading.blocks)
        rulings = find_rulings(np.rot90(image.pixels, k=-reading.rotation // 90), reading.lines)
    blocks = arrange(reading.lines, width=reading.width, height=reading.height, rulings=rulings)
    return "\n".join(block.text for block in blocks)


def _import_while_waiting() -> None:
    """What the first request would import; here it costs nothing, since the engine reads in its own thread."""
    import numpy.ma  # np.median does at its first call
    import numpy.strings  # noqa: F401 - glyphs are told apart by it
