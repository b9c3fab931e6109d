"""Glyphs become lines as they stand on the paper."""

from __future__ import annotations

import pytest

from function.glyphs import Glyphs
from function.page import Glyph, PageReading, TextLayer
from function.reading.text_layer.layer_lines import lines_of
from tests.pdfs import Pdf, opened

DPI = 144.0


def _reading(pdf: Pdf) -> PageReading:
    with opened(pdf.build()) as document:
        return lines_of(document.text_layer(1, DPI))


def _texts(pdf: Pdf) -> list[str]:
    return [line.text for line in _reading(pdf).lines]


def test_lines_come_from_top_to_bottom_with_box_size_and_weight() -> None:
    """Whatever the file's order."""
    pdf = Pdf()
    page = pdf.page()
    page.text(72, 600, "second line, plain")
    page.text(72, 700, "First line, bold", size=20, font="Helvetica-Bold")

    first, second = _reading(pdf).lines

    assert (first.text, second.text) == ("First line, bold", "second line, plain")
    assert (first.font_size, first.bold, second.font_size, second.bold) == (40, True, 24, False)
    x0, y0, x1, y1 = first.box
    assert x0 == pytest.approx(144, abs=4)
    assert 284 - 32 < y0 < 284 - 24 < y1 < 284 + 12
    assert x1 > x0 + 250
    assert first.confidence == 1.0


def test_letters_of_one_width_tell_so() -> None:
    """As typewriters and listings have them; figures of other fonts are equally wide, too."""
    pdf = Pdf()
    page = pdf.page()
    page.text(72, 700, "while (it) { wait(); }", size=10, font="Courier")
    page.text(72, 600, "while it is so", size=10)

    listing, prose = _reading(pdf).lines

    assert listing.pitch == pytest.approx(12, abs=0.1)
    assert prose.pitch is None


def test_columns_of_one_baseline_stay_apart() -> None:
    """Even with a narrow gutter, since the file draws one column after the other."""
    pdf = Pdf()
    page = pdf.page()
    page.lines(["left column one", "left column two"], x=72, size=10, step=12)
    page.lines(["right column one", "right column two"], x=152, size=10, step=12)

    assert _texts(pdf) == ["left column one", "right column one", "left column two", "right column two"]


def test_cells_of_a_row_stay_apart() -> None:
    """Wide gaps part a line even where the file draws cell after cell."""
    pdf = Pdf()
    page = pdf.page()
    for x, cell in ((72, "Bread"), (200, "2"), (260, "3.50")):
        page.text(x, 700, cell)

    assert _texts(pdf) == ["Bread", "2", "3.50"]


def test_words_drawn_one_by_one_become_one_line_with_blanks() -> None:
    """Many programs place every word, and write no blank at all."""
    pdf = Pdf()
    page = pdf.page()
    x = 72.0
    for word, width in (("placed", 37.36), ("word", 27.35), ("by", 12.67), ("word", 27.35)):
        page.text(x, 700, word)
        x += width + 3.34

    assert _texts(pdf) == ["placed word by word"]


def test_letters_spaced_wide_are_still_words() -> None:
    """Headings are often letter-spaced by a little."""
    pdf = Pdf()
    pdf.page().raw(f"BT /{pdf.font('Helvetica')} 20 Tf 2 Tc 72 700 Td (SPACED HEADING) Tj ET")

    assert _texts(pdf) == ["SPACED HEADING"]


def test_a_justified_line_is_one_line() -> None:
    """Its blanks are all wide alike."""
    pdf = Pdf()
    pdf.page().raw(f"BT /{pdf.font('Helvetica')} 10 Tf 12 Tw 72 700 Td (wide blanks all along this line) Tj ET")

    assert _texts(pdf) == ["wide blanks all along this line"]


@pytest.mark.parametrize(
    "cells",
    [
        (("Paid out", 72), ("Paid in", 124), ("Balance", 170)),
        (("Scheduling", 72), ("0.4", 134), ("0.5", 160), ("1.1", 186)),
    ],
)
def test_cells_set_close_stay_apart(cells: tuple[tuple[str, float], ...]) -> None:
    """Heads of several words each, whose wide gaps are the half of all; and amounts, whose gaps are all wide."""
    pdf = Pdf()
    page = pdf.page()
    for cell, x in cells:
        page.text(x, 700, cell, size=10)

    assert _texts(pdf) == [cell for cell, _ in cells]


def test_a_list_sign_stays_with_its_item() -> None:
    """Although a tab lies between."""
    pdf = Pdf()
    page = pdf.page()
    page.text(72, 700, "\xb7")
    page.text(92, 700, "first item")
    page.text(72, 680, "2.")
    page.text(96, 680, "second item")

    assert _texts(pdf) == ["\xb7 first item", "2. second item"]


