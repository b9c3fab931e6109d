"""Makes what is laid upon a PDF page, filled-in form fields above all, a part of its content.

pdfium's text of a page lacks the words of annotations, and two of them, a name in a form, are too few to be missed by
whoever compares the text with the picture.
"""

from __future__ import annotations

import contextlib

import pypdfium2
import pypdfium2.raw as pdfium

#: Kinds that bear words which belong to the page; notes and links bear none that are seen.
_WORDY = (pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_STAMP)
#: Forms have hundreds of fields; a page with more than this is left as it is, and drawn with them all the same.
_MOST = 1_000


def flattened(document: pypdfium2.PdfDocument, number: int, page: pypdfium2.PdfPage) -> pypdfium2.PdfPage:
    """The page with what is laid upon it in its content, or the page itself where there are no words among that.

    Args:
        document: with its form environment.
        number: of the page, 1-based.
        page: as loaded; closed if another comes back.

    Raises:
        PdfiumError: the page cannot be loaded a second time.
    """
    if not page.formenv or not _has_words(page):
        return page
    _keep_its_edges(page)
    with contextlib.suppress(pypdfium2.PdfiumError):  # it stands as it was, with its annotations drawn over it
        page.flatten()
    page.close()
    return document[number - 1]


def _has_words(page: pypdfium2.PdfPage) -> bool:
    count = pdfium.FPDFPage_GetAnnotCount(page)
    if count > _MOST:
        return False
    wordy = [_is_wordy(page, index) for index in range(count)]  # of all, for what that does
    return any(wordy)


def _is_wordy(page: pypdfium2.PdfPage, index: int) -> bool:
    """Whether an annotation may bear words; one for print alone is hidden, since flattening would bring it to light."""
    annotation = pdfium.FPDFPage_GetAnnot(page, index)
    if not annotation:
        return False
    try:
        flags = pdfium.FPDFAnnot_GetFlags(annotation)
        if flags & pdfium.FPDF_ANNOT_FLAG_NOVIEW:
            pdfium.FPDFAnnot_SetFlags(annotation, flags | pdfium.FPDF_ANNOT_FLAG_HIDDEN)
        return pdfium.FPDFAnnot_GetSubtype(annotation) in _WORDY
    finally:
        pdfium.FPDFPage_CloseAnnot(annotation)


def _keep_its_edges(page: pypdfium2.PdfPage) -> None:
    """Flattening makes a Letter of a page that has its box from its parents."""
    edges = pdfium.FS_RECTF()
    if pdfium.FPDF_GetPageBoundingBox(page, edges):
        box = edges.left, edges.bottom, edges.right, edges.top
        page.set_mediabox(*box)
        page.set_cropbox(*box)
