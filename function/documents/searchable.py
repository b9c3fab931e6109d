"""Writes a document anew as a PDF with the words that were read, invisible, where they stand; inside a child.

A PDF keeps its pages as they are: only their content gets words before it. A picture becomes a page of its size; a JPEG
keeps its bytes, other lossless pictures their pixels. What is not touched is not read by anybody: the file goes through
qpdf, which rewrites structure alone.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from function.documents.base import PageWords, PlacedWord

#: A page's own space from the pixels of the page as drawn: x' = a x + c y + e, y' = b x + d y + f.
Affine = tuple[float, float, float, float, float, float]

_FONT = Path(__file__).with_name("glyphless.ttf")
#: Width of the font's only glyph, in thousandths of its height.
_GLYPH_WIDTH = 500
#: Character codes for what UTF-16 writes in two units; no text can hold these by themselves.
_FIRST_PAIR, _LAST_PAIR = 0xD800, 0xDFFF
_NO_SPACES = dict.fromkeys(map(ord, " \t\n\r\u00a0"))
#: Such a share of its letters in words that the page's own text has, too.
_MOSTLY = 0.6


class SearchablePdf:
    """A PDF that is being written.

    Args:
        pdf: whose pages get words.
    """

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self._codes = _Codes()
        self._font: pikepdf.Object | None = None

    def add(self, page: pikepdf.Page, words: PageWords, to_page: Affine) -> None:
        """Put words on a page.

        Args:
            page: of the PDF.
            words: in pixels of the upright page.
            to_page: from pixels of the page as drawn.
        """
        _drop_invisible_text(self._pdf, page)
        if self._font is None:
            self._font = self._pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type0))
        name = page.add_resource(self._font, Name.Font, prefix="Zp")
        place = _upright(words, to_page)
        shown = "\n".join(self._shown(word, place) for word in words.words)
        # Before all else: there the page's coordinates are its own, whatever its content does to them.
        page.contents_add(f"q BT 3 Tr {name} 1 Tf\n{shown}\nET Q\n".encode(), prepend=True)

    @property
    def is_changed(self) -> bool:
        """Whether any page got words."""
        return self._font is not None

    def write(self, out: BinaryIO) -> None:
        """The file. Words change what a claim of PDF/A was made for, so it is made no longer."""
        if self._font is not None:
            self._fill_font(self._font)
        with contextlib.suppress(Exception):  # a file without metadata, or with damaged ones, claims nothing
            self._unclaim()
        self._pdf.save(
            out, encryption=self._pdf.is_encrypted, object_stream_mode=pikepdf.ObjectStreamMode.preserve,
            deterministic_id=not self._pdf.is_encrypted,
        )  # fmt: skip

    def _shown(self, word: PlacedWord, place: Callable[[float, float], tuple[float, float]]) -> str:
        codes = self._codes.of(word.text)
        count = max(len(codes) // 2, 1)
        x, y = place(word.x, word.y)
        right, up = (
            place(word.x + word.right[0], word.y + word.right[1]),
            place(word.x + word.up[0], word.y + word.up[1]),
        )
        # The font's letters are half as wide as high; so many of them are stretched over the word.
        stretch = 1000 / (_GLYPH_WIDTH * count)
        matrix = ((right[0] - x) * stretch, (right[1] - y) * stretch, up[0] - x, up[1] - y, x, y)
        space = "0020" if word.ends else ""
        return f"{' '.join(f'{value:.4f}' for value in matrix)} Tm <{codes.hex()}{space}> Tj"

    def _unclaim(self) -> None:
        if Name.Metadata not in self._pdf.Root:
            return
        with self._pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
            for key in [key for key in metadata if "http://www.aiim.org/pdfa/ns/id/" in key]:
                del metadata[key]

    def _fill_font(self, font: pikepdf.Object) -> None:
        pdf, name = self._pdf, Name.ZeropageGlyphless
        descriptor = Dictionary(
            Type=Name.FontDescriptor, FontName=name, Flags=4, FontBBox=Array([0, -200, 500, 800]), ItalicAngle=0,
            Ascent=800, Descent=-200, CapHeight=800, StemV=80,
            FontFile2=Stream(pdf, _FONT.read_bytes()),
        )  # fmt: skip
        identity = Dictionary(Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0)
        descendant = Dictionary(
            Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=name, DW=_GLYPH_WIDTH, FontDescriptor=descriptor,
            CIDSystemInfo=identity,
            CIDToGIDMap=Stream(pdf, zlib.compress(b"\x00\x01" * 0x10000, 9), Filter=Name.FlateDecode),
        )  # fmt: skip
        font.BaseFont, font.Encoding = name, Name("/Identity-H")
        font.DescendantFonts = Array([pdf.make_indirect(descendant)])
        font.ToUnicode = Stream(pdf, self._codes.told())


class _Codes:
    """Character codes of two bytes: UTF-16 as far as that goes, others as they come."""

    def __init__(self) -> None:
        self._pairs: dict[str, int] = {}

    def of(self, text: str) -> bytes:
        """The codes of a text, two bytes each."""
        return b"".join(self._code(char).to_bytes(2, "big") for char in text)

    def told(self) -> bytes:
        """The ToUnicode map. A range may not cross a first byte, and no list may be longer than 100."""
        ranges = [f"<{high:02x}00> <{high:02x}ff> <{high:02x}00>" for high in range(0x100) if not 0xD8 <= high <= 0xDF]
        pairs = [f"<{code:04x}> <{char.encode('utf-16-be').hex()}>" for char, code in self._pairs.items()]
        lists = [*_lists("bfrange", ranges), *_lists("bfchar", pairs)]
        return (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
            "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n"
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
            "1 begincodespacerange <0000> <ffff> endcodespacerange\n" + "\n".join(lists) + "\nendcmap\n"
            "CMapName currentdict /CMap defineresource pop end end"
        ).encode()

    def _code(self, char: str) -> int:
        if ord(char) < 0x10000:
            return 0xFFFD if _FIRST_PAIR <= ord(char) <= _LAST_PAIR else ord(char)
        if char not in self._pairs and len(self._pairs) > _LAST_PAIR - _FIRST_PAIR:
            return 0xFFFD
        return self._pairs.setdefault(char, _FIRST_PAIR + len(self._pairs))


def is_said(words: PageWords, seen: str) -> bool:
    """Whether the page says most of that in its own, visible text, so that no second one is needed."""
    own = seen.translate(_NO_SPACES).lower()
    found = sum(len(word.text) for word in words.words if word.text.lower() in own)
    return found > _MOSTLY * sum(len(word.text) for word in words.words)


def _lists(kind: str, entries: Sequence[str]) -> list[str]:
    parts = [entries[at : at + 100] for at in range(0, len(entries), 100)]
    return [f"{len(part)} begin{kind}\n" + "\n".join(part) + f"\nend{kind}" for part in parts]


def _upright(words: PageWords, to_page: Affine) -> Callable[[float, float], tuple[float, float]]:
    """From the pixels of the page that was turned upright, by way of the page as drawn, to the page's own space."""
    a, b, c, d, e, f = to_page
    width, height = words.width, words.height

    def place(x: float, y: float) -> tuple[float, float]:
        if words.rotation == 90:
            x, y = y, width - x
        elif words.rotation == 180:
            x, y = width - x, height - y
        elif words.rotation == 270:
            x, y = height - y, x
        return a * x + c * y + e, b * x + d * y + f

    return place


def _drop_invisible_text(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    """Take out the text of an earlier reading, or every word would be found twice."""
    with contextlib.suppress(Exception):  # content that cannot be parsed is shown as it was
        if b" Tr" not in b"".join(stream.read_bytes() for stream in _streams(page)):
            return
        kept, mode, modes = [], 0, []
        for instruction in pikepdf.parse_content_stream(page):
            operator = str(instruction.operator)
            if operator == "q":
                modes.append(mode)
            elif operator == "Q":
                mode = modes.pop() if modes else 0
            elif operator == "Tr":
                mode = int(instruction.operands[0])
            if mode != 3 or operator not in {"Tj", "TJ", "'", '"'}:
                kept.append(instruction)
        page.Contents = Stream(pdf, pikepdf.unparse_content_stream(kept))


def _streams(page: pikepdf.Page) -> list[pikepdf.Object]:
    contents = page.obj.get(Name.Contents)
    if contents is None:
        return []
    return list(contents) if isinstance(contents, Array) else [contents]
