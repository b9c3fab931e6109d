from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.accuracy import metrics
from bench.accuracy.order_free import free_distance


def test_an_equal_text_has_no_error() -> None:
    """The best figures are 0 and 1."""
    assert metrics.score(["one two\nthree"], ["one two three"]) == metrics.Scores(0.0, 0.0, 1.0, 1.0)


def test_the_error_rate_is_edits_over_the_length_of_the_truth() -> None:
    """`kitten` to `sitting` takes three edits, over six characters; no word is right."""
    found = metrics.score(["kitten"], ["sitting"])

    assert (found.cer, found.f1_free) == (3 / 6, 0.0)


def test_the_error_rate_stops_at_one() -> None:
    """A reader that invents a novel is no worse than one that reads nothing."""
    assert metrics.score(["ab"], ["x" * 100]).cer == 1.0
    assert metrics.score(["ab"], [""]).cer == 1.0


def test_lines_in_another_order_cost_only_the_ordered_measures() -> None:
    """`alpha beta` and `gamma delta` swapped: same bag of words, and half of them in order."""
    found = metrics.score(["alpha beta\ngamma delta"], ["gamma delta\nalpha beta"])

    assert found.cer_free == 0.0
    assert found.f1_free == 1.0
    assert found.f1_ordered == 2 * 2 / 8
    assert found.cer > 0.5


def test_word_f1_is_the_harmonic_mean_of_precision_and_recall() -> None:
    """Four words, three read, two of them right: P 2/3, R 2/4, F1 4/7; a word counts as often as it stands there."""
    assert metrics.score(["a b c d"], ["a b x"]).f1_free == pytest.approx(4 / 7)
    assert metrics.score(["a a b"], ["a b b"]).f1_free == pytest.approx(2 * 2 / 6)


def test_chinese_characters_count_as_words_and_white_space_as_nothing() -> None:
    """One of four characters is wrong: CER 1/4, F1 3/4."""
    found = metrics.score(["你好世界"], ["你 好\n世间"])

    assert found.cer == 1 / 4
    assert found.f1_free == found.f1_ordered == 3 / 4


def test_one_column_read_across_two_is_mended_by_the_free_measure() -> None:
    """Rows that mix two columns are taken apart: the shorter lines are found within the longer."""
    truth = "left one is here\nleft two is there\nright one was mine\nright two was yours"
    across = "left one is here right one was mine\nleft two is there right two was yours"

    assert free_distance(truth, across) == 0


def test_missing_and_invented_lines_cost_their_length() -> None:
    """Nothing alike: the longer side's characters are all errors, as for a text replaced by another."""
    assert free_distance("abcdefgh", "") == 8
    assert free_distance("abcdefgh", "12345678\n90") == 10


def test_pages_are_compared_one_by_one() -> None:
    """A word on the wrong page is wrong, in any order."""
    assert metrics.score(["one", "two"], ["two", "one"]).f1_free == 0.0


def test_pages_without_truth_do_not_count() -> None:
    """What is read from a cover of which the truth knows nothing is neither right nor wrong."""
    assert metrics.score(["", "text"], ["a cover", "text"]).cer == 0.0


def test_a_truth_without_page_breaks_is_compared_as_a_whole() -> None:
    """Then pages cannot be told apart, so they are joined."""
    assert metrics.score(["one\ntwo"], ["one", "two"]) == metrics.Scores(0.0, 0.0, 1.0, 1.0)


def test_an_empty_truth_is_refused() -> None:
    """There is no error rate of nothing."""
    with pytest.raises(ValueError, match="empty"):
        metrics.score([" \n"], ["text"])


_TEXT = st.text(alphabet="ab c\n", min_size=1, max_size=60).filter(lambda text: bool(text.strip()))


@given(truth=_TEXT, read=st.text(alphabet="ab c\n", max_size=60))
def test_disregarding_order_never_makes_a_reading_worse(truth: str, read: str) -> None:
    """Free figures are at least as good as the ordered ones, all stay within their bounds."""
    found = metrics.score([truth], [read])

    assert 0 <= found.cer_free <= found.cer <= 1
    assert 0 <= found.f1_ordered <= found.f1_free <= 1


def test_columns_whose_truth_goes_row_by_row_cost_nothing_even_where_phrases_recur() -> None:
    """Phrases that stand in both columns, broken elsewhere in each: pieces taken greedily cross, words do not."""
    left = ["you were a nonresident", "alien for the part of", "the year when you were", "a resident alien or a"]
    right = [
        "a resident alien for the",
        "part of the year or you",
        "were a nonresident alien",
        "when you were a resident",
    ]
    rows = "\n".join(f"{one} {other}" for one, other in zip(left, right, strict=True))

    assert free_distance(rows, " ".join(left) + "\n" + " ".join(right)) == 0


def test_words_read_wrong_cost_their_letters_in_any_order() -> None:
    """One wrong letter in each of two words, the lines in another order."""
    assert free_distance("one line of words\nand another of them", "and anothar of them\none line of wards") == 2


@given(lines=st.lists(st.text(alphabet="abcdefg ", min_size=1, max_size=20), min_size=1, max_size=8), data=st.data())
def test_the_free_distance_of_shuffled_lines_is_nothing(lines: list[str], data: st.DataObject) -> None:
    """Whatever their order, all lines are there."""
    shuffled = data.draw(st.permutations(lines))

    assert free_distance("\n".join(lines), "\n".join(shuffled)) == 0


def test_paragraphs_read_from_columns_match_a_truth_taken_row_by_row() -> None:
    """A text layer may hold the rows across columns; however its lines are joined, the characters are there."""
    truth = "the harbour was closed while the second report\nfor the whole winter speaks of an early spring"
    read = "the harbour was closed for the whole winter\nwhile the second report speaks of an early spring"

    assert free_distance(truth, read) <= 4


def test_an_error_within_a_moved_text_costs_what_it_costs() -> None:
    """A wrong letter in the second of two swapped lines; the missing space is where two pieces meet."""
    truth = "the first line of the page\nand the second line of it"
    read = "and the sekond lineof it the first line of the page"

    assert free_distance(truth, read) == 1
