"""What holds for any lines whatever: nothing lost, nothing invented, the same answer every time."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from function.page import ReadLine
from function.reading.layout import arrange
from function.results.markdown import page_markdown
from function.results.model import Block
from function.results.text import page_text
from tests.typesetting import column, line, prose, turned

#: What mending may take away: a hyphen at a line's end.
_HYPHENS = "-\u2010\u00ad\ufffe\x02"

_coordinates = st.floats(-200, 2000, allow_nan=False)
_lengths = st.sampled_from([0.0, 0.5, 8.0, 20.0, 33.3, 300.0, 3000.0])
_texts = st.one_of(
    st.sampled_from(
        ["word", "two words.", "hyphen-", "1. item", "• item", "42", "12.50", "你好，世界", "שלום", "a|b", "# x"]
    ),
    st.text(min_size=1, max_size=12),
)


@st.composite
def _lines(draw: st.DrawFn) -> ReadLine:
    x, y = draw(_coordinates), draw(_coordinates)
    box = (x, y, x + draw(_lengths), y + draw(_lengths))
    return ReadLine(
        box=box,
        text=draw(_texts),
        confidence=draw(st.floats(0, 1)),
        angle=draw(st.sampled_from([0.0, 0.0, 0.7, -3.0, 45.0, 90.0])),
        vertical=draw(st.sampled_from([False, False, False, True])),
        font_size=draw(st.sampled_from([None, None, 20.0, 31.0])),
        bold=draw(st.booleans()),
    )


_rulings = st.lists(
    st.tuples(_coordinates, _coordinates, _lengths, st.booleans()).map(
        lambda it: (it[0], it[1], it[0] + it[2], it[1] + 2) if it[3] else (it[0], it[1], it[0] + 2, it[1] + it[2])
    ),
    max_size=12,
)


def _characters(text: str) -> Counter[str]:
    return Counter(character for character in text if not character.isspace() and character not in _HYPHENS)


def _lines_of(blocks: list[Block]) -> Counter[str]:
    return sum((_characters(line.text) for block in blocks for line in block.lines), Counter())


@given(st.lists(_lines(), max_size=40), _rulings)
def test_every_character_comes_out_exactly_once(
    lines: list[ReadLine], rulings: list[tuple[float, float, float, float]]
) -> None:
    """Whatever the geometry: text in equals text out, in the blocks' text and in their lines, hyphens apart."""
    blocks = arrange(lines, width=1000, height=1400, rulings=rulings)

    wanted = _characters("".join(line.text for line in lines))
    assert _characters("".join(block.text for block in blocks)) == wanted
    assert _lines_of(blocks) == wanted


@given(st.lists(_lines(), max_size=25), st.randoms(use_true_random=False))
def test_blocks_are_sound_and_the_answer_is_always_the_same(lines: list[ReadLine], chance: random.Random) -> None:
    """Boxes in order, confidences between 0 and 1, tables rectangular; twice the same lines, twice the same blocks."""
    blocks = arrange(lines, width=1000, height=1400)

    assert arrange(lines, width=1000, height=1400) == blocks
    for block in blocks:
        assert block.bbox[0] <= block.bbox[2]
        assert block.bbox[1] <= block.bbox[3]
        assert 0 <= block.confidence <= 1
        assert block.lines
        assert (block.rows is not None) == (block.type == "table")
        assert block.rows is None or len({len(row) for row in block.rows}) == 1


def test_the_order_of_the_given_lines_does_not_matter() -> None:
    """An engine may give lines in any order."""
    lines = [*column(prose(12), 60, 200), *column(prose(12, seed=5), 560, 205), line("A Title", 60, 100, size=44)]
    blocks = arrange(lines, width=1000, height=1400)
    shuffled = list(lines)
    random.Random(7).shuffle(shuffled)

    assert arrange(shuffled, width=1000, height=1400) == blocks


def test_no_lines_give_no_blocks() -> None:
    """An empty page is an empty list, and writes as nothing."""
    assert arrange([], width=100, height=100) == []
    assert arrange([line("   ", 0, 0)], width=100, height=100) == []
    assert page_text([]) == page_markdown([]) == ""


def test_one_line_gives_one_block_with_its_own_box() -> None:
    """The smallest page keeps its line's box and confidence."""
    (block,) = arrange([line("alone", 10, 20, confidence=0.5)], width=1000, height=1400)

    assert (block.text, block.bbox, block.confidence) == ("alone", [10.0, 20.0, 60.0, 40.0], 0.5)


def test_boxes_of_no_size_or_not_numbers_do_no_harm() -> None:
    """Zero-sized, reversed and infinite boxes still give their text."""
    nowhere = [
        ReadLine((5.0, 5.0, 5.0, 5.0), "zero", 1.0),
        ReadLine((float("nan"), 0.0, float("inf"), 1.0), "nan", 1.0),
        ReadLine((50.0, 50.0, 10.0, 10.0), "reversed", 1.0),
    ]

    text = " ".join(block.text for block in arrange(nowhere, width=100, height=100))

    assert sorted(text.split()) == ["nan", "reversed", "zero"]


def test_thousands_of_lines_are_arranged() -> None:
    """A page of five thousand lines in five columns comes out whole and in order."""
    texts = [f"line {number:04d} of a page that is very full indeed" for number in range(5000)]
    lines = [
        entry for at in range(5) for entry in column(texts[at * 1000 : (at + 1) * 1000], 300 * at, 0, step=13, size=10)
    ]

    text = " ".join(page_text(arrange(lines, width=1500, height=13000)).split())

    assert text == " ".join(texts)


def test_confidence_counts_every_character_once() -> None:
    """A long sure line outweighs a short unsure one."""
    lines = [line("a" * 30 + " running on", 0, 0, confidence=1.0), line("b" * 9, 0, 26, confidence=0.0)]

    (block,) = arrange(lines, width=500, height=500)

    assert block.confidence == round(41 / 50, 4)


def test_a_skewed_page_reads_like_the_level_one() -> None:
    """Up to five degrees either way, two columns under a headline come out the same."""
    lines = [
        line("A headline over both of the columns below it", 60, 100, size=36),
        *column(prose(25), 60, 200),
        *column(prose(25, seed=9), 540, 200),
    ]
    level = page_text(arrange(lines, width=1000, height=1400))

    for degrees in (-5.0, -2.0, 0.5, 3.0, 5.0):
        assert page_text(arrange(turned(lines, degrees), width=1000, height=1400)) == level
