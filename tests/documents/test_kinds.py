"""The type of a document comes from its content."""

from __future__ import annotations

import pytest

from function.documents import kinds
from tests.documents import making

PICTURE = making.picture()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (making.pdf(), kinds.PDF),
        (b"\0" * 1019 + b"%PDF-1.4", kinds.PDF),
        (making.saved(PICTURE, "PNG"), kinds.PNG),
        (making.saved(PICTURE, "JPEG"), kinds.JPEG),
        (making.saved(PICTURE, "JPEG2000"), kinds.JPEG2000),
        (making.saved(PICTURE, "JPEG2000", no_jp2=True), kinds.JPEG2000),
        (making.saved(PICTURE, "TIFF"), kinds.TIFF),
        (making.saved(PICTURE, "TIFF", big_tiff=True), kinds.TIFF),
        (making.saved(PICTURE, "WEBP"), kinds.WEBP),
        (making.saved(PICTURE, "BMP"), kinds.BMP),
        (making.saved(PICTURE, "GIF"), kinds.GIF),
        (making.saved(PICTURE, "PPM"), kinds.PNM),
    ],
)
def test_every_kind_is_known_by_its_first_bytes(data: bytes, kind: kinds.Kind) -> None:
    """All kinds of the README, PDFs also behind up to 1,024 other bytes."""
    assert kind == kinds.sniff(data[: kinds.HEAD_BYTES])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"BMW drives well, and this is a letter about it",
        b"P1 is the first priority"[:2] + b"x",
        b"PK\x03\x04",
        b"{}",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"\0" * 1100 + b"%PDF-1.4",
    ],
)
def test_what_only_begins_like_a_document_is_none(data: bytes) -> None:
    """Prose that begins with BM or P is no picture."""
    assert kinds.sniff(data) is None


def test_a_picture_that_talks_of_pdf_stays_a_picture() -> None:
    """A signature at the very start weighs more than one further on."""
    data = making.saved(PICTURE, "JPEG", comment=b"%PDF-1.7")

    assert kinds.sniff(data) == kinds.JPEG
