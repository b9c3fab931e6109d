"""Tables ruled across only: lines above and below rows, none between columns."""

from __future__ import annotations

from function.page import Box, ReadLine
from function.reading.layout import arrange
from function.results.model import Block
from tests.typesetting import column, line, prose


def _rules(*ys: float, left: float = 100, right: float = 700) -> list[Box]:
    return [(left, y, right, y + 2) for y in ys]


def _blocks(lines: list[ReadLine], rulings: list[Box]) -> list[Block]:
    return arrange(lines, width=1000, height=1400, rulings=rulings)


def _row(texts: list[str], xs: list[float], y: float) -> list[ReadLine]:
    return [line(text, x, y) for text, x in zip(texts, xs, strict=True) if text]


def test_columns_close_to_each_other_between_three_lines_are_a_table() -> None:
    """Also where some of its cells were read as one line; text below it is none of its rows."""
    xs: list[float] = [110, 270, 380, 480]
    lines = [
        line("Method", 110, 206),
        line("Precision Recall", 270, 206, width=170),
        line("F1", 480, 206),
        *_row(["Baseline", "0.812", "0.790", "0.801"], xs, 236),
        line("Ours (small) 0.871", 110, 262, width=210),
        line("0.852 0.861", 380, 262, width=150),
        *_row(["Ours (large)", "0.903", "0.889", "0.896"], xs, 288),
        *column(prose(4), 100, 360),
    ]

    table, text = _blocks(lines, _rules(200, 231, 314, right=540))

    assert table.rows == [
        ["Method", "Precision", "Recall", "F1"],
        ["Baseline", "0.812", "0.790", "0.801"],
        ["Ours (small)", "0.871", "0.852", "0.861"],
        ["Ours (large)", "0.903", "0.889", "0.896"],
    ]
    assert text.type == "paragraph"


def test_what_stands_between_two_lines_of_a_table_ruled_between_its_rows_is_one_row() -> None:
    """However many lines its cells have; the head stands above the first of the lines."""
    xs: list[float] = [110, 300, 640]
    lines = [
        *_row(["Name", "Task", "Hours"], xs, 170),
        *_row(["Anna Berger", "Ordering of books, talks with", "38"], xs, 206),
        *_row(["", "publishers and booksellers", ""], xs, 232),
        *_row(["John Smith", "Desk", "20"], xs, 268),
        *_row(["Maria Lopez-", "Reading hours; visits of", "30"], xs, 304),
        *_row(["Hernandez", "school classes", ""], xs, 330),
        *_row(["Li Wei", "", "12"], xs, 366),
    ]

    (table,) = _blocks(lines, _rules(198, 260, 296, 358, 394))

    assert table.rows == [
        ["Name", "Task", "Hours"],
        ["Anna Berger", "Ordering of books, talks with publishers and booksellers", "38"],
        ["John Smith", "Desk", "20"],
        ["Maria Lopez-Hernandez", "Reading hours; visits of school classes", "30"],
        ["Li Wei", "", "12"],
    ]


def test_amounts_below_each_other_are_rows_although_a_label_stands_beside_them_all() -> None:
    """Numbers do not wrap."""
    xs: list[float] = [110, 300, 450, 600]
    lines = [*_row(["Set", "Size", "Seen", "Right"], xs, 206)]
    for at, label in enumerate(["Old", "New", "Both"]):
        lines += _row([label, "12", "9", "70.5"], xs, 242 + at * 66)
        lines += _row(["", "24", "17", "71.2"], xs, 268 + at * 66)

    (table,) = _blocks(lines, _rules(200, 232, 298, 364, 430))

    assert table.rows is not None
    assert [row[0] for row in table.rows] == ["Set", "Old", "", "New", "", "Both", ""]
    assert [row[3] for row in table.rows[1:]] == ["70.5", "71.2"] * 3


def test_a_head_over_several_columns_stays_whole() -> None:
    """It is not parted where the columns below it are."""
    xs: list[float] = [110, 300, 450, 600]
    lines = [
        line("Results of all three years", 300, 206),
        *_row(["Item", "2021", "2022", "2023"], xs, 236),
        *_row(["Books", "120", "131", "129"], xs, 270),
        *_row(["Films", "34", "33", "31"], xs, 300),
    ]

    (table,) = _blocks(lines, _rules(200, 262, 326))

    assert table.rows is not None
    assert table.rows[0][1:] == ["Results of all three years", "", ""]
    assert table.rows[1:3] == [["Item", "2021", "2022", "2023"], ["Books", "120", "131", "129"]]


def test_a_cell_halfway_between_two_rows_of_a_head_belongs_to_the_upper_one() -> None:
    """It spans both."""
    xs: list[float] = [110, 300, 450]
    lines = [
        *_row(["", "Spring", "Autumn"], xs, 206),
        line("Group", 110, 219),
        *_row(["", "Errors", "Errors"], xs, 232),
        *_row(["Adults", "31", "27"], xs, 270),
        *_row(["Seniors", "8", "11"], xs, 300),
    ]

    (table,) = _blocks(lines, _rules(200, 262, 326))

    assert table.rows == [
        ["Group", "Spring", "Autumn"],
        ["", "Errors", "Errors"],
        ["Adults", "31", "27"],
        ["Seniors", "8", "11"],
    ]


