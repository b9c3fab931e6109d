"""The parts of the PaddleOCR-VL engine that need none of its libraries."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from function.engines.paddle_vl.convert import convert
from function.engines.paddle_vl.models import find_models, fingerprint
from function.engines.paddle_vl.recycling import Recycled, resident_bytes
from function.engines.paddle_vl.reins import CUT, fitting
from function.engines.paddle_vl.server import Occupancy
from function.engines.paddle_vl.tiles import MOST_TILES, joined, tiles_of
from function.errors import EngineFailed, TooManyPixels
from function.page import PageReading
from function.results.markdown import page_markdown
from function.results.model import Block, Image


@dataclass
class Found:
    """As paddlex gives a block."""

    label: str
    bbox: Sequence[float]
    content: str = ""


PAGE = np.random.default_rng(1).integers(0, 255, (300, 200, 3)).astype(np.uint8)


def _one(label: str, content: str = "") -> tuple[Block, PageReading]:
    reading = convert([Found(label, [10, 20, 60, 80], content)], PAGE, number=4)
    assert reading.blocks is not None
    return reading.blocks[0], reading


@pytest.mark.parametrize(
    ("label", "content", "kind", "text", "markdown"),
    [
        ("doc_title", "# A *title*", "title", "A *title*", "# A \\*title\\*"),
        ("paragraph_title", "1.2 Method", "heading", "1.2 Method", "## 1.2 Method"),
        ("text", "Let $ x_1 $ be <b>.", "paragraph", "Let $ x_1 $ be <b>.", "Let $x_1$ be \\<b>."),
        ("display_formula", " $$ a < b $$ ", "formula", "a < b", "$$\na \\lt b\n$$"),
        ("algorithm", "for x:\n  y", "code", "for x:\n  y", "```\nfor x:\n  y\n```"),
        ("footnote", "1) see", "footnote", "1) see", "1\\) see"),
        ("figure_title", "Figure 1", "caption", "Figure 1", "Figure 1"),
        ("number", "12", "page_number", "12", "12"),
        ("something_new", "kept", "paragraph", "kept", "kept"),
    ],
)
def test_every_label_becomes_a_block(label: str, content: str, kind: str, text: str, markdown: str) -> None:
    """Also one that a later layout model invents: its text is never lost, and the label stands beside it."""
    block, _ = _one(label, content)

    assert (block.type, block.text, block.label) == (kind, text, label)
    assert page_markdown([block]) == markdown


def test_figures_are_cut_out_of_the_page() -> None:
    """As JPEGs of the box's size, named by page and kind; Markdown shows them."""
    block, reading = _one("image")

    (image,) = reading.images
    assert block.image == image.name == "page-4-figure-1.jpg"
    assert cv2.imdecode(np.frombuffer(image.data, np.uint8), cv2.IMREAD_COLOR).shape == (60, 50, 3)
    assert page_markdown([block]) == "![figure](page-4-figure-1.jpg)"


def test_seals_keep_picture_and_text() -> None:
    """Where they were read."""
    block, _ = _one("seal", "ACME Ltd")

    assert page_markdown([block]) == "![seal](page-4-seal-1.jpg)\n\nACME Ltd"


def test_a_chart_that_was_read_is_a_table() -> None:
    """Its numbers in rows, its picture beside."""
    block, _ = _one("chart", "Year | Sales\n2023 | 5\n2024 | 7")

    assert block.rows == [["Year", "Sales"], ["2023", "5"], ["2024", "7"]]
    assert page_markdown([block]).endswith("| Year | Sales |\n| --- | --- |\n| 2023 | 5 |\n| 2024 | 7 |")


def test_plain_tables_are_rows_and_spanning_ones_html() -> None:
    """Markdown has no spans; HTML within Markdown has, on one line."""
    plain, _ = _one("table", "<table><tr><td>a</td><td>b</td></tr></table>")
    wide, _ = _one("table", "<table><tr><td colspan=2>a</td></tr>\n\n<tr><td>b</td><td>c</td></tr></table>")

    assert plain.rows == [["a", "b"]]
    assert wide.rows is None
    assert wide.text == "a\t\nb\tc"
    assert page_markdown([wide]) == ('<table><tr><td colspan="2">a</td></tr><tr><td>b</td><td>c</td></tr></table>')


