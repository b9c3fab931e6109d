"""What the pipeline found on a page as our blocks: nothing left out, everything in the pipeline's reading order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import cv2
import numpy as np

from function.engines.paddle_vl.reins import CUT
from function.page import PageReading, Pixels, ReadLine
from function.results.model import Block, BlockType, Image
from function.results.table_html import read_table

#: PP-DocLayoutV2's and V3's labels, and those of reading without a layout (paddlex 3.7, PaddleOCR-VL pipelines).
TYPES: dict[str, BlockType] = {
    "abstract": "paragraph",
    "algorithm": "code",
    "aside_text": "paragraph",
    "chart": "chart",
    "chart_title": "caption",
    "content": "paragraph",
    "display_formula": "formula",
    "doc_title": "title",
    "figure_title": "caption",
    "footer": "footer",
    "footer_image": "figure",
    "footnote": "footnote",
    "formula": "formula",
    "formula_number": "paragraph",
    "header": "header",
    "header_image": "figure",
    "image": "figure",
    "inline_formula": "formula",
    "number": "page_number",
    "paragraph_title": "heading",
    "reference": "paragraph",
    "reference_content": "paragraph",
    "seal": "seal",
    "table": "table",
    "table_title": "caption",
    "vision_footnote": "footnote",
}
#: Types that say less than their label keep it.
_CUT_OUT = ("figure", "chart", "seal")
#: What a picture inside of a table is called in the table's text: by label and corners.
_PLACED = re.compile(r"(?:[\w./-]*/)?img_in_\w+?_box_(\d+)_(\d+)_(\d+)_(\d+)\.jpg")
_SOURCE = re.compile(r'src="([^"]*)"')
_DELIMITERS = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))
_JPEG_QUALITY = 92


class Found(Protocol):
    """One block as paddlex gives it (PaddleOCRVLBlock)."""

    label: str
    bbox: Sequence[float]
    content: str


@dataclass(slots=True)
class _Page:
    """One page being converted."""

    number: int
    pixels: Pixels
    scores: dict[tuple[int, ...], float]
    images: list[Image] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)

    def cut_out(self, bbox: Sequence[float], kind: str) -> str | None:
        """Keep a part of the page as a JPEG; its name, or None where there is nothing to keep."""
        height, width = self.pixels.shape[:2]
        x0, y0, x1, y1 = (round(edge) for edge in bbox)
        part = self.pixels[max(0, y0) : min(height, y1), max(0, x0) : min(width, x1)]
        if 0 in part.shape:
            return None
        encoded, data = cv2.imencode(".jpg", np.ascontiguousarray(part), [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
        if not encoded:
            return None
        name = f"page-{self.number}-{kind}-{len(self.images) + 1}.jpg"
        self.images.append(Image(name=name, media_type="image/jpeg", data=data.tobytes()))
        return name


def convert(
    found: Iterable[Found], pixels: Pixels, *, number: int = 1, boxes: Iterable[dict[str, Any]] = ()
) -> PageReading:
    """Turn one page's result into ours.

    Args:
        found: the blocks in reading order.
        pixels: of the page they were found on.
        number: of the page, for the names of its images.
        boxes: the layout model's, for how sure it was of each block; the language model tells no confidence.
    """
    scores = {tuple(round(edge) for edge in box["coordinate"]): float(box["score"]) for box in boxes}
    page = _Page(number, pixels, scores)
    blocks = [_block(page, block) for block in found]
    warnings = []
    if page.cut:
        told = ", ".join(sorted(set(page.cut)))
        warnings.append(
            f"{len(page.cut)} of {len(blocks)} blocks ({told}) were cut at the limit of tokens or time "
            "(OCR_VL_MAX_TOKENS, OCR_VL_PAGE_SECONDS): their text is incomplete, or repeated itself"
        )
    return PageReading(
        lines=[line for block in blocks for line in _lines(block)],
        width=int(pixels.shape[1]),
        height=int(pixels.shape[0]),
        blocks=blocks,
        images=page.images,
        warnings=warnings,
    )


def _block(page: _Page, found: Found) -> Block:
    kind = TYPES.get(found.label, "paragraph")
    text = (found.content or "").strip()
    if CUT in text:
        page.cut.append(kind)
        text = text.replace(CUT, "")
    box = [float(edge) for edge in found.bbox]
    given: dict[str, Any] = {
        "type": kind,
        "bbox": box,
        "confidence": _score(page, box),
        "lines": [],
        "label": found.label,
    }
    if kind == "table":
        return Block(**given, **_table(page, text))
    if kind == "formula":
        return Block(**given, text=_bare(text))
    if kind in ("heading", "title"):
        text, level = re.sub(r"^#+\s+", "", text), (1 if kind == "title" else 2)
        return Block(**given, text=text, level=level)
    if kind == "chart" and text:
        rows = _chart_rows(text)
        return Block(**given, text=_as_text(rows) or text, rows=rows or None, image=page.cut_out(box, kind))
    image = page.cut_out(box, kind) if kind in _CUT_OUT else None
    return Block(**given, text=text, image=image)


def _score(page: _Page, box: list[float]) -> float:
    """Of the layout model, or 1 where a block is no layout's, or several boxes that were merged."""
    return min(1.0, max(0.0, page.scores.get(tuple(round(edge) for edge in box), 1.0)))


def _table(page: _Page, text: str) -> dict[str, Any]:
    """A table's fields: rows where they tell everything, HTML where cells span or hold pictures."""
    if "<t" not in text:  # the model wrote no table after all
        return {"text": text}
    names: dict[str, str] = {}
    for source in _SOURCE.findall(text):
        placed = _PLACED.fullmatch(source)
        if placed and source not in names:
            names[source] = page.cut_out([float(edge) for edge in placed.groups()], "table-figure") or ""
    for source, name in names.items():
        text = text.replace(f'"{source}"', f'"{name}"')
    table = read_table(text, {name for name in names.values() if name})
    if not table.rows:
        return {"text": re.sub(r"<[^>]*>", " ", text).strip()}
    told = {"text": _as_text(table.rows), "html": table.html}
    return told if table.spans else {**told, "rows": table.rows}


def _chart_rows(text: str) -> list[list[str]]:
    """A chart's numbers, which the model writes a row a line, cells between bars."""
    lines = [line.strip().strip("|") for line in text.split("\n") if "|" in line]
    rows = [[cell.strip() for cell in line.split("|")] for line in lines if line.strip("|-: ")]
    width = max((len(row) for row in rows), default=0)
    return [[*row, *[""] * (width - len(row))] for row in rows]


def _as_text(rows: list[list[str]]) -> str:
    return "\n".join("\t".join(row) for row in rows)


def _bare(text: str) -> str:
    """LaTeX without the marks around it."""
    for opening, closing in _DELIMITERS:
        if text.startswith(opening) and text.endswith(closing) and len(text) >= len(opening) + len(closing):
            return text[len(opening) : len(text) - len(closing)].strip()
    return text


def _lines(block: Block) -> list[ReadLine]:
    """A block's lines of text, all in the block's box: no closer place is known."""
    x0, y0, x1, y1 = block.bbox
    return [
        ReadLine(box=(x0, y0, x1, y1), text=line.strip(), confidence=block.confidence)
        for line in block.text.split("\n")
        if line.strip()
    ]
