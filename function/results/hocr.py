"""Writes a result as hOCR 1.2: an XHTML page whose elements say where on the page their text stands.

Boxes are whole pixels of the page as it came, since that is the picture which it names, and each lies within its
parent's; `textangle` tells how the text of a page that had to be turned lies there. Where words stand within a line is
estimated.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from function.page import turned_box
from function.results.markup import escaped, language_of
from function.results.model import Block, DocumentResult, Line, PageResult
from function.results.words import Word, is_right_to_left, lines_of, words

_CAPABILITIES = (
    "ocr_page ocr_carea ocr_par ocr_line ocrx_word ocr_table ocr_photo ocr_float ocr_header ocr_footer ocr_caption"
    " ocrp_lang ocrp_dir"
)
_CAREAS = {"table": "ocr_table", "header": "ocr_header", "footer": "ocr_footer", "caption": "ocr_caption"}
_PICTURES = frozenset(("figure", "chart", "seal"))

_Box = tuple[int, int, int, int]


def document_hocr(result: DocumentResult) -> str:
    """The XHTML page; identifiers tell page, block, line and word by their numbers."""
    language = language_of(result.pages)
    tagged = f' lang="{language}" xml:lang="{language}"' if language else ""
    pages = "\n".join(_page(page, result.document.name) for page in result.pages)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n'
        f'<html xmlns="http://www.w3.org/1999/xhtml"{tagged}>\n<head>\n'
        f"<title>{escaped(result.document.name)}</title>\n"
        '<meta http-equiv="Content-Type" content="text/html; charset=utf-8"/>\n'
        f'<meta name="ocr-system" content="{escaped(f"{result.engine.name} {result.engine.version}")}"/>\n'
        f'<meta name="ocr-capabilities" content="{_CAPABILITIES}"/>\n'
        f'<meta name="ocr-number-of-pages" content="{len(result.pages)}"/>\n'
        f'<meta name="ocr-langs" content="{language or "unknown"}"/>\n'
        f"</head>\n<body>\n{pages}\n</body>\n</html>\n"
    )


def _page(page: PageResult, name: str) -> str:
    image = name.replace("\\", "_").replace('"', "_")
    dpi = f"; scan_res {round(page.dpi)} {round(page.dpi)}" if page.dpi else ""
    title = f'image "{image}"; {_bbox(_sheet(page), page)}; ppageno {page.number - 1}{dpi}'
    body = "\n".join(_area(block, f"{page.number}_{at}", page) for at, block in enumerate(page.blocks, 1))
    return f'<div class="ocr_page" id="page_{page.number}" title="{escaped(title)}">\n{body}\n</div>'


def _area(block: Block, number: str, page: PageResult) -> str:
    lines = list(lines_of(block))
    box = _within(_around([block.bbox, *(line.bbox for line in lines)]), _sheet(page))
    if not lines:
        kind = "ocr_photo" if block.type in _PICTURES else "ocr_float"
        return f'<div class="{kind}" id="block_{number}" title="{_bbox(box, page)}"></div>'
    told = "\n".join(_line(line, f"{number}_{at}", box, page) for at, line in enumerate(lines, 1))
    direction = ' dir="rtl"' if is_right_to_left(block.text) else ""
    return (
        f'<div class="{_CAREAS.get(block.type, "ocr_carea")}" id="block_{number}" title="{_bbox(box, page)}">\n'
        f'<p class="ocr_par" id="par_{number}" title="{_bbox(box, page)}"{direction}>\n{told}\n</p>\n</div>'
    )


def _line(line: Line, number: str, parent: _Box, page: PageResult) -> str:
    found = words(line)
    box = _within(_around([line.bbox]), parent)
    clockwise = (found[0].angle if found else 0.0) - page.rotation
    angle = 180 - (180 + clockwise) % 360  # counter-clockwise in hOCR
    more = f"; textangle {angle:g}" if angle else ""
    told = "".join(_word(word, f"{number}_{at}", box, page) for at, word in enumerate(found, 1))
    return f'<span class="ocr_line" id="line_{number}" title="{_bbox(box, page)}{more}">{told}</span>'


def _word(word: Word, number: str, parent: _Box, page: PageResult) -> str:
    title = f"{_bbox(_within(_around([word.bbox]), parent), page)}; x_wconf {round(100 * word.confidence)}"
    space = " " if word.ends else ""
    return f'<span class="ocrx_word" id="word_{number}" title="{title}">{escaped(word.text)}</span>{space}'


def _around(boxes: Iterable[Sequence[float]]) -> _Box:
    sides = list(zip(*boxes, strict=True))
    x0, y0 = (math.floor(min(side)) for side in sides[:2])
    x1, y1 = (math.ceil(max(side)) for side in sides[2:])
    return x0, y0, x1, y1


def _within(box: _Box, parent: _Box) -> _Box:
    x0, y0, x1, y1 = box
    left, top, right, bottom = parent
    x0, y0 = min(max(x0, left), right), min(max(y0, top), bottom)
    return x0, y0, max(x0, min(x1, right)), max(y0, min(y1, bottom))


def _sheet(page: PageResult) -> _Box:
    return 0, 0, page.width, page.height


def _bbox(box: _Box, page: PageResult) -> str:
    """Of the page as it came; what lay within another box still does."""
    return "bbox {} {} {} {}".format(*turned_box(box, -page.rotation % 360, page.width, page.height))
