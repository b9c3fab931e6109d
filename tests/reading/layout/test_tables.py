"""Tables without any ruled line: where they begin, and what stands in their cells."""

from __future__ import annotations

import pytest

from function.page import ReadLine
from function.reading.layout import arrange
from tests.typesetting import column, line


def _contents(titles: list[str], pages: list[str]) -> list[ReadLine]:
    rows = [
        (line(title, 100, 200 + at * 30), line(page, 860, 200 + at * 30))
        for at, title in enumerate(titles)
        for page in [pages[at]]
    ]
    return [entry for row in rows for entry in row]


TITLES = ["Preface ..", "1 The house", "1.1 The hall.", "2 The garden . .", "Index"]
PLAIN = ["Preface", "1 The house", "1.1 The hall", "2 The garden", "Index"]


def test_dots_that_lead_to_pages_are_no_text_of_a_table_of_contents() -> None:
    """An engine reads some of them, as the end of a title or the beginning of a number."""
    (table,) = arrange(_contents(TITLES, ["3", ".7", "9", "..22", "60"]), width=1000, height=1400)

    assert table.rows == [list(row) for row in zip(PLAIN, ["3", "7", "9", "22", "60"], strict=True)]


def test_dots_of_other_tables_stay() -> None:
    """Numbers that do not rise are no pages."""
    (table,) = arrange(_contents(TITLES, ["30", "7", "9", "2", "60"]), width=1000, height=1400)

    assert table.rows is not None
    assert [row[0] for row in table.rows] == TITLES


@pytest.mark.parametrize(("size", "known"), [(28.0, None), (24.0, 24.0)])
def test_a_larger_text_above_a_table_is_its_headline(size: float, known: float | None) -> None:
    """It stands close, and above the first column, as a cell would."""
    lines = _contents(PLAIN, ["3", "7", "9", "22", "60"])
    if known:
        lines = [ReadLine(entry.box, entry.text, entry.confidence, font_size=20.0) for entry in lines]
    title = ReadLine((100, 192 - size, 260, 192), "Contents", 0.9, font_size=known)

    blocks = arrange([title, *lines], width=1000, height=1400)

    assert blocks[0].text == "Contents"
    assert blocks[1].rows is not None
    assert blocks[1].rows[0] == ["Preface", "3"]


def test_a_text_above_a_table_in_wider_letters_is_its_headline() -> None:
    """A detector's boxes may be equally high; one in bold letters is a head of the first column."""
    for text, width, is_headline in [("Contents", 130, True), ("Contents", 92, False)]:
        lines = [line(text, 100, 170, width=width), *_contents(PLAIN, ["3", "7", "9", "22", "60"])]

        blocks = arrange(lines, width=1000, height=1400)

        assert (blocks[0].rows is None) == is_headline


def test_a_row_at_the_edge_of_the_page_stays_in_its_table() -> None:
    """It is as far from the next as a header from its text, but a ruled line stands beside both."""
    rows = [[f"{at}", f"{3 * at} mm"] for at in range(10)]
    lines = [line(text, x, 60 + 44 * at) for at, row in enumerate(rows) for text, x in zip(row, (70, 520), strict=True)]
    rulings = [(50.0, 48.0 + 44 * at, 950.0, 50.0 + 44 * at) for at in range(11)]
    rulings += [(x, 48.0, x + 2, 490.0) for x in (50.0, 500.0, 948.0)]

    [table] = arrange(lines, width=1000, height=1400, rulings=rulings)

    assert table.rows == rows


#: Texts of cells, and where the columns begin.
ROWS = [
    ["Item", "Price", "Total"],
    ["Chair", "45.00", "180.00"],
    ["Lamp", "19.50", "39.00"],
    ["Desk", "60.00", "60.00"],
]
COLUMNS = [100, 500, 700]


def _rows(columns: list[int]) -> list[ReadLine]:
    return [line(text, x, 200 + 34 * at) for at, row in enumerate(ROWS) for text, x in zip(row, columns, strict=True)]


@pytest.mark.parametrize(
    "note",
    [
        "Please pay the full amount within a fortnight.",
        "All prices are in pounds.",
        "The house pays for what is sent back.",
    ],
)
def test_a_sentence_below_a_table_is_no_row(note: str) -> None:
    """Whether or not it lies across the columns, it stands further from the rows than they do from each other."""
    table, below = arrange([*_rows(COLUMNS), line(note, 100, 344)], width=1000, height=1400)

    assert (table.rows, below.text) == (ROWS, note)


def test_a_sentence_of_several_lines_below_a_table_is_no_row() -> None:
    """Also where all of its lines are short."""
    note = ["All of these prices are", "in pounds of last year."]

    table, below = arrange([*_rows(COLUMNS), *column(note, 100, 344)], width=1000, height=1400)

    assert (table.rows, below.text) == (ROWS, " ".join(note))


def test_a_long_text_in_the_last_row_stays_in_its_table() -> None:
    """It stands where the next row does, or is no sentence."""
    for text, y in [("Delivery to the front door.", 336), ("Sum carried forward to the next", 344)]:
        (table,) = arrange([*_rows(COLUMNS), line(text, 100, y)], width=1000, height=1400)

        assert table.rows == [*ROWS, [text, "", ""]]