def test_lines_below_headlines_make_no_table_of_what_stands_between_them() -> None:
    """Although there are an entry and its years on either side of each."""
    lines = []
    for at, name in enumerate(["Experience", "Education", "Prizes", "Interests"]):
        y = 200 + at * 120
        lines += [line(name, 100, y, size=24)]
        lines += _row(["Librarian", "2019-2024"], [100, 600], y + 40) + _row(["Assistant", "2015"], [100, 600], y + 66)

    blocks = _blocks(lines, _rules(*(228 + at * 120 for at in range(4))))

    tables = [row[0] for block in blocks for row in block.rows or []]
    assert "Education" not in tables


def test_a_table_begins_with_the_head_above_its_only_line_and_ends_where_its_columns_do() -> None:
    """An invoice's address above it and its totals below it stand in other columns."""
    xs: list[float] = [100, 400, 480, 610]
    lines = [
        line("Number: 2024-117", 100, 140),
        line("Due: 13 June 2024", 100, 166),
        *_row(["Description", "Qty", "Unit price", "Amount"], xs, 196),
        *_row(["Consulting", "3", "900.00", "2,700.00"], xs, 228),
        *_row(["Travel", "1", "412.50", "412.50"], xs, 258),
        line("Subtotal: 3,112.50", 530, 296),
        line("Total: 3,703.88", 560, 322),
    ]

    above, table, *below = _blocks(lines, _rules(222))

    assert above.text.startswith("Number")
    assert table.rows is not None
    assert table.rows[0] == ["Description", "Qty", "Unit price", "Amount"]
    assert table.rows[2] == ["Travel", "1", "412.50", "412.50"]
    assert below[0].text.startswith("Subtotal")


def test_columns_of_a_newspaper_between_lines_are_no_table() -> None:
    """Three of them, whose lines are as short as those of cells."""
    lines = [
        entry for at, x in enumerate((100, 310, 520)) for y in (210, 410)
        for entry in column(prose(6, 19, seed=at + y), x, y)
    ]  # fmt: skip

    blocks = _blocks(lines, _rules(200, 400, 600))

    assert {block.type for block in blocks} == {"paragraph"}


def test_a_headline_between_two_tables_of_one_width_is_no_row_of_either() -> None:
    """There is more space around it than in a row; without it, one of a single cell is a row."""
    xs: list[float] = [110, 400, 600]
    upper = [*_row(["Item", "2022", "2023"], xs, 206), *_row(["Books", "120", "131"], xs, 240)]
    lower = [*_row(["Item", "2022", "2023"], xs, 382), *_row(["Films", "34", "33"], xs, 416)]
    rules = _rules(200, 233, 267, 376, 409, 443)

    apart = _blocks([*upper, line("Lent to children", 110, 310), *lower], rules)
    (joined,) = _blocks([*upper, line("Lent to children", 110, 272)], _rules(200, 233, 267, 300))

    assert [block.type for block in apart] == ["table", "paragraph", "table"]
    assert joined.rows is not None
    assert joined.rows[-1] == ["Lent to children", "", ""]


def test_a_first_row_of_several_lines_stands_above_the_first_line() -> None:
    """Its last line has no cells beside it."""
    xs: list[float] = [110, 300]
    lines = [
        *_row(["Opening", "Monday to Friday"], xs, 150),
        line("hours", 110, 176),
        *_row(["Address", "Mill Lane"], xs, 214),
        *_row(["Telephone", "01865 123456"], xs, 250),
        *_row(["Director", "Anna Berger"], xs, 286),
    ]

    (table,) = _blocks(lines, _rules(206, 242, 278, 314))

    assert table.rows is not None
    assert table.rows[0] == ["Opening hours", "Monday to Friday"]


def test_a_head_read_as_one_text_above_the_first_line_is_parted_and_a_sentence_there_is_none() -> None:
    """Its words are as many as the columns that it stands over."""
    xs: list[float] = [110, 330, 420, 520]
    rows = [["Books are found", "O", "O", "O"], ["Staff is friendly", "O", "O", "O"], ["Sundays", "O", "O", "O"]]
    lines = [entry for at, row in enumerate(rows) for entry in _row(row, xs, 206 + at * 36)]
    rules = _rules(198, 234, 270, 306)

    (table,) = _blocks([line("never seldom often", 320, 170, width=260), *lines], rules)
    sentence, other = _blocks([line("What visitors said when they were asked", 110, 170, width=470), *lines], rules)

    assert table.rows == [["", "never", "seldom", "often"], *rows]
    assert sentence.type == "paragraph"
    assert other.rows == rows


def test_cells_halfway_beside_a_cell_of_two_lines_are_its_row() -> None:
    """The text of a row stands in its middle."""
    xs: list[float] = [110, 300, 450]
    lines = [
        *_row(["Method", "Recall", "F1"], xs, 206),
        *_row(["Baseline", "0.790", "0.801"], xs, 240),
        line("Ours", 110, 270),
        *_row(["", "0.852", "0.861"], xs, 282),
        line("(small)", 110, 294),
    ]

    (table,) = _blocks(lines, _rules(200, 232, 320))

    assert table.rows is not None
    assert table.rows[1:] == [["Baseline", "0.790", "0.801"], ["Ours (small)", "0.852", "0.861"]]


