"""pdfium's functions that are called once a glyph or an object, with handles and addresses as plain integers.

The bindings of pypdfium2 convert a typed pointer an argument, which costs more than the call itself. These prototypes
point at the same functions; `PYFUNCTYPE` keeps the interpreter's lock, which is right for calls of a microsecond.
Those of a glyph have no types of arguments at all, which is twice as fast again: handles come as `at` makes them,
places to write to by `ctypes.byref`, and indices as plain integers.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

from pypdfium2 import raw

_HANDLE, _OUT = ctypes.c_void_p, ctypes.c_void_p
_INT, _UINT, _FLOAT, _DOUBLE, _SIZE = ctypes.c_int, ctypes.c_uint, ctypes.c_float, ctypes.c_double, ctypes.c_size_t


def _prototype(function: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None
    return ctypes.PYFUNCTYPE(result, *arguments)(address)


def at(handle: int | None) -> Any:
    """A handle for the functions of a glyph, in the form that ctypes passes on unconverted."""
    assert handle
    return ctypes.byref(ctypes.c_char.from_address(handle))


# of a glyph of a text page: (at(text page), index, …); nothing but `at`, whole numbers and `byref` may be given
unicode_of = _prototype(raw.FPDFText_GetUnicode, _UINT)
is_generated = _prototype(raw.FPDFText_IsGenerated, _INT)
has_map_error = _prototype(raw.FPDFText_HasUnicodeMapError, _INT)
text_object_of = _prototype(raw.FPDFText_GetTextObject, _HANDLE)
#: Out, four doubles: left, right, bottom, top.
char_box = _prototype(raw.FPDFText_GetCharBox, _INT)
#: Out, two doubles.
char_origin = _prototype(raw.FPDFText_GetCharOrigin, _INT)
#: Out, six floats.
char_matrix = _prototype(raw.FPDFText_GetMatrix, _INT)
font_size = _prototype(raw.FPDFText_GetFontSize, _DOUBLE)
font_weight = _prototype(raw.FPDFText_GetFontWeight, _INT)

# of a page object
render_mode = _prototype(raw.FPDFTextObj_GetTextRenderMode, _INT, _HANDLE)
font_of = _prototype(raw.FPDFTextObj_GetFont, _HANDLE, _HANDLE)
#: Out, four unsigned ints: red, green, blue, alpha.
fill_color = _prototype(raw.FPDFPageObj_GetFillColor, _INT, _HANDLE, _OUT, _OUT, _OUT, _OUT)
stroke_color = _prototype(raw.FPDFPageObj_GetStrokeColor, _INT, _HANDLE, _OUT, _OUT, _OUT, _OUT)
object_type = _prototype(raw.FPDFPageObj_GetType, _INT, _HANDLE)
#: Out, four floats: left, bottom, right, top, in the space of the form that holds the object.
object_bounds = _prototype(raw.FPDFPageObj_GetBounds, _INT, _HANDLE, _OUT, _OUT, _OUT, _OUT)
#: Out, six floats.
object_matrix = _prototype(raw.FPDFPageObj_GetMatrix, _INT, _HANDLE, _OUT)
has_transparency = _prototype(raw.FPDFPageObj_HasTransparency, _INT, _HANDLE)
clip_path_of = _prototype(raw.FPDFPageObj_GetClipPath, _HANDLE, _HANDLE)

# of a clip path: (clip path, path index, segment index)
clip_paths = _prototype(raw.FPDFClipPath_CountPaths, _INT, _HANDLE)
clip_segments = _prototype(raw.FPDFClipPath_CountPathSegments, _INT, _HANDLE, _INT)
clip_segment = _prototype(raw.FPDFClipPath_GetPathSegment, _HANDLE, _HANDLE, _INT, _INT)

# of a path and its segments
path_segments = _prototype(raw.FPDFPath_CountSegments, _INT, _HANDLE)
path_segment = _prototype(raw.FPDFPath_GetPathSegment, _HANDLE, _HANDLE, _INT)
#: Out, two ints: fill mode, stroke.
path_draw_mode = _prototype(raw.FPDFPath_GetDrawMode, _INT, _HANDLE, _OUT, _OUT)
segment_type = _prototype(raw.FPDFPathSegment_GetType, _INT, _HANDLE)
#: Out, two floats.
segment_point = _prototype(raw.FPDFPathSegment_GetPoint, _INT, _HANDLE, _OUT, _OUT)

# of pages, forms and fonts
page_objects = _prototype(raw.FPDFPage_CountObjects, _INT, _HANDLE)
page_object = _prototype(raw.FPDFPage_GetObject, _HANDLE, _HANDLE, _INT)
form_objects = _prototype(raw.FPDFFormObj_CountObjects, _INT, _HANDLE)
form_object = _prototype(raw.FPDFFormObj_GetObject, _HANDLE, _HANDLE, ctypes.c_ulong)
#: (font, code point, size, out: one float)
glyph_width = _prototype(raw.FPDFFont_GetGlyphWidth, _INT, _HANDLE, ctypes.c_uint32, _FLOAT, _OUT)
font_flags = _prototype(raw.FPDFFont_GetFlags, _INT, _HANDLE)
#: (font, buffer, length); gives the length with its zero byte.
font_name = _prototype(raw.FPDFFont_GetBaseFontName, _SIZE, _HANDLE, _OUT, _SIZE)
