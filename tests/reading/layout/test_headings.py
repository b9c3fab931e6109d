"""Which short lines are headings, and of which level."""

from __future__ import annotations

import pytest

from function.page import ReadLine
from function.reading.layout import arrange
from tests.typesetting import column, line, prose


def _headings(lines: list[ReadLine]) -> list[tuple[str, int]]:
    blocks = arrange(lines, width=1000, height=1400)
    return [(block.text, block.level) for block in blocks if block.level is not None]


def _sections(*titles: str, size: float = 20.0) -> list[ReadLine]:
    """Bold titles, text below each."""
    lines: list[ReadLine] = []
    for at, title in enumerate(titles):
        lines.append(line(title, 60, 200 + 200 * at, font_size=size, bold=True))
        lines += column(prose(5, seed=at), 60, 240 + 200 * at, font_size=20.0)
    return lines


def test_numbers_tell_levels_and_their_peers_follow() -> None:
    """What has no number is as high as the highest numbered one of its size."""
    found = _headings(_sections("1 Introduction", "1.1 Method", "1.1.1 Drums", "2. Results", "Thanks"))

    assert [level for _, level in found] == [2, 3, 4, 2, 2]


def test_levels_are_the_same_on_every_page() -> None:
    """A page without the other sizes says the same."""
    below = [line("Thanks", 60, 400, font_size=28, bold=True), *column(prose(5), 60, 440, font_size=20.0)]

    assert _headings(_sections("Thanks", size=28)) == [("Thanks", 2)]
    assert _headings([*_sections("Title", size=40), *below]) == [("Title", 1), ("Thanks", 2)]


def test_a_bold_line_stuck_to_its_text_is_a_heading_of_its_own() -> None:
    """Weight changes where the line had room; a bold beginning of a sentence does not end."""
    text = ["Even though you otherwise would meet all", *prose(4)]
    stuck = column(text, 60, 226, font_size=20.0)

    assert _headings([line("Closer Connection", 60, 200, font_size=20.0, bold=True), *stuck]) == [
        ("Closer Connection", 4)
    ]
    assert not _headings([line("Even though this is long and bold, not a", 60, 200, font_size=20.0, bold=True), *stuck])


@pytest.mark.parametrize("text", ["∫ f(x)dx = F(b) - F(a)", "72 mm", "1 Arrival ............ 3"])
def test_formulas_amounts_and_entries_are_no_headings(text: str) -> None:
    """However large or bold they are."""
    assert not _headings(_sections(text, size=28))


def test_capitals_with_underscores_are_names_in_programs() -> None:
    """Capitals alone tell a heading only where they are words."""
    for text, found in [("GREAT COUNT OF LEAVES", 1), ("MAX_COUNT_OF_LEAVES", 0)]:
        lines = [line(text, 60, 200, font_size=20.0), *column(prose(6), 60, 240, font_size=20.0)]
        assert len(_headings(lines)) == found


def test_labels_of_a_chart_are_no_headings() -> None:
    """Labels follow each other, values follow labels, a caption follows them all; headings head a text."""
    labels = [line(text, 60, 500 + 60 * at, font_size=20.0, bold=True) for at, text in enumerate(["North", "South"])]
    value = line("12 of 40", 60, 640, font_size=20.0)
    last = line("Month of year", 60, 700, font_size=20.0, bold=True)
    caption = column(["Figure 1. Rain in millimetres at all of the", *prose(1)], 60, 760, font_size=20.0)

    assert _headings([*_sections("Rain and wind"), *labels, value, last, *caption]) == [("Rain and wind", 4)]


MINUTES = {
    "1. Minutes of the last meeting": ["Approved without changes."],
    "2. Opening hours": ["Visitors may come from nine to six, while", *prose(2, 70)],
    "3. Any other business": ["Mr Smith asked for a second key to the cellar, since he lost the first."],
}


def _told(below: float) -> list[ReadLine]:
    """Numbered lines, what is said of each below it, so far in."""
    lines: list[ReadLine] = []
    for title, texts in MINUTES.items():
        y = max((entry.box[3] for entry in lines), default=180) + 20
        lines += [line(title, 60, y), *column(texts, 60 + below, y + 26)]
    return lines


def test_numbered_lines_are_headings_if_each_has_sentences_of_its_own_below() -> None:
    """Where the font is not known: however few these are, if they begin where the numbers do, as no item's do."""
    assert [text for text, _ in _headings(_told(below=0))] == list(MINUTES)
    assert "1. Minutes of the last meeting" not in [text for text, _ in _headings(_told(below=30))]


def test_numbered_items_above_running_text_are_a_list() -> None:
    """Where the font is not known: the first item stands like a headline, but others follow it."""
    texts = [
        "1. Unlock the doors at nine",
        "2. Welcome the mayor and the guests of the association at the entrance, then",
        "lead them to the courtyard",
        "3. Start the music",
    ]
    lines = [*column(prose(4), 60, 200), *column(texts, 60, 350), *column(prose(4, seed=5), 60, 500)]

    assert not _headings(lines)


