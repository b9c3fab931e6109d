"""Settings: where uploads lie, where results go, and what they are called."""

from __future__ import annotations

from typing import Annotated

from function.settings.about import about
from function.settings.caching import Caching


class Places(Caching, frozen=True, kw_only=True):
    """Where uploads lie, where results go, and what they are called."""

    inbox: Annotated[
        str,
        about(
            "OCR_INBOX",
            "where uploads lie: s3://bucket/prefix or file:///folder, several by commas; empty closes the event doors",
        ),
    ] = ""
    results: Annotated[str, about("OCR_RESULTS", "where results go: s3://bucket/prefix or file:///folder")] = ""
    formats: Annotated[
        str,
        about(
            "OCR_FORMATS",
            "formats written besides JSON, by commas: markdown, text, html, hocr, alto, zip, docx, pdf (searchable)",
        ),
    ] = "markdown"
    result_key: Annotated[
        str,
        about("OCR_RESULT_KEY", "what results are called, without their ending: {key} below the inbox, also {bucket}"),
    ] = "{key}"
    result_metadata: Annotated[
        str,
        about("OCR_RESULT_METADATA", "metadata that every result gets besides ours: NAME=VALUE, several by commas"),
    ] = ""
    suffixes: Annotated[
        str, about("OCR_SUFFIXES", "endings of keys that are read, by commas; empty reads every key")
    ] = ".pdf,.png,.jpg,.jpeg,.jp2,.j2k,.tif,.tiff,.webp,.bmp,.gif,.pnm,.pbm,.pgm,.ppm"
