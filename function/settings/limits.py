"""Settings: what is too large, too long or too slow."""

from __future__ import annotations

from typing import Annotated, Literal

from function.setting_values import GIB, MIB
from function.settings.about import about
from function.settings.remote import Remote


class Limits(Remote, frozen=True, kw_only=True):
    """What is too large, too long or too slow."""

    max_request_bytes: Annotated[int, about("OCR_MAX_REQUEST_BYTES", "largest HTTP body", unit="bytes", ge=1)] = (
        50 * MIB
    )
    receive_seconds: Annotated[
        float,
        about("OCR_RECEIVE_SECONDS", "longest time for a caller to send a request; 408 after it", unit="s", ge=1),
    ] = 120.0
    max_bytes: Annotated[int, about("OCR_MAX_BYTES", "largest document", unit="bytes", ge=1)] = GIB
    spool_bytes: Annotated[
        int, about("OCR_SPOOL_BYTES", "above this a document waits on disk, not in memory", unit="bytes", ge=0)
    ] = 64 * MIB
    max_pages: Annotated[int, about("OCR_MAX_PAGES", "most pages of a document", unit="pages", ge=1)] = 2000
    max_pixels: Annotated[
        int,
        about(
            "OCR_MAX_PIXELS",
            "largest page; bigger images are refused, bigger PDF pages drawn coarser",
            unit="pixels",
            ge=10_000,
        ),
    ] = 64_000_000
    page_seconds: Annotated[
        float, about("OCR_PAGE_SECONDS", "longest time to open a document or draw one page", unit="s", ge=0.1, le=3600)
    ] = 20.0
    sandbox: Annotated[
        Literal["auto", "required", "off"],
        about(
            "OCR_SANDBOX",
            "walls around render children (no files, no network): as the kernel has them; or no start without; or none",
        ),
    ] = "auto"
    child_bytes: Annotated[
        int, about("OCR_CHILD_BYTES", "address space of one render child", unit="bytes", ge=256 * MIB)
    ] = 2 * GIB
