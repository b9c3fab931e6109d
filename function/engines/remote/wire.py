"""A page as a request, an answer as a reading; and whose fault it is where the answer is no reading.

The page travels as PNG at its lowest level, grey where it holds no colour: without loss, so the boxes that come back
lie in the same pixels, and the other end reads exactly what was drawn here. Measured on a page of text at 200 dpi:
45 ms of one core and 0.1 MB, against 8 ms and 11.6 MB as PPM, which at 17 million pixels would be more than
OCR_MAX_REQUEST_BYTES.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from function.errors import (
    Busy,
    Corrupt,
    DeadlineExceeded,
    EngineFailed,
    EngineUnavailable,
    OcrError,
    Outage,
    Refusal,
    TooLarge,
    TooManyPixels,
)
from function.page import PageImage, PageReading, ReadLine
from function.results.model import SCHEMA_VERSION, DocumentResult, EngineInfo, PageResult
from function.results.remarks import warned

if TYPE_CHECKING:
    from function.engines.remote.connections import Answer

#: What may be wrong with one page. Other refusals (a key, an address, an option) are this deployment's own fault: a
#: document that met them must be read again once they are mended.
_OF_A_PAGE: dict[str, type[Refusal]] = {kind("").type: kind for kind in (Corrupt, TooLarge, TooManyPixels)}
_SIGNATURE_AND_HEADER = 8 + 25
_INCHES_A_METRE = 1 / 0.0254


class _Problem(msgspec.Struct, frozen=True):
    type: str = ""
    title: str = ""
    detail: str = ""
    remedy: str = ""


def encoded(page: PageImage) -> bytes:
    """The page as PNG. Raises EngineFailed where OpenCV does not encode it."""
    import cv2

    pixels = page.pixels
    blue, green, red = pixels[:, :, 0], pixels[:, :, 1], pixels[:, :, 2]
    is_grey = np.array_equal(blue, green) and np.array_equal(green, red)
    picture = np.ascontiguousarray(green if is_grey else pixels)
    done, data = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if not done:
        raise EngineFailed(f"page {page.number} could not be encoded as PNG")
    return _with_dpi(data.tobytes(), page.dpi)


def _with_dpi(png: bytes, dpi: float | None) -> bytes:
    """The chunk pHYs after the header (PNG specification, 11.3.4.3): pixels a metre."""
    if not dpi:
        return png
    pixels = round(dpi * _INCHES_A_METRE)
    body = b"pHYs" + struct.pack(">IIB", pixels, pixels, 1)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:_SIGNATURE_AND_HEADER] + chunk + png[_SIGNATURE_AND_HEADER:]


def reading_of(answer: Answer, page: PageImage) -> tuple[PageReading, EngineInfo]:
    """What a 200 says, and who says it.

    Raises:
        Refusal: the page could not be read there, by its own fault.
        EngineUnavailable: it was read there as well as could be, which was not what was asked for.
        EngineFailed: it is no answer of this function, of another schema, or of another page.
    """
    try:
        result = msgspec.json.decode(answer.body, type=DocumentResult)
    except msgspec.DecodeError as problem:
        raise _strange(f"its answer is no result ({problem})") from None
    if result.schema_version != SCHEMA_VERSION or len(result.pages) != 1:
        raise _strange(f"its answer has schema {result.schema_version[:20]} and {len(result.pages)} pages")
    [read] = result.pages
    if read.error is not None:
        raise _OF_A_PAGE.get(read.error.type, Corrupt)(
            _renumbered(read.error.detail, page), remedy=read.error.remedy or None
        )
    if read.degraded is not None:
        raise EngineUnavailable(f"the remote engine could not do it itself: {read.degraded}")
    sides = (page.height, page.width) if read.rotation in {90, 270} else (page.width, page.height)
    if (read.width, read.height) != sides:
        raise _strange(f"it read a page of {read.width} × {read.height} pixels, not of {sides[0]} × {sides[1]}")
    return _reading(read, result), result.engine


def _reading(read: PageResult, result: DocumentResult) -> PageReading:
    pointers = warned(result.pages)  # to what goes along by itself
    return PageReading(
        lines=[_line(line.bbox, line.text, line.confidence) for block in read.blocks for line in block.lines],
        width=read.width,
        height=read.height,
        rotation=read.rotation,
        blocks=read.blocks or None,
        images=read.images or [],
        warnings=[*(read.warnings or []), *(one for one in result.warnings if one not in pointers)],
        gpu_seconds=result.cost.gpu_seconds,
    )


def _line(box: list[float], text: str, confidence: float) -> ReadLine:
    x0, y0, x1, y1 = box
    return ReadLine((x0, y0, x1, y1), text, confidence)


def failure_of(answer: Answer, page: PageImage) -> OcrError:
    """What any other status means here."""
    problem = _problem_in(answer)
    said = problem.detail or f"its answer was {answer.status} and no problem of this function"
    if kind := _OF_A_PAGE.get(problem.type):
        return kind(_renumbered(said, page), remedy=problem.remedy or None)
    if answer.status == Busy.status:
        return Busy(f"the remote engine takes no more: {said}", retry_after=answer.retry_after or 1)
    if answer.status == DeadlineExceeded.status:
        return DeadlineExceeded(f"the remote engine ran out of time: {said}")
    if answer.status in {502, 503}:
        return EngineUnavailable(f"the remote engine is not there: {said}")
    return _ours(answer, said)


def _ours(answer: Answer, said: str) -> Outage:
    remedies = {
        401: "Check OCR_REMOTE_KEY_FILE.",
        403: "Check OCR_REMOTE_KEY_FILE.",
        404: "Check OCR_REMOTE_URL: there, this function's door `parse` must be open.",
        400: "Check that both ends run the same release, and that the other one has the engine asked for.",
    }
    return EngineFailed(f"the remote engine failed ({answer.status}): {said}", remedy=remedies.get(answer.status))


def _problem_in(answer: Answer) -> _Problem:
    if answer.media_type != "application/problem+json":
        return _Problem()
    try:
        return msgspec.json.decode(answer.body, type=_Problem)
    except msgspec.DecodeError:
        return _Problem()


def _renumbered(detail: str, page: PageImage) -> str:
    """To the other end each page is a document's first."""
    return detail.replace("page 1 ", f"page {page.number} ")


def _strange(what: str) -> EngineFailed:
    return EngineFailed(f"the remote engine cannot be understood: {what}", remedy="Run the same release at both ends.")