def test_superscripts_stay_in_their_line() -> None:
    """Small and raised, with the text going on behind them."""
    pdf = Pdf()
    page = pdf.page()
    page.text(72, 700, "as was shown")
    page.text(144, 704.5, "7", size=7)
    page.text(151, 700, "before")

    assert _texts(pdf) == ["as was shown7 before"]


@pytest.mark.parametrize("shift", [0.3, 0.8])
def test_what_is_printed_twice_is_read_once(shift: float) -> None:
    """Poor man's bold, and shadows."""
    pdf = Pdf()
    page = pdf.page()
    page.text(72, 700, "All the hollow letters")
    page.text(72 + shift, 700, "All the hollow letters", grey=0.4)

    assert _texts(pdf) == ["All the hollow letters"]


def test_letters_printed_twice_one_by_one_are_bold() -> None:
    """As some programs do, letter after letter."""
    glyphs = []
    for index, char in enumerate("hello"):
        for shift in (0.0, 0.5):
            x = 100 + 10 * index + shift
            glyphs.append(Glyph(char, (x, 90.0, x + 8, 100.0), 16.0, pen=(x, 100.0), advance=10.0))

    (line,) = lines_of(TextLayer(Glyphs.of(glyphs), 300, 200, DPI)).lines

    assert (line.text, line.bold) == ("hello", True)


def _down(text: str, x: float, y: float) -> list[Glyph]:
    """Characters one below the other; the point stands in a corner, as fonts for level text have it."""
    glyphs = []
    for at, char in enumerate(text):
        top = y + 20 * at
        box = (x + 1, top - 8, x + 6, top - 3) if char == "。" else (x + 1, top + 1, x + 19, top + 19)
        glyphs.append(Glyph(char, box, 20.0, pen=(x, top + 18), advance=20.0))
    return glyphs


def test_columns_of_east_asian_text_are_vertical_lines() -> None:
    """As browsers print `writing-mode: vertical-rl`; Latin words lie on their side, and numbers of pages are level."""
    latin = [Glyph(char, (402, 230 + 10 * at, 416, 238 + 10 * at), 20.0, angle=90.0) for at, char in enumerate("ABC")]
    number = [Glyph(char, (300 + 10 * at, 900, 308 + 10 * at, 914), 20.0) for at, char in enumerate("12")]
    glyphs = [*_down("春が来た。鳥が", 400, 80), *latin, *_down("と鳴く︒", 400, 262), *_down("夏。", 370, 80), *number]

    reading = lines_of(TextLayer(Glyphs.of(glyphs), 600, 1000, DPI))

    told = [(line.text, line.vertical) for line in reading.lines]
    assert told == [("春が来た。鳥がABCと鳴く。", True), ("夏。", True), ("12", False)]
    assert reading.lines[0].box[1::2] == (81.0, 341.0)


def test_characters_one_below_the_other_on_a_level_page_are_no_vertical_line() -> None:
    """A narrow cell's, beside text that runs from left to right."""
    level = [Glyph(char, (100 + 20 * at, 80, 119 + 20 * at, 99), 20.0) for at, char in enumerate("本文横書変")]

    reading = lines_of(TextLayer(Glyphs.of([*level, *_down("備考", 50, 80)]), 600, 1000, DPI))

    assert not any(line.vertical for line in reading.lines)


def test_ligatures_are_spelled_out_and_other_characters_left_alone() -> None:
    """`ﬁ` becomes `fi`; `½` stays, although Unicode would take it apart."""
    pdf = Pdf()
    font = pdf.lying_font("Ligatures", {"A": "\ufb01", "B": "ffi", "c": "c", "D": "½"})
    pdf.page().text(72, 700, "AcBD", font=font)

    assert _texts(pdf) == ["ficffi½"]


@pytest.mark.parametrize("shown", ["(x') 160 (ex)", "(xe) 500 (^) -31 (x)"])
def test_accents_join_their_letters(shown: str) -> None:
    """Accents that old TeX fonts draw before the letter, and combining marks after it."""
    pdf = Pdf()
    font = pdf.lying_font("Accents", {"'": "\u00b4", "e": "e", "x": "x", "^": "\u0301"})
    pdf.page().raw(f"BT /{pdf.font(font)} 20 Tf 72 700 Td [{shown}] TJ ET")

    assert _texts(pdf) == ["xéx"]


