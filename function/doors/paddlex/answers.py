"""Results in the shape in which PaddleX's clients read them."""

from __future__ import annotations

import base64
import re
from collections.abc import Container, Iterable, Sequence
from typing import Any

from msgspec import Struct, structs

from function.page import Box, turned_box
from function.results.markdown import page_markdown
from function.results.model import Block, BlockType, DocumentResult, Image, Line, PageResult

#: What PaddleOCR-VL would have called blocks that another engine found.
LABELS: dict[BlockType, str] = {
    "title": "doc_title",
    "heading": "paragraph_title",
    "paragraph": "text",
    "list": "text",
    "table": "table",
    "header": "header",
    "footer": "footer",
    "page_number": "number",
    "code": "algorithm",
    "formula": "display_formula",
    "figure": "image",
    "chart": "chart",
    "seal": "seal",
    "caption": "figure_title",
    "footnote": "footnote",
}
#: Blocks beside the running text have no place in its order.
_UNORDERED = frozenset({"header", "footer", "page_number", "footnote", "figure", "chart", "seal"})
_PICTURE = re.compile(r"^!\[(\w*)\]\(([\w./-]+)\)$", re.MULTILINE)


class Markdown(Struct, frozen=True):
    """A page's Markdown, and what it shows, by name, in base64."""

    text: str
    images: dict[str, str] | None


class Export(Struct, frozen=True):
    """A file, in base64."""

    content: str
    fileName: str  # noqa: N815 - the names are PaddleX's


class Exports(Struct, frozen=True):
    """What `outputFormats` asked for."""

    docx: Export


class LayoutPage(Struct, frozen=True):
    """One page of POST /layout-parsing."""

    prunedResult: dict[str, Any]  # noqa: N815
    markdown: Markdown
    outputImages: dict[str, str]  # noqa: N815
    inputImage: str | None = None  # noqa: N815
    exports: Exports | None = None


class OcrPage(Struct, frozen=True):
    """One page of POST /ocr."""

    prunedResult: dict[str, Any]  # noqa: N815
    ocrImage: str | None = None  # noqa: N815
    docPreprocessingImage: str | None = None  # noqa: N815
    inputImage: str | None = None  # noqa: N815


class LayoutAnswer(Struct, frozen=True, omit_defaults=True):
    """What /layout-parsing and /restructure-pages found."""

    layoutParsingResults: list[LayoutPage]  # noqa: N815
    dataInfo: dict[str, Any] | None = None  # noqa: N815


class OcrAnswer(Struct, frozen=True):
    """What /ocr found."""

    ocrResults: list[OcrPage]  # noqa: N815
    dataInfo: dict[str, Any]  # noqa: N815


class Envelope(Struct, frozen=True):
    """What every answer stands in: that of one that failed, and of /health."""

    logId: str  # noqa: N815
    errorCode: int  # noqa: N815
    errorMsg: str  # noqa: N815


class OcrDone(Envelope, frozen=True):
    """The answer of /ocr."""

    result: OcrAnswer


class LayoutDone(Envelope, frozen=True):
    """The answer of /layout-parsing and /restructure-pages."""

    result: LayoutAnswer


class Given:
    """A page's boxes as its caller wants them: of the upright page, or of the page as it came.

    Args:
        page: whose boxes are of the upright page.
        as_it_came: turn them back.
    """

    def __init__(self, page: PageResult, *, as_it_came: bool) -> None:
        self.angle = page.rotation if as_it_came else 0
        self._upright = page.width, page.height
        self.width, self.height = self._upright if self.angle % 180 == 0 else self._upright[::-1]

    def box(self, box: Sequence[float]) -> Box:
        """x0, y0, x1, y1, rounded as PaddleX does."""
        x0, y0, x1, y1 = box
        x0, y0, x1, y1 = turned_box((x0, y0, x1, y1), -self.angle % 360, *self._upright)
        return (round(x0), round(y0), round(x1), round(y1))

    def polygon(self, box: Sequence[float]) -> list[list[float]]:
        """Its corners, clockwise from the top left."""
        x0, y0, x1, y1 = self.box(box)
        return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]


def data_info(result: DocumentResult) -> dict[str, Any]:
    """The document's kind and its pages' sizes; all of its pages count, and all were read."""
    sizes = [{"width": page.width, "height": page.height} for page in result.pages]
    if result.document.media_type == "application/pdf":
        return {"type": "pdf", "numPages": result.document.pages, "pages": sizes}
    if len(sizes) > 1:
        return {"type": "tiff", "numPages": result.document.pages, "pages": sizes}
    return {"type": "image", **sizes[0]}


def ocr_page(page: PageResult, *, least: float, as_it_came: bool) -> dict[str, Any]:
    """`prunedResult` of /ocr: lines in reading order.

    Args:
        page: as read.
        least: lines below this confidence are left out.
        as_it_came: boxes of the page before it was turned.
    """
    given = Given(page, as_it_came=as_it_came)
    lines = [line for line in _lines(page.blocks) if line.confidence >= least and line.text]
    polygons = [given.polygon(line.bbox) for line in lines]
    return {
        "page_count": None,
        "model_settings": _settings(turned=not as_it_came),
        "doc_preprocessor_res": {"angle": page.rotation},
        "dt_polys": polygons,
        "text_type": "general",
        "text_rec_score_thresh": least,
        "return_word_box": False,
        "rec_texts": [line.text for line in lines],
        "rec_scores": [line.confidence for line in lines],
        "rec_polys": polygons,
        "rec_boxes": [given.box(line.bbox) for line in lines],
        **_said(page),
    }


