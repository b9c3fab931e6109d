"""What a document is, from its first bytes; names and media types that senders claim are never looked at."""

from __future__ import annotations

from typing import NamedTuple

#: How many bytes `sniff` wants to see.
HEAD_BYTES = 1024 + 5


class Kind(NamedTuple):
    """A kind of document.

    Attributes:
        name: `PDF`, or Pillow's name of an image format.
        media_type: as registered with IANA (PNM: as everybody writes it).
    """

    name: str
    media_type: str


PDF = Kind("PDF", "application/pdf")
PNG = Kind("PNG", "image/png")
JPEG = Kind("JPEG", "image/jpeg")
JPEG2000 = Kind("JPEG2000", "image/jp2")
TIFF = Kind("TIFF", "image/tiff")
WEBP = Kind("WEBP", "image/webp")
BMP = Kind("BMP", "image/bmp")
GIF = Kind("GIF", "image/gif")
PNM = Kind("PPM", "image/x-portable-anymap")

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", JPEG2000),
    (b"\xff\x4f\xff\x51", JPEG2000),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"II+\x00", TIFF),
    (b"MM\x00+", TIFF),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
)


def sniff(head: bytes) -> Kind | None:
    """The kind of the document that begins with `head` (HEAD_BYTES of it, or all), or None.

    A PDF may have up to 1,024 bytes of something else before it (PDF 1.7, Appendix H, note 13). Signatures of two
    letters come last, since prose can begin with them.
    """
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if b"%PDF-" in head[:HEAD_BYTES]:
        return PDF
    if _is_bmp(head):
        return BMP
    return PNM if _is_pnm(head) else None


def _is_bmp(head: bytes) -> bool:
    """`BM`, then at byte 14 the size of one of the known headers."""
    return head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in (12, 16, 40, 52, 56, 64, 108, 124)


def _is_pnm(head: bytes) -> bool:
    return head[:1] == b"P" and head[1:2] in tuple(b"%d" % digit for digit in range(1, 7)) and head[2:3].isspace()
