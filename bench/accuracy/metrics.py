"""Distances between the truth and a reading, with and without respect for the order of reading.

Every measure takes pages; where truth and reading have different numbers of them (a truth without page breaks), both
are taken as one page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import LCSseq, Levenshtein

from bench.accuracy import normalise
from bench.accuracy.order_free import free_distance


@dataclass(frozen=True)
class Scores:
    """How near a reading comes to the truth; rates and F1 in 0..1.

    Attributes:
        cer: character error rate in reading order: Levenshtein distance over the truth's length, at most 1.
        cer_free: the same, wherever on its page a piece of text stands (see `order_free`).
        f1_free: F1 of the words as a bag, page by page.
        f1_ordered: F1 of the words in reading order: those of the longest common subsequence count as right.
    """

    cer: float
    cer_free: float
    f1_free: float
    f1_ordered: float


#: What a reader that gave nothing gets.
NOTHING = Scores(cer=1.0, cer_free=1.0, f1_free=0.0, f1_ordered=0.0)


def score(truth: Sequence[str], read: Sequence[str]) -> Scores:
    """Compare pages of text; pages of which the truth says nothing (an image in a born-digital PDF) do not count.

    Raises:
        ValueError: the truth holds no character, so no rate exists.
    """
    truth, read = _alike_paged(truth, read)
    length = distance = free = 0
    for true_page, read_page in zip(truth, read, strict=True):
        unspaced = normalise.is_unspaced(true_page)
        true_flat = normalise.flat(true_page, unspaced=unspaced)
        ordered = Levenshtein.distance(true_flat, normalise.flat(read_page, unspaced=unspaced))
        length += len(true_flat)
        distance += ordered
        free += min(ordered, free_distance(true_page, read_page, unspaced=unspaced))
    if length == 0:
        raise ValueError("the ground truth is empty: no error rate exists")
    bag, ordered_words = _word_f1(truth, read)
    return Scores(min(1.0, distance / length), min(1.0, free / length), bag, ordered_words)


def _alike_paged(truth: Sequence[str], read: Sequence[str]) -> tuple[list[str], list[str]]:
    if len(truth) != len(read):
        return ["\n".join(truth)], ["\n".join(read)]
    told = [(true_page, read_page) for true_page, read_page in zip(truth, read, strict=True) if true_page.strip()]
    return [true_page for true_page, _ in told], [read_page for _, read_page in told]


def _word_f1(truth: Sequence[str], read: Sequence[str]) -> tuple[float, float]:
    common = in_order = total = 0
    for true_page, read_page in zip(truth, read, strict=True):
        true_words, read_words = normalise.words(true_page), normalise.words(read_page)
        common += (Counter(true_words) & Counter(read_words)).total()
        in_order += LCSseq.similarity(true_words, read_words)
        total += len(true_words) + len(read_words)
    if total == 0:
        return 1.0, 1.0
    return 2 * common / total, 2 * in_order / total
