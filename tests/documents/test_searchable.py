"""Searchable PDFs: by qpdf they are sound, and pdftotext finds the words where they stand."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image

from function.documents.pool import Pool
from function.documents.sources import from_bytes
from function.page import turned_box
from function.reading.searchable import searchable_pdf
from function.results.model import Block, Cost, DocumentInfo, DocumentResult, EngineInfo, Line, PageResult
from tests.conftest import PAGES, missing
from tests.documents.making import locked_pdf
from tests.pdfs import Pdf

DPI = 100.0
#: A word, and x0, y0, x1, y1.
Word = tuple[str, tuple[float, ...]]


@pytest.fixture(autouse=True, scope="module")
def _tools() -> None:
    for tool, package in (("qpdf", "qpdf"), ("pdftotext", "poppler-utils")):
        if shutil.which(tool) is None:
            missing(tool, f"apt-get install {package}")


def found(pdf: bytes, tmp_path: Path) -> list[list[Word]]:
    """Each page's words and boxes in points, as poppler sees them, once qpdf has nothing to say against the file."""
    path = tmp_path / "made.pdf"
    path.write_bytes(pdf)
    checked = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    out = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, text=True, check=True).stdout
    word = re.compile(r'<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>')
    return [
        [(match[5], tuple(float(match[side]) for side in range(1, 5))) for match in word.finditer(page)]
        for page in out.split("<page ")[1:]
    ]


def page(
    lines: Sequence[Line], width: int, height: int, *, number: int = 1, rotation: int = 0, **how: Any
) -> PageResult:
    """A page that was read so."""
    blocks = [Block("paragraph", line.bbox, line.text, 0.9, [line]) for line in lines]
    given = {"dpi": DPI, "rung": "fast", "reason": "", "markdown": "", **how}
    return PageResult(number=number, width=width, height=height, rotation=rotation, blocks=blocks, **given)


def result(*pages: PageResult) -> DocumentResult:
    """A document that was read so."""
    return DocumentResult(
        DocumentInfo("a", "", "", len(pages)), EngineInfo("", "", ""), list(pages), "", {}, Cost(0, 0)
    )


def made(data: bytes, *pages: PageResult, pool: Pool) -> bytes:
    """The searchable PDF of a document."""
    with from_bytes(data) as source:
        return searchable_pdf(result(*pages), pool, source)


@pytest.fixture(scope="module")
def scan() -> Image.Image:
    """A printed page as a scanner gives it."""
    with pypdfium2.PdfDocument(PAGES / "english.pdf") as document:
        return document[0].render(scale=DPI / 72).to_pil().convert("L")


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> list[Word]:
    """The words that are on it, by its own text layer, in pixels of the upright scan."""
    [words] = found((PAGES / "english.pdf").read_bytes(), tmp_path_factory.mktemp("truth"))
    return [(text, tuple(side * DPI / 72 for side in box)) for text, box in words]


def lines_of(words: Sequence[Word]) -> list[Line]:
    """What an engine tells of them: a line's box and its text, and nothing of where words are."""
    rows: dict[float, list[Word]] = {}
    for word in words:
        rows.setdefault(word[1][1], []).append(word)
    boxes = [(" ".join(text for text, _ in row), np.array([box for _, box in row])) for row in rows.values()]
    return [Line([*box.min(0)[:2].tolist(), *box.max(0)[2:].tolist()], text, 0.9) for text, box in boxes]


def assert_in_place(words: Sequence[Word], expected: Sequence[Word], scale: float = 72 / DPI) -> None:
    """The same words, each within half a letter's height across and two along its line."""
    rest = list(words)
    for text, wanted in expected:
        target = [scale * (wanted[side] + wanted[side + 2]) / 2 for side in (0, 1)]
        same = [word for word in rest if word[0] == text]
        assert same, text
        nearest = min(same, key=lambda word: np.hypot(*off(word[1], target)))
        rest.remove(nearest)
        height = scale * min(wanted[2] - wanted[0], wanted[3] - wanted[1], 20.0)
        assert max(off(nearest[1], target)) < 2 * height, (text, nearest, target)
        assert min(off(nearest[1], target)) < height / 2, (text, nearest, target)
    assert rest == []


