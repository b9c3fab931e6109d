"""Sentences are not broken where lines, columns and pictures end; what was broken on purpose stays so."""

from __future__ import annotations

from function.page import ReadLine
from function.reading.layout import arrange
from tests.typesetting import column, line, prose


def _texts(lines: list[ReadLine]) -> list[str]:
    return [block.text for block in arrange(lines, width=1000, height=1400)]


def _columns(last: str, first: str) -> list[ReadLine]:
    """Two columns of text: how the left one ends, and how the right one begins."""
    left, right = [*prose(9, end=""), last], [first, *prose(9, seed=7)]
    return [*column(left, 60, 200), *column(right, 520, 200)]


def test_a_sentence_goes_on_in_the_next_column() -> None:
    """A full line without an end, and small letters: one paragraph."""
    last, first = "and all who saw the river that day stood", "still until the last of the boats had gone"

    (text,) = _texts(_columns(last, first))

    assert f"{last} {first}" in text


def test_a_new_paragraph_in_the_next_column_stays_one() -> None:
    """An ended sentence, a line with room left, a capital, an item: each of them parts."""
    last, first = "and all who saw the river that day stood", "still until the last of the boats had gone"

    for ending, beginning in [
        (f"{last[:-1]}.", first),
        ("and stood", first),
        (last, first.capitalize()),
        (last, f"a) {first[:-3]}"),
    ]:
        assert len(_texts(_columns(ending, beginning))) == 2, (ending, beginning)


def test_a_taller_box_alone_parts_no_lines() -> None:
    """A line a little askew has a taller box; larger letters are wider, too."""
    texts = prose(4)
    plain = column(texts[:3], 60, 200)

    askew = line(texts[3], 60, 274, size=26, width=len(texts[3]) * 10)
    assert _texts([*plain, askew]) == [" ".join(texts)]
    larger = line(texts[3], 60, 274, size=26)
    assert len(_texts([*plain, larger])) == 2


def test_text_set_wide_is_still_text() -> None:
    """Steps of more than two lines are usual where all are alike; beside narrower ones they are not."""
    texts = prose(8)

    assert _texts(column(texts, 60, 200, step=52)) == [" ".join(texts)]
    assert len(_texts([*column(texts[:6], 60, 200), *column(texts[6:], 60, 400, step=52)])) == 3


def test_lines_that_make_room_for_a_picture_run_on() -> None:
    """A divided word and the middle of running text are no meant breaks."""
    texts = prose(4, end="")
    narrow = ["that historians remain igno-", "rant of all its origins. They", "say it may have grown out of it"]

    (text,) = _texts(column([*texts, *narrow, *prose(3, seed=5)], 60, 200))

    assert "remain ignorant of all its origins. They say" in text


def test_verses_and_tables_of_contents_keep_their_lines() -> None:
    """Capitals at the head of short lines, and dots that lead to pages."""
    verse = ["The wind was cold,", "The sea was old,", "The harbour lights"]
    contents = ["1. Arrival .................. 3", "2. Departure ................ 5", "2.1 Leaving ................. 7"]

    *_, sung, listed = _texts([*column(prose(4), 60, 200), *column(verse, 60, 340), *column(contents, 60, 480)])

    assert sung.split("\n") == verse
    assert listed.split("\n") == contents


def test_price_lists_keep_their_lines() -> None:
    """Their dots lead to amounts, with or without a currency."""
    prices = ["Tomato soup ............. 6.50", "Smoked trout ........... 11.00", "Espresso .............. € 2.60"]

    *_, listed = _texts([*column(prose(4), 60, 200), *column(prices, 60, 480)])

    assert listed.split("\n") == prices


def test_what_follows_a_list_is_no_part_of_its_last_item() -> None:
    """An item that ends with room left in its line is over."""
    items = ["• Four payments came.", "• Twelve more came later."]
    after = ["All of them were written down in the large", "book that lies upon the table in the hall."]

    assert _texts(column([*items, *after], 60, 200)) == ["\n".join(items), " ".join(after)]


def test_a_stretched_line_in_a_tall_box_goes_on_with_its_sentence() -> None:
    """As in narrow justified columns, whose lines differ in width of letters, and whose boxes differ in height."""
    texts = ["Rain in the morning, sun", "later. The committee met", "on Tuesday to discuss the"]
    rest = ["budget for the coming", "year and agreed that the", "library should stay open", "on Sundays."]
    lines = [line(text, 60, 200 + 26 * at, size=18, width=252) for at, text in enumerate([*texts, *rest])]
    lines[3] = line(rest[0], 60, 274, size=24, width=252)

    (block,) = arrange(lines, width=1000, height=1400)

    assert block.text == " ".join([*texts, *rest])
