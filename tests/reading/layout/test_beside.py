"""Blocks of short lines side by side (addresses, a box, the parts of a letter's foot) are read one after the other."""

from __future__ import annotations

from function.page import Box, ReadLine
from function.reading.layout import arrange
from function.results.text import page_text
from tests.typesetting import column, line, prose

FRAME: list[Box] = [(590, 100, 940, 102), (590, 198, 940, 200), (590, 100, 592, 200), (938, 100, 940, 200)]


def read(lines: list[ReadLine], rulings: list[Box] | None = None) -> str:
    """What a page says, without its breaks."""
    return " ".join(page_text(arrange(lines, width=1000, height=1400, rulings=rulings or [])).split())


def joined(*texts: list[str]) -> str:
    """The same of columns."""
    return " ".join(" ".join(column) for column in texts)


def test_a_box_beside_an_address_is_read_by_itself() -> None:
    """Although its lines stand level with the address, and its labels far from their values."""
    address = ["Town Library", "Anna Berger", "4 Market Square", "Cambridge CB2 1TN"]
    labels, values = ["Invoice", "Date", "Customer"], ["2024-0815", "3 May 2024", "4711"]
    lines = [
        *column(address, 60, 100),
        *column(labels, 600, 113),
        *column(values, 800, 113),
        *column(prose(6, 84), 60, 400),
    ]

    said = read(lines, rulings=FRAME)

    assert said.startswith(joined(address, labels[:1], values[:1]))


def test_the_three_parts_of_a_letter_s_foot_are_read_one_after_the_other() -> None:
    """Also where one of them is as even as running text."""
    firm = ["Muster Ltd", "12 High Street", "Bath BA1 2AB"]
    bank = ["Severn Bank", "IBAN GB29 NWBK 6016 1331 92", "BIC NWBKGB2L XX"]
    court = ["Registered at Bath", "No. 04711471", "VAT number GB12345"]
    foot = [*column(firm, 60, 900), *column(bank, 300, 900), *column(court, 700, 900)]

    assert read([*column(prose(6, 84), 60, 200), *foot]).endswith(joined(firm, bank, court))


def test_addresses_with_empty_lines_at_different_heights_are_read_one_after_the_other() -> None:
    """A sender's lines beside a recipient's."""
    left = ["Mill & Sons, Bath", "", "Ms", "Maria Rossi", "4 Market Square", "Cambridge CB2 1TN"]
    right = ["Mill & Sons", "14 Canal Street", "Bath BA1 4QA", "", "Tel. 01225 496000", "Fax 01225 496001"]
    lines = [
        line(text, x, 100 + 26 * at) for x, texts in ((60, left), (600, right)) for at, text in enumerate(texts) if text
    ]

    said = read([*lines, *column(prose(6, 84), 60, 400)])

    assert said.startswith(joined([text for text in (*left, *right) if text]))


def test_labels_with_their_values_are_no_cells_of_the_address_beside_them() -> None:
    """Although their lines are level, and empty lines part both alike."""
    left = [
        "Northbank plc, Harbour Street",
        "Bristol BS1 4ND",
        "",
        "Mrs Eleanor Finch",
        "22 Orchard Lane",
        "Bath BA2 6QT",
    ]
    right = [
        "Statement no. 11",
        "30 November 2026",
        "",
        "Account number: 4471 2209",
        "Sort code: 20-45-77",
        "BIC: NRTHGB21",
    ]
    lines = [
        line(text, x, 100 + 26 * at) for x, texts in ((60, left), (600, right)) for at, text in enumerate(texts) if text
    ]

    said = read([*lines, *column(prose(6, 84), 60, 400)])

    assert said.startswith(joined([text for text in (*left, *right) if text]))


def test_columns_of_a_table_of_words_are_no_addresses() -> None:
    """It has many rows, although some are as even as running text, or empty cells and no numbers."""
    times = ["Time", "Nine o'clock", "Ten o'clock", "Noon break", "Two o'clock", "Four o'clock"]
    hall = ["Hall", "Opening by the mayor", "Talk about owls", "Soup is served", "Talk about oaks", "Prizes are given"]
    garden = [
        "Garden",
        "Coffee and tea",
        "Games for children",
        "Music of the band",
        "Planting trees",
        "Cake and lemonade",
    ]
    days = ["Monday morning", "", "Tuesday morning", "Tuesday noon", "Tuesday night", "The third day"]
    plans = ["A long walk", "Lunch there", "By boat there", "", "Some songs", "The train home"]

    for columns in ([times, hall, garden], [days, plans]):
        lines = [
            line(text, 60 + 300 * at, 100 + 26 * row)
            for at, texts in enumerate(columns)
            for row, text in enumerate(texts)
            if text
        ]
        said = read([*lines, *column(prose(6, 84), 60, 400)])

        assert said.startswith(joined([text for row in zip(*columns, strict=True) for text in row if text]))
