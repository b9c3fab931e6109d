"""What is uploaded while disasters happen: documents, long ones, garbage, bombs; all of it drawn from one seed."""

from __future__ import annotations

import functools
import random
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from tests.doors.conftest import stamped_png, stamped_tiff
from tests.pdfs import Pdf
from tests.shared import BAD

Expectation: TypeAlias = Literal["text", "refused", "either"]
Way: TypeAlias = Literal["broker", "queue", "job"]

#: Below this the collection's files are used; larger ones only keep the store busy, empty ones are ignored.
_LARGEST_SAMPLE = 200_000
#: A side of a picture that no limit on pixels lets through, and of one that it does.
_TOO_WIDE, _WIDE = 30_000, 7_900


@dataclass(frozen=True)
class Document:
    """Bytes, and what must become of them.

    Attributes:
        ending: of its name.
        body: the bytes.
        expect: `text`: its result holds `text`; `refused`: one refusal; `either`: any result or a refusal.
        text: as Markdown.
        because: what its refusal must tell.
    """

    ending: str
    body: bytes
    expect: Expectation = "text"
    text: str = ""
    because: str = ""


@dataclass(frozen=True)
class Arrival:
    """One upload.

    Attributes:
        after: seconds since the last one.
        key: below the inbox.
        document: what is uploaded at last.
        former: what was uploaded there just before it; None: nothing.
        way: how the function hears of it.
        events: how often it is told of it.
    """

    after: float
    key: str
    document: Document
    former: Document | None
    way: Way
    events: int


def arrivals(chance: random.Random, seconds: float, *, every: float, ways: tuple[Way, ...]) -> Iterator[Arrival]:
    """So many as come within a time.

    Args:
        chance: what every choice is drawn from.
        seconds: how long they come.
        every: seconds between two, on average.
        ways: that there are.
    """
    spent, number = 0.0, 0
    while (after := chance.uniform(0, 2 * every)) + spent < seconds:
        spent, number = spent + after, number + 1
        document = _drawn(chance, number)
        former = _drawn(chance, -number) if chance.random() < 0.15 else None
        way = chance.choice(ways)
        if way == "job":
            former = None
        key = f"{number}.{document.ending}"
        yield Arrival(after, key, document, former, way, 1 + (chance.random() < 0.2))


def bomb(number: int) -> Document:
    """One that would take gigabytes where it was opened without limits."""
    return (_png_bomb, _pdf_bomb)[number % 2]()


def glutton() -> Document:
    """One for which a child makes more room than it may have, before it finds that hardly anything is there."""
    return Document("png", _picture(_WIDE), "refused", because="OCR_CHILD_BYTES")


def _drawn(chance: random.Random, number: int) -> Document:
    kinds: Mapping[Callable[[random.Random, int], Document], int] = {
        _short: 10,
        _same: 2,
        _long: 3,
        _noise: 1,
        _cut: 1,
        _flipped: 1,
        _sample: 2,
    }
    [kind] = chance.choices(list(kinds), list(kinds.values()))
    return kind(chance, number)


def _short(chance: random.Random, number: int) -> Document:
    texts = [f"document {number} page {page}" for page in range(chance.randint(1, 3))]
    texts[0] += f" stub:wait={chance.uniform(0, 0.3):.2f}"
    return _document(texts)


def _same(chance: random.Random, number: int) -> Document:
    """Bytes that others were uploaded with, too."""
    return _document([f"a copy of document {chance.randint(0, 3)}"])


def _long(chance: random.Random, number: int) -> Document:
    return _document([f"long {number} page {page} stub:wait=0.05" for page in range(chance.randint(5, 14))])


def _document(texts: list[str]) -> Document:
    text = "\n\n".join(texts) + "\n"
    if len(texts) == 1:
        return Document("png", stamped_png(*texts), text=text)
    return Document("tif", stamped_tiff(*texts), text=text)


def _noise(chance: random.Random, number: int) -> Document:
    return Document("png", b"\0" + chance.randbytes(chance.randint(10, 20_000)), "refused")


def _cut(chance: random.Random, number: int) -> Document:
    body = stamped_png(f"cut {number}")
    return Document("png", body[: chance.randint(20, len(body) - 20)], "either")


def _flipped(chance: random.Random, number: int) -> Document:
    body = bytearray(_pdf(f"flipped {number}"))
    for _ in range(chance.randint(1, 20)):
        body[chance.randrange(9, len(body))] = chance.randrange(256)
    return Document("pdf", bytes(body), "either")


def _sample(chance: random.Random, number: int) -> Document:
    """One of the collection of bad documents; without it, some noise."""
    samples = [sample for sample in BAD if 0 < sample.path.stat().st_size <= _LARGEST_SAMPLE]
    if not samples:
        return _noise(chance, number)
    sample = chance.choice(samples)
    expect: Expectation = "refused" if sample.expect == "error" else "either"
    # Named as what is read; other endings are ignored.
    return Document("pdf", sample.path.read_bytes(), expect)


def _png_bomb() -> Document:
    return Document("png", _picture(_TOO_WIDE), "refused", because="OCR_MAX_PIXELS")


def _picture(side: int) -> bytes:
    """A PNG that tells four bytes for each of its pixels, and has none."""
    head = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    pieces = ((b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in pieces
    )


@functools.cache
def _pdf_bomb() -> Document:
    pdf = Pdf()
    page = pdf.page()
    page.picture(np.zeros((12_000, 12_000), dtype=np.uint8), (0, 0, 500, 500))
    return Document("pdf", pdf.build(), "either")


def _pdf(text: str) -> bytes:
    pdf = Pdf()
    pdf.page().text(72, 700, text)
    return pdf.build()
