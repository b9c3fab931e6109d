"""Documents made for tests: small PDFs written by hand, pictures by Pillow."""

from __future__ import annotations

import base64
import hashlib
import io
import struct
import zlib
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageDraw

LETTER = (612.0, 792.0)
#: 8 × 8 pixels of 16 bits a channel, JPEG 2000 without loss: four rows of black over four of full white.
DEEP_JPEG2000 = base64.b64decode(
    "/0//UQAvAAAAAAAIAAAACAAAAAAAAAAAAAAACAAAAAgAAAAAAAAAAAADDwEBDwEBDwEB/1IADAAAAAEBAAQEAAH/XAAEQID/kAAKAAAAAAB4"
    "AAH/k9/4kyARUFMe/XzNLybAMI/OzQAAMI5x/j9FOEfcpoj7lNEfcpoj7lNEfcpoj7lNEfcpoj7lNEfcpoj7lNEfcpoj7lNEfcpoj7lNEfcp"
    "oj7lNEfcpoj7lNEfcpoj7lNEfcpoj7lNEf9/gID/2Q=="
)
_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """A PDF stream object, deflated."""
    packed = zlib.compress(data)
    return b"<<%s/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (entries, len(packed), packed)


def objects(bodies: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """A PDF file of these objects; the first is the catalogue."""
    out, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (
        len(bodies) + 1, table, len(bodies) + 1, trailer, len(out),
    )  # fmt: skip


def pdf(
    contents: Sequence[bytes] = (b"",),
    *,
    size: tuple[float, float] = LETTER,
    page: bytes = b"",
    catalogue: bytes = b"",
    more: Sequence[bytes] = (),
    trailer: bytes = b"",
) -> bytes:
    """A PDF with one page for each content stream.

    Args:
        contents: page content; `0 0 100 100 re f` is a black square at the bottom left.
        size: of the pages in points.
        page: further entries of every page.
        catalogue: further entries of the catalogue.
        more: further objects, the first numbered 3 + 2 × pages.
        trailer: further entries of the trailer.
    """
    count = len(contents)
    kids = b" ".join(b"%d 0 R" % (3 + 2 * index) for index in range(count))
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R%s>>" % catalogue,
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count),
    ]
    for index, content in enumerate(contents):
        box = b"%g %g" % size
        bodies.append(b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %s]/Contents %d 0 R%s>>" % (box, 4 + 2 * index, page))
        bodies.append(stream(content))
    return objects([*bodies, *more], trailer)


def locked_pdf(user_password: bytes) -> bytes:
    """A blank page encrypted with RC4 at 40 bits (PDF 1.7, 7.6.3, algorithms 2 to 4)."""
    owner = _rc4(hashlib.md5(_padded(b"owner")).digest()[:5], _padded(user_password))
    permissions = (-4).to_bytes(4, "little", signed=True)
    identity = bytes(range(16))
    key = hashlib.md5(_padded(user_password) + owner + permissions + identity).digest()[:5]
    entries = b"<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>" % (
        owner.hex().encode(), _rc4(key, _PADDING).hex().encode(),
    )  # fmt: skip
    name = identity.hex().encode()
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>",
    ]
    return objects(bodies, b"/Encrypt %s/ID[<%s><%s>]" % (entries, name, name))


def _padded(password: bytes) -> bytes:
    return (password + _PADDING)[:32]


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j, out = list(range(256)), 0, bytearray()
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def picture(mode: str = "RGB", size: tuple[int, int] = (60, 40)) -> Image.Image:
    """A white picture with a black square in its upper left corner."""
    image = Image.new("L", size, 255)
    ImageDraw.Draw(image).rectangle((0, 0, 19, 19), fill=0)
    if mode == "P":
        return image.convert("RGB").quantize(8)
    if mode.startswith("I;16"):
        return image.convert("I").point(lambda value: value * 257).convert(mode)
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """A picture as a file."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def tiff(size: tuple[int, int], planes: Sequence[bytes], tags: dict[int, Sequence[int]], order: str = "<") -> bytes:
    """A TIFF by hand, for what Pillow reads and does not write: a strip for each plane, its tags of 16 bits each.

    Args:
        size: width and height.
        planes: the strips' bytes, packed as the tag 259 says.
        tags: besides those for size and strips.
        order: of bytes, as struct writes it.
    """
    offsets, data = [], b""
    for plane in planes:
        offsets.append(8 + len(data))
        data += plane + b"\0" * (len(plane) % 2)
    entries = [(tag, "H", values) for tag, values in tags.items()]
    entries += [(256, "H", size[:1]), (257, "H", size[1:]), (278, "H", size[1:])]
    entries += [(273, "L", offsets), (279, "L", [len(plane) for plane in planes])]
    directory, beyond = struct.pack(f"{order}H", len(entries)), b""
    end = 8 + len(data) + 2 + 12 * len(entries) + 4
    for tag, kind, values in sorted(entries):
        packed = struct.pack(f"{order}{len(values)}{kind}", *values)
        place = packed if len(packed) <= 4 else struct.pack(f"{order}L", end + len(beyond))
        beyond += packed if len(packed) > 4 else b""
        directory += struct.pack(f"{order}HHL", tag, 3 if kind == "H" else 4, len(values)) + place.ljust(4, b"\0")
    head = struct.pack(f"{order}2sHL", b"II" if order == "<" else b"MM", 42, 8 + len(data))
    return head + data + directory + bytes(4) + beyond
