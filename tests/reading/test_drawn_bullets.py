"""Bullets that are drawn, not written, begin their lines all the same."""

from __future__ import annotations

import pytest

from function.reading.text_layer.evidence import PREVIEW_DPI, judge
from function.reading.text_layer.layer_lines import lines_of
from tests.pdfs import Page, Pdf, opened

_ITEMS = ["Order new cases", "Paint the walls", "Print the labels"]


def _texts(pdf: Pdf) -> list[str]:
    with opened(pdf.build()) as document:
        seen = judge(document.text_layer(1, 200.0), document.draw(1, PREVIEW_DPI, grey=True)).seen
    return [line.text for line in lines_of(seen).lines]


def _listed(items: list[str], x: float = 100) -> tuple[Pdf, Page]:
    pdf = Pdf()
    page = pdf.page()
    for at, item in enumerate(items):
        page.text(x, 700 - 20 * at, item, size=12)
    return pdf, page


def _disc(page: Page, x: float, y: float) -> None:
    """Four points wide: a line without length whose ends are round."""
    page.raw(f"q 1 J 4 w {x + 2} {y + 2} m {x + 2} {y + 2} l S Q")


def test_lines_with_a_drawn_disc_or_square_begin_with_a_bullet() -> None:
    """Each of them, and no other line."""
    pdf, page = _listed(_ITEMS)
    _disc(page, 88, 702)
    _disc(page, 88, 682)
    page.rectangle(88, 662, 4, 4)
    page.text(100, 600, "No item at all", size=12)

    assert _texts(pdf) == [*(f"\u2022 {item}" for item in _ITEMS), "No item at all"]


@pytest.mark.parametrize(
    "boxes",
    [
        [(88, 702, 4, 4)],
        [(70, 702, 4, 4), (88, 682, 4, 4), (94, 662, 4, 4)],
        [(84, 700, 10, 10), (84, 680, 10, 10), (84, 660, 10, 10)],
        [(80, 703, 14, 1), (80, 683, 14, 1), (80, 663, 14, 1)],
        [(88, 702, 4, 4), (80, 702, 4, 4), (88, 682, 4, 4), (80, 682, 4, 4)],
    ],
    ids=["a single one", "nowhere in line", "as large as a box to tick", "dashes", "dots in a row"],
)
def test_other_marks_are_no_bullets(boxes: list[tuple[float, float, float, float]]) -> None:
    """What is not clearly a list's sign is left as it is."""
    pdf, page = _listed(_ITEMS)
    for box in boxes:
        page.rectangle(*box)

    assert _texts(pdf) == _ITEMS


def test_a_written_letter_before_another_cell_is_no_bullet() -> None:
    """However small and round."""
    pdf, page = _listed(_ITEMS, x=110)
    for at in range(3):
        page.text(90, 700 - 20 * at, "o", size=12)

    assert not any("\u2022" in text for text in _texts(pdf))
