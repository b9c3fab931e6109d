"""Reading order: columns, headlines over them, sidebars, islands, tables across, scripts of every direction."""

from __future__ import annotations

from function.page import ReadLine
from function.reading.layout import arrange
from function.results.text import page_text
from tests.typesetting import column, line, prose


def _read(lines: list[ReadLine], **more: object) -> str:
    return " ".join(page_text(arrange(lines, width=1000, height=1400, **more)).split())  # type: ignore[arg-type]


#: Where the columns of an invoice begin.
_COLUMNS = (60, 450, 600, 800)


def _joined(*texts: str | list[str]) -> str:
    return " ".join(" ".join([text] if isinstance(text, str) else text) for text in texts)


def test_two_columns_are_read_one_after_the_other() -> None:
    """Even where their lines stand exactly level."""
    left, right = prose(20), prose(20, seed=11)

    assert _read([*column(left, 60, 200), *column(right, 540, 200)]) == _joined(left, right)


def test_columns_whose_lines_do_not_stand_level_are_read_one_after_the_other() -> None:
    """Half a line's offset makes no difference."""
    left, right = prose(20), prose(18, seed=11)

    assert _read([*column(left, 60, 200), *column(right, 540, 213)]) == _joined(left, right)


def test_a_headline_over_columns_comes_first_and_a_full_line_below_comes_last() -> None:
    """What is as wide as the page parts the columns above it from those below."""
    parts = [prose(10, seed=seed) for seed in range(4)]
    lines = [
        line("One headline as wide as all of the columns below it", 60, 100, size=34),
        *column(parts[0], 60, 200),
        *column(parts[1], 540, 200),
        line("Another headline as wide as the columns below it here", 60, 500, size=34),
        *column(parts[2], 60, 580),
        *column(parts[3], 540, 580),
    ]

    assert _read(lines) == _joined(
        "One headline as wide as all of the columns below it",
        parts[0],
        parts[1],
        "Another headline as wide as the columns below it here",
        parts[2],
        parts[3],
    )


def test_a_title_between_the_columns_edges_comes_before_them() -> None:
    """A short centred title stands over the gap without touching either column's middle."""
    left, right = prose(12), prose(12, seed=7)
    lines = [line("Contents", 440, 100, size=40, width=110), *column(left, 60, 200), *column(right, 540, 200)]

    assert _read(lines) == _joined("Contents", left, right)


def test_columns_keep_their_first_lines_where_these_stand_at_heights_of_their_own() -> None:
    """Below a centred title one column begins with the other's last line, then a heading; the other with its own."""
    left, right = prose(12), prose(11, seed=7)
    lines = [
        line("A Market on the Pier", 300, 100, size=40, width=400),
        line("moves into the boat hall.", 540, 176),
        line("First things", 60, 204, size=24, width=150),
        line("Other things", 540, 232, size=24, width=150),
        *column(left, 60, 254, step=28),
        *column(right, 540, 282, step=28),
    ]

    assert _read(lines) == _joined(
        "A Market on the Pier First things", left, "moves into the boat hall. Other things", right
    )


def test_a_title_over_the_middle_of_three_columns_comes_first() -> None:
    """It crosses no gap, and the columns are too short to be running text."""
    parts = [["boat boat.", "Lead morning press", "Saturday bread", "bus."]]
    parts += [[text[:18].strip() for text in prose(rows, seed=seed)] for rows, seed in ((3, 5), (4, 8))]
    lines = [
        line("Thanks", 400, 100, size=40, width=200),
        line("By the harbour office", 380, 160, width=240),
        *column(parts[0], 60, 214),
        *column(parts[1], 400, 240),
        *column(parts[2], 740, 240),
    ]

    assert _read(lines) == _joined("Thanks By the harbour office", *parts)


def test_a_sidebar_is_read_by_itself() -> None:
    """A narrow column beside a wide one with a headline of its own is not cut by that headline."""
    side, upper, lower = prose(22, 18, seed=4), prose(10, 50), prose(10, 50, seed=13)
    lines = [
        *column(side, 60, 200),
        *column(upper, 320, 205),
        line("A headline in the wide column", 320, 490, size=30),
        *column(lower, 320, 550),
    ]

    assert _read(lines) == _joined(side, upper, "A headline in the wide column", lower)


def test_an_island_between_columns_does_not_tear_them_apart() -> None:
    """A pulled quote over the gap is read after the two columns that flow around it."""
    left = [*prose(8, 40), *(text[:24] for text in prose(6, 24)), *prose(8, 40, seed=3)]
    right = [*prose(8, 40, seed=5), *(text[:24] for text in prose(6, 24, seed=8)), *prose(8, 40, seed=9)]
    rights = [line(text, 540 if not 8 <= at < 14 else 700, 200 + 26 * at) for at, text in enumerate(right)]
    island = column(["a quote that all", "of us should read", "more than once"], 400, 200 + 26 * 9 + 12, step=30)

    text = _read([*column(left, 60, 200), *rights, *island])

    assert text == _joined(left, right, ["a quote that all", "of us should read", "more than once"])


