"""The warm-up pages and what must be read from them: a pod that serves wrong text is worse than none.

Before it is ready, each engine reads a page whose text is known. Spaces and line breaks are not compared, since they
depend on how a page is arranged; every other character is, with as many errors allowed as an honest engine may make.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

#: Printed pages, drawn by warmup/pages/make.py, with their texts beside them.
PRINTED = Path(__file__).resolve().parent / "pages" / "start"
#: Wrong characters by characters that a real engine may make on the printed page. It is clean print, on which every
#: runtime and precision makes none; with weights that are mixed up or noise, most characters are wrong.
MOST_ERRORS = 0.1
#: Longest text that a message shows.
_SHOWN = 160


class WrongText(Exception):
    """A warm-up page was read, and what was read is wrong; the message names page, expected and found."""


@dataclass(frozen=True, slots=True)
class WarmupPage:
    """A page whose text is known.

    Attributes:
        name: as messages call it.
        data: the document's bytes, one page.
        text: that stands on it.
        most_errors: by characters, 0 for an engine that must be exact.
    """

    name: str
    data: bytes
    text: str
    most_errors: float = 0.0

    def check(self, found: str) -> float:
        """Compare with what was read; returns character errors by expected characters.

        Raises:
            WrongText: more errors than allowed.
        """
        expected, seen = "".join(self.text.split()), "".join(found.split())
        if expected == seen:
            return 0.0
        rate = edit_distance(expected, seen) / max(1, len(expected))
        if rate <= self.most_errors:
            return rate
        allowed = f"at most {self.most_errors:.0%} may be" if self.most_errors else "none may be"
        raise WrongText(
            f"the warm-up page {self.name} was read wrongly ({rate:.0%} of its characters, {allowed}): "
            f"expected {_shown(self.text)}, found {_shown(found)}. The weights, the engine or its runtime are not what "
            "they should be; `python -m warmup verify` looks at the weights."
        )


def printed(name: Literal["page", "strip"]) -> WarmupPage:
    """What engines read that read print.

    Args:
        name: `page` is A4 with lines of all usual widths, for runtimes that compile anew for each shape; `strip` is two
            lines, for those that do not.
    """
    path = PRINTED / f"{name}.pdf"
    text = path.with_suffix(".txt").read_text(encoding="utf-8")
    return WarmupPage(f"warmup/pages/start/{path.name}", path.read_bytes(), text, MOST_ERRORS)


def beside(weights: Path) -> WarmupPage | None:
    """A page that lies beside weights of one's own, in `warmup/page.pdf` or `.png`, with its text in `warmup/page.txt`.

    Weights that were trained for other pages, for handwriting or another script say, are judged by what they are for.

    Returns:
        None where there is none; then the printed page counts.
    """
    for path in (weights / "warmup" / "page.pdf", weights / "warmup" / "page.png"):
        text = path.with_suffix(".txt")
        if path.is_file() and text.is_file():
            return WarmupPage(str(path), path.read_bytes(), text.read_text(encoding="utf-8"), MOST_ERRORS)
    return None


def edit_distance(one: str, other: str) -> int:
    """Fewest insertions, deletions and replacements that turn one text into the other (Wagner & Fischer, 1974)."""
    row = list(range(len(other) + 1))
    for n, a in enumerate(one, start=1):
        before, row[0] = row[0], n
        for m, b in enumerate(other, start=1):
            before, row[m] = row[m], min(before + (a != b), row[m] + 1, row[m - 1] + 1)
    return row[-1]


def _shown(text: str) -> str:
    flat = " ".join(text.split())
    return repr(flat if len(flat) <= _SHOWN else flat[:_SHOWN] + "…")
