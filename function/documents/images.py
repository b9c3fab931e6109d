"""Images, through Pillow, inside a child; each frame of a TIFF is a page, of anything else only the first is read."""

from __future__ import annotations

import contextlib
import importlib
import re
from collections.abc import Sequence
from io import BufferedReader, FileIO
from typing import TYPE_CHECKING, BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

from function.documents import colour, decoding, deep_jpeg2000, tiff_tiles
from function.documents.base import Limits, PageWords
from function.documents.canvas import Canvas, Drawing, pixels_of
from function.documents.kinds import JPEG, JPEG2000, TIFF, WEBP, Kind
from function.documents.raw_layer import RawLayer
from function.documents.resolution import resolution, square
from function.errors import Corrupt, TooManyPages, TooManyPixels
from function.page import Box

if TYPE_CHECKING:
    import pikepdf

_PLUGINS = {
    "PNG": "PngImagePlugin",
    "JPEG": "JpegImagePlugin",
    "JPEG2000": "Jpeg2KImagePlugin",
    "TIFF": "TiffImagePlugin",
    "WEBP": "WebPImagePlugin",
    "BMP": "BmpImagePlugin",
    "GIF": "GifImagePlugin",
    "PPM": "PpmImagePlugin",
}
#: What lost something when it was written.
_LOSSY = (JPEG, JPEG2000, WEBP)
#: EXIF's tag, and its values for pictures that lie on their side.
_ORIENTATION, _SIDEWAYS = 0x0112, (6, 8)
#: Rows that are turned into BGR at a time, so that no second copy of a large picture is made.
_STRIP_ROWS = 256
_SAVING = (
    "Save it anew with 8 bits a channel, as PNG, say, and send that; where no viewer opens it, get it from its source"
    " again."
)


