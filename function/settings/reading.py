"""Settings: how a document is read, how many at once, and how long it may take."""

from __future__ import annotations

from typing import Annotated

from function.settings.about import about
from function.settings.ladder import Ladder


class Reading(Ladder, frozen=True, kw_only=True):
    """How a document is read, how many at once, and how long it may take."""

    dpi: Annotated[float, about("OCR_DPI", "at which PDF pages are drawn", unit="dots/inch", ge=36, le=1200)] = 200.0
    text_samples: Annotated[
        int,
        about(
            "OCR_TEXT_SAMPLES",
            "lines a document, drawn at random, that test its text layer",
            unit="lines",
            ge=0,
            le=100,
        ),
    ] = 3

    slots: Annotated[
        int,
        about(
            "OCR_SLOTS",
            "documents read at once; equals the Service's containerConcurrency",
            unit="documents",
            ge=1,
            le=1000,
        ),
    ] = 8
    admission_seconds: Annotated[
        float,
        about("OCR_ADMISSION_SECONDS", "how long an HTTP caller waits for a slot before 429", unit="s", ge=0, le=600),
    ] = 2.0
    request_seconds: Annotated[
        float,
        about(
            "OCR_REQUEST_SECONDS",
            "deadline of one request; equals the Service's timeoutSeconds",
            unit="s",
            ge=1,
            le=86400,
        ),
    ] = 300.0
    queue_pages: Annotated[
        int,
        about(
            "OCR_QUEUE_PAGES", "drawn pages that wait for the engine, all callers together", unit="pages", ge=1, le=1000
        ),
    ] = 16

    queue_pixels: Annotated[
        int,
        about(
            "OCR_QUEUE_PIXELS",
            "drawn pages in memory, all callers together, at 3 bytes a pixel; several times OCR_MAX_PIXELS, since so "
            "much is set aside for each page while it is drawn",
            unit="pixels",
            ge=1_000_000,
        ),
    ] = 256_000_000