@pytest.mark.parametrize(("turn", "rotation"), [((0, 1, -1, 0), 90), ((-1, 0, 0, -1), 180), ((0, -1, 1, 0), 270)])
def test_a_page_of_turned_text_is_turned_upright(turn: tuple[float, ...], rotation: int) -> None:
    """Boxes are those of the turned page, its lines level."""
    pdf = Pdf()
    pdf.page().text(300, 400, "turned text", turn=turn, size=20)

    reading = _reading(pdf)

    (line,) = reading.lines
    assert (reading.rotation, line.text, line.angle) == (rotation, "turned text", 0)
    assert (reading.width, reading.height) == ((1190, 1684) if rotation == 180 else (1684, 1190))
    x0, y0, x1, y1 = line.box
    assert 0 <= x0 < x1 <= reading.width
    assert 0 <= y0 < y1 <= reading.height
    assert x1 - x0 > 3 * (y1 - y0)


def test_a_watermark_keeps_its_angle() -> None:
    """So that nobody takes it for a line of the text that it crosses."""
    pdf = Pdf()
    page = pdf.page()
    page.lines(["Plain lines of a page", "that is for nobody else"], top=450)
    page.text(200, 300, "CONFIDENTIAL", size=40, grey=0.8, turn=(0.7071, 0.7071, -0.7071, 0.7071))

    lines = {line.text: line.angle for line in _reading(pdf).lines}

    assert lines == {"Plain lines of a page": 0, "that is for nobody else": 0, "CONFIDENTIAL": -45}


def test_cells_set_close_are_parted_by_the_line_ruled_between_them() -> None:
    """Amounts that nearly touch it on either side are two; below its end, or where it is no side of a cell, one."""
    pdf = Pdf()
    page = pdf.page()
    page.text(72, 700, "124,944.00 36.35%", font="Courier", size=10)
    page.text(72, 660, "124,944.00 36.35%", font="Courier", size=10)
    with opened(pdf.build()) as document:
        layer = document.text_layer(1, DPI)
    x, height = (72 + 10.5 * 6) * 2, layer.height

    side = (x, height - 720 * 2, x + 1, height - 690 * 2)
    edges = [(100.0, y, 600.0, y + 1) for y in (side[1], side[3])]

    assert [line.text for line in lines_of(layer, [side]).lines] == ["124,944.00 36.35%"] * 2
    reading = lines_of(layer, [*edges, side])
    assert [line.text for line in reading.lines] == ["124,944.00", "36.35%", "124,944.00 36.35%"]


@pytest.mark.parametrize("shared", [True, False])
def test_letters_of_a_ligature_all_stay(shared: bool) -> None:
    """Equal ones, too, whether each has the ligature's box or its share of it."""
    boxes = [(100.0, 90.0, 120.0, 110.0)] * 2 if shared else [(100.0, 90.0, 110.0, 110.0), (110.0, 90.0, 120.0, 110.0)]
    pair = [Glyph("f", box, 20.0, pen=(100.0, 110.0), advance=10.0) for box in boxes]
    end = Glyph("e", (120.0, 95.0, 130.0, 110.0), 20.0, pen=(120.0, 110.0), advance=10.0)

    (line,) = lines_of(TextLayer(Glyphs.of([*pair, end]), 1000, 1400, 144.0)).lines

    assert (line.text, line.box) == ("ffe", (100.0, 90.0, 130.0, 110.0))


def test_text_from_the_right_is_read_from_the_right() -> None:
    """Drawn in the order of the paper; numbers and Latin words keep theirs."""
    pdf = Pdf()
    font = pdf.lying_font("Hebrew", dict(zip("abcdefg", "אבגדהוז", strict=True)))
    page = pdf.page()
    page.text(72, 700, "dcba", font=font)
    page.text(110, 700, "25")
    page.text(135, 700, "gfe", font=font)

    assert _texts(pdf) == ["הוז 25 אבגד"]


def test_unmapped_glyphs_show_and_lower_the_confidence() -> None:
    """Nothing is dropped in silence."""
    pdf = Pdf()
    font = pdf.lying_font("Private", {"a": "\ue123"})
    pdf.page().text(72, 700, "xaxx", font=font)

    reading = _reading(pdf)

    (line,) = reading.lines
    assert (line.text, line.confidence) == ("x\ufffdxx", 0.75)
    (warning,) = reading.warnings
    assert "U+FFFD" in warning
    assert "ocr=always" in warning


def test_a_page_without_glyphs_has_no_lines() -> None:
    """And keeps its size."""
    pdf = Pdf()
    pdf.page()

    assert _reading(pdf) == PageReading([], 1190, 1684, 0)
