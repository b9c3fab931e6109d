"""Settings: answers that are kept."""

from __future__ import annotations

from typing import Annotated

from function.setting_values import MIB
from function.settings.about import about
from function.settings.sharing import Sharing


class Caching(Sharing, frozen=True, kw_only=True):
    """Answers that are kept."""

    cache: Annotated[
        str,
        about(
            "OCR_CACHE",
            "where answers are kept, so that the same document with the same options is read once: none, memory, or "
            "redis://[:PASSWORD@]HOST[:PORT][/DATABASE], rediss:// with TLS",
        ),
    ] = "none"
    cache_pages: Annotated[
        bool,
        about(
            "OCR_CACHE_PAGES",
            "keep what was read of each page, too, so that a document that was saved anew or changed in part costs its "
            "new pages alone",
        ),
    ] = True
    cache_bytes: Annotated[
        int, about("OCR_CACHE_BYTES", "answers in memory, with OCR_CACHE=memory", unit="bytes", ge=MIB)
    ] = 64 * MIB
    cache_value_bytes: Annotated[
        int, about("OCR_CACHE_VALUE_BYTES", "largest answer that is kept, before compression", unit="bytes", ge=1024)
    ] = 8 * MIB
    cache_seconds: Annotated[
        int, about("OCR_CACHE_SECONDS", "how long an answer is kept", unit="s", ge=1, le=31_536_000)
    ] = 86_400
    cache_timeout: Annotated[
        float,
        about(
            "OCR_CACHE_TIMEOUT",
            "longest wait for Redis, after which the document is read; after three in a row it is not asked for 5 s",
            unit="s",
            ge=0.01,
            le=10,
        ),
    ] = 0.25
    cache_namespace: Annotated[
        str, about("OCR_CACHE_NAMESPACE", "what keys in Redis begin with; those with the same one share answers")
    ] = "zeropage"
