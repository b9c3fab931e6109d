"""Writes a result as one HTML page that needs nothing else: semantic elements, tables with spans, pictures inside.

Harmless by construction: every element is written here, all text is escaped, tables pass `table_html` once more, and a
Content-Security-Policy in the page forbids whatever is not in it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence

from function.results.list_items import BULLET, ListItem, list_items
from function.results.markup import escaped, language_of
from function.results.model import Block, DocumentResult, Image, PageResult
from function.results.table_html import read_table

_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    "section+section{border-top:1px solid;margin-top:2rem;padding-top:1rem}"
    "table{border-collapse:collapse}td,th{border:1px solid;padding:.2rem .5rem;vertical-align:top;text-align:start}"
    "img{max-width:100%}.marked{list-style:none}pre{overflow:auto}header,footer,.caption,aside{font-size:.875rem}"
)
#: Only these are put into a page, whatever an image calls itself.
_PICTURES = frozenset(("image/jpeg", "image/png", "image/webp", "image/gif"))
_NUMBER = re.compile(r"^([0-9]{1,9})[.)]\s+")
_SOURCE = re.compile(r'<img src="([^"]*)" alt="">')


def document_html(result: DocumentResult) -> str:
    """The page, UTF-8; a page of the document is a `section`, called `page-N`."""
    pages = "\n".join(map(_section, result.pages))
    return (
        f'<!DOCTYPE html>\n<html lang="{language_of(result.pages)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        "style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{escaped(result.document.name)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{pages}\n</main>\n</body>\n</html>\n"
    )


def _section(page: PageResult) -> str:
    images = {image.name: image for image in page.images or ()}
    if page.error is not None:
        body = f'<p role="note">{escaped(page.error.title)}: {escaped(page.error.detail)}</p>'
    else:
        body = "\n".join(filter(None, (_block(block, images) for block in page.blocks)))
    return f'<section id="page-{page.number}" aria-label="{page.number}">\n{body}\n</section>'


def _block(block: Block, images: Mapping[str, Image]) -> str:
    said = bool(block.text.strip() or block.rows or block.html)
    text = _WRITERS.get(block.type, _paragraph)(block, images) if said else ""
    image = images.get(block.image or "")
    if image is None or not _source(image):
        return text
    return f'<figure><img src="{_source(image)}" alt="">{text}</figure>'


def _source(image: Image) -> str:
    if image.media_type not in _PICTURES:
        return ""
    return f"data:{image.media_type};base64,{base64.b64encode(image.data).decode()}"


def _lines(text: str) -> str:
    return "<br>\n".join(escaped(line.strip()) for line in text.split("\n") if line.strip())


def _element(opening: str) -> Callable[[Block, Mapping[str, Image]], str]:
    tag = opening.partition(" ")[0]
    return lambda block, _: f'<{opening} dir="auto">{_lines(block.text)}</{tag}>'


_paragraph = _element("p")


def _heading(block: Block, _images: Mapping[str, Image]) -> str:
    level = block.level or (1 if block.type == "title" else 2)
    return f'<h{level} dir="auto">{escaped(" ".join(block.text.split()))}</h{level}>'


def _list(block: Block, images: Mapping[str, Image]) -> str:
    items = list_items(block.text)
    nested = any(item.items for item in items)
    return _items(items) if nested or _numbers(items) or _bullets(items) else _paragraph(block, images)


def _bullets(items: Sequence[ListItem]) -> bool:
    return all(BULLET.match(item.text) for item in items)


def _numbers(items: Sequence[ListItem]) -> list[re.Match[str]]:
    """Of each item, or none where one has none."""
    numbers = [found for item in items if (found := _NUMBER.match(item.text))]
    return numbers if len(numbers) == len(items) else []


def _items(items: Sequence[ListItem]) -> str:
    """Items below each other; what they begin with stays where HTML does not write it."""
    within = [_items(item.items) if item.items else "" for item in items]
    numbers = _numbers(items)
    if numbers:
        told = "".join(
            f'<li value="{int(found[1])}" dir="auto">{escaped(item.text[found.end() :])}{rest}</li>'
            for item, found, rest in zip(items, numbers, within, strict=True)
        )
        return f"<ol>{told}</ol>"
    bullets = _bullets(items)
    opening = "ul" if bullets else 'ul class="marked"'
    told = "".join(
        f'<li dir="auto">{escaped(BULLET.sub("", item.text) if bullets else item.text)}{rest}</li>'
        for item, rest in zip(items, within, strict=True)
    )
    return f"<{opening}>{told}</ul>"


def _table(block: Block, images: Mapping[str, Image]) -> str:
    if block.rows:
        head, *body = [[escaped(cell) for cell in row] for row in block.rows]
        first = "".join(f'<th scope="col" dir="auto">{cell}</th>' for cell in head)
        rest = "".join("<tr>" + "".join(f'<td dir="auto">{cell}</td>' for cell in row) + "</tr>" for row in body)
        return f"<table><thead><tr>{first}</tr></thead><tbody>{rest}</tbody></table>"
    if not block.html:
        return _paragraph(block, images)
    harmless = read_table(block.html, images).html
    return _SOURCE.sub(lambda found: f'<img src="{_source(images[found[1]])}" alt="">', harmless)


def _code(block: Block, _images: Mapping[str, Image]) -> str:
    return f"<pre><code>{escaped(block.text)}</code></pre>"


def _formula(block: Block, _images: Mapping[str, Image]) -> str:
    return f'<pre class="formula"><code>{escaped(block.text)}</code></pre>'


_WRITERS: dict[str, Callable[[Block, Mapping[str, Image]], str]] = {
    "title": _heading,
    "heading": _heading,
    "list": _list,
    "table": _table,
    "chart": _table,
    "code": _code,
    "formula": _formula,
    "header": _element("header"),
    "footer": _element("footer"),
    "page_number": _element('footer class="page-number"'),
    "caption": _element('p class="caption"'),
    "footnote": _element('aside role="doc-footnote"'),
}
