"""Which parts of a PDF page are painted over by a later picture or filled rectangle.

Text below them is in the text layer and on no screen: words hidden from people, badly blackened passages, or the OCR
text that some scanners lay under the scan.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import pypdfium2 as pdfium
from pypdfium2 import raw

from function.documents import pdfium_calls as calls

#: left, bottom, right, top in page space.
Rect: TypeAlias = tuple[float, float, float, float]
#: PDF's six numbers.
Matrix: TypeAlias = tuple[float, float, float, float, float, float]

_MAX_OBJECTS = 20_000
_MAX_DEPTH = 4
_MAX_CLIP_POINTS = 64
#: Covers beyond this number are forgotten, the smallest first: each costs a comparison a glyph.
_MAX_COVERS = 200
#: How far a picture may slant and still fill the rectangle around it.
_SLANT = 0.01
#: Points; what is thinner is a rule, and hides no word.
_SHORTEST = 3.0
_SEEN = (raw.FPDF_PAGEOBJ_TEXT, raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_PATH)
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_EVERYTHING: Rect = (-1e9, -1e9, 1e9, 1e9)


@dataclass(slots=True)
class Covers:
    """What covers what.

    Attributes:
        texts: by each text object's handle, its order in the painting and the matrix of the form around it.
        painted: (order, rectangle) of each opaque picture and rectangle.
    """

    texts: dict[int, tuple[int, Matrix]] = field(default_factory=dict)
    painted: list[tuple[int, Rect]] = field(default_factory=list)

    def over(self, text_object: int | None) -> list[Rect]:
        """The rectangles painted after that text object that meet it; none where it is unknown."""
        if not text_object or not self.painted or text_object not in self.texts:
            return []
        order, matrix = self.texts[text_object]
        left, bottom, right, top = _bounds(text_object, matrix)
        return [
            rect
            for later, rect in self.painted
            if later > order and rect[0] < right and rect[2] > left and rect[1] < top and rect[3] > bottom
        ]


def covers_of(page: pdfium.PdfPage) -> Covers:
    """Walk a page's objects in the order of painting; past 20,000 of them the rest is not looked at."""
    covers = Covers()
    handle = ctypes.cast(page.raw, ctypes.c_void_p).value
    top = ((calls.page_object(handle, index)) for index in range(calls.page_objects(handle)))
    for order, (which, kind, matrix, clip) in enumerate(_walk(top, _IDENTITY, _EVERYTHING, 0)):
        if order >= _MAX_OBJECTS:
            break
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            covers.texts[which] = order, matrix
        elif covers.texts:
            rect = _cover(which, kind, matrix, clip)
            if rect is not None:
                covers.painted.append((order, rect))
    covers.painted = sorted(covers.painted, key=lambda cover: -_area(cover[1]))[:_MAX_COVERS]
    return covers


def _walk(
    handles: Iterator[int | None], matrix: Matrix, clip: Rect, depth: int
) -> Iterator[tuple[int, int, Matrix, Rect]]:
    """Every object with its kind, the matrix of the form around it, and what clips it."""
    for which in handles:
        if not which:
            continue
        kind = calls.object_type(which)
        if kind == raw.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
            within = (calls.form_object(which, index) for index in range(calls.form_objects(which)))
            inner = _meet(clip, _clip(which, matrix))
            yield from _walk(within, _product(_matrix(which), matrix), inner, depth + 1)
        elif kind in _SEEN:
            yield which, kind, matrix, clip


def _cover(which: int, kind: int, matrix: Matrix, clip: Rect) -> Rect | None:
    """Where an object covers what is below: a picture, or a filled rectangle; cheap questions first.

    A picture's own mask is not seen from here: what it hides by mistake, reading/evidence finds as ink without text.
    """
    if kind == raw.FPDF_PAGEOBJ_PATH and not 4 <= calls.path_segments(which) <= 6:
        return None
    rect = _meet(_bounds(which, matrix), clip)
    if _shorter_side(rect) < _SHORTEST or calls.has_transparency(which):
        return None
    is_path = kind == raw.FPDF_PAGEOBJ_PATH
    if not (_is_filled_rectangle(which) if is_path else _is_upright(_product(_matrix(which), matrix))):
        return None
    rect = _meet(rect, _clip(which, matrix))
    return rect if _shorter_side(rect) >= _SHORTEST else None


def _is_filled_rectangle(which: int) -> bool:
    count = calls.path_segments(which)
    modes = (ctypes.c_int * 2)()
    start = ctypes.addressof(modes)
    if not calls.path_draw_mode(which, start, start + 4) or modes[0] == raw.FPDF_FILLMODE_NONE:
        return False
    points = [_point(calls.path_segment(which, index)) for index in range(count)]
    across, down = {round(x, 2) for x, _ in points}, {round(y, 2) for _, y in points}
    return len(across) == 2 and len(down) == 2


def _is_upright(matrix: Matrix) -> bool:
    """Whether a picture fills the rectangle around it, because it is turned by quarters only."""
    level, sideways = abs(matrix[1]) + abs(matrix[2]), abs(matrix[0]) + abs(matrix[3])
    return min(level, sideways) < _SLANT * max(level, sideways)


def _point(segment: int) -> tuple[float, float]:
    out = (ctypes.c_float * 2)()
    start = ctypes.addressof(out)
    calls.segment_point(segment, start, start + 4)
    return out[0], out[1]


def _clip(which: int, matrix: Matrix) -> Rect:
    """The rectangle around what an object's clip paths leave of it."""
    clip = calls.clip_path_of(which)
    found = _EVERYTHING
    for path in range(max(0, calls.clip_paths(clip)) if clip else 0):
        count = calls.clip_segments(clip, path)
        if 0 < count <= _MAX_CLIP_POINTS:
            points = [_point(calls.clip_segment(clip, path, index)) for index in range(count)]
            found = _meet(found, _around([_applied(matrix, x, y) for x, y in points]))
    return found


def _bounds(which: int, matrix: Matrix) -> Rect:
    out = (ctypes.c_float * 4)()
    start = ctypes.addressof(out)
    if not calls.object_bounds(which, start, start + 4, start + 8, start + 12):
        return 0.0, 0.0, 0.0, 0.0
    left, bottom, right, top = out[:]
    if matrix is _IDENTITY:
        return left, bottom, right, top
    corners = [(left, bottom), (left, top), (right, bottom), (right, top)]
    return _around([_applied(matrix, x, y) for x, y in corners])


def _matrix(which: int) -> Matrix:
    out = (ctypes.c_float * 6)()
    if not calls.object_matrix(which, ctypes.addressof(out)):
        return _IDENTITY
    return out[0], out[1], out[2], out[3], out[4], out[5]


def _product(inner: Matrix, outer: Matrix) -> Matrix:
    a, b, c, d, e, f = inner
    return (
        a * outer[0] + b * outer[2],
        a * outer[1] + b * outer[3],
        c * outer[0] + d * outer[2],
        c * outer[1] + d * outer[3],
        e * outer[0] + f * outer[2] + outer[4],
        e * outer[1] + f * outer[3] + outer[5],
    )


def _applied(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    return matrix[0] * x + matrix[2] * y + matrix[4], matrix[1] * x + matrix[3] * y + matrix[5]


def _around(points: list[tuple[float, float]]) -> Rect:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _meet(one: Rect, other: Rect) -> Rect:
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])


def _shorter_side(rect: Rect) -> float:
    return min(rect[2] - rect[0], rect[3] - rect[1])


def _area(rect: Rect) -> float:
    return max(0.0, rect[2] - rect[0]) * max(0.0, rect[3] - rect[1])
