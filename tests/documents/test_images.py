"""Pictures of every kind and mode, as pages."""

from __future__ import annotations

import io
import zlib

import numpy as np
import pytest
from PIL import Image, ImageChops

from function.documents.pool import Pool
from function.errors import Corrupt, TooManyPages, TooManyPixels, UnsupportedType
from function.page import Pixels
from tests.documents import making
from tests.documents.conftest import Opened

BLACK, WHITE = (4, 4), (30, 50)  # (row, column) in making.picture()


def _looks_right(pixels: Pixels) -> bool:
    """A black square in the upper left corner of a white page."""
    return bool(
        pixels.dtype == np.uint8 and pixels.shape[2] == 3 and (pixels[BLACK] < 40).all() and (pixels[WHITE] > 215).all()
    )


@pytest.mark.parametrize(
    ("kind", "mode", "media_type", "options"),
    [
        ("PNG", "RGB", "image/png", {}),
        ("PNG", "1", "image/png", {}),
        ("PNG", "L", "image/png", {}),
        ("PNG", "LA", "image/png", {}),
        ("PNG", "P", "image/png", {}),
        ("PNG", "RGBA", "image/png", {}),
        ("PNG", "I;16", "image/png", {}),
        ("JPEG", "RGB", "image/jpeg", {}),
        ("JPEG", "L", "image/jpeg", {}),
        ("JPEG", "CMYK", "image/jpeg", {}),
        ("JPEG2000", "RGB", "image/jp2", {}),
        ("JPEG2000", "L", "image/jp2", {"no_jp2": True}),
        ("TIFF", "RGB", "image/tiff", {}),
        ("TIFF", "1", "image/tiff", {"compression": "group4"}),
        ("TIFF", "L", "image/tiff", {"compression": "tiff_lzw"}),
        ("TIFF", "CMYK", "image/tiff", {}),
        ("TIFF", "LAB", "image/tiff", {}),
        ("TIFF", "RGB", "image/tiff", {"compression": "jpeg"}),
        ("TIFF", "RGBA", "image/tiff", {"compression": "tiff_deflate"}),
        ("TIFF", "I;16", "image/tiff", {}),
        ("TIFF", "I", "image/tiff", {}),
        ("TIFF", "F", "image/tiff", {}),
        ("TIFF", "P", "image/tiff", {"big_tiff": True}),
        ("WEBP", "RGB", "image/webp", {"lossless": True}),
        ("WEBP", "RGBA", "image/webp", {}),
        ("BMP", "RGB", "image/bmp", {}),
        ("BMP", "1", "image/bmp", {}),
        ("BMP", "P", "image/bmp", {}),
        ("GIF", "P", "image/gif", {}),
        ("PPM", "RGB", "image/x-portable-anymap", {}),
        ("PPM", "1", "image/x-portable-anymap", {}),
        ("PPM", "I;16", "image/x-portable-anymap", {}),
    ],
)
def test_every_kind_and_mode_becomes_three_channels(
    opened: Opened, kind: str, mode: str, media_type: str, options: dict[str, object]
) -> None:
    """Black stays black and white stays white, whatever way a file says so."""
    picture = making.picture() if mode == "LAB" else making.picture(mode)
    if mode == "LAB":
        bands = [making.picture("L"), Image.new("L", picture.size, 128), Image.new("L", picture.size, 128)]
        picture = Image.merge("LAB", bands)
    document = opened(making.saved(picture, kind, **options))

    page = document.draw(1, 200)

    assert (document.media_type, document.pages, document.warnings) == (media_type, 1, [])
    assert (page.number, page.width, page.height) == (1, 60, 40)
    assert _looks_right(page.pixels)


def test_a_cmyk_jpeg_without_adobes_marker_is_not_turned_around(opened: Opened) -> None:
    """Adobe writes CMYK JPEGs inverted; without its marker 0 means no ink, as the format's own convention has it."""
    data = making.saved(ImageChops.invert(making.picture("CMYK")), "JPEG")
    marker = data.index(b"\xff\xee")
    length = int.from_bytes(data[marker + 2 : marker + 4], "big")

    assert _looks_right(opened(data[:marker] + data[marker + 2 + length :]).draw(1, 200).pixels)


def test_colours_come_as_blue_green_red(opened: Opened) -> None:
    """What OpenCV and the engines take."""
    document = opened(making.saved(Image.new("RGB", (8, 8), (255, 128, 0)), "PNG"))

    assert document.draw(1, 200).pixels[0, 0].tolist() == [0, 128, 255]


