"""What lines become: paragraphs, headings, lists, tables, headers and footers."""

from __future__ import annotations

import pytest

from function.page import ReadLine
from function.reading.layout import arrange
from function.results.model import Block
from tests.typesetting import column, line, prose


def _blocks(lines: list[ReadLine], **more: object) -> list[Block]:
    return arrange(lines, width=1000, height=1400, **more)  # type: ignore[arg-type]


def _kinds(blocks: list[Block]) -> list[str]:
    return [block.type for block in blocks]


def test_lines_of_a_paragraph_are_joined() -> None:
    """One block, its lines kept one by one."""
    texts = prose(6)

    (block,) = _blocks(column(texts, 60, 200))

    assert block.text == " ".join(texts)
    assert [entry.text for entry in block.lines] == texts


def test_space_between_lines_parts_paragraphs() -> None:
    """A wider step than usual begins a new one."""
    first, second = prose(5), prose(5, seed=9)

    blocks = _blocks([*column(first, 60, 200), *column(second, 60, 200 + 5 * 26 + 16)])

    assert [block.text for block in blocks] == [" ".join(first), " ".join(second)]


def test_an_indent_begins_a_paragraph() -> None:
    """So books do it, without any space between."""
    first, second = prose(5, end=""), prose(5, seed=9)
    lines = [*column(first, 60, 200), line(second[0], 90, 330), *column(second[1:], 60, 356)]

    assert [block.text for block in _blocks(lines)] == [" ".join(first), " ".join(second)]


def test_a_short_last_line_ends_a_paragraph() -> None:
    """Where there is neither space nor indent, a sentence that ends early does."""
    first = [*prose(4, end=""), "and so it ends."]
    second = [text.capitalize() for text in prose(4, seed=9)]

    assert [block.text for block in _blocks(column([*first, *second], 60, 200))] == [" ".join(first), " ".join(second)]


def test_lines_of_an_address_stay_lines() -> None:
    """Short lines that could have taken more were broken on purpose."""
    texts = ["Ada Lovelace", "12 St James's Square", "London", "England"]

    (block,) = _blocks(column(texts, 60, 200))

    assert block.text == "\n".join(texts)


@pytest.mark.parametrize(
    "texts",
    [
        ["Company: The Harbour Office", "Invoice number: INV-2024-001", "Date: 15 January 2024"],
        ["公司名称：灯塔贸易有限公司", "开户银行：港口银行中心支行"],
    ],
)
def test_labels_with_their_values_keep_their_lines(texts: list[str]) -> None:
    """However full the lines are, as in an invoice's head."""
    width = 20.0 if texts[0][0] > "z" else 10.0
    lines = [line(text, 60, 200 + 26 * at, width=width * len(text)) for at, text in enumerate(texts)]

    (block,) = _blocks(lines)

    assert block.text == "\n".join(texts)


def test_a_time_or_an_address_of_the_web_is_no_label() -> None:
    """What looks a little like labels runs on."""
    texts = ["Doors open at 10:30 for the market on the pier and", "https://example.org tells more about it all."]

    (block,) = _blocks(column(texts, 60, 200))

    assert block.text == " ".join(texts)


@pytest.mark.parametrize(
    ("above", "below", "joined"),
    [
        ("that was a remark-", "able day for all of us", "that was a remarkable day"),
        ("that was a remark\u00ad", "able day for all of us", "that was a remarkable day"),
        ("that was a remark\u2010", "able day for all of us", "that was a remarkable day"),
        ("words that are self-", "evident to all of us", "words that are self-evident to"),
        ("a truly state-of-the-", "art machine to behold", "a truly state-of-the-art machine"),
        ("old customs of Anglo-", "Saxon kings and queens", "old customs of Anglo-Saxon kings"),
        ("in the years of 2013-", "2014 and the next ones", "in the years of 2013-2014 and"),
        ("both the Haupt-", "und Nebensatz are there", "both the Haupt- und Nebensatz"),
        ("nothing was said —", "until the next morning", "nothing was said —until the"),
    ],
)
def test_hyphens_at_line_ends_are_mended_where_they_only_divide(above: str, below: str, joined: str) -> None:
    """A word taken apart is put together; a compound keeps its hyphen."""
    (block,) = _blocks([line(above, 60, 200, width=300), line(below, 60, 226, width=300)])

    assert block.text.startswith(joined)


def test_a_compound_written_out_elsewhere_keeps_its_hyphen() -> None:
    """The page's own words are the best evidence."""
    texts = ["the multi-track tape recorder is a multi-", "track device that we have known for years"]

    (block,) = _blocks(column(texts, 60, 200, width=420))

    assert "is a multi-track device" in block.text