def test_prices_stay_with_their_items() -> None:
    """Two aligned columns of which one holds amounts are read across."""
    items = ["Bread", "Butter", "Two pounds of apples", "Milk"]
    prices = ["2.50", "3.10", "4.00", "1.20"]

    text = _read([*column(items, 60, 200), *column(prices, 700, 200)])

    assert text == "Bread 2.50 Butter 3.10 Two pounds of apples 4.00 Milk 1.20"


def test_bullets_and_numbers_apart_from_their_text_are_no_column() -> None:
    """A detector that boxes markers by themselves does not move them away."""
    texts = ["first of the items", "second of the items", "third of the items"]

    assert _read([*column(["1.", "2.", "3."], 60, 200), *column(texts, 110, 200)]) == (
        "1. first of the items 2. second of the items 3. third of the items"
    )


def test_two_addresses_side_by_side_are_read_one_after_the_other() -> None:
    """Even blocks of short lines, far apart, are columns although their lines stand level."""
    sender = ["Acme Tools Ltd", "12 Mill Lane", "Bath BA1 2AB", "United Kingdom"]
    receiver = ["Jane M. Doe", "4 Rue du Bac", "75007 Paris FR", "French Republic"]

    assert _read([*column(sender, 60, 200), *column(receiver, 600, 200)]) == _joined(sender, receiver)


def test_what_stands_below_two_addresses_is_read_after_both() -> None:
    """A letter's date and its subject stand on the left, but are no part of the sender's address."""
    sender = ["Acme Tools Ltd", "12 Mill Lane", "Bath BA1 2AB"]
    receiver = ["Jane M. Doe", "4 Rue du Bac", "75007 Paris FR"]
    below = ["Paris, 3 March 2024", "Your order of 1 March"]
    text = prose(4, 80)

    lines = [
        *column(sender, 60, 200),
        *column(receiver, 600, 200),
        *column(below, 60, 310, step=60),
        *column(text, 60, 430),
    ]

    assert _read(lines) == _joined(sender, receiver, below, text)


def test_what_stands_below_two_columns_of_text_is_read_after_both() -> None:
    """Short lines after more empty paper than there is between paragraphs."""
    left, right = prose(8, 40), prose(8, 40, seed=9)
    below = ["Decisions", "Open on Sundays.", "Buy new lamps."]

    lines = [*column(left, 60, 200), *column(right, 540, 200), *column(below, 60, 450)]

    assert _read(lines) == _joined(left, right, below)


def test_a_left_column_that_is_longer_is_read_to_its_end() -> None:
    """Its last paragraphs are as far from each other as those before."""
    first, second, third = prose(5, 40), prose(4, 40, seed=7), prose(2, 40, seed=3)
    right = prose(6, 40, seed=9)

    lines = [
        *column(first, 60, 200), *column(second, 60, 350), *column(third, 60, 474), *column(right, 540, 200),
    ]  # fmt: skip

    assert _read(lines) == _joined(first, second, third, right)


def test_a_sidebar_is_no_column_of_labels() -> None:
    """Its short texts begin in the middle of the paragraphs beside them, level with lines that go on."""
    side = ["Contact", "jane@example.org", "London", "Skills", "Python", "Knative", "Languages", "English"]
    head, end = ["Jane Doe", "Engineer", "Work", "Acme Corp"], ["Initech", "since 2015", "Education", "Leeds"]
    main = [*head, *prose(4, 44), *end]

    lines = [*column(side, 60, 200), *column(main, 400, 200)]

    assert _read(lines) == _joined(side, main)


def test_a_letterhead_on_the_right_is_read_before_what_stands_below_it() -> None:
    """Nothing stands beside anything, so there are no columns."""
    head = ["Acme Tools Ltd", "12 Mill Lane", "Bath BA1 2AB"]
    receiver = ["Jane M. Doe", "4 Rue du Bac", "75007 Paris FR"]

    lines = [*column(head, 600, 100), *column(receiver, 60, 220), line("Bath, 3 March 2024", 600, 330)]

    assert _read(lines) == _joined(head, receiver, "Bath, 3 March 2024")


