"""PDFs as pages: drawn whole, capped, one at a time."""

from __future__ import annotations

import numpy as np
import pytest

from function.documents.canvas import pixels_of
from function.documents.memory import anonymous_bytes
from function.documents.pool import Pool
from function.errors import BadRequest, Corrupt, Encrypted, TooLarge, TooManyPages
from tests.documents import making
from tests.documents.conftest import LIMITS, Opened
from tests.documents.watching import child_of

SQUARE = b"0 0 100 100 re f"  # points, from the bottom left


def test_a_page_is_drawn_at_the_dpi_asked_for(opened: Opened) -> None:
    """612 × 792 points at 144 dpi are 1224 × 1584 pixels; origin at the bottom left becomes one at the top left."""
    document = opened(making.pdf([b"1 0 0 rg " + SQUARE]))

    page = document.draw(1, 144)

    assert (document.media_type, document.pages) == ("application/pdf", 1)
    assert (page.number, page.width, page.height, page.dpi) == (1, 1224, 1584, 144)
    assert page.pixels[-50, 50].tolist() == [0, 0, 255]
    assert page.pixels[50, 50].tolist() == [255, 255, 255]


def test_grey_has_one_channel(opened: Opened) -> None:
    """Colours become their brightness."""
    page = opened(making.pdf([b"0 1 0 rg " + SQUARE])).draw(1, 72, grey=True)

    assert page.pixels.shape == (792, 612, 1)
    assert 100 < page.pixels[-50, 50, 0] < 250
    assert page.pixels[50, 50, 0] == 255


@pytest.mark.parametrize("grey", [False, True])
def test_a_part_is_what_the_whole_page_shows_there(opened: Opened, grey: bool) -> None:
    """Pixel by pixel, on a turned page, too; parts beyond the edges end there, and none is empty."""
    document = opened(making.pdf([b"0 0 1 rg " + SQUARE + b" 1 0 0 rg 300 400 90 40 re f"], page=b"/Rotate 90"))
    whole = document.draw(1, 100, grey=grey).pixels
    height, width = whole.shape[:2]

    for part in [(0.1, 0.05, 0.6, 0.62), (-0.2, -0.1, 0.15, 2.0), (0.5, 0.5, 0.5, 0.5), (1.5, 1.5, 2.0, 2.0)]:
        left, top, right, bottom = pixels_of(part, width, height)
        drawn = document.draw(1, 100, grey=grey, part=part).pixels
        assert drawn.size > 0
        assert np.array_equal(drawn, whole[top:bottom, left:right])


def test_pages_come_in_any_order(opened: Opened) -> None:
    """Each time the page that was asked for, whatever was drawn before."""
    contents = [b"%g g " % (number / 10) + SQUARE for number in range(10)]
    document = opened(making.pdf(contents))

    seen = {number: int(document.draw(number, 36).pixels[-20, 20, 0]) for number in (10, 1, 5, 5, 2, 9)}

    assert seen == {number: pytest.approx(25.5 * (number - 1), abs=2) for number in seen}


def test_turned_pages_stand_upright(opened: Opened) -> None:
    """/Rotate 90: what was at the bottom left is at the top left."""
    page = opened(making.pdf([SQUARE], page=b"/Rotate 90")).draw(1, 72)

    assert (page.width, page.height) == (792, 612)
    assert page.pixels[50, 50].max() == 0


def test_annotations_are_drawn(opened: Opened) -> None:
    """A stamp is part of what a reader sees."""
    stamp = making.stream(b"0 0 200 200 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 200 200]")
    note = b"<</Type/Annot/Subtype/Stamp/Rect[0 0 200 200]/F 4/AP<</N 6 0 R>>>>"
    document = opened(making.pdf(page=b"/Annots[5 0 R]", more=[note, stamp]))

    assert document.draw(1, 72).pixels[-50, 50].max() == 0


