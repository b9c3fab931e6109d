"""Settings: which signs of a page wake the accurate engine, with tier=auto."""

from __future__ import annotations

from typing import Annotated

from function.settings.about import about
from function.settings.vision import Vision


class Ladder(Vision, frozen=True, kw_only=True):
    """Which signs of a page wake the accurate engine, with tier=auto. Without such an engine they change nothing."""

    ladder_doubt: Annotated[
        float,
        about(
            "OCR_LADDER_DOUBT",
            "share of a page's text read with doubt (below 0.9 confidence) above which it is read accurately; 1: never",
            ge=0,
            le=1,
        ),
    ] = 0.05
    ladder_ink: Annotated[
        float,
        about(
            "OCR_LADDER_INK",
            "share of what looks like text on a page but was not read, above which it is read accurately; 1: never",
            ge=0,
            le=1,
        ),
    ] = 0.1
    ladder_cells: Annotated[
        int,
        about(
            "OCR_LADDER_CELLS",
            "filled cells of its tables from which on a page is read accurately; 0: never for tables",
            unit="cells",
            ge=0,
        ),
    ] = 9
    ladder_formulas: Annotated[
        int,
        about(
            "OCR_LADDER_FORMULAS",
            "lines with formulas from which on a page is read accurately; 0: never for formulas",
            unit="lines",
            ge=0,
        ),
    ] = 1
    ladder_height: Annotated[
        float,
        about(
            "OCR_LADDER_HEIGHT",
            "height of small print below which a page is read accurately; 0: never for its size",
            unit="pixels",
            ge=0,
        ),
    ] = 9.0
    ladder_text: Annotated[
        bool,
        about(
            "OCR_LADDER_TEXT",
            "tables and formulas count on pages that answer from their text layer, too, whose text is exact already",
        ),
    ] = False