def test_pictures_inside_of_tables_are_cut_out() -> None:
    """Paddlex names them by their corners; others are left out."""
    source = '<table><tr><td><img src="imgs/img_in_image_box_5_5_50_60.jpg"><img src="http://x.example/y.jpg"></td></tr></table>'
    block, reading = _one("table", source)

    assert [image.name for image in reading.images] == ["page-4-table-figure-1.jpg"]
    assert block.html == '<table><tr><td><img src="page-4-table-figure-1.jpg" alt=""></td></tr></table>'


def test_a_cut_block_is_told_and_the_mark_is_gone() -> None:
    """One warning a page, however many blocks."""
    reading = convert(
        [Found("text", [0, 0, 9, 9], CUT + "begun"), Found("table", [0, 9, 9, 18], f"<table><tr><td>{CUT}a</td></tr>")],
        PAGE,
    )

    assert [block.text for block in reading.blocks or []] == ["begun", "a"]
    assert len(reading.warnings) == 1
    assert "2 of 2 blocks (paragraph, table)" in reading.warnings[0]


def test_a_servers_seconds_are_shared_by_what_is_there_at_the_same_time() -> None:
    """Two blocks at once cost half as much each; all together cost the time in which there was anything."""
    now = 0.0
    occupancy = Occupancy(lambda: now)
    first = occupancy.begin()
    now = 2.0
    second = occupancy.begin()
    now = 6.0
    its_first = occupancy.end(first)
    now = 7.0
    its_second = occupancy.end(second)
    now = 100.0  # nothing is there
    third = occupancy.begin()
    now = 101.0

    assert (its_first, its_second, occupancy.end(third)) == (4.0, 3.0, 1.0)


def test_confidence_is_the_layouts() -> None:
    """The language model tells none."""
    boxes = [{"coordinate": [9.7, 20.2, 60.4, 79.9], "score": 0.75}]

    reading = convert([Found("text", [10, 20, 60, 80], "x"), Found("text", [0, 0, 5, 5], "y")], PAGE, boxes=boxes)

    assert [block.confidence for block in reading.blocks or []] == [0.75, 1.0]


@pytest.mark.parametrize("shape", [(1, 4000), (4000, 1), (10, 2500), (30, 40)])
def test_blocks_fit_what_the_processors_take(shape: tuple[int, int]) -> None:
    """A white margin along a line that is 200 times longer than high; others are left alone."""
    block = np.zeros((*shape, 3), np.uint8)

    height, width = fitting(block).shape[:2]

    assert max(height, width) < 200 * min(height, width)
    assert (fitting(block) is block) == (shape == (30, 40))


def test_long_pages_are_cut_where_nothing_stands() -> None:
    """Never through the lines of text, here every 50 pixels."""
    page = np.full((3000, 200, 3), 255, np.uint8)
    for top in range(0, 3000, 50):
        page[top : top + 30] = np.arange(200, dtype=np.uint8)[None, :, None]

    tiles = tiles_of(page)

    assert len(tiles) > 5
    assert np.array_equal(np.concatenate([tile.pixels for tile in tiles]), page)
    assert all(tile.top % 50 >= 30 for tile in tiles[1:])
    wide = tiles_of(np.rot90(page))
    assert np.array_equal(np.concatenate([tile.pixels for tile in wide], axis=1), np.rot90(page))


def test_a_page_of_absurd_length_is_refused_by_name() -> None:
    """Instead of taking an hour of a GPU."""
    with pytest.raises(TooManyPixels, match="64 × "):
        tiles_of(np.zeros((64 * 2 * MOST_TILES + 1000, 64, 3), np.uint8))