def test_form_fields_are_drawn(opened: Opened) -> None:
    """What somebody filled in is what the form is about."""
    look = making.stream(b"0 0 200 200 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 200 200]")
    field = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(x)/Rect[0 0 200 200]/F 4/AP<</N 6 0 R>>>>"
    document = opened(making.pdf(page=b"/Annots[5 0 R]", catalogue=b"/AcroForm<</Fields[5 0 R]>>", more=[field, look]))

    assert document.draw(1, 72).pixels[-50, 50].max() == 0


@pytest.mark.parametrize(("flags", "told"), [(4, "Ada"), (2, ""), (32, "")], ids=["seen", "hidden", "for print alone"])
def test_what_is_filled_in_is_part_of_the_text(opened: Opened, flags: int, told: str) -> None:
    """A name in a form is too short to be missed, and its page too good to be read by an engine; boxes from parents."""
    font = b"/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
    look = making.stream(b"BT /F 24 Tf 9 9 Td (Ada) Tj ET", b"/Type/XObject/Subtype/Form/BBox[0 0 200 50]" + font)
    field = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(Ada)/Rect[80 600 280 650]/F %d/AP<</N 6 0 R>>>>" % flags
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R]>>>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 700 900]%s>>" % font,
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Annots[5 0 R]/Rotate 90>>",
        making.stream(b"BT /F 24 Tf 72 700 Td (Name) Tj ET"),
    ]
    document = opened(making.objects([*bodies, field, look]))

    layer, page = document.text_layer(1, 72), document.draw(1, 72)

    seen = "".join(glyph.char for glyph in layer.glyphs if not glyph.generated and glyph.char.strip())
    assert sorted(seen) == sorted("Name" + told)
    assert (layer.width, layer.height) == (page.width, page.height) == (900, 700)


def test_scripts_and_actions_change_nothing(opened: Opened) -> None:
    """A document with an OpenAction is drawn like any other."""
    action = b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\); while\\(true\\){})>>/AA<</WC<</S/Launch/F(/bin/sh)>>>>"

    assert opened(making.pdf([SQUARE], catalogue=action)).draw(1, 72).pixels[-50, 50].max() == 0


def test_an_empty_user_password_opens(opened: Opened) -> None:
    """As every viewer does it."""
    page = opened(making.locked_pdf(b"")).draw(1, 72)

    assert (page.width, page.height) == (72, 72)


def test_another_password_is_a_refusal_with_a_remedy(opened: Opened) -> None:
    """It says how to take the password off."""
    with pytest.raises(Encrypted) as caught:
        opened(making.locked_pdf(b"secret"))

    assert "qpdf --decrypt" in caught.value.remedy


def test_a_large_page_is_drawn_coarser_and_says_so(opened: Opened) -> None:
    """A 5 m poster does not fill the memory; 4,000,000 pixels are the cap here."""
    page = opened(making.pdf(size=(14400, 14400))).draw(1, 200)

    assert 3_900_000 <= page.width * page.height <= 4_000_000
    assert page.dpi == pytest.approx(72 * page.width / 14400, rel=0.001)


@pytest.mark.parametrize("size", [(14400.0, 1.0), (1.0, 14400.0), (0.01, 0.01), (3.0, 14000.0), (1e7, 1e7), (0.0, 0.0)])
def test_pages_of_absurd_sizes_are_drawn(opened: Opened, size: tuple[float, float]) -> None:
    """At least a pixel, at most the cap, whatever the shape."""
    page = opened(making.pdf([SQUARE], size=size)).draw(1, 1200)

    assert page.width >= 1
    assert page.height >= 1
    assert page.width * page.height <= LIMITS.max_pixels


@pytest.mark.parametrize("dpi", [72.0, 200.0, 1200.0])
@pytest.mark.parametrize("size", [(612.0, 792.0), (595.276, 841.89), (14400.0, 14399.0), (8400.5, 3.3)])
def test_the_text_layer_shares_the_grid_of_the_drawing(opened: Opened, size: tuple[float, float], dpi: float) -> None:
    """To the pixel, also where the cap lowered the dpi."""
    document = opened(making.pdf(size=size))

    page, layer = document.draw(1, dpi), document.text_layer(1, dpi)

    assert (layer.width, layer.height) == (page.width, page.height)
    assert layer.dpi == page.dpi