def test_chinese_lines_are_joined_without_spaces_and_latin_words_keep_theirs() -> None:
    """Han meets Han without a space; where a Latin word meets Latin, one stays."""
    texts = ["这一段文字说明了系统的整体结构和主要", "功能，并且在第二行继续写下去直到 OCR", "engine 出现为止。"]

    (block,) = _blocks([line(text, 60, 200 + 30 * at, width=400) for at, text in enumerate(texts)])

    assert block.text == "这一段文字说明了系统的整体结构和主要功能，并且在第二行继续写下去直到 OCR engine 出现为止。"


def test_larger_lines_are_headings_and_the_largest_the_title() -> None:
    """Levels follow the size relative to the text."""
    lines = [
        line("The Title of It All", 60, 100, size=44),
        *column(prose(8), 60, 200),
        line("A Section", 60, 440, size=30),
        *column(prose(8, seed=5), 60, 500),
    ]

    blocks = _blocks(lines)

    assert [(block.type, block.level) for block in blocks if block.level] == [("title", 1), ("heading", 2)]
    assert _kinds(blocks) == ["title", "paragraph", "heading", "paragraph"]


def test_a_bold_line_by_itself_is_a_heading_but_bold_pages_have_none() -> None:
    """Weight tells only where most text is not bold."""

    def page(weight: bool) -> list[ReadLine]:
        text = column(prose(8), 60, 250, font_size=20.0, bold=weight)
        return [line("Materials", 60, 200, font_size=20.0, bold=True), *text]

    assert _kinds(_blocks(page(False))) == ["heading", "paragraph"]
    assert "heading" not in _kinds(_blocks(page(True)))


def test_a_short_line_close_above_running_text_is_a_headline() -> None:
    """Scans tell no weight; where it stands tells enough."""
    lines = [*column(prose(6), 60, 200), line("Recording a Sequence", 60, 380), *column(prose(6, seed=4), 60, 406)]

    assert _kinds(_blocks(lines)) == ["paragraph", "heading", "paragraph"]


@pytest.mark.parametrize(
    "markers", [("•", "•", "•"), ("1.", "2.", "3."), ("(a)", "(b)", "(c)"), ("一、", "二、", "三、")]
)
def test_items_of_a_list_become_one_list(markers: tuple[str, ...]) -> None:
    """One block, one item a line, further lines of an item joined to it."""
    lines = [
        line(f"{marker} something to be remembered by all of us who", 60, 200 + 60 * at)
        for at, marker in enumerate(markers)
    ]
    lines += [line("read it", 80, 226 + 60 * at) for at in range(3)]

    (block,) = _blocks(lines)

    assert block.type == "list"
    assert block.text.split("\n") == [
        f"{marker} something to be remembered by all of us who read it" for marker in markers
    ]


def test_text_that_stands_back_left_of_a_bullet_is_no_part_of_its_item() -> None:
    """As the next post in a life does, whose line could not have ended the item's."""
    texts = ["\u2022 Led the digitisation of photographs", "\u2022 Introduced a catalogue of all three universities"]

    blocks = _blocks([*column(texts, 100, 200), line("Librarian of the Technical University in Warsaw", 60, 252)])

    assert [(block.type, block.text.count("\n")) for block in blocks] == [("list", 1), ("paragraph", 0)]


def test_cells_that_line_up_are_a_table_with_its_empty_cells() -> None:
    """Three columns of short texts; what is missing stays empty in place."""
    names, amounts, states = (
        ["Item", "Nuts", "Bolts", "Nails"],
        ["Count", "120", None, "77"],
        ["State", "ok", "late", None],
    )
    lines = [
        line(text, x, 200 + 40 * at)
        for x, texts in ((60, names), (300, amounts), (500, states))
        for at, text in enumerate(texts)
        if text
    ]

    (block,) = _blocks(lines)

    assert block.rows == [["Item", "Count", "State"], ["Nuts", "120", "ok"], ["Bolts", "", "late"], ["Nails", "77", ""]]
    assert block.text.split("\n")[2] == "Bolts\t\tlate"


def _amounts(rows: int, y: float) -> list[ReadLine]:
    return [
        line(text, x, y + 38 * at)
        for at in range(rows)
        for x, text in ((60, f"Article number {at}"), (400, f"{at + 2}"), (470, f"{at}5.00"), (560, f"{at}75.00"))
    ]


def test_a_head_whose_words_stand_closer_than_the_cells_is_a_tables_first_row() -> None:
    """Although it was read as two pieces over four columns."""
    head = [line("Item", 60, 200), line("Qty Price Amount", 390, 200, width=230)]

    (block,) = _blocks([*head, *_amounts(4, 238)])

    assert block.rows is not None
    assert block.rows[:2] == [["Item", "Qty", "Price", "Amount"], ["Article number 0", "2", "05.00", "075.00"]]


def test_a_line_of_text_above_a_table_is_no_head() -> None:
    """However its blanks stand."""
    text = line("We charge you for our services as agreed upon in the spring", 60, 200)

    blocks = _blocks([text, *_amounts(4, 238)])

    assert _kinds(blocks) == ["paragraph", "table"]


