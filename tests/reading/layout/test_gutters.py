"""How close columns may stand, and still be columns."""

from __future__ import annotations

import pytest

from function.reading.layout import arrange
from function.results.text import page_text
from tests.typesetting import column, line, prose


def _read(gutter: float, font_size: float | None) -> str:
    """Two justified columns, so far apart."""
    sides = [(60, prose(12)), (60 + 400 + gutter, prose(12, seed=11))]
    lines = [
        line(text, x, 200 + 26 * at, width=400, font_size=font_size)
        for x, texts in sides
        for at, text in enumerate(texts)
    ]
    return " ".join(page_text(arrange(lines, width=1000, height=1400)).split())


@pytest.mark.parametrize(("gutter", "font_size"), [(8, None), (11, 20.0)])
def test_columns_set_close_are_read_one_after_the_other(gutter: float, font_size: float | None) -> None:
    """Boxes of what was read are wider than their text, so that less is left between them."""
    assert _read(gutter, font_size) == " ".join([*prose(12), *prose(12, seed=11)])


def test_a_job_and_its_years_do_not_end_the_sidebar_beside_them() -> None:
    """Their gap is one within the right column; the left one goes on at heights of its own."""
    contact = ["Mira Castellanos", "Rua das Flores 14", "4050-262 Porto", "Portugal", "mira@example.org"]
    skills = ["Skills", "Structural analysis", "Timber and steel", "Site supervision"]
    about, work = prose(5, 50), prose(4, 50, seed=7)
    lines = [
        *column(contact, 60, 100, font_size=20.0),
        *column(skills, 60, 317, font_size=20.0),
        *column(about, 400, 104, font_size=20.0),
        line("Experience", 400, 262, font_size=20.0),
        line("Senior engineer", 400, 306, font_size=20.0),
        line("2021 - today", 780, 306, font_size=20.0),
        *column(work, 400, 332, step=30, font_size=20.0),
    ]

    said = " ".join(page_text(arrange(lines, width=1000, height=1400)).split())

    assert said.startswith(" ".join([*contact, *skills, *about, "Experience", "Senior engineer"]))
