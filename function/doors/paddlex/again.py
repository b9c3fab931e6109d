"""POST /restructure-pages: tables joined and headings levelled over pages that a caller read before and sends back."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from msgspec import structs

from function.doors.paddlex.answers import (
    LABELS,
    Exports,
    LayoutPage,
    Markdown,
    blocks_told,
    exports_of,
    markdown_of,
)  # fmt: skip
from function.doors.paddlex.requests import PageAgain, RestructureRequest, require_both
from function.errors import BadRequest
from function.reading.across_pages import restructured
from function.results.model import Block, BlockType, Image, PageResult
from function.results.table_html import read_table

_TYPES: dict[str, BlockType] = {
    **dict(zip(LABELS.values(), LABELS, strict=True)),
    "text": "paragraph",
    "formula": "formula",
    "inline_formula": "formula",
    "table_title": "caption",
    "chart_title": "caption",
    "vision_footnote": "footnote",
    "header_image": "figure",
    "footer_image": "figure",
}


def pages_again(asked: RestructureRequest) -> list[LayoutPage]:
    """What is answered.

    Raises:
        BadRequest: a page is not as /layout-parsing gave it.
    """
    require_both(asked.mergeTables, asked.relevelTitles)
    if not asked.pages:
        raise BadRequest("pages is empty", remedy="Send the pages that /layout-parsing answered.")
    before = [_page(number, page) for number, page in enumerate(asked.pages, 1)]
    after = restructured(before)
    told = [_told(asked, page, sent.prunedResult) for page, sent in zip(after, asked.pages, strict=True)]
    if asked.concatenatePages:
        return [_joined(told, exports_of(asked.outputFormats, "document", after))]
    exports = [exports_of(asked.outputFormats, f"page-{page.number}", [page]) for page in after]
    return [structs.replace(page, exports=found) for page, found in zip(told, exports, strict=True)]


def _told(asked: RestructureRequest, page: PageResult, sent: dict[str, Any]) -> LayoutPage:
    markdown = markdown_of(
        page.blocks,
        page.images or [],
        ignored=(),
        pretty=asked.prettifyMarkdown,
        with_images=asked.returnMarkdownImages,
    )
    return LayoutPage({**sent, "parsing_res_list": blocks_told(page.blocks, None, formatted=False)}, markdown, {})


def _joined(pages: Sequence[LayoutPage], exports: Exports | None) -> LayoutPage:
    """All pages as one, which has the size of the first."""
    blocks = [block for page in pages for block in page.prunedResult["parsing_res_list"]]
    images = {name: data for page in pages for name, data in (page.markdown.images or {}).items()}
    text = "\n\n".join(page.markdown.text for page in pages if page.markdown.text)
    shown = None if pages[0].markdown.images is None else images
    pruned = {**pages[0].prunedResult, "parsing_res_list": blocks}
    return LayoutPage(pruned, Markdown(text, shown), {}, exports=exports)


def _page(number: int, sent: PageAgain) -> PageResult:
    found = sent.prunedResult.get("parsing_res_list")
    if not isinstance(found, list):
        raise _wrong(number, "has no parsing_res_list")
    try:
        images = [
            Image(name, "image/jpeg", base64.b64decode(data, validate=True))
            for name, data in (sent.markdownImages or {}).items()
        ]
    except (binascii.Error, ValueError):
        raise _wrong(number, "has markdownImages that are not base64") from None
    names = [image.name for image in images]
    return PageResult(
        number=number,
        width=_whole(sent.prunedResult.get("width")),
        height=_whole(sent.prunedResult.get("height")),
        dpi=None,
        rung=None,
        reason="",
        rotation=0,
        blocks=[_block(number, block, names) for block in found],
        markdown="",
        images=images,
    )


def _block(number: int, sent: object, names: Sequence[str]) -> Block:
    if not isinstance(sent, dict):
        raise _wrong(number, "has a block that is no object")
    label, text, bbox = sent.get("block_label"), sent.get("block_content"), sent.get("block_bbox")
    numbers = isinstance(bbox, list) and len(bbox) == 4 and all(type(edge) in {int, float} for edge in bbox)
    if not isinstance(label, str) or not isinstance(text, str) or not numbers:
        raise _wrong(number, "has a block without block_label, block_content or block_bbox")
    assert isinstance(bbox, list)
    kind = _TYPES.get(label, "paragraph")
    rows, html = None, None
    if kind in {"table", "chart"} and "<" in text:
        table = read_table(text, names)
        rows, html = (None if table.spans else table.rows or None), table.html
        text = "\n".join("\t".join(row) for row in table.rows)
    corners = "_".join(str(round(edge)) for edge in bbox)
    image = next((name for name in names if corners in name), None) if kind in {"figure", "chart", "seal"} else None
    return Block(kind, bbox, text, 1.0, [], rows=rows, html=html, label=label, image=image)


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 1


def _wrong(number: int, why: str) -> BadRequest:
    return BadRequest(
        f"pages[{number - 1}] {why}", remedy="Send each page's prunedResult as /layout-parsing answered it."
    )