def test_labels_in_the_middle_of_their_cells_are_no_sidebar() -> None:
    """Each stands beside the second of three lines, and none of its kind is near."""
    names, texts = ["Batch", "Cold start", "Page", "Rung"], [prose(3, 40, seed=seed) for seed in range(4)]
    lines = [
        entry
        for at, (name, text) in enumerate(zip(names, texts, strict=True))
        for entry in (line(name, 60, 226 + 84 * at), *column(text, 400, 200 + 84 * at))
    ]

    read = _read(lines)

    places = [read.index(name) for name in names]
    assert places == sorted(places)
    assert all(read.index(texts[at][-1]) < place for at, place in enumerate(places[1:]))


def test_a_term_that_wraps_stays_whole_before_what_is_said_about_it() -> None:
    """Both the term and its text take more than one line."""
    terms, texts = [["Batch"], ["Cold", "start"], ["Page"]], [prose(3, 50, seed=seed) for seed in (1, 8, 15)]
    lines = [
        entry
        for at, (term, text) in enumerate(zip(terms, texts, strict=True))
        for entry in (*column(term, 60, 200 + 100 * at), *column(text, 250, 200 + 100 * at))
    ]

    blocks = [block.text for block in arrange(lines, width=1000, height=1400)]

    assert blocks == [" ".join([*term, *text]) for term, text in zip(terms, texts, strict=True)]


def test_labels_stay_with_their_values() -> None:
    """A form's labels are read with what stands beside them."""
    lines = [*column(["Name:", "Born:", "Lives in:"], 60, 200), *column(["Ada Byron", "1815", "London W1"], 300, 200)]

    assert _read(lines) == "Name: Ada Byron Born: 1815 Lives in: London W1"


def test_pages_in_arabic_are_read_from_the_right() -> None:
    """The right column comes first, and so does the right part of a line."""
    right = ["هذا هو السطر الأول من العمود الأيمن", "وهذا هو السطر الثاني منه", "وهذا هو السطر الثالث والأخير"] * 3
    left = ["وهنا يبدأ العمود الأيسر بعد ذلك كله", "وهذا هو السطر الثاني من العمود", "وتنتهي الصفحة بعد هذا السطر"] * 3
    lines = [*column(left, 60, 200, width=400), *column(right, 540, 200, width=400)]
    parted = [line("نهاية", 60, 100, width=60), line("بداية", 140, 100, width=60)]

    assert _read(lines) == _joined(right, left)
    assert _read(parted) == "بداية نهاية"


def test_vertical_writing_is_read_from_the_right_column_to_the_left() -> None:
    """Japanese set in columns: the rightmost first, one text without spaces."""
    texts = ["吾輩は猫である名前はまだ無い", "どこで生れたかとんと見当がつ", "かぬ。"]
    lines = [
        ReadLine((800 - 60 * at, 100, 830 - 60 * at, 100 + 30 * len(text)), text, 0.9, vertical=True)
        for at, text in enumerate(texts)
    ]

    (block,) = arrange(lines, width=1000, height=1400)

    assert block.text == "".join(texts)


def test_a_note_in_the_margin_set_sideways_comes_last() -> None:
    """A line at a right angle to the page does not get into its text."""
    text = prose(10)
    note = ReadLine((20, 200, 44, 700), "Downloaded from somewhere on some day", 0.9, angle=90.0)

    assert _read([note, *column(text, 60, 200)]) == _joined(text, "Downloaded from somewhere on some day")


def test_cards_in_a_grid_are_read_row_by_row() -> None:
    """Wide empty paper across all columns parts them."""
    cards = [prose(4, 36, seed=seed) for seed in range(4)]
    at = [(60, 200), (540, 200), (60, 480), (540, 480)]

    assert _read([entry for card, (x, y) in zip(cards, at, strict=True) for entry in column(card, x, y)]) == _joined(
        *cards
    )


def test_group_headings_stay_with_the_rows_of_their_table() -> None:
    """A first column that says something on some rows only is no column of text, nor is the next, for its amounts."""
    groups = {0: "Parts for the oldest mills", 4: "Parts for newer mills", 7: "Tools for all of them", 8: "Spare parts"}
    names = prose(10, 36, end="")
    lines = [
        entry
        for at, name in enumerate(names)
        for entry in (
            *([line(groups[at], 60, 200 + 26 * at)] if at in groups else []),
            line(name, 340, 200 + 26 * at),
            *(line(f"{at}.{at}50", x, 200 + 26 * at) for x in (760, 880)),
        )
    ]

    expected = [[groups.get(at, ""), name, f"{at}.{at}50", f"{at}.{at}50"] for at, name in enumerate(names)]

    assert _read(lines) == _joined(*([text for text in row if text] for row in expected))


def _framed(x0: float, y0: float, x1: float, y1: float) -> list[tuple[float, float, float, float]]:
    return [(x0, y0, x1, y0 + 2), (x0, y1, x1, y1 + 2), (x0, y0, x0 + 2, y1), (x1, y0, x1 + 2, y1)]


