"""What is downloaded of a document of two pages, `one two` and `three`: is each file of its kind, with its text in it?

The formats themselves are held to their standards in `tests/results`.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from xml.etree import ElementTree

import pikepdf

#: What the page calls each format.
LABELS = {
    "json": "JSON", "markdown": "Markdown", "text": "Text", "html": "HTML", "hocr": "hOCR", "alto": "ALTO",
    "zip": "ZIP", "docx": "Word", "pdf": "Searchable PDF",
}  # fmt: skip


def _written(data: bytes, start: str) -> None:
    assert data.decode().startswith(start)
    assert "three" in data.decode()


def _marked_up(data: bytes, root: str) -> None:
    assert ElementTree.fromstring(data).tag.endswith(root)
    assert b"three" in data


def _packed(data: bytes, suffix: str) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert packed.testzip() is None
        assert any(b"three" in packed.read(name) for name in packed.namelist() if name.endswith(suffix))


def _bound(data: bytes) -> None:
    with pikepdf.open(io.BytesIO(data)) as bound:
        assert bound.check_pdf_syntax() == []
        assert ["/Font" in page.resources for page in bound.pages] == [True, True]


#: Raises where a file is something else, or empty.
CHECKS: dict[str, Callable[[bytes], None]] = {
    "json": lambda data: _written(json.dumps(json.loads(data)).encode(), '{"document"'),
    "markdown": lambda data: _written(data, "one"),
    "text": lambda data: _written(data, "one"),
    "html": lambda data: _written(data, "<!DOCTYPE html>"),
    "hocr": lambda data: _marked_up(data, "html"),
    "alto": lambda data: _marked_up(data, "alto"),
    "zip": lambda data: _packed(data, ".md"),
    "docx": lambda data: _packed(data, "word/document.xml"),
    "pdf": _bound,
}
