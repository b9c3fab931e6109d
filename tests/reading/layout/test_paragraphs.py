"""Where one paragraph ends and the next begins, where it is not space alone that tells."""

from __future__ import annotations

from function.page import ReadLine
from function.reading.layout import arrange
from function.results.model import Block
from tests.typesetting import column, line, prose


def _blocks(lines: list[ReadLine]) -> list[Block]:
    return arrange(lines, width=1000, height=1400)


def test_words_stretched_over_a_narrow_column_run_on() -> None:
    """Their blanks are wide, but all the same; between an item and its price there is one wide blank."""
    lines = [
        line("Every tenant is given a copy of", 60, 200, width=400),
        *(line(word, x, 226, width=80) for word, x in (("this", 60), ("signed", 220), ("paper.", 380))),
        line("Whoever has lost it may ask for", 60, 252, width=400),
        line("another", 60, 278),
    ]

    (block,) = _blocks(lines)

    assert "\n" not in block.text


def test_single_lines_far_from_each_other_are_paragraphs_of_a_letter() -> None:
    """Most steps are those between paragraphs; the lines of a paragraph stand closer."""
    first, second = prose(3), prose(3, seed=9)
    single = ["14 March", "Dear Ada,", "Yours sincerely,", "Charles", "Enclosures", "Statutes"]
    lines = [
        *column(first, 60, 200),
        *column(second, 60, 200 + 2 * 26 + 40),
        *(line(text, 60, 384 + 40 * at) for at, text in enumerate(single)),
    ]

    assert [block.text for block in _blocks(lines)] == [" ".join(first), " ".join(second), *single]


def test_short_lines_that_are_centred_stay_lines() -> None:
    """As a receipt begins, where each had room for more; a caption's lines had none."""
    shop = ["Green Grocer", "14 High Street", "Telephone 01947 555 0199"]
    caption = ["Roofs of", "Dubrovnik,", "damaged during", "the shelling,"]

    for texts, between in ((shop, "\n"), (caption, " ")):
        lines = [line(text, 500 - len(text) * 5, 200 + 26 * at) for at, text in enumerate(texts)]
        assert [block.text for block in _blocks(lines)] == [between.join(texts)]


def test_a_marker_that_begins_the_second_line_of_a_text_by_chance_is_no_item() -> None:
    """The first line is set in, and its sentence goes on."""
    lines = [
        line("We tell apart (i) planning, (ii) pulling", 130, 100, width=370),
        line("(iii) importing, and (iv) loading. Pulling", 100, 126, width=400),
        line("was not needed, as every node had it all.", 100, 152, width=400),
    ]

    (block,) = _blocks(lines)

    assert block.text.startswith("We tell apart (i) planning, (ii) pulling (iii) importing")


def test_a_clauses_text_that_is_set_in_behind_its_number_is_one_paragraph() -> None:
    """Also where its first line ends with a sentence."""
    lines = [
        line("1.2   The barge is handed over clean, with a full tank.", 100, 100, width=500),
        line("It is to be returned in the same state, save that gas", 160, 126, width=440),
        line("need not be replaced.", 160, 152, width=200),
    ]

    (block,) = _blocks(lines)

    assert block.text.endswith("full tank. It is to be returned in the same state, save that gas need not be replaced.")


def test_a_short_heading_in_wider_letters_is_parted_from_the_text_below() -> None:
    """Its box is hardly higher, since none of its letters reaches below the line, nor stands it apart."""
    first, *others = prose(6, 50, seed=3)
    above, below = column(prose(4, 50), 100, 100), column([first.capitalize(), *others], 100, 230)

    _, heading, block = _blocks([*above, line("In brief", 100, 203, size=22, width=124), *below])

    assert (heading.type, heading.text, block.type) == ("heading", "In brief", "paragraph")
