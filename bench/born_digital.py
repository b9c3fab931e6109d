"""PDFs with a text layer, made on the spot, no two pages alike: what a word processor sends to an archive."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator

import pikepdf
from pikepdf import Dictionary, Name

from bench.synthetic import WORDS, Synthetic

#: A4 and its margins, in points; letters and the way from line to line.
_WIDTH, _HEIGHT, _MARGIN, _SIZE, _STEP = 595, 842, 72, 11, 16
#: Characters a line at most, so that none runs over the edge.
_LINE = 70


def documents(seed: int, *, pages: int) -> Iterator[Synthetic]:
    """Ever more PDFs of so many pages, the same for the same seed."""
    chance = random.Random(seed)
    number = 0
    while True:
        texts = tuple(_text(chance, f"born digital {seed}-{number} page {page + 1}") for page in range(pages))
        yield Synthetic(f"digital-{seed}-{number}.pdf", _pdf(texts), texts)
        number += 1


def _text(chance: random.Random, title: str) -> str:
    lines = [title]
    for _ in range((_HEIGHT - 2 * _MARGIN) // _STEP - 1):
        line = str(chance.randint(1000, 9999))
        most = chance.randint(_LINE // 2, _LINE)
        while len(longer := f"{line} {chance.choice(WORDS)}") <= most:
            line = longer
        lines.append(line)
    return "\n".join(lines)


def _pdf(texts: tuple[str, ...]) -> bytes:
    with pikepdf.new() as pdf:
        font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
        for text in texts:
            page = pdf.add_blank_page(page_size=(_WIDTH, _HEIGHT))
            page.add_resource(font, Name.Font, Name.F1)
            shown = "".join(f"({line}) Tj T*\n" for line in text.splitlines())
            top = _HEIGHT - _MARGIN
            page.Contents = pdf.make_stream(f"BT /F1 {_SIZE} Tf {_STEP} TL {_MARGIN} {top} Td\n{shown}ET\n".encode())
        out = io.BytesIO()
        pdf.save(out)
        return out.getvalue()
