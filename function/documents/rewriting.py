"""PDFs opened to be written anew, by qpdf, inside a child."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator

import pikepdf
import pypdfium2

from function.errors import Corrupt

_MENDING = "Mend it (qpdf IN OUT) and send that, or ask for another format."


@contextlib.contextmanager
def opened(descriptor: int, pages: int, document: pypdfium2.PdfDocument) -> Iterator[pikepdf.Pdf]:
    """A PDF of which pdfium counted so many pages; where qpdf mends its damage otherwise, as pdfium would save it.

    Raises:
        Corrupt: not even then are both of one mind.
    """
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(open(descriptor, "rb", closefd=False))
            pdf = stack.enter_context(pikepdf.open(file))
            agreed = len(pdf.pages) == pages
        except pikepdf.PdfError:
            agreed = False
        if not agreed:
            mended = io.BytesIO()
            document.save(mended)
            pdf = stack.enter_context(_reopened(mended))
            if len(pdf.pages) != pages:
                raise Corrupt("the PDF is too damaged to be written anew", remedy=_MENDING)
        yield pdf


def _reopened(mended: io.BytesIO) -> pikepdf.Pdf:
    mended.seek(0)
    try:
        return pikepdf.open(mended)
    except pikepdf.PdfError as problem:
        raise Corrupt("the PDF is too damaged to be written anew", remedy=_MENDING) from problem
