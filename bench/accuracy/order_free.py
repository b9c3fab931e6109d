"""Edit distance of two pages whose text may stand in any order, and however it is broken into lines.

1. Equal lines are taken away, then the longest common pieces of what is left, longest first (greedy string tiling:
   Wise, "String similarity via greedy string tiling and Running Karp-Rabin matching", 1993). So it costs nothing to
   read columns in another order, row by row, or as paragraphs.
2. The rest is matched piece by piece, the shorter anywhere within the longer, what explains most first (the idea of the
   Flexible Character Accuracy: Clausner, Pletschacher, Antonacopoulos, Pattern Recognition Letters 131, 2020).
3. What is left then counts as replaced as far as both sides have it, else as missed or invented.

White space where pieces meet does not count: whoever reads in another order breaks lines elsewhere.

Pieces taken greedily may cross where phrases recur, and leave crumbs of a text that was read without a fault (columns
of prose whose truth lists their lines row by row). So pages are also compared with words for pieces; the smaller of the
two distances counts, as both are more than the best matching's.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from bench.accuracy import normalise

#: Shorter common pieces say nothing about where a text came from; characters, with and without spaces between words.
_SHORTEST, _SHORTEST_UNSPACED = 8, 4
#: A piece that occurs more often than this is tried at its first places only, or monotonous text would take forever.
_PLACES = 40
#: Less similar pieces (0..100) are no match of one another.
_ALIKE = 60.0
#: Comparing more pairs of words takes seconds, and of so different pages it says nothing new.
_MOST_PAIRS = 40_000


def free_distance(truth: str, read: str, *, unspaced: bool = False) -> int:
    """The distance in characters, between 0 and the longer text's length.

    Args:
        truth: one page.
        read: the same page as somebody read it.
        unspaced: white space within lines does not count.
    """
    true_lines = Counter(normalise.lines(truth, unspaced=unspaced))
    read_lines = Counter(normalise.lines(read, unspaced=unspaced))
    equal = true_lines & read_lines
    joint = "" if unspaced else " "
    true_side = _Side(list((true_lines - equal).elements()), joint)
    read_side = _Side(list((read_lines - equal).elements()), joint)
    _tile(true_side, read_side, _SHORTEST_UNSPACED if unspaced else _SHORTEST)
    distance = _Matching(list(true_side.rest()), list(read_side.rest())).run()
    return distance if unspaced else min(distance, _by_words(true_lines, read_lines, distance))


def _by_words(truth: Counter[str], read: Counter[str], unknown: int) -> int:
    """The distance with words for pieces; `unknown` where too many differ to find out."""
    true_words, read_words = (Counter(" ".join(lines.elements()).split()) for lines in (truth, read))
    missing, invented = list((true_words - read_words).elements()), list((read_words - true_words).elements())
    return unknown if len(missing) * len(invented) > _MOST_PAIRS else _Matching(missing, invented).run()


class _Side:
    """One text, and which of its characters are explained."""

    def __init__(self, lines: list[str], joint: str) -> None:
        self.text = joint.join(lines)
        self._explained = bytearray(len(self.text))
        self._breaks = set()
        position = 0
        for line in lines:
            self._breaks.add(position)
            position += len(line) + len(joint)

    def is_free(self, start: int, end: int) -> bool:
        """Nothing of it is explained yet."""
        return start >= 0 and end <= len(self.text) and self._explained.find(1, start, end) < 0

    def explain(self, start: int, length: int) -> None:
        """Mark it."""
        self._explained[start : start + length] = b"\x01" * length

    def rest(self) -> Iterator[str]:
        """What is not explained, broken where it or a line ends."""
        piece = ""
        for position, char in enumerate(self.text):
            if self._explained[position] or position in self._breaks:
                if piece.strip():
                    yield piece.strip()
                piece = ""
            if not self._explained[position]:
                piece += char
        if piece.strip():
            yield piece.strip()


def _tile(truth: _Side, read: _Side, shortest: int) -> None:
    """Explain common pieces, longest first, until none of `shortest` characters is left."""
    while matches := sorted(_common(truth, read, shortest), reverse=True):
        for length, at_truth, at_read in matches:
            if truth.is_free(at_truth, at_truth + length) and read.is_free(at_read, at_read + length):
                truth.explain(at_truth, length)
                read.explain(at_read, length)


def _common(truth: _Side, read: _Side, shortest: int) -> Iterator[tuple[int, int, int]]:
    """Common pieces that can be extended on neither side: (length, place in truth, place in read)."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for start in range(len(read.text) - shortest + 1):
        if read.is_free(start, start + shortest):
            places[read.text[start : start + shortest]].append(start)
    for start in range(len(truth.text) - shortest + 1):
        if not truth.is_free(start, start + shortest):
            continue
        for place in places.get(truth.text[start : start + shortest], [])[:_PLACES]:
            if not _both(truth, start - 1, read, place - 1):
                length = shortest
                while _both(truth, start + length, read, place + length):
                    length += 1
                yield length, start, place


def _both(truth: _Side, at_truth: int, read: _Side, at_read: int) -> bool:
    """Whether a free character stands at both places, the same."""
    free = truth.is_free(at_truth, at_truth + 1) and read.is_free(at_read, at_read + 1)
    return free and truth.text[at_truth] == read.text[at_read]


class _Matching:
    """Greedy matching of two bags of pieces."""

    def __init__(self, truth: list[str], read: list[str]) -> None:
        self._sides: tuple[dict[int, str], dict[int, str]] = ({}, {})
        self._candidates: list[tuple[float, int, int, int, int]] = []
        self._next = 0
        for piece in truth:
            self._add(0, piece)
        for piece in read:
            self._add(1, piece)

    def run(self) -> int:
        """The distance."""
        distance = 0
        truth, read = self._sides
        while self._candidates:
            _, true_id, read_id, start, end = heapq.heappop(self._candidates)
            if true_id in truth and read_id in read:
                distance += self._take(true_id, read_id, start, end)
        return distance + max(sum(map(len, truth.values())), sum(map(len, read.values())))

    def _add(self, side: int, piece: str) -> None:
        name = self._next
        self._next += 1
        for other_id, other in self._sides[1 - side].items():
            ids = (name, other_id) if side == 0 else (other_id, name)
            pair = (piece, other) if side == 0 else (other, piece)
            self._propose(*ids, *pair)
        self._sides[side][name] = piece

    def _propose(self, true_id: int, read_id: int, true_piece: str, read_piece: str) -> None:
        short, long = sorted((true_piece, read_piece), key=len)
        found = fuzz.partial_ratio_alignment(short, long, score_cutoff=_ALIKE)
        if found is not None:
            explained = found.score / 100 * len(short)
            heapq.heappush(self._candidates, (-explained, true_id, read_id, found.dest_start, found.dest_end))

    def _take(self, true_id: int, read_id: int, start: int, end: int) -> int:
        true_piece, read_piece = self._sides[0].pop(true_id), self._sides[1].pop(read_id)
        longer_side = 0 if len(true_piece) > len(read_piece) else 1
        short, long = sorted((true_piece, read_piece), key=len)
        for rest in (long[:start].strip(), long[end:].strip()):
            if rest:
                self._add(longer_side, rest)
        return int(Levenshtein.distance(short, long[start:end]))
