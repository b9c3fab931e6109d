"""A PDF page's own text comes out glyph by glyph, exactly where the drawn page shows it."""

from __future__ import annotations

import numpy as np
import pytest

from function.documents import text_layer
from function.page import Glyph, TextLayer
from tests.pdfs import Page, Pdf, opened

DPI = 144.0


def _layer(pdf: Pdf, number: int = 1) -> TextLayer:
    with opened(pdf.build()) as document:
        return document.text_layer(number, DPI)


def _letters(layer: TextLayer) -> list[Glyph]:
    return [glyph for glyph in layer.glyphs if not glyph.generated and glyph.char != " "]


def _text(layer: TextLayer) -> str:
    return "".join(glyph.char for glyph in _letters(layer))


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, (40, 100, 560, 800)])
def test_boxes_lie_on_the_ink_of_the_drawn_page(rotate: int, crop: tuple[float, float, float, float] | None) -> None:
    """However the page is turned or cropped, all ink lies in the boxes and every box holds ink."""
    pdf = Pdf()
    pdf.page(rotate=rotate, crop=crop).lines(["Grid and paper", "fit together"], size=20, step=60)
    with opened(pdf.build()) as document:
        page, layer = document.draw(1, DPI, grey=True), document.text_layer(1, DPI)

    assert (layer.width, layer.height) == (page.width, page.height)
    ink = page.pixels[:, :, 0] < 128
    for glyph in _letters(layer):
        x0, y0, x1, y1 = glyph.box
        spot = np.s_[int(y0) : int(y1) + 1, int(x0) : int(x1) + 1]
        assert ink[spot].any()
        ink[max(0, int(y0) - 1) : int(y1) + 2, max(0, int(x0) - 1) : int(x1) + 2] = False
    assert not ink.any()


def test_a_glyph_tells_its_size_its_advance_and_its_pen() -> None:
    """All in pixels of the grid asked for."""
    pdf = Pdf()
    pdf.page().text(100, 700, "AV", size=10, font="Courier")

    first, second = _letters(_layer(pdf))

    assert first.size == pytest.approx(20)
    assert first.pen == pytest.approx((200, (842 - 700) * 2), abs=0.5)
    assert first.advance == pytest.approx(12)
    assert second.pen[0] - first.pen[0] == pytest.approx(12, abs=0.1)


@pytest.mark.parametrize(
    ("turn", "angle"), [((1, 0, 0, 1), 0), ((0, 1, -1, 0), -90), ((0, -1, 1, 0), 90), ((0.866, 0.5, -0.5, 0.866), -30)]
)
def test_angles_are_degrees_clockwise(turn: tuple[float, ...], angle: float) -> None:
    """Text that climbs has a negative angle, since y grows downwards."""
    pdf = Pdf()
    pdf.page().text(300, 400, "climb", turn=turn)

    assert {round(glyph.angle) for glyph in _letters(_layer(pdf))} == {angle}


def test_a_turned_page_turns_its_text() -> None:
    """Angles are those of the page as it is seen."""
    pdf = Pdf()
    pdf.page(rotate=90).text(300, 400, "turned")

    assert {round(glyph.angle) for glyph in _letters(_layer(pdf))} == {90}


@pytest.mark.parametrize("how", [{"mode": 3}, {"mode": 7}, {"alpha": 0.0}])
def test_paint_that_nobody_sees_is_told(how: dict[str, float]) -> None:
    """Invisible text render modes and full transparency."""
    pdf = Pdf()
    page = pdf.page()
    page.text(72, 700, "seen")
    page.text(72, 600, "hidden", **how)  # type: ignore[arg-type]

    layer = _layer(pdf)

    assert "".join(glyph.char for glyph in _letters(layer) if glyph.visible) == "seen"
    assert _text(layer) == "seenhidden"


def _cover_with_rectangle(page: Page) -> None:
    page.rectangle(60, 590, 200, 40, grey=1)


def _cover_with_picture(page: Page) -> None:
    page.picture(np.full((4, 4, 3), 200, dtype=np.uint8), (60, 590, 260, 630))


def _cover_within_clip(page: Page) -> None:
    page.raw("q 0 0 300 700 re W n 0 0 595 842 re f Q")


@pytest.mark.parametrize("cover", [_cover_with_rectangle, _cover_with_picture, _cover_within_clip])
def test_what_is_painted_over_is_not_visible(cover: object) -> None:
    """A later picture or filled rectangle hides text; what is drawn still later is seen."""
    pdf = Pdf()
    page = pdf.page()
    page.text(72, 720, "above")
    page.text(72, 600, "below")
    cover(page)  # type: ignore[operator]
    page.text(72, 610, "upon", grey=0.5)

    visible = {glyph.char for glyph in _letters(_layer(pdf)) if glyph.visible}

    assert visible == set("above" + "upon")


def test_a_transparent_cover_hides_nothing() -> None:
    """Highlighters and shadows lie over text, and people read through them."""
    pdf = Pdf()
    page = pdf.page()
    page.text(72, 600, "below")
    page.raw(f"q /{pdf.transparency(0.4)} gs 1 0 0 rg 60 590 200 40 re f Q")

    assert all(glyph.visible for glyph in _layer(pdf).glyphs)


def test_glyphs_off_the_page_are_left_out() -> None:
    """Nobody sees them, and they have no place in the page's grid."""
    pdf = Pdf()
    page = pdf.page(crop=(0, 0, 595, 500))
    page.text(72, 400, "inside")
    page.text(72, 700, "outside")
    page.text(9000, 400, "far")

    assert _text(_layer(pdf)) == "inside"


def test_private_characters_are_not_mapped_and_known_bullets_are() -> None:
    """Private-use values mean something to their font only; office programs' bullets are well known."""
    pdf = Pdf()
    font = pdf.lying_font("Private", {"a": "\ue123", "b": "\uf0b7", "c": "c"})
    pdf.page().text(72, 700, "abc", font=font)

    private, bullet, letter = _letters(_layer(pdf))

    assert (private.mapped, bullet.mapped, letter.mapped) == (False, True, True)
    assert bullet.char == "•"


def test_bold_fonts_are_told_by_name() -> None:
    """For headings."""
    pdf = Pdf()
    pdf.page().text(72, 700, "b", font="Helvetica-Bold")
    pdf.page().text(72, 700, "p")

    assert [_letters(_layer(pdf, number))[0].bold for number in (1, 2)] == [True, False]


def test_the_lightness_of_the_paint_is_told() -> None:
    """White on white is found by it."""
    pdf = Pdf()
    pdf.page().text(72, 700, "w", grey=1)
    pdf.page().text(72, 700, "b")

    assert [_letters(_layer(pdf, number))[0].luma for number in (1, 2)] == [255, 0]


def test_a_page_of_too_many_glyphs_is_left_to_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hostile pages hold millions; the layer says that it was not taken out."""
    monkeypatch.setattr(text_layer, "MAX_GLYPHS", 10)
    pdf = Pdf()
    pdf.page().text(72, 700, "more than ten letters")

    layer = _layer(pdf)

    assert len(layer.glyphs) == 0
    assert "more than 10" in layer.problem


def test_a_page_without_text_has_no_glyphs() -> None:
    """And keeps its size."""
    pdf = Pdf()
    pdf.page((72, 144))

    layer = _layer(pdf)

    assert (len(layer.glyphs), layer.width, layer.height, layer.problem) == (0, 144, 288, "")
