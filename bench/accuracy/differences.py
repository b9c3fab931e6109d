"""The worst pages to look at: picture, truth and every reading side by side, what differs in colour.

One HTML file without any link; every text in it is escaped, so a document cannot script its reader.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from bench.accuracy import metrics
from bench.accuracy.measure import Result
from bench.accuracy.readers.base import page_images

_TOKEN = re.compile(r"\n|[^\S\n]+|[A-Za-z0-9\u00c0-\u024f\u0400-\u04ff]+|.")
_PICTURE_WIDTH = 700
_STYLE = """
body{font:14px/1.45 system-ui,sans-serif;margin:1.5em;background:#fff;color:#222}
section{border-top:2px solid #888;margin-top:2em}
.sides{display:flex;gap:1em;align-items:flex-start;overflow-x:auto}
.sides>div{flex:1 1 0;min-width:22em}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f7f7f7;padding:.6em;margin:0;font:13px/1.45 monospace}
del{background:#ffd0d0;text-decoration:none}ins{background:#c8f0c8;text-decoration:none}
img{max-width:100%;border:1px solid #ccc}small{color:#666}
"""


def write(path: Path, results: Sequence[Result], *, documents: int = 25, dpi: float = 100.0) -> None:
    """Write the page.

    Args:
        path: of the HTML file.
        results: of all readers; the first reader's worst documents are shown.
        documents: how many.
        dpi: at which PDFs are drawn for the picture.
    """
    chosen = _worst(results)[:documents]
    body = "".join(_section(group, dpi) for group in chosen)
    reader = escape(chosen[0][0].reader) if chosen else ""
    intro = f"Worst first, by {reader}'s character error rate; of each document the worst page. "
    legend = "<del>in the truth, not read</del> <ins>read, not in the truth</ins>"
    head = f"<!doctype html><meta charset=utf-8><title>Differences</title><style>{_STYLE}</style>"
    page = f"{head}<h1>Worst differences</h1><p>{intro}{legend}</p>{body}\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


def _worst(results: Sequence[Result]) -> list[list[Result]]:
    """Results grouped by document, the first reader's first within each."""
    by_name = sorted(results, key=lambda result: result.sample.name)  # stable: readers keep their order
    groups = [list(group) for _, group in groupby(by_name, key=attrgetter("sample.name"))]
    return sorted(groups, key=lambda group: group[0].scores.cer, reverse=True)


def _section(group: Sequence[Result], dpi: float) -> str:
    sample = group[0].sample
    page = _worst_page(group[0])
    truth = sample.truth[page] if page is not None else "\n".join(sample.truth)
    title = escape(sample.name) + (f", page {page + 1}" if page is not None else "")
    about = escape(f"{', '.join(sample.classes)}; truth: {sample.truth_kind or 'unknown'}")
    sides = [_side("truth", "", f"<pre>{escape(truth)}</pre>"), *(_reading(result, page, truth) for result in group)]
    picture = _picture(sample.path, page or 0, dpi)
    return f'<section><h2>{title}</h2><p>{about}</p><div class="sides">{picture}{"".join(sides)}</div></section>'


def _reading(result: Result, page: int | None, truth: str) -> str:
    pages = result.reading.pages
    # Another reader may have found another number of pages.
    read = pages[page] if page is not None and page < len(pages) else "\n".join(pages)
    note = result.reading.error or (
        f"whole document: CER {result.scores.cer:.3f}, any order {result.scores.cer_free:.3f}, "
        f"word F1 {result.scores.f1_ordered:.3f}, any order {result.scores.f1_free:.3f}"
    )
    return _side(result.reader, note, f"<pre>{''.join(_marked(truth, read))}</pre>")


def _side(title: str, note: str, body: str) -> str:
    return f"<div><h3>{escape(title)}</h3><p><small>{escape(note)}</small></p>{body}</div>"


def _marked(truth: str, read: str) -> Iterator[str]:
    """The reading with what it lacks and what it adds, token by token, escaped."""
    wanted, found = _TOKEN.findall(truth), _TOKEN.findall(read)
    for step in Levenshtein.opcodes(wanted, found):
        lost = escape("".join(wanted[step.src_start : step.src_end]))
        got = escape("".join(found[step.dest_start : step.dest_end]))
        if step.tag == "equal":
            yield got
            continue
        if lost.strip():
            yield f"<del>{lost}</del>"
        yield f"<ins>{got}</ins>" if got.strip() else got


def _worst_page(result: Result) -> int | None:
    """Index of the page with the highest error rate; None where pages do not correspond."""
    truth, read = result.sample.truth, result.reading.pages
    if len(truth) != len(read):
        return None
    told = [index for index, text in enumerate(truth) if text.strip()]
    return max(told, key=lambda index: metrics.score([truth[index]], [read[index]]).cer, default=None)


def _picture(path: Path, page: int, dpi: float) -> str:
    try:
        image = page_images(path, dpi, page + 1)[page].convert("RGB")
    except Exception as problem:  # noqa: BLE001 - a picture is a convenience: whatever is wrong with it, the texts still help
        return f"<div><small>no picture: {escape(str(problem))}</small></div>"
    image.thumbnail((_PICTURE_WIDTH, 3 * _PICTURE_WIDTH))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=60)
    return f'<div><img alt="" src="data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"></div>'
