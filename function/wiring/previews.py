"""How pictures of pages are encoded: the library comes with whoever wants to see the first."""

from __future__ import annotations

from function.reading.previews import Encode


def encoder() -> Encode:
    """For `Reader.stream`."""
    from function.documents.preview import picture

    return picture