def test_grey_has_one_channel(opened: Opened) -> None:
    """For looking at ink, without the cost of colour."""
    page = opened(making.saved(making.picture(), "PNG")).draw(1, 200, grey=True)

    assert page.pixels.shape == (40, 60, 1)
    assert page.pixels[BLACK] == 0


@pytest.mark.parametrize("mode", ["LA", "RGBA", "P"])
def test_transparency_is_laid_on_white(opened: Opened, mode: str) -> None:
    """Black letters on a transparent ground are read as black on white."""
    if mode == "P":
        data = making.saved(Image.new("P", (8, 8), 0), "PNG", transparency=0)
    else:
        data = making.saved(Image.new("RGBA", (8, 8), (0, 0, 0, 0)).convert(mode), "PNG")

    assert (opened(data).draw(1, 200).pixels == 255).all()


@pytest.mark.parametrize(("ink", "paper"), [(255, 0), (0, 255)])
def test_light_ink_without_a_ground_is_laid_on_black(opened: Opened, ink: int, paper: int) -> None:
    """White letters on nothing were nothing on white."""
    layered = Image.new("LA", (60, 40), (ink, 0))
    layered.paste((ink, 255), (0, 0, 20, 20))

    page = opened(making.saved(layered, "PNG")).draw(1, 200)

    assert (page.pixels[BLACK] == ink).all()
    assert (page.pixels[-1, -1] == paper).all()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_picture_of_no_numbers_is_refused(opened: Opened, value: float) -> None:
    """It was read as a blank page."""
    with pytest.raises(Corrupt, match="no numbers"):
        opened(making.saved(Image.new("F", (8, 8), value), "TIFF")).draw(1, 200)


@pytest.mark.parametrize(("orientation", "corner"), [(3, (-1, -1)), (6, (0, -1)), (8, (-1, 0)), (2, (0, -1))])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_turns_the_picture_upright(opened: Opened, kind: str, orientation: int, corner: tuple[int, int]) -> None:
    """As every viewer shows it: the dark corner ends up where the orientation says."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    page = opened(making.saved(making.picture(), kind, exif=exif)).draw(1, 200)

    assert (page.width, page.height) == ((40, 60) if orientation in {6, 8} else (60, 40))
    assert page.pixels[corner].max() < 60
    assert page.pixels[0, 0].min() > 200


@pytest.mark.parametrize(("low", "high"), [(0, 65535), (0, 4095), (0, 1023), (30000, 33000)])
def test_deep_grey_is_scaled_to_its_range(opened: Opened, low: int, high: int) -> None:
    """A 12-bit scan in 16-bit samples is neither black nor clipped; faint writing is stretched."""
    pixels = np.linspace(low, high, 60 * 40).reshape(40, 60).astype(np.uint16)
    page = opened(making.saved(Image.fromarray(pixels), "PNG")).draw(1, 200)

    assert page.pixels.min() <= 2
    assert page.pixels.max() >= 253
    assert 115 <= page.pixels.mean() <= 140


def test_blank_deep_grey_stays_blank(opened: Opened) -> None:
    """The noise of blank paper is not made into writing."""
    noise = np.random.default_rng(1).integers(64000, 64200, (40, 60)).astype(np.uint16)
    page = opened(making.saved(Image.fromarray(noise), "TIFF")).draw(1, 200)

    assert page.pixels.min() > 240


def test_white_is_zero_in_deep_tiffs(opened: Opened) -> None:
    """PhotometricInterpretation 0 is heeded beyond 8 bits, too."""
    picture = making.picture("I;16").convert("I").point(lambda value: -1 * value + 65535).convert("I;16")
    data = making.saved(picture, "TIFF", tiffinfo={262: 0})
    if Image.open(io.BytesIO(data)).tag_v2[262] != 0:  # type: ignore[attr-defined]
        pytest.skip("this Pillow cannot write it")

    assert _looks_right(opened(data).draw(1, 200).pixels)


def test_every_frame_of_a_tiff_is_a_page(opened: Opened) -> None:
    """In order, each of its own size, in any order of asking."""
    frames = [making.picture("L", (30 + number, 40)) for number in range(5)]
    document = opened(making.saved(frames[0], "TIFF", save_all=True, append_images=frames[1:]))

    assert document.pages == 5
    assert [document.draw(number, 200).width for number in (5, 1, 3, 3, 2, 4)] == [34, 30, 32, 32, 31, 33]


def test_a_tiff_of_too_many_frames_is_refused(strict: Pool, opened: Opened) -> None:
    """By the same limit as a PDF's pages."""
    frame = Image.new("1", (1, 1))
    data = making.saved(frame, "TIFF", save_all=True, append_images=[frame] * 3)

    with pytest.raises(TooManyPages, match=r"more than 3 frames, the limit \(OCR_MAX_PAGES\)"):
        opened(data, pool=strict)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_picture_is_read_and_that_is_said(opened: Opened, kind: str) -> None:
    """Nothing is dropped in silence."""
    frames = [making.picture(), Image.new("RGB", (60, 40), "black")]
    document = opened(making.saved(frames[0], kind, save_all=True, append_images=frames[1:]))

    assert document.pages == 1
    assert "only the first was read" in document.warnings[0]
    assert _looks_right(document.draw(1, 200).pixels)


