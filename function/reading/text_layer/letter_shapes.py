"""Whether glyphs have the outlines that their letters should have.

A font whose names for its glyphs are wrong gives itself away: its x reaches up like an l, its g does not reach below
the line. Only letters of Latin script and digits tell; a font whose small letters are small capitals looks the same, so
this is a reason to look closer, and never a verdict.
"""

from __future__ import annotations

import numpy as np

from function.glyphs import Glyphs

_LOW, _TALL, _DEEP = "acemnorsuvwxz", "bdfhklABCDEFGHIKLMNPRSTUVXYZ0123456789", "gpqy"
#: By code point: 1 keeps between the lines, 2 reaches up, 3 reaches below; 0 says nothing.
_CLASS = np.zeros(128, dtype=np.int8)
for _letters, _class in ((_LOW, 1), (_TALL, 2), (_DEEP, 3)):
    _CLASS[[ord(letter) for letter in _letters]] = _class
#: Font sizes: halfway between small letters and tall ones, and what a descender reaches at least.
_WAIST, _DEPTH = 0.58, 0.08
#: Letters below which a page says nothing, and glyphs that are looked at, spread over the page.
_FEWEST, _ENOUGH = 30, 2000


def misfits(glyphs: Glyphs) -> float:
    """Share of a page's letters whose ink reaches higher or lower than such a letter's, 0..1; 0 for too few letters."""
    some = glyphs.take(slice(None, None, 1 + len(glyphs) // _ENOUGH))
    codes = some.codes()
    kinds = np.where((some.angles == 0) & (some.sizes > 0) & (codes < 128), _CLASS[np.minimum(codes, 127)], 0)
    telling = np.flatnonzero(kinds)
    if len(telling) < _FEWEST:
        return 0.0
    told = some.take(telling)
    up = (told.pens[:, 1] - told.boxes[:, 1]) / told.sizes
    down = (told.boxes[:, 3] - told.pens[:, 1]) / told.sizes
    kinds = kinds[telling]
    waist = _waist(up, kinds)
    low = (kinds == 1) & ((up > waist) | (down > _DEPTH))
    tall = (kinds == 2) & (up < waist)
    deep = (kinds == 3) & (down < _DEPTH)
    return float((low | tall | deep).mean())


def _waist(up: np.ndarray, kinds: np.ndarray) -> float:
    """Halfway between this page's own small and tall letters, where it has both."""
    low, tall = up[kinds == 1], up[kinds == 2]
    if len(low) < 10 or len(tall) < 10:
        return _WAIST
    return float(np.median(low) + np.median(tall)) / 2
