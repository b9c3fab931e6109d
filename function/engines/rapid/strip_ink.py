"""What was read of a strip, held against its ink: blanks that were lost, and signs that were passed over.

CTC leaves out what it does not know without a trace: of Vietnamese it reads the letters that it was taught, drops the
others, as sure of itself as ever. The signs that it did read, though, stand where their ink is; ink with none is left.

Measured on what was read with all its letters of 15 pages of English print, 53,000 signs: 28 counted as passed over
(no line has two), 11 of 41 lost blanks given back, none added. Of Vietnamese a tenth is passed over, of Greek a third.
"""

from __future__ import annotations

import unicodedata

import numpy as np
import numpy.typing as npt

from function.engines.rapid.ink import find_ink, runs
from function.page import Pixels

#: In heights of the strip: a gap that is no mere distance between letters, and how many times wider than the line's
#: usual one it is, for print may be spaced.
_WIDE, _UNUSUAL = 0.35, 2.5
#: In heights of the strip: how wide and tall ink is that is a sign, not a speck or an accent, and how far beside it the
#: place may lie that the recogniser gives it.
_SIGN_WIDTH, _SIGN_HEIGHT, _BESIDE = 0.15, 0.25, 0.1
#: So much of what was read stands on ink, or it is not the letters' ink that was found.
_SOUND = 0.8


class StripInk:
    """The ink of one level strip, and where along it each character of its text was read.

    Args:
        strip: height × width × 3, BGR; one line of a script that sets its words apart.
        text: that was read of it.
        centres: about where each of its characters stands, in pixels, ascending.
    """

    def __init__(self, strip: Pixels, text: str, centres: npt.NDArray[np.float64]) -> None:
        self._ink = find_ink(strip)
        self._columns = np.asarray(self._ink.any(axis=0))
        self._height = strip.shape[0]
        self._text = text
        self._centres = centres
        self._places = centres[[not char.isspace() for char in text]]
        self._runs = np.array(runs(self._columns), dtype=np.float64).reshape(-1, 2)
        #: A tinted strip may show other ink than its letters'; then nothing can be said.
        self._is_sound = self._share_on_ink() >= _SOUND

    def text_with_blanks(self) -> str:
        """The text with a blank in each wide gap that has none; the recogniser loses those beside signs."""
        text = self._text
        if not self._is_sound:
            return text
        pairs = [at for at in range(1, len(text)) if _takes_blanks(text[at - 1]) and _takes_blanks(text[at])]
        if not pairs:
            return text
        empty = np.array(runs(np.logical_not(self._columns)), dtype=np.float64).reshape(-1, 2)
        widths = [_widest(empty, self._centres[at - 1], self._centres[at]) for at in pairs]
        least = max(_WIDE * self._height, _UNUSUAL * float(np.median(widths)))
        wide = {at for at, width in zip(pairs, widths, strict=True) if width >= least and not _belongs(text, at)}
        return "".join(f" {char}" if at in wide else char for at, char in enumerate(text))

    def passed_over(self) -> int:
        """How many signs stand apart from the others, and nothing was read where they are."""
        if not self._is_sound:
            return 0
        bare = self._runs[~self._meetings().any(axis=1)]
        wide = bare[bare[:, 1] - bare[:, 0] >= _SIGN_WIDTH * self._height]
        return sum(self._rows(start, end) >= _SIGN_HEIGHT * self._height for start, end in wide.astype(int).tolist())

    def _meetings(self) -> npt.NDArray[np.bool_]:
        """Ink runs × characters: where a character stands on a run, or a little beside it."""
        around = _BESIDE * self._height
        starts, ends = self._runs[:, :1] - around, self._runs[:, 1:] + around
        return np.asarray((starts <= self._places) & (self._places <= ends))

    def _share_on_ink(self) -> float:
        return float(self._meetings().any(axis=0).mean()) if len(self._places) else 1.0

    def _rows(self, start: int, end: int) -> int:
        return int(self._ink[:, start:end].any(axis=1).sum())


def _belongs(text: str, at: int) -> bool:
    """Whether a character hangs on the one before whatever the distance: what closes, and the digits of one number."""
    return text[at] in ".,;:!?)]}%" or (text[at].isdigit() and text[at - 1] in ".," and text[: at - 1][-1:].isdigit())


def _takes_blanks(char: str) -> bool:
    """No blank itself, and of a script that sets its words apart."""
    return not char.isspace() and unicodedata.east_asian_width(char) not in {"W", "F"}


def _widest(empty: npt.NDArray[np.float64], start: float, end: float) -> float:
    """Of the empty stretches, first and one past the last pixel, whose middle lies between the two."""
    middles = empty.mean(axis=1)
    between = empty[(start < middles) & (middles < end)]
    return float((between[:, 1] - between[:, 0]).max()) if len(between) else 0.0
