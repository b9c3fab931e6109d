"""One page's reading, arranged, as users get it; or why there is none."""

from __future__ import annotations

import numpy as np

from function.errors import OcrError
from function.page import PageImage, PageReading
from function.reading.ladder import Decision
from function.reading.layout import arrange, find_rulings, with_bullets, with_weights
from function.results.markdown import page_markdown
from function.results.model import Block, PageError, PageResult


def page_result(
    number: int, decision: Decision, reading: PageReading, image: PageImage | None, *, dpi: float
) -> PageResult:
    """Arrange a reading.

    Args:
        number: of the page.
        decision: how it was read, and why so.
        reading: of the upright page.
        image: the page as drawn; None where only its text layer was looked at.
        dpi: of the text layer's grid.
    """
    blocks = _blocks(decision, reading, image)
    return PageResult(
        number=number,
        width=reading.width,
        height=reading.height,
        dpi=image.dpi if image else dpi,
        rung=decision.rung,
        reason=decision.reason if blocks or not image else f"{decision.reason}; nothing to read was found on it",
        rotation=reading.rotation,
        blocks=blocks,
        markdown=page_markdown(blocks),
        images=list(reading.images) or None,
        warnings=list(reading.warnings) or None,
    )


def failed_page(number: int, image: PageImage | None, problem: OcrError) -> PageResult:
    """A page that could not be read."""
    return PageResult(
        number=number,
        width=image.width if image else 0,
        height=image.height if image else 0,
        dpi=image.dpi if image else None,
        rung=None,
        reason="the page could not be read",
        rotation=0,
        blocks=[],
        markdown="",
        error=PageError(type=problem.type, title=problem.title, detail=problem.detail, remedy=problem.remedy),
    )


def _blocks(decision: Decision, reading: PageReading, image: PageImage | None) -> list[Block]:
    """The engine's own, where it arranges pages; else its lines, arranged."""
    if reading.blocks is not None:
        return reading.blocks
    if image is None:
        lines, rulings = reading.lines, list(decision.rulings)
    else:  # what is drawn on the upright page, from the pixels that are at hand anyway
        upright = np.rot90(image.pixels, k=-reading.rotation // 90)
        lines = with_bullets(upright, with_weights(upright, reading.lines))
        rulings = find_rulings(upright, reading.lines)
    return arrange(lines, width=reading.width, height=reading.height, rulings=rulings)