def test_tiles_readings_are_joined_in_the_pages_own_pixels() -> None:
    """Blocks move down, images keep apart, warnings are kept."""
    page = np.zeros((1000, 100, 3), np.uint8)
    tiles = tiles_of(page)
    block = Block("figure", [1.0, 2.0, 3.0, 4.0], "", 1.0, [], image="i.jpg")
    part = PageReading([], 100, 10, blocks=[block], images=[Image("i.jpg", "image/jpeg", b"x")], warnings=["w"])

    whole = joined(page, [(tile, part) for tile in tiles])

    assert [found.bbox[1] for found in whole.blocks or []] == [tile.top + 2.0 for tile in tiles]
    names = [image.name for image in whole.images]
    assert names == [found.image for found in whole.blocks or []]
    assert len(set(names)) == len(tiles)
    assert whole.warnings.count("w") == len(tiles)


class Thing:
    """Something that is used by threads and closed once, by nobody who still uses it."""

    def __init__(self) -> None:
        self.users, self.closed = 0, False

    def close(self) -> None:
        """Ends it."""
        assert not self.users
        self.closed = True


def test_what_grew_old_is_built_anew_when_nobody_uses_it() -> None:
    """Eight threads, three uses each life: nobody fails, nobody meets a closed one."""
    things: list[Thing] = []

    def build() -> Thing:
        things.append(Thing())
        return things[-1]

    recycled = Recycled(build, pages=3, growth=0)
    met = threading.Barrier(8)

    def use(_: int) -> None:
        met.wait(30)
        for _ in range(10):
            with recycled.using(1) as thing:
                thing.users += 1
                assert not thing.closed
                thing.users -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(8)))

    assert len(things) >= 80 // (3 + 8)
    assert sum(not thing.closed for thing in things) == 1


def test_growth_counts_from_what_a_rebuild_left() -> None:
    """Memory that never comes back makes not every page begin with a load."""
    memory = [100]
    recycled = Recycled(Thing, pages=0, growth=50, resident=lambda: memory[0])
    recycled.load()

    for size in (140, 160, 190, 205, 215):
        memory[0] = size
        with recycled.using(1):
            pass

    assert recycled.built == 3


def test_a_failed_build_is_tried_again_by_the_next() -> None:
    """It is raised to whoever came first."""
    outcomes: list[Exception | Thing] = [EngineFailed("no"), Thing()]

    def build() -> Thing:
        found = outcomes.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    recycled = Recycled(build, pages=0, growth=0)

    with pytest.raises(EngineFailed):
        recycled.load()
    recycled.load()
    assert recycled.built == 1


def test_memory_is_told_in_bytes() -> None:
    """A Python with numpy takes tens of megabytes, never terabytes."""
    assert 20 << 20 < resident_bytes() < 1 << 40


def _weights(place: Path) -> Path:
    for name in ("PP-DocLayoutV3/inference.json", "PP-DocLayoutV3/inference.pdiparams", "PP-DocLayoutV3/inference.yml"):
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text(name)
    return place


def test_a_server_needs_the_layout_model_alone(tmp_path: Path) -> None:
    """Paddle's where ONNX's is not there; and asked for by name, it must be there."""
    found = find_models(str(_weights(tmp_path)), "v1.6", backend="vllm-server")

    assert (found.layout_by, found.language) == ("paddle", None)
    with pytest.raises(EngineFailed, match=r"PP-DocLayoutV3_onnx/inference\.yml"):
        find_models(str(tmp_path), "v1.6", backend="vllm-server", layout="onnxruntime")
    with pytest.raises(EngineFailed, match=r"PaddleOCR-VL-1\.6/"):
        find_models(str(tmp_path), "v1.6", backend="native")
    with pytest.raises(EngineFailed, match="OCR_WEIGHTS"):
        find_models("", "v1.6", backend="native")


def test_other_weights_have_another_fingerprint(tmp_path: Path) -> None:
    """Also where nobody knows their hashes, and whether beginning or end changed."""
    found = find_models(str(_weights(tmp_path)), "v1.6", backend="vllm-server")
    before = fingerprint(found)
    fingerprint.cache_clear()

    (tmp_path / "PP-DocLayoutV3/inference.pdiparams").write_text("PP-DocLayoutV3/inference.pdiparamS")

    assert fingerprint(found) != before
    fingerprint.cache_clear()