def layout_page(
    page: PageResult, count: int, *, as_it_came: bool, flattened: bool = False, formatted: bool
) -> dict[str, Any]:
    """`prunedResult` of /layout-parsing.

    Args:
        page: as read.
        count: pages of the document.
        as_it_came: boxes of the page before it was turned.
        flattened: pages were, before they were read.
        formatted: a block's content is its Markdown.
    """
    given = Given(page, as_it_came=as_it_came)
    return {
        "page_count": count,
        "width": given.width,
        "height": given.height,
        "model_settings": _settings(turned=not as_it_came, flattened=flattened),
        "doc_preprocessor_res": {"angle": page.rotation},
        "parsing_res_list": blocks_told(page.blocks, given, formatted=formatted),
        **_said(page),
    }


def named_as_paddlex(page: PageResult, given: Given) -> PageResult:
    """The same page, its pictures called by kind and place: by that a page that is sent again tells whose they are."""
    names = {
        block.image: f"imgs/img_in_{label_of(block)}_box_{'_'.join(map(str, given.box(block.bbox)))}.jpg"
        for block in page.blocks
        if block.image
    }
    if not names:
        return page
    return structs.replace(
        page,
        blocks=[_renamed(block, names) for block in page.blocks],
        images=[structs.replace(image, name=names.get(image.name, image.name)) for image in page.images or []],
    )


def _renamed(block: Block, names: dict[str, str]) -> Block:
    html = block.html
    for old, new in names.items():
        html = html and html.replace(f'"{old}"', f'"{new}"')
    return structs.replace(block, html=html, image=names.get(block.image or "", block.image))


def blocks_told(blocks: Sequence[Block], given: Given | None, *, formatted: bool) -> list[dict[str, Any]]:
    """`parsing_res_list`."""
    told: list[dict[str, Any]] = []
    order = 0
    for index, block in enumerate(blocks):
        ordered = block.type not in _UNORDERED
        order += ordered
        content = page_markdown([block]) if formatted else content_of(block)
        told.append(
            {
                "block_label": label_of(block),
                "block_content": content,
                "block_bbox": list(given.box(block.bbox)) if given else block.bbox,
                "block_id": index,
                "block_order": order if ordered else None,
                "group_id": index,
            }
        )
    return told


def label_of(block: Block) -> str:
    """PaddleOCR-VL's word for it."""
    return block.label or LABELS[block.type]


def content_of(block: Block) -> str:
    """Text; of a table, HTML, as PaddleX has it."""
    if block.html:
        return block.html
    return _table(block.rows) if block.type == "table" and block.rows else block.text


def markdown_of(
    blocks: Sequence[Block],
    images: Iterable[Image],
    *,
    ignored: Container[str],
    pretty: bool,
    with_images: bool,
) -> Markdown:
    """A page's Markdown.

    Args:
        blocks: in reading order.
        images: of the page.
        ignored: labels of blocks that are left out.
        pretty: pictures stand centred, in HTML, as PaddleX has it.
        with_images: give them, too.
    """
    text = page_markdown([block for block in blocks if label_of(block) not in ignored])
    if pretty:
        text = _PICTURE.sub(r'<div style="text-align: center;"><img src="\2" alt="Image" /></div>', text)
    shown = {image.name: base64.b64encode(image.data).decode() for image in images} if with_images else None
    return Markdown(text, shown)


def exports_of(formats: Sequence[str] | None, name: str, pages: Sequence[PageResult]) -> Exports | None:
    """Pages as a Word document called so, where `formats` asks for one; it is the only format there is."""
    if not formats:
        return None
    from function.results.docx import pages_docx

    return Exports(Export(base64.b64encode(pages_docx(pages, name)).decode(), f"{name}.docx"))


def _lines(blocks: Iterable[Block]) -> list[Line]:
    """Of blocks that an engine arranged without lines, the block is the line."""
    return [
        line
        for block in blocks
        for line in (block.lines or ([Line(block.bbox, block.text, block.confidence)] if block.text else []))
    ]


def _settings(*, turned: bool, flattened: bool = False) -> dict[str, Any]:
    return {
        "use_doc_preprocessor": True,
        "use_doc_orientation_classify": turned,
        "use_doc_unwarping": flattened,
        "use_textline_orientation": False,
    }


def _said(page: PageResult) -> dict[str, Any]:
    """What PaddleX cannot say: which rung read the page, and why it may be empty."""
    error = page.error and f"{page.error.title}: {page.error.detail}"
    return {"rung": page.rung, "error": error, "warnings": page.warnings or []}


def _table(rows: Sequence[Sequence[str]]) -> str:
    from html import escape

    cells = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"