def test_a_short_heading_in_wide_characters_is_told_from_its_text() -> None:
    """Seven of them fill a line as fourteen letters do."""
    text = "来年度は予算を二割増やし、若い研究者を十名ほど採用する予定です。"
    lines = [
        line("2.今後の予定", 60, 200, size=27, font_size=27.0),
        *(line(text, 60, 240 + 26 * at, size=20, font_size=20.0) for at in range(4)),
    ]

    assert [told for told, _ in _headings(lines)] == ["2.今後の予定"]


def _read(text: str, y: float, *, times: float, height: float = 20.0, font: bool = False) -> ReadLine:
    """A line as a detector boxes it, its letters so many times as wide as those of the text."""
    return line(text, 60, y, size=height, width=len(text) * 10 * times, font_size=20.0 if font else None)


def test_wider_letters_tell_a_heading_where_boxes_are_hardly_higher() -> None:
    """Boxes of lines without descenders are low; the title is the one with the widest letters."""
    lines = [
        _read("House rules", 200, times=2.2, height=23),
        *column(prose(4), 60, 250),
        _read("Decisions", 390, times=1.5, height=21),
        *column(prose(4, seed=4), 60, 430),
        _read("Next meeting", 570, times=1.88, height=21),
        *column(prose(4, seed=9), 60, 610),
    ]

    assert _headings(lines) == [("House rules", 1), ("Decisions", 3), ("Next meeting", 2)]


@pytest.mark.parametrize("text", ["Ada Lovelace", "12 St James's Square", "• Wash your dishes", "on", "Total: 17"])
def test_ordinary_short_lines_are_no_headings(text: str) -> None:
    """Their letters are as wide as the text's; of few letters, and of items, nothing is said."""
    for times in (0.9, 1.1) if len(text) > 2 and "•" not in text else (1.4,):
        lines = [*column(prose(4), 60, 200), _read(text, 340, times=times), *column(["Who", "knows"], 60, 400)]

        assert not _headings(lines)


def test_letters_say_nothing_where_the_font_is_known() -> None:
    """Wide letters may be spaced, or a wide font."""
    texts = column(prose(4), 60, 250, font_size=20.0)

    assert not _headings([_read("House rules", 200, times=2.0, font=True), *texts])


def test_a_label_above_lines_that_were_broken_on_purpose_is_no_headline() -> None:
    """Values stand below it, and no text runs on."""
    below = ["Anna Berger, room 12", "Porter"]
    lines = [*column(prose(5), 60, 100), line("Director", 60, 270), *column(below, 100, 310)]

    assert not _headings([*lines, *column(prose(5, seed=5), 60, 400)])


def test_short_headings_that_follow_each_other_stay_apart_where_their_fonts_are_known() -> None:
    """A title, a heading and one below it, of a word each."""
    heads = [("Handbook", 36.0, 100), ("Safety", 28.0, 150), ("Gloves", 23.0, 190)]
    lines = [line(text, 60, y, size=size, font_size=size, bold=True) for text, size, y in heads]

    blocks = arrange([*lines, *column(prose(5, 60), 60, 225, font_size=20.0)], width=1000, height=1400)

    assert [(block.text, block.level) for block in blocks[:3]] == [("Handbook", 1), ("Safety", 2), ("Gloves", 3)]


def test_a_title_whose_last_line_is_a_word_ends_above_its_authors() -> None:
    """Their line's box is higher than the text's for its raised signs, but its letters are no wider."""
    title = [line("Sleeping servers: the cost of waking", 150, 100, size=34), line("up", 420, 144, size=36, width=36)]
    authors = line("Anna Weber1, Tom Herrera2 and Li Qiang1", 230, 196, size=26, width=390)
    text = [*column(prose(8, 70), 100, 260)]

    heading, names, *_ = arrange([*title, authors, *text], width=1000, height=1400)

    assert (heading.type, heading.text) == ("heading", "Sleeping servers: the cost of waking up")
    assert (names.type, names.text) == ("paragraph", authors.text)


def test_a_title_stands_above_the_numbered_sections_that_follow_it() -> None:
    """It is larger than their headings, though not by far."""
    title = line("Agreement for the hire of a barge", 250, 100, size=28, font_size=28.0, bold=True)
    lines = [title, *_sections("1. The barge", "2. The price", size=22.0)]

    assert _headings(lines) == [
        ("Agreement for the hire of a barge", 1), ("1. The barge", 2), ("2. The price", 2),
    ]  # fmt: skip


def test_a_sum_in_bold_is_no_heading() -> None:
    """As at the end of a bill."""
    lines = [*column(prose(5), 60, 100, font_size=20.0), line("TOTAL $821.14", 60, 300, font_size=20.0, bold=True)]

    assert _headings(lines) == []
