"""Every format that a result can be written in; what a format needs is imported when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from function.results.model import DocumentResult


@dataclass(frozen=True, slots=True)
class Writer:
    """One format.

    Attributes:
        name: as options and settings have it.
        ending: of files.
        media_type: with its charset.
        write: a result to bytes; None where it takes the document itself, too (`reading/searchable.py`).
    """

    name: str
    ending: str
    media_type: str
    write: Callable[[DocumentResult], bytes] | None


def _markdown(result: DocumentResult) -> bytes:
    return result.markdown.encode()


def _text(result: DocumentResult) -> bytes:
    from function.results.text import document_text

    return document_text(result.pages).encode()


def _html(result: DocumentResult) -> bytes:
    from function.results.html import document_html

    return document_html(result).encode()


def _hocr(result: DocumentResult) -> bytes:
    from function.results.hocr import document_hocr

    return document_hocr(result).encode()


def _alto(result: DocumentResult) -> bytes:
    from function.results.alto import document_alto

    return document_alto(result).encode()


def _zip(result: DocumentResult) -> bytes:
    from function.results.archive import document_archive

    return document_archive(result)


def _docx(result: DocumentResult) -> bytes:
    from function.results.docx import document_docx

    return document_docx(result)


WRITERS = {
    writer.name: writer
    for writer in (
        Writer("json", "json", "application/json", msgspec.json.encode),
        Writer("markdown", "md", "text/markdown; charset=utf-8", _markdown),
        Writer("text", "txt", "text/plain; charset=utf-8", _text),
        Writer("html", "html", "text/html; charset=utf-8", _html),
        Writer("hocr", "hocr", "text/vnd.hocr+html; charset=utf-8", _hocr),
        Writer("alto", "alto.xml", "application/alto+xml", _alto),
        Writer("zip", "zip", "application/zip", _zip),
        Writer("docx", "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", _docx),
        Writer("pdf", "pdf", "application/pdf", None),
    )
}