def off(box: Sequence[float], target: Sequence[float]) -> tuple[float, float]:
    """How far a box's centre is from where it should be, across and down."""
    return abs((box[0] + box[2]) / 2 - target[0]), abs((box[1] + box[3]) / 2 - target[1])


def turned(words: Sequence[Word], rotation: int, size: tuple[int, int]) -> list[Word]:
    """The words of an upright page as it lies when turned clockwise."""
    return [(text, turned_box(box, rotation, *size)) for text, box in words]


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_scanned_pdf_page_gets_its_words_however_it_is_turned(
    rotate: int, scan: Image.Image, truth: list[Word], pool: Pool, tmp_path: Path
) -> None:
    """The page's own turn is undone, the words stand over their picture, and the picture is as it was."""
    pdf = Pdf()
    sheet = pdf.page(size=(scan.width * 72 / DPI, scan.height * 72 / DPI), rotate=rotate)
    sheet.picture(np.asarray(scan), (0, 0, *sheet.size))
    data = pdf.build()

    written = made(data, page(lines_of(truth), *scan.size, rotation=-rotate % 360), pool=pool)
    [words] = found(written, tmp_path)

    assert_in_place(words, turned(truth, rotate, scan.size))
    assert np.array_equal(drawn(written), drawn(data))


def drawn(pdf: bytes, number: int = 0) -> np.ndarray:
    """A page's pixels."""
    with pypdfium2.PdfDocument(pdf) as document:
        return document[number].render(scale=0.5).to_numpy().copy()


def saved(image: Image.Image, kind: str, **how: Any) -> bytes:
    """A picture as a file that says how finely it was scanned."""
    out = io.BytesIO()
    image.save(out, kind, dpi=(DPI, DPI), **how)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_a_picture_becomes_a_page_of_its_size(
    kind: str, scan: Image.Image, truth: list[Word], pool: Pool, tmp_path: Path
) -> None:
    """Without loss: a JPEG's bytes are the very same, other pictures' pixels are."""
    data = saved(scan, kind)
    written = made(data, page(lines_of(truth), *scan.size), pool=pool)
    [words] = found(written, tmp_path)

    with pikepdf.open(io.BytesIO(written)) as pdf:
        [image] = pdf.pages[0].resources.XObject.values()
        assert [float(side) for side in pdf.pages[0].mediabox[2:]] == pytest.approx([side * 0.72 for side in scan.size])
        if kind == "JPEG":
            assert image.read_raw_bytes() == data
        else:
            assert np.array_equal(np.asarray(pikepdf.PdfImage(image).as_pil_image()), np.asarray(scan))
    assert_in_place(words, truth)


