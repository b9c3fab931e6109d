"""A look at the places of uploads and results when the function starts.

A bucket that is missing, a folder that nobody made or credentials that are wrong are then told by name, not found out
from the first upload at night. Warnings, not the end of the start: a store that is away for a minute must not keep the
function from coming up.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from function.errors import OcrError
from function.stores.base import Location, Store

log = logging.getLogger(__name__)


def check_uploads(store: Store, places: Sequence[Location]) -> None:
    """Warn of each place of OCR_INBOX that cannot be listed; looks at one object, or at none where there is none."""
    for place in places:
        try:
            next(iter(store.scan(place.bucket, place.key(""))), None)
        except OcrError as problem:
            log.warning("OCR_INBOX: %s cannot be read: %s. %s", place.url, problem.detail, problem.remedy)


def check_results(store: Store, target: Location) -> None:
    """Warn where OCR_RESULTS cannot be written, or not safely by several writers at once."""
    try:
        honoured = store.conditional_puts(target.bucket, target.prefix)
    except OcrError as problem:
        log.warning("OCR_RESULTS: %s cannot be written: %s. %s", target.url, problem.detail, problem.remedy)
        return
    if not honoured:
        log.warning(
            "the store of OCR_RESULTS has no conditional puts: results are checked and then put, so two writers "
            "within the same milliseconds can leave the older one"
        )
