r"""Statements about a document's text that hold or do not, in the JSON lines of olmOCR-Bench (Apache-2.0, its README).

`present`, `absent` {text, max_diffs}: the text stands somewhere, or nowhere, give or take that many characters;
`first_n`, `last_n` limit the search to the page's beginning or end, `case_sensitive` is honoured.
`order` {before, after, max_diffs}: one stands before the other.
`table` {cell, up, down, left, right, top_heading, left_heading, max_diffs}: a cell has these neighbours.
`math` {math}: the LaTeX stands there. olmOCR-Bench draws formulas and compares pictures; here only the strings are
compared, spaces and \left, \right dropped, so an equal formula in other words fails, for every reader alike.
Statements of other types are not judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from bench.accuracy.normalise import flat, loose

Fact = dict[str, Any]
Table = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Facts:
    """How many statements hold.

    Attributes:
        passed: that many.
        judged: of that many.
        failed: identifiers of the others.
    """

    passed: int
    judged: int
    failed: tuple[str, ...] = ()


def judge(facts: Sequence[Fact], pages: Sequence[str], tables: Sequence[Table]) -> Facts:
    """Check every statement against the text of its page (`page`, 1-based; 1 unless given)."""
    known = [fact for fact in facts if fact.get("type") in _JUDGES]
    failed = []
    for index, fact in enumerate(known):
        number = int(fact.get("page", 1))
        page = pages[number - 1] if 0 < number <= len(pages) else ""
        if not _JUDGES[fact["type"]](fact, page, tables):
            failed.append(str(fact.get("id", index)))
    return Facts(len(known) - len(failed), len(known), tuple(failed))


def _fold(text: str, fact: Fact) -> str:
    return loose(text, fold_case=not fact.get("case_sensitive", True))


def _place(needle: str, page: str, fact: Fact) -> tuple[int, int] | None:
    """Where the text stands best, as (start, end) in the folded page; None where not near enough."""
    wanted, text = _fold(needle, fact), _fold(page, fact)
    exact = text.find(wanted)
    if exact >= 0:
        return exact, exact + len(wanted)
    allowed = int(fact.get("max_diffs", 0) or 0)
    if allowed == 0 or not wanted or len(text) < len(wanted) - allowed:
        return None
    found = fuzz.partial_ratio_alignment(wanted, text)
    if found is None or Levenshtein.distance(wanted, text[found.dest_start : found.dest_end]) > allowed:
        return None
    return found.dest_start, found.dest_end


def _present(fact: Fact, page: str, _tables: Sequence[Table]) -> bool:
    first, last = fact.get("first_n"), fact.get("last_n")
    parts = [page[:first] if first else "", page[-last:] if last else ""] if first or last else [page]
    return any(_place(fact["text"], part, fact) is not None for part in parts)


def _absent(fact: Fact, page: str, tables: Sequence[Table]) -> bool:
    return not _present(fact, page, tables)


def _order(fact: Fact, page: str, _tables: Sequence[Table]) -> bool:
    before, after = _place(fact["before"], page, fact), _place(fact["after"], page, fact)
    return before is not None and after is not None and before[0] < after[0]


def _math(fact: Fact, page: str, _tables: Sequence[Table]) -> bool:
    return _formula(fact["math"]) in _formula(page)


def _formula(text: str) -> str:
    return re.sub(r"\\left|\\right|\\,|\\;|\\!|\s|\$", "", flat(text))


def _table(fact: Fact, _page: str, tables: Sequence[Table]) -> bool:
    return any(
        _neighbours(fact, table, row, column)
        for table in tables
        for row, cells in enumerate(table)
        for column, cell in enumerate(cells)
        if _same(fact["cell"], cell, fact)
    )


def _neighbours(fact: Fact, table: Table, row: int, column: int) -> bool:
    def cell(at_row: int, at_column: int) -> str:
        inside = 0 <= at_row < len(table) and 0 <= at_column < len(table[at_row])
        return table[at_row][at_column] if inside else ""

    here = {
        "up": [cell(row - 1, column)],
        "down": [cell(row + 1, column)],
        "left": [cell(row, column - 1)],
        "right": [cell(row, column + 1)],
        "top_heading": [cell(above, column) for above in range(row)],
        "left_heading": [cell(row, before) for before in range(column)],
    }
    wanted = {side: fact[side] for side in here if fact.get(side)}
    return all(any(_same(text, found, fact) for found in here[side]) for side, text in wanted.items())


def _same(wanted: str, found: str, fact: Fact) -> bool:
    allowed = int(fact.get("max_diffs", 0) or 0)
    return bool(Levenshtein.distance(_fold(wanted, fact), _fold(found, fact)) <= allowed)


_JUDGES: dict[str, Callable[[Fact, str, Sequence[Table]], bool]] = {
    "present": _present,
    "absent": _absent,
    "order": _order,
    "table": _table,
    "math": _math,
}