@pytest.mark.parametrize(("kind", "dpi", "told"), [
    ("PNG", 300, 300), ("JPEG", 150, 150), ("TIFF", 400, 400),
    ("PNG", None, None), ("PNG", 1, None), ("JPEG", 9000, None),
])  # fmt: skip
def test_the_resolution_is_told_where_it_can_be_believed(
    opened: Opened, kind: str, dpi: int | None, told: float | None
) -> None:
    """One dot an inch, as some writers leave behind, is no resolution."""
    options = {} if dpi is None else {"dpi": (dpi, dpi)}
    page = opened(making.saved(making.picture(), kind, **options)).draw(1, 72)

    assert page.dpi == (None if told is None else pytest.approx(told, abs=1))


def test_a_photograph_at_72_dpi_has_no_resolution(opened: Opened) -> None:
    """Cameras write 72 whatever they photograph: no paper is 1.4 m wide."""
    data = making.saved(Image.new("L", (3500, 100), 255), "JPEG", dpi=(72, 72))

    assert opened(data).draw(1, 200).dpi is None


def test_a_fax_gets_square_pixels(opened: Opened) -> None:
    """Faxes have 204 columns and 98 lines an inch: read as they are, letters are half as high as they should be."""
    page = opened(making.saved(making.picture("1"), "TIFF", dpi=(204, 98))).draw(1, 200)

    assert (page.width, page.height, page.dpi) == (60, 83, 204)


def test_too_many_pixels_are_refused_before_they_are_decoded(opened: Opened) -> None:
    """With the number, the limit and its variable."""
    data = making.saved(Image.new("1", (3000, 2000)), "PNG")

    with pytest.raises(TooManyPixels, match=r"3000 × 2000 = 6000000 pixels; the limit is 4000000 \(OCR_MAX_PIXELS\)"):
        opened(data)


@pytest.mark.parametrize("kind", ["WEBP", "GIF", "BMP", "JPEG2000"])
def test_pictures_far_too_large_are_refused_alike(opened: Opened, kind: str) -> None:
    """Also where Pillow itself would complain first."""
    data = making.saved(Image.new("L" if kind == "JPEG2000" else "P", (3000, 3000)).convert("L"), kind)

    with pytest.raises(TooManyPixels, match="OCR_MAX_PIXELS"):
        opened(data)


def test_one_large_frame_costs_only_itself(opened: Opened) -> None:
    """The other frames of the TIFF are still drawn."""
    frames = [making.picture("1"), Image.new("1", (3000, 2000)), making.picture("1")]
    document = opened(making.saved(frames[0], "TIFF", save_all=True, append_images=frames[1:]))

    with pytest.raises(TooManyPixels, match="page 2"):
        document.draw(2, 200)
    assert _looks_right(document.draw(3, 200).pixels)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_a_picture_that_ends_early_is_read_as_far_as_it_goes(opened: Opened, kind: str) -> None:
    """With a warning: better than nothing, but nobody must think it was whole."""
    noise = np.random.default_rng(1).integers(0, 255, (1000, 200), np.uint8)
    data = making.saved(Image.fromarray(noise), kind)
    if kind == "TIFF":  # its directory stands at the end
        data = making.saved(Image.fromarray(noise), kind, compression="tiff_lzw")
        data = data[:120_000] + bytes(10_000) + data[130_000:]
    else:
        data = data[: len(data) // 2]
    document = opened(data)

    page = document.draw(1, 200)

    assert page.pixels[:20].std() > 20
    assert page.is_damaged
    assert document.warnings == ["page 1 is damaged: a part of its picture may be missing"]


def test_a_picture_of_which_nothing_can_be_read_is_refused(opened: Opened) -> None:
    """A blank page would be a lie."""
    data = making.saved(making.picture(size=(300, 300)), "PNG")
    document = opened(data[:60])

    with pytest.raises(Corrupt, match="page 1"):
        document.draw(1, 200)


def test_a_broken_header_is_refused(opened: Opened) -> None:
    """Naming the kind that it pretends to be."""
    with pytest.raises(Corrupt, match="PNG"):
        opened(b"\x89PNG\r\n\x1a\n" + b"rubbish" * 20)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("type_", "sample_format"), [("i2", 2), ("i4", 2), ("f4", 3)])