def test_amounts_set_close_are_columns_of_their_own_and_heads_over_several_stand_in_the_first() -> None:
    """What divides columns is narrower than a space, and heads lie across it."""
    names = [text.title() for text in prose(20, 24, end="")]
    lines = [line("Measured before and after", 400, 200), line("All", 760, 200)]
    for at, name in enumerate(names):
        y = 226 + 26 * at
        lines += [line(name, 60, y), line(f"{at}.7", 760, y)]
        lines += [line(f"{1000 + at},{at:02}5E-0{at % 3}", x, y, width=138) for x in (400, 545)]

    (block,) = _blocks(lines)

    assert block.rows is not None
    assert block.rows[0] == ["", "Measured before and after", "", "All"]
    assert block.rows[4] == [names[3], "1003,035E-00", "1003,035E-00", "3.7"]


def test_a_cell_of_several_lines_is_one_although_its_lines_are_as_far_apart_as_rows() -> None:
    """Its lines break where the next word had no room; what names a group of rows leaves room."""
    names = ["Description", "Woollen", "Blankets of the very", "finest quality made by", "hand", "Postage to you"]
    amounts = {0: ("Count", "Price", "Sum"), 2: ("2", "45.00", "90.00"), 5: ("1", "5.00", "5.00")}
    lines = column(names, 60, 200)
    for at, row in amounts.items():
        lines += [line(text, x, 200 + 26 * at) for x, text in zip((400, 550, 700), row, strict=True)]

    (block,) = _blocks(lines)

    assert block.rows == [
        ["Description", "Count", "Price", "Sum"],
        ["Woollen", "", "", ""],
        ["Blankets of the very finest quality made by hand", "2", "45.00", "90.00"],
        ["Postage to you", "1", "5.00", "5.00"],
    ]


def test_prose_in_columns_is_no_table() -> None:
    """Not even three columns with every line level."""
    lines = [entry for at in range(3) for entry in column(prose(9, 26, seed=at), 60 + 310 * at, 200)]

    assert "table" not in _kinds(_blocks(lines))


def _box(x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
    return (x0, y0, x1, y1)


def test_drawn_cells_are_a_table_whatever_stands_in_them() -> None:
    """Several lines in a cell are one text; cells without a line between them are one."""
    rulings = [_box(50, y, 850, y + 2) for y in (190, 260, 400)] + [_box(x, 190, x + 2, 400) for x in (50, 450, 850)]
    lines = [
        line("Name", 60, 210),
        line("What it does", 460, 210),
        line("The reader", 60, 300),
        *column(["reads every line of the", "page from top to bot-", "tom"], 460, 270),
    ]

    (block,) = _blocks(lines, rulings=rulings)

    assert block.rows == [["Name", "What it does"], ["The reader", "reads every line of the page from top to bottom"]]


def test_cells_without_a_line_between_them_are_one() -> None:
    """A head over two columns stands in the first of them."""
    rulings = [_box(50, y, 850, y + 2) for y in (190, 260, 330, 400)] + [_box(x, 190, x + 2, 400) for x in (50, 850)]
    rulings.append(_box(450, 260, 452, 400))

    lines = [line("One head for both", 380, 210), line("left", 60, 280), line("right", 460, 280)]
    (block,) = _blocks([*lines, line("below", 60, 350)], rulings=rulings)

    assert block.rows == [["One head for both", ""], ["left", "right"], ["below", ""]]


def test_rules_around_newspaper_columns_make_no_table() -> None:
    """Long columns of prose between rules stay prose."""
    rulings = [_box(50, y, 950, y + 2) for y in (190, 700, 1210)] + [_box(500, 190, 502, 1210)]
    lines = [
        entry
        for at, x in enumerate((60, 520))
        for entry in (*column(prose(18, seed=at), x, 200), *column(prose(18, seed=at + 5), x, 710))
    ]

    assert "table" not in _kinds(_blocks(lines, rulings=rulings))


def test_headers_footers_and_page_numbers_are_told_apart() -> None:
    """They stand in the margins, away from the text, and keep their places in the order."""
    lines = [
        line("A Journal of Things", 60, 40),
        *column(prose(30), 60, 200),
        line("Volume 7", 60, 1340),
        line("- 12 -", 480, 1340),
    ]

    blocks = _blocks(lines)

    assert _kinds(blocks) == ["header", "paragraph", "footer", "page_number"]
    assert blocks[-1].text == "- 12 -"


def test_a_large_amount_stands_in_line_with_the_small_words_around_it() -> None:
    """As prices on posters do, although their boxes touch or overlap a little."""
    lines = [line("now only", 60, 230, size=16), line("5.8", 130, 200, size=60), line("each", 208, 228, size=18)]

    (block,) = _blocks(lines)

    assert block.lines[0].text == "now only 5.8 each"
