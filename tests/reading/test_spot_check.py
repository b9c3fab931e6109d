"""Single lines of a text layer against what the engine reads in their place."""

from __future__ import annotations

import numpy as np
import pytest

from function.page import Pixels, ReadLine
from function.reading.text_layer.layer_lines import lines_of
from function.reading.text_layer.spot_check import Sample, agree, agreements, weight
from tests.pdfs import Pdf, opened


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("The quick brown fox", "The quick brown fox"),
        ("The quick brown fox", "Thequickbrownfox"),
        ("The quick brown fox", "Tne quick brovvn f0x"),
        ("Total: 1,234.50 €", "TOTAL 1.234,50"),
        ("Illinois 10", "lllin0is l0"),
        ("éclair à la crème", "eclair a la creme"),
        ("第十二条 合同的订立", "第十二条合同的订立"),
        ("ﬁnally", "finally"),
        ("a + b", "a+b"),
    ],
)
def test_engines_errors_are_no_disagreement(told: str, read: str) -> None:
    """Case, blanks, accents, look-alikes and a wrong letter now and then."""
    assert agree(told, read)


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("The quick brown fox", "Gsv jfrxp yildm ulc"),
        ("The quick brown fox", ""),
        ("Pay 48213.00 by 12.04.2026 to account 5523", "Pay 91675.77 by 83.96.5814 to account 7189"),
        ("第十二条合同的订立", "甲方应当支付价款总额"),
        ('"7+%-', "Hello"),
    ],
)
def test_another_text_disagrees(told: str, read: str) -> None:
    """Also where only the numbers lie."""
    assert not agree(told, read)


def _line(text: str, angle: float = 0.0) -> ReadLine:
    return ReadLine((0, 0, 100, 10), text, 1.0, angle=angle)


@pytest.mark.parametrize(
    ("line", "points", "expected"),
    [
        (_line("a line of words"), 10, 2),
        (_line("a line of words"), 4, 0),
        (_line("a line of words", angle=30), 10, 0),
        (_line("abc"), 10, 1),
        (_line("x²+y²={[(a)]}/±∞≤≥"), 10, 1),
        (_line("…"), 10, 0),
        (_line("سلام على الجميع"), 10, 0),
    ],
)
def test_only_lines_that_engines_read_well_accuse_a_layer(line: ReadLine, points: float, expected: int) -> None:
    """Small, slanting and right-to-left lines tell nothing, short ones little."""
    assert weight(line, points, lambda text: True) == expected


def test_lines_of_scripts_that_the_engine_does_not_know_tell_nothing() -> None:
    """Their disagreement is the engine's fault."""
    assert weight(_line("Привет всем вам"), 10, lambda text: False) == 0


def test_columns_are_laid_on_their_side() -> None:
    """As engines read them: what stood at the top is at the left."""
    pdf = Pdf()
    page = pdf.page()
    page.text(300, 400, "HH", size=20)
    page.text(300, 370, "H", size=20)
    crops: list[Pixels] = []

    def recognise(given: list[Pixels]) -> list[tuple[str, float]]:
        crops.extend(given)
        return [("鳥が鳴く", 1.0)]

    with opened(pdf.build()) as document:
        reading = lines_of(document.text_layer(1, 200.0))
        (x0, y0, _, _), (_, _, _, y1) = reading.lines[0].box, reading.lines[1].box
        column = ReadLine((x0, y0, reading.lines[0].box[2], y1), "鳥が鳴く", 1.0, vertical=True)
        assert agreements(document, [Sample(1, reading, column, 2)], 200.0, recognise) == [True]

    (crop,) = crops
    ink = crop[:, :, 0] < 128
    assert crop.shape[1] > 1.5 * crop.shape[0]
    assert ink[:, : ink.shape[1] // 2].sum() > 1.5 * ink[:, ink.shape[1] // 2 :].sum()


@pytest.mark.parametrize("turn", [(1, 0, 0, 1), (0, 1, -1, 0), (-1, 0, 0, -1), (0, -1, 1, 0)])
def test_lines_are_cut_upright_and_whole(turn: tuple[float, ...]) -> None:
    """However the page's text is turned: all ink of the line, a little paper around, nothing of other lines."""
    pdf = Pdf()
    page = pdf.page()
    page.text(300, 400, "HHH HHH HHH", turn=turn, size=20)
    crops: list[Pixels] = []

    def recognise(given: list[Pixels]) -> list[tuple[str, float]]:
        crops.extend(given)
        return [("HHH HHH HHH", 1.0) for _ in given]

    with opened(pdf.build()) as document:
        reading = lines_of(document.text_layer(1, 200.0))
        assert agreements(document, [Sample(1, reading, reading.lines[0], 2)], 200.0, recognise) == [True]

    (crop,) = crops
    ink = crop[:, :, 0] < 128
    assert crop.shape[1] > 4 * crop.shape[0]
    assert crop.shape[2] == 3
    assert not ink[[0, -1]].any()
    assert not ink[:, [0, -1]].any()
    edges = np.diff(ink[ink.shape[0] // 4].astype(int))
    assert (edges == 1).sum() == 18