def test_framed_cards_side_by_side_are_read_one_after_the_other() -> None:
    """However level their lines are, and although little paper lies between the upper and the lower ones."""
    cards = [[f"Number {at + 1}", "Opened", "every day", "Closed"] for at in range(4)]
    places = [(60, 200), (540, 200), (60, 400), (540, 400)]
    lines = [entry for card, (x, y) in zip(cards, places, strict=True) for entry in column(card, x, y, step=40)]
    rulings = [side for x, y in places for side in _framed(x - 20, y - 20, x + 440, y + 160)]

    assert _read(lines, rulings=rulings) == _joined(*cards)


def test_a_double_line_between_columns_of_amounts_makes_no_frames() -> None:
    """A table is read row by row."""
    rows = [[f"Item {at}", f"{at}.50", f"1{at}.25"] for at in range(8)]
    places = [(x, 200 + 40 * at) for at in range(8) for x in (60, 400, 600)]
    lines = [line(text, x, y) for (x, y), text in zip(places, (text for row in rows for text in row), strict=True)]
    double = [(540, 190, 542, 520), (552, 190, 554, 520)]

    assert _read(lines, rulings=double) == _joined(*rows)


def test_totals_below_an_invoice_do_not_take_its_columns_apart() -> None:
    """Only where both columns have rows does it count whether these are level."""
    items = [["Description", "Qty", "Price", "Amount"], ["Blue blankets", "2", "45.00", "90.00"]]
    items += [["Postage", "1", "5.00", "5.00"], ["Insurance", "1", "1.50", "1.50"]]
    totals = [["Subtotal", "96.50"], ["VAT 20%", "19.30"], ["Total", "115.80"]]
    placed = [(text, x, 200 + 34 * at) for at, row in enumerate(items) for text, x in zip(row, _COLUMNS, strict=True)]
    placed += [
        (text, x, 336 + 30 * at) for at, row in enumerate(totals) for text, x in zip(row, _COLUMNS[2:], strict=True)
    ]

    assert _read([line(*entry) for entry in placed]) == _joined(*items, *totals)


def test_cells_of_several_lines_stay_in_their_row() -> None:
    """The last cell's further lines reach below the last row's other cells."""
    told = [
        ["looks after all of the machines", "and mends them"],
        ["keeps the books"],
        ["sells what we make to", "others"],
    ]
    names = [["Ada Byron", "Engineer"], ["John Smith", "Accountant"], ["Mary Jones", "Merchant"]]
    lines: list[ReadLine] = []
    y = 200
    for name, text in zip(names, told, strict=True):
        lines += [line(name[0], 60, y), line(name[1], 260, y), *column(text, 480, y)]
        y += 26 * len(text) + 8

    assert _read(lines) == _joined(*(part for pair in zip(names, told, strict=True) for part in pair))


def test_three_columns_of_short_texts_on_the_same_lines_are_read_row_by_row() -> None:
    """However close its rows are, this is a table; three addresses hardly have equally many lines."""
    rows = [["Country", "Capital city", "Main language"], ["United Kingdom", "Greater London", "British English"]]
    rows += [["New Zealand", "Wellington City", "Local English"], ["Costa Rica", "San Jose City", "Castilian Spanish"]]
    rows += [["Saudi Arabia", "Riyadh City", "Modern Arabic"]]
    addresses = [["Acme Tools Ltd", "12 Mill Lane", "Bath BA1 2AB", "United Kingdom", "Phone upon request"]] * 2
    addresses.append(addresses[0][:4])

    table = [entry for at in range(3) for entry in column([row[at] for row in rows], 60 + 320 * at, 200)]
    blocks = [entry for at, address in enumerate(addresses) for entry in column(address, 60 + 320 * at, 200)]

    assert _read(table) == _joined(*rows)
    assert _read(blocks) == _joined(*addresses)


def test_lists_in_columns_are_read_one_after_the_other() -> None:
    """Items beside items are no cells."""
    names = ["Apple tree", "Birch wood", "Cedar oil", "Elm bark", "Fir cone", "Hazel nut"]
    lists = [[f"{6 * at + count}. {name}" for count, name in enumerate(names, start=1)] for at in range(3)]

    assert _read([entry for at in range(3) for entry in column(lists[at], 60 + 310 * at, 200)]) == _joined(*lists)


def test_a_date_at_the_right_is_read_where_it_stands() -> None:
    """A letter's date stands beside none of the lines at the left: neither before nor behind all of them."""
    lines = [
        *column(["Ada Lovelace", "12 St James's Square", "London"], 60, 200),
        line("14 March 1843", 740, 305),
        line("About the engine", 60, 350),
        line("Dear Ada,", 60, 400),
    ]

    assert _read(lines) == "Ada Lovelace 12 St James's Square London 14 March 1843 About the engine Dear Ada,"