def test_the_text_layer_comes_across(opened: Opened) -> None:
    """Every character, in order."""
    font = b"/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
    document = opened(making.pdf([b"BT /F 24 Tf 72 700 Td (Hello) Tj ET"], page=font))

    layer = document.text_layer(1, 72)

    assert "".join(glyph.char for glyph in layer.glyphs if not glyph.generated) == "Hello"


def test_too_many_pages_are_refused_by_name(strict: Pool, opened: Opened) -> None:
    """With the number, the limit and its variable."""
    with pytest.raises(TooManyPages, match=r"4 pages; the limit is 3 \(OCR_MAX_PAGES\)"):
        opened(making.pdf([b""] * 4), pool=strict)


def test_a_pdf_without_pages_is_refused(opened: Opened) -> None:
    """Nothing to read is no empty answer; nor does pdfium's last complaint about another document count."""
    with pytest.raises(Encrypted):
        opened(making.locked_pdf(b"secret"))
    with pytest.raises(Corrupt):
        opened(making.pdf([]))


@pytest.mark.parametrize("data", [b"%PDF-1.7\n%%EOF", b"%PDF-", b"%PDF-1.4\n" + b"rubbish " * 500])
def test_a_wreck_is_refused(opened: Opened, data: bytes) -> None:
    """With the remedy of the class."""
    with pytest.raises(Corrupt, match="structure is damaged"):
        opened(data)


def test_a_missing_page_costs_only_itself(opened: Opened) -> None:
    """/Count may lie; the pages that exist are drawn."""
    document = opened(making.pdf([SQUARE]).replace(b"/Count 1", b"/Count 3"))

    assert document.pages == 3
    with pytest.raises(Corrupt, match="page 2 cannot be loaded"):
        document.draw(2, 72)
    assert document.draw(1, 72).pixels[-50, 50].max() == 0


def test_there_is_no_page_beyond_the_last(opened: Opened) -> None:
    """The caller's mistake, not the document's."""
    with pytest.raises(BadRequest, match="no page 2: the document has 1"):
        opened(making.pdf()).draw(2, 72)


def test_a_picture_without_room_in_memory_is_refused_by_name(strict: Pool, opened: Opened) -> None:
    """Pdfium would leave it out and say nothing: a blank page for a full one."""
    side = 46_000
    # JBIG2 (T.88, 7.2 and 7.4.8): one segment that says how large the page is, and nothing on it.
    segment = bytes(4) + b"\x30\0\x01" + (19).to_bytes(4, "big") + side.to_bytes(4, "big") * 2 + bytes(11)
    image = b"<</Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 1/ColorSpace/DeviceGray" % (side, side)
    image += b"/Filter/JBIG2Decode/Length %d>>stream\n%s\nendstream" % (len(segment), segment)
    page = b"/Resources<</XObject<</I 5 0 R>>>>"
    document = opened(making.pdf([b"612 0 0 792 0 0 cm /I Do"], page=page, more=[image]), pool=strict)

    with pytest.raises(TooLarge, match=r"268435456 bytes \(OCR_CHILD_BYTES\)"):
        document.draw(1, 72)


def test_memory_does_not_grow_with_the_pages(opened: Opened, pool: Pool) -> None:
    """Pdfium keeps 3 KB of each of 2,000 pages, and is made to forget them before that is much."""
    rng = np.random.default_rng(1)
    contents = [
        b" ".join(b"%d %d m %d %d l S" % tuple(points) for points in rng.integers(0, 600, (20, 4))) for _ in range(2000)
    ]
    document = opened(making.pdf(contents))
    child = child_of(document)

    marks = {}
    for number in range(1, 2001):
        document.draw(number, 20)
        if number in {50, 2000}:
            marks[number] = anonymous_bytes(child)

    assert marks[2000] - marks[50] < 24 << 20