class ImageFile:
    """An open image file.

    Args:
        descriptor: of the file.
        kind: found from its content; no other of Pillow's readers is tried.
        limits: of the pool.

    Raises:
        Corrupt: Pillow cannot open it.
        TooManyPixels: the first frame is larger than `limits.max_pixels`; found before anything is decoded.
        TooManyPages: a TIFF with more frames than `limits.max_pages`.
    """

    def __init__(self, descriptor: int, kind: Kind, limits: Limits) -> None:
        self.media_type = kind.media_type
        self._kind, self._limits = kind, limits
        self._file = BufferedReader(FileIO(descriptor, closefd=False))
        self.warnings: list[str] = []
        self._image = self._opened()
        self._is_fresh = kind is not TIFF  # whose frames are about to be counted
        self._check_size(1, self._image)
        self.pages = self._counted()

    def draw(self, number: int, dpi: float, *, grey: bool, part: Box | None) -> Drawing:
        """Decode a frame, upright as its EXIF says, transparency on white; only then is a part cut out."""
        page, found, warnings = self._page(number)
        if part is not None:
            page = page.crop(pixels_of(part, *page.size))
        return Drawing(_painted(page, grey=grey), found, warnings)

    def text_layer(self, number: int, dpi: float) -> RawLayer:
        """Nothing."""
        return RawLayer(dpi=dpi)

    def searchable(self, pages: Sequence[PageWords], out: BinaryIO) -> None:
        """Write every frame as a page, with these words."""
        import pikepdf

        from function.documents.searchable import SearchablePdf

        said = {words.number: words for words in pages}
        with pikepdf.new() as pdf:
            writer = SearchablePdf(pdf)
            for number in range(1, self.pages + 1):
                width, height = self._added_to(pdf, number)
                if number in said:
                    across, down = said[number].drawn
                    writer.add(pdf.pages[-1], said[number], (width / across, 0.0, 0.0, -height / down, 0.0, height))
            writer.write(out)

    def close(self) -> None:
        """Give the memory back."""
        self._image.close()
        self._file.close()

    def _opened(self) -> Image.Image:
        importlib.import_module(f"PIL.{_PLUGINS[self._kind.name]}")
        # Ours is the check that counts; Pillow's, at twice this, is for readers that allocate while they open.
        Image.MAX_IMAGE_PIXELS = self._limits.max_pixels
        trouble = ""
        for lenient in (False, True):  # strictly first: only then is it known that something is missing
            try:
                with decoding.lenient(lenient):
                    return Image.open(self._file, formats=(self._kind.name,))
            except Image.DecompressionBombError as problem:
                raise self._too_many(_first_number(str(problem))) from problem
            except (UnidentifiedImageError, UnicodeError):  # a codec's own words tell nobody what to do
                trouble = "its header is damaged, or it keeps its pixels in a way that is not read here"
            except decoding.DAMAGE as problem:
                trouble = str(problem)
        raise Corrupt(f"the {self._kind.name} image cannot be opened: {trouble}", remedy=_SAVING)

    def _page(self, number: int) -> tuple[Image.Image, float | None, list[str]]:
        """A frame as a page in mode L or RGB, its dots per inch, and what is wrong with it."""
        warnings: list[str] = []
        image = self._frame(number)
        self._check_size(number, image)
        if not decoding.load(image):
            image = self._salvaged(number)
            warnings.append(f"page {number} is damaged: a part of its picture may be missing")
        elif self._kind is JPEG2000 and deep_jpeg2000.is_deep(image, self._file):
            image = deep_jpeg2000.drawn(image, self._file)
        found = resolution(image)
        _turn_upright(image)
        return square(colour.plain(image), image, self._limits.max_pixels), found, warnings

    def _added_to(self, pdf: pikepdf.Pdf, number: int) -> tuple[float, float]:
        """Add a frame to a PDF as a page; its size in points."""
        from function.documents import image_pages

        image = self._frame(number)
        bilevel, orientation = image.mode == "1", image.getexif().get(_ORIENTATION, 1)
        if self._kind is JPEG and image.mode in {"L", "RGB"} and orientation in image_pages.UPRIGHT:
            stored, turned = image.size, orientation in _SIDEWAYS
            self._file.seek(0)
            picture = image_pages.as_it_is(pdf, self._file.read(), stored, image.mode)
            size = stored[::-1] if turned else stored
            return image_pages.add_page(pdf, picture, size, resolution(image), orientation)
        page, dpi, _ = self._page(number)
        if bilevel and page.size == image.size:
            page = page.convert("1", dither=Image.Dither.NONE)
        picture = image_pages.encoded(pdf, page, lossy=self._kind in _LOSSY)
        return image_pages.add_page(pdf, picture, page.size, dpi)

    def _frame(self, number: int) -> Image.Image:
        """The frame, its pixels not decoded yet; a single picture is opened anew, which frees the one before."""
        if self.pages == 1:
            if not self._is_fresh:
                self._image = self._opened()
            self._is_fresh = False
        else:
            self._image.seek(number - 1)
        tiff_tiles.mend(self._image)
        return self._image

    def _salvaged(self, number: int) -> Image.Image:
        self._image = self._opened()
        image = self._frame(number)
        decoding.load_partly(image, number)
        return image

    def _check_size(self, number: int, image: Image.Image) -> None:
        width, height = image.size
        if width * height > self._limits.max_pixels:
            raise self._too_many(width * height, f"page {number} has {width} × {height} = ")

    def _too_many(self, pixels: int, start: str = "the image has ") -> TooManyPixels:
        return TooManyPixels(
            f"{start}{pixels} pixels; the limit is {self._limits.max_pixels} (OCR_MAX_PIXELS)",
            remedy="Scale it down, or raise OCR_MAX_PIXELS and OCR_CHILD_BYTES.",
        )

    def _counted(self) -> int:
        if self._kind is not TIFF:
            if getattr(self._image, "is_animated", False):
                self.warnings.append(f"this {self._image.format} holds several pictures; only the first was read")
            return 1
        return self._count_frames()

    def _count_frames(self) -> int:
        frames, most = 1, self._limits.max_pages
        try:
            while frames <= most:
                self._image.seek(frames)
                frames += 1
        except EOFError:
            pass
        except Exception as problem:  # noqa: BLE001 - whatever Pillow stumbles over, the frames before it stand
            self.warnings.append(
                f"what follows page {frames} is damaged, or of a kind that is not read; it was left out"
                f" ({type(problem).__name__})"
            )
        if frames > most:
            raise TooManyPages(
                f"the TIFF has more than {most} frames, the limit (OCR_MAX_PAGES)",
                remedy="Split it into smaller documents, or raise OCR_MAX_PAGES.",
            )
        self._image.seek(0)
        return frames


def _turn_upright(image: Image.Image) -> None:
    """As EXIF says; Pillow has done so already for TIFF."""
    # EXIF is a playground of broken writers; without it the picture still stands.
    with contextlib.suppress(*decoding.DAMAGE):
        ImageOps.exif_transpose(image, in_place=True)


def _painted(image: Image.Image, *, grey: bool) -> Canvas:
    # Pillow's convert copies even where there is nothing to convert.
    if grey and image.mode != "L":
        image = image.convert("L")
    canvas = Canvas(*image.size, 1 if grey else 3)
    for top in range(0, image.height, _STRIP_ROWS):
        strip = image.crop((0, top, image.width, min(top + _STRIP_ROWS, image.height)))
        if not grey and strip.mode != "RGB":
            strip = strip.convert("RGB")
        canvas.write_rows(top, strip.tobytes() if grey else strip.tobytes("raw", "BGR"))
    return canvas


def _first_number(text: str) -> int:
    match = re.search(r"\d+", text)
    return int(match[0]) if match else 0