@pytest.mark.parametrize(("orientation", "turn"), [(3, 180), (6, 270), (8, 90)])
def test_a_photograph_stands_as_its_camera_says(
    orientation: int, turn: int, scan: Image.Image, truth: list[Word], pool: Pool, tmp_path: Path
) -> None:
    """EXIF's orientation turns the page, and a JPEG's bytes are kept all the same."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(scan.rotate(-turn, expand=True), "JPEG", exif=exif)
    written = made(data, page(lines_of(truth), *scan.size), pool=pool)
    [words] = found(written, tmp_path)
    upright = np.asarray(scan.resize((drawn(written).shape[1], drawn(written).shape[0]))).astype(int)

    assert_in_place(words, truth)
    assert np.abs(drawn(written)[:, :, 0].astype(int) - upright).mean() < 12


def test_a_picture_that_lies_on_its_side_stays_so(
    scan: Image.Image, truth: list[Word], pool: Pool, tmp_path: Path
) -> None:
    """Its words lie on their side, too."""
    written = made(
        saved(scan.rotate(-90, expand=True), "PNG"), page(lines_of(truth), *scan.size, rotation=270), pool=pool
    )
    [words] = found(written, tmp_path)

    assert_in_place(words, turned(truth, 90, scan.size))


def test_chinese_and_rare_characters_are_found_where_they_stand(pool: Pool, tmp_path: Path) -> None:
    """Whatever Unicode holds, also beyond its first 65,536 characters, and in columns from top to bottom."""
    lines = [
        Line([100, 100, 400, 150], "雨后的山谷𠮷", 0.9),
        Line([500, 100, 540, 400], "山谷里升起一层薄雾", 0.9, vertical=True),
    ]
    written = made(saved(Image.new("L", (600, 600), 255), "PNG"), page(lines, 600, 600), pool=pool)
    [words] = found(written, tmp_path)

    assert_in_place(words, [(line.text, tuple(line.bbox)) for line in lines])
    for line in lines:
        assert dict(words)[line.text] == pytest.approx([side * 0.72 for side in line.bbox], abs=2.0)


def test_a_skewed_line_keeps_its_slope(pool: Pool, tmp_path: Path) -> None:
    """By ten degrees: the first word stands high, the last one low."""
    line = Line([100, 100, 700, 240], "first second third fourth fifth sixth", 0.9, angle=10.0)
    written = made(saved(Image.new("L", (800, 400), 255), "PNG"), page([line], 800, 400), pool=pool)
    [words] = found(written, tmp_path)
    first, last = words[0][1], words[-1][1]

    assert [words[0][0], words[-1][0]] == ["first", "sixth"]
    assert first[1] < 115 * 0.72
    assert last[3] > 225 * 0.72
    assert ((last[1] + last[3]) - (first[1] + first[3])) / (
        (last[0] + last[2]) - (first[0] + first[2])
    ) == pytest.approx(np.tan(np.radians(10)), abs=0.02)


def test_every_page_of_many_gets_its_own_words(pool: Pool, tmp_path: Path) -> None:
    """Frames of a TIFF; one that was not asked for is a page without words."""
    blank = Image.new("1", (300, 200), 1)
    data = saved(blank, "TIFF", save_all=True, append_images=[blank, blank])
    pages = [page([Line([10, 10, 100, 40], f"word{number}", 0.9)], 300, 200, number=number) for number in (1, 3)]

    assert [[text for text, _ in words] for words in found(made(data, *pages, pool=pool), tmp_path)] == [
        ["word1"],
        [],
        ["word3"],
    ]


def test_a_page_with_its_own_text_stays_as_it_is(truth: list[Word], pool: Pool) -> None:
    """Byte for byte, whichever rung read it."""
    data = (PAGES / "english.pdf").read_bytes()
    size = (827, 1170)

    assert made(data, page(lines_of(truth), *size), pool=pool) == data
    assert made(data, page(lines_of(truth), *size, rung="text"), pool=pool) == data


def test_an_older_hidden_layer_makes_way(pool: Pool, tmp_path: Path) -> None:
    """Or every word would be found twice; what is visible stays."""
    pdf = Pdf()
    sheet = pdf.page(size=(600.0, 400.0))
    sheet.text(50, 300, "Wnter cones", mode=3)
    sheet.text(50, 200, "Visible")
    written = made(pdf.build(), page([Line([50, 88, 150, 103], "Winter comes", 0.9)], 600, 400, dpi=72.0), pool=pool)

    assert sorted(text for text, _ in found(written, tmp_path)[0]) == ["Visible", "Winter", "comes"]


def test_a_claim_of_pdf_a_goes_and_a_lock_without_password_stays(pool: Pool, tmp_path: Path) -> None:
    """Nothing here could prove the one; the other was somebody's wish."""
    word = page([Line([10, 10, 50, 30], "word", 0.9)], 72, 72, dpi=72.0)
    claiming = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(72, 72))
        with pdf.open_metadata() as metadata:
            metadata["pdfaid:part"], metadata["pdfaid:conformance"] = "2", "B"
            metadata["dc:title"] = "Kept"
        pdf.save(claiming)

    with pikepdf.open(io.BytesIO(made(claiming.getvalue(), word, pool=pool))) as pdf, pdf.open_metadata() as metadata:
        assert metadata.pdfa_status == ""
        assert metadata["dc:title"] == "Kept"
    with pikepdf.open(io.BytesIO(made(locked_pdf(b""), word, pool=pool))) as pdf:
        assert pdf.is_encrypted
