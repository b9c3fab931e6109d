"""Writes a result as ALTO 4.3, the XML of libraries and archives: https://www.loc.gov/standards/alto/.

Measures are pixels of the page as it came, and ROTATION tells how its text lies there; where words stand within a line
is estimated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from function.page import Box, turned_box
from function.results.markup import escaped, language_of
from function.results.model import Block, DocumentResult, Line, PageResult
from function.results.words import Word, lines_of, words

_NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"
_SCHEMA = "http://www.loc.gov/standards/alto/v4/alto-4-3.xsd"


def document_alto(result: DocumentResult) -> str:
    """The XML; blocks stand in reading order, and a tag tells of each what it is."""
    kinds = sorted({block.type for page in result.pages for block in page.blocks})
    tags = "".join(f'<LayoutTag ID="tag_{kind}" TYPE="block" LABEL="{kind}"/>' for kind in kinds)
    language = language_of(result.pages)
    pages = "\n".join(_page(page, language) for page in result.pages)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<alto xmlns="{_NAMESPACE}"'
        f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="{_NAMESPACE} {_SCHEMA}"'
        ' SCHEMAVERSION="4.3">\n<Description>\n<MeasurementUnit>pixel</MeasurementUnit>\n'
        f"<sourceImageInformation><fileName>{escaped(result.document.name)}</fileName></sourceImageInformation>\n"
        '<Processing ID="reading"><processingCategory>contentGeneration</processingCategory>'
        f"<processingSoftware><softwareName>{escaped(result.engine.name)}</softwareName>"
        f"<softwareVersion>{escaped(result.engine.version)}</softwareVersion></processingSoftware></Processing>\n"
        f"</Description>\n{f'<Tags>{tags}</Tags>' if tags else ''}\n<Layout>\n{pages}\n</Layout>\n</alto>\n"
    )


def _page(page: PageResult, language: str) -> str:
    quality = ' QUALITY="Damaged"' if page.error else ""
    blocks = "\n".join(_block(block, f"{page.number}_{at}", language, page) for at, block in enumerate(page.blocks, 1))
    _, _, width, height = _turned_back((0, 0, page.width, page.height), page)
    size = f'WIDTH="{width}" HEIGHT="{height}"'
    return (
        f'<Page ID="page_{page.number}" PHYSICAL_IMG_NR="{page.number}" {size}{quality}{_confidence(page)}>\n'
        f'<PrintSpace HPOS="0" VPOS="0" {size}>\n{blocks}\n</PrintSpace>\n</Page>'
    )


def _confidence(page: PageResult) -> str:
    """The mean over the characters."""
    counted = [(block.confidence, len(block.text)) for block in page.blocks]
    total = sum(count for _, count in counted)
    return f' PC="{sum(value * count for value, count in counted) / total:.4f}"' if total else ""


def _block(block: Block, number: str, language: str, page: PageResult) -> str:
    lines = list(lines_of(block))
    turned = f' ROTATION="{page.rotation}"' if page.rotation else ""  # to be undone by turning clockwise
    where = f'ID="block_{number}" TAGREFS="tag_{block.type}" {_place(block.bbox, page)}{turned}'
    if not lines:
        return f"<Illustration {where}/>"
    told = "\n".join(_line(line, f"{number}_{at}", page) for at, line in enumerate(lines, 1))
    spoken = f' LANG="{language}"' if language else ""
    return f"<TextBlock {where}{spoken}>\n{told}\n</TextBlock>"


def _line(line: Line, number: str, page: PageResult) -> str:
    direction = ' BASEDIRECTION="ttb"' if line.vertical else ""
    strings = "".join(_strings(line, number, page))
    return f'<TextLine ID="line_{number}" {_place(line.bbox, page)}{direction}>{strings}</TextLine>'


def _strings(line: Line, number: str, page: PageResult) -> Iterator[str]:
    before: Word | None = None
    for at, word in enumerate(words(line), 1):
        if before is not None and before.ends:
            yield "<SP/>"
        said = f'CONTENT="{escaped(word.text)}" {_place(word.bbox, page)} WC="{word.confidence:.4f}"'
        yield f'<String ID="word_{number}_{at}" {said}/>'
        before = word


def _turned_back(box: Sequence[float], page: PageResult) -> Box:
    x0, y0, x1, y1 = box
    return turned_box((x0, y0, x1, y1), -page.rotation % 360, page.width, page.height)


def _place(box: Sequence[float], page: PageResult) -> str:
    x0, y0, x1, y1 = _turned_back(box, page)
    return f'HPOS="{x0:.1f}" VPOS="{y0:.1f}" WIDTH="{max(x1 - x0, 0):.1f}" HEIGHT="{max(y1 - y0, 0):.1f}"'
