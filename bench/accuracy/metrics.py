"""Distances between the truth and a reading, with and without respect for the order of reading.

Every measure takes pages; where truth and reading have different numbers of them (a truth without page breaks), both
are taken as one page.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq, Levenshtein

from bench.accuracy import normalise

#: Less similar lines (0..100) are no match of one another: what is left counts as missed and as invented.
_ALIKE = 60.0


@dataclass(frozen=True)
class Scores:
    """How near a reading comes to the truth; rates and F1 in 0..1.

    Attributes:
        cer: character error rate in reading order: Levenshtein distance over the truth's length, at most 1.
        cer_free: the same, wherever on its page a line stands (see `free_distance`).
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


def free_distance(truth: str, read: str, *, unspaced: bool = False) -> int:
    """Edit distance of one page whose lines may stand in any order.

    The idea is the Flexible Character Accuracy of Clausner, Pletschacher and Antonacopoulos (Pattern Recognition
    Letters 131, 2020): match the pair of lines that explains most characters, the shorter anywhere within the
    longer, put what is left of the longer back, and go on until nothing alike remains. Leftovers of both sides
    count as replaced as far as they pair up, else as missed or invented.
    """
    true_lines = Counter(normalise.lines(truth, unspaced=unspaced))
    read_lines = Counter(normalise.lines(read, unspaced=unspaced))
    equal = true_lines & read_lines
    match = _Matching(list((true_lines - equal).elements()), list((read_lines - equal).elements()))
    return match.run()


class _Matching:
    """Greedy matching of two bags of lines; see `free_distance`."""

    def __init__(self, truth: list[str], read: list[str]) -> None:
        self._sides: tuple[dict[int, str], dict[int, str]] = ({}, {})
        self._candidates: list[tuple[float, int, int, int, int]] = []
        self._next = 0
        for line in truth:
            self._add(0, line)
        for line in read:
            self._add(1, line)

    def run(self) -> int:
        """The distance."""
        distance = 0
        truth, read = self._sides
        while self._candidates:
            _, true_id, read_id, start, end = heapq.heappop(self._candidates)
            if true_id in truth and read_id in read:
                distance += self._take(true_id, read_id, start, end)
        return distance + max(sum(map(len, truth.values())), sum(map(len, read.values())))

    def _add(self, side: int, line: str) -> None:
        name = self._next
        self._next += 1
        for other_id, other in self._sides[1 - side].items():
            ids = (name, other_id) if side == 0 else (other_id, name)
            pair = (line, other) if side == 0 else (other, line)
            self._propose(*ids, *pair)
        self._sides[side][name] = line

    def _propose(self, true_id: int, read_id: int, true_line: str, read_line: str) -> None:
        short, long = sorted((true_line, read_line), key=len)
        found = fuzz.partial_ratio_alignment(short, long, score_cutoff=_ALIKE)
        if found is None:
            return
        explained = found.score / 100 * len(short)
        heapq.heappush(self._candidates, (-explained, true_id, read_id, found.dest_start, found.dest_end))

    def _take(self, true_id: int, read_id: int, start: int, end: int) -> int:
        true_line, read_line = self._sides[0].pop(true_id), self._sides[1].pop(read_id)
        longer_side = 0 if len(true_line) > len(read_line) else 1
        short, long = sorted((true_line, read_line), key=len)
        for rest in (long[:start].strip(), long[end:].strip()):
            if rest:
                self._add(longer_side, rest)
        return int(Levenshtein.distance(short, long[start:end]))
