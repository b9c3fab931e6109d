from __future__ import annotations

from bench.accuracy.tables import from_html, structure_f1

_HTML = """<table><tr><th colspan="2">Both</th><th>C</th></tr>
<tr><td rowspan="2">long<br>cell</td><td><b>1</b></td><td>2</td></tr><tr><td>3</td><td>&lt;4</td></tr></table>"""


def test_an_html_table_becomes_a_grid() -> None:
    """A spanning cell stands once, in its first place; markup goes, entities are characters."""
    assert from_html(_HTML) == [[["Both", "", "C"], ["long cell", "1", "2"], ["", "3", "<4"]]]


def test_equal_tables_score_one_and_no_table_scores_nothing() -> None:
    """The bounds."""
    truth = from_html(_HTML)

    assert structure_f1(truth, truth) == 1.0
    assert structure_f1(truth, []) == 0.0


def test_neighbours_are_counted_in_both_directions() -> None:
    """A 2 × 2 table has four pairs; with one cell wrong two remain, of four on each side: F1 2·2/8."""
    assert structure_f1([[["a", "b"], ["c", "d"]]], [[["a", "b"], ["c", "x"]]]) == 2 * 2 / 8


def test_empty_cells_are_passed_over_and_short_rows_filled() -> None:
    """An empty column found more or less changes no neighbour."""
    assert structure_f1([[["a", "", "b"], ["c", "", "d"]]], [[["a", "b"], ["c", "d"]]]) == 1.0
    assert structure_f1([[["a"], ["b", "c"]]], [[["a", ""], ["b", "c"]]]) == 1.0