def test_packed_deep_tiffs_are_read_in_either_order_of_bytes(
    opened: Opened, order: str, type_: str, sample_format: int
) -> None:
    """Big-endian ones were drawn as noise: their bytes were turned twice."""
    steps = np.asarray(making.picture("L")).astype(int) * (1 if type_ == "f4" else 128)
    grey = steps.astype(f"{order}{type_}")
    tags = {258: [grey.itemsize * 8], 259: [8], 262: [1], 277: [1], 339: [sample_format]}

    page = opened(making.tiff((60, 40), [zlib.compress(grey.tobytes())], tags, order)).draw(1, 200)

    assert (page.pixels[BLACK] == 0).all()
    assert (page.pixels[WHITE] > 100).all()
    assert len(np.unique(page.pixels)) == 2


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("mode", "photometric"), [("RGB", 2), ("CMYK", 5)])
def test_planes_of_sixteen_bits_are_read(opened: Opened, order: str, mode: str, photometric: int) -> None:
    """Planes that are not packed were taken for planes of 8 bits, and drawn as noise."""
    picture = making.picture(mode)
    planes = [(np.asarray(band).astype(f"{order}u2") * 257).tobytes() for band in picture.split()]
    count = len(planes)
    tags = {258: [16] * count, 259: [1], 262: [photometric], 277: [count], 284: [2]}

    assert _looks_right(opened(making.tiff((60, 40), planes, tags, order)).draw(1, 200).pixels)


def test_the_white_of_deep_jpeg_2000_stays_white(opened: Opened) -> None:
    """It became black, and a page without any other colour a black one."""
    page = opened(making.DEEP_JPEG2000).draw(1, 200)

    assert (page.pixels[:4] == 0).all()
    assert (page.pixels[4:] == 255).all()


def test_samples_that_are_not_read_are_refused_with_what_to_save_instead(opened: Opened) -> None:
    """Sound files were called damaged, to be got from their source again."""
    tags = {258: [64], 259: [1], 262: [1], 277: [1], 339: [3]}

    with pytest.raises(Corrupt, match="not read here") as refused:
        opened(making.tiff((2, 2), [bytes(32)], tags))
    assert "8 bits a channel" in refused.value.remedy


@pytest.mark.parametrize("data", [b"hello, world", b"PK\x03\x04" + bytes(100), b"<html>", b"%!PS-Adobe-3.0 EPSF-3.0"])
def test_other_kinds_are_refused(opened: Opened, data: bytes) -> None:
    """Whatever Pillow could do with them."""
    with pytest.raises(UnsupportedType):
        opened(data)


def test_an_empty_body_is_refused_in_words(opened: Opened) -> None:
    """The most common broken upload."""
    with pytest.raises(Corrupt, match="empty"):
        opened(b"")


def test_a_part_of_a_picture_is_cut_from_it(opened: Opened) -> None:
    """At the picture's own size, whatever the dpi."""
    document = opened(making.saved(making.picture(), "PNG"))
    whole = document.draw(1, 200).pixels

    part = document.draw(1, 200, part=(0.0, 0.0, 0.5, 0.25)).pixels

    height, width = whole.shape[:2]
    assert np.array_equal(part, whole[: -(-height // 4), : -(-width // 2)])


def test_an_image_has_no_text_of_its_own(opened: Opened) -> None:
    """So the ladder goes on to reading it."""
    assert opened(making.saved(making.picture(), "PNG")).text_layer(1, 200).glyphs.chars.tolist() == []