def test_an_address_below_a_letterhead_of_three_texts_is_no_table() -> None:
    """Nothing stands below the second of them."""
    lines = [
        *_row(["Garden Shop", "Rose Lane 3", "Tel. 0316"], [100, 350, 600], 170),
        *_row(["Ms Miller", "Date: 3 March"], [100, 570], 210),
        *_row(["Oak Street 5", "Customer: 47"], [100, 570], 236),
        *column(prose(5, 58), 100, 300),
    ]

    blocks = _blocks(lines, _rules(198))

    assert [block.type for block in blocks if block.rows and block.rows[0][0] == "Garden Shop"] == []


def test_text_and_columns_of_text_between_lines_are_no_table() -> None:
    """A page's own lines, or those of headings, stand above each other, too."""
    beside = [*column(prose(10, 28), 100, 210), *column(prose(10, 28, seed=1), 420, 210)]
    below = [*column(prose(10, 28, seed=2), 100, 510), *column(prose(10, 28, seed=3), 420, 510)]
    entries = [
        *_row(["Librarian, City Library", "2019-2023"], [100, 600], 910),
        *column(prose(3, 58, seed=4), 100, 940),
        *_row(["Assistant, Museum", "2015-2019"], [100, 600], 1050),
        *column(prose(3, 58, seed=5), 100, 1080),
    ]

    blocks = _blocks([*beside, *below, *entries], _rules(200, 500, 800, 900, 1040, 1180))

    assert [block.type for block in blocks if block.type == "table"] == []


def test_a_head_without_a_line_of_its_own_stands_above_rows_that_all_have_one() -> None:
    """As one on dark ground; it parts the columns of amounts that no row has both of."""
    xs: list[float] = [110, 220, 400, 500, 600]
    lines = [
        *_row(["Date", "Description", "Paid out", "Paid in", "Balance"], xs, 170),
        *_row(["01 Nov", "Balance forward", "", "", "1,204.55"], xs, 202),
        *_row(["02 Nov", "Bristol Water", "34.20", "", "1,170.35"], xs, 236),
        *_row(["12 Nov", "From J Finch", "", "250.00", "1,420.35"], xs, 270),
        *_row(["19 Nov", "Cash", "60.00", "", "1,360.35"], xs, 304),
    ]

    (table,) = _blocks(lines, _rules(228, 262, 296, 330))

    assert table.rows == [
        ["Date", "Description", "Paid out", "Paid in", "Balance"],
        ["01 Nov", "Balance forward", "", "", "1,204.55"],
        ["02 Nov", "Bristol Water", "34.20", "", "1,170.35"],
        ["12 Nov", "From J Finch", "", "250.00", "1,420.35"],
        ["19 Nov", "Cash", "60.00", "", "1,360.35"],
    ]


def test_a_table_with_lines_around_its_head_alone_ends_where_its_columns_do() -> None:
    """Heads may be narrower than the cells below them, and boxes of what was read are nearly as wide as the columns."""
    cells = [["Scheduling", "0.4", "0.5", "1.1"], ["Importing", "3.2", "3.1", "3.3"], ["Loading", "0.9", "1.4", "2.8"]]
    lines = [
        *_row(["Phase", "A", "B", "C"], [112, 230, 286, 342], 206),
        *(line(row[0], 100, 236 + 26 * at, width=108) for at, row in enumerate(cells)),
        *(
            line(text, 216 + 56 * n, 236 + 26 * at, width=48)
            for at, row in enumerate(cells)
            for n, text in enumerate(row[1:])
        ),
        line("Table 1: Median seconds by phase and cluster.", 60, 320),
        *column(prose(4), 60, 372),
    ]

    table, caption, _ = _blocks(lines, _rules(200, 230, left=96, right=372))

    assert table.rows == [["Phase", "A", "B", "C"], *cells]
    assert caption.text.startswith("Table 1")


def test_sums_between_two_lines_are_rows_of_their_own() -> None:
    """Where all rows above them are ruled off, too: nobody may add a payment to the charges."""
    xs: list[float] = [110, 220, 420, 510, 600]
    cells = [
        ["Date", "Service", "Code", "Days", "Amount"],
        ["3 March", "Room for one", "R01", "2", "4,200.00"],
        ["4 March", "Surgery", "S14", "1", "15,000.00"],
        ["5 March", "Drugs", "D07", "3", "1,038.25"],
        ["", "Total charges", "", "", "20,238.25"],
        ["", "Insurance payment", "", "", "-17,902.51"],
        ["", "Amount due", "", "", "2,335.74"],
    ]
    heights = [206, 240, 274, 308, 342, 368, 402]
    lines = [entry for row, y in zip(cells, heights, strict=True) for entry in _row(row, xs, y)]

    (table,) = _blocks(lines, _rules(200, 234, 268, 302, 336, 396, 430))

    assert table.rows == cells
