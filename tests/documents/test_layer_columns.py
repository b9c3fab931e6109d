"""Columns from a render child are looked through before they are used: a document may have taken the child over."""

from __future__ import annotations

import math
from array import array
from typing import Any

import msgspec
import pytest

from function.documents.channel import Broken
from function.documents.layer_columns import layer_of, require_fitting
from function.documents.raw_layer import BLANK, NOTHING, PLACE, RawLayer, RawPaint

PAINT = RawPaint(font=0, size=10.0, stretch=10.0, angle=0.0, visible=True, luma=0)
#: Two letters, the blank between them, half of a pair.
LAYER = RawLayer(
    width=100,
    height=50,
    codes=array("i", [65, BLANK, 66, NOTHING]).tobytes(),
    places=array("d", [1.0, 9.0, 1.0, 9.0, 1.0, 1.0] * 4).tobytes(),
    owners=array("i", [0, -1, 0, -1]).tobytes(),
    flags=bytes(4),
    paints=[PAINT],
    fonts=[("sans", False)],
    widths=[(0, 65, 0.5)],
)


def test_columns_that_fit_each_other_become_a_layer() -> None:
    """What blanks and halves are painted with does not matter."""
    require_fitting(LAYER)

    assert [glyph.char for glyph in layer_of(LAYER).glyphs] == ["A", " ", "B"]


def test_a_layer_of_nothing_but_halves_of_pairs_is_empty() -> None:
    """So it is where all text lies outside the page, or the page is smaller than a point; it was a 500."""
    halves = msgspec.structs.replace(LAYER, codes=array("i", [NOTHING] * 4).tobytes())
    none = msgspec.structs.replace(LAYER, codes=b"", places=b"", owners=b"", flags=b"")

    for page in (halves, none, msgspec.structs.replace(none, paints=[], fonts=[], widths=[])):
        assert len(layer_of(page).glyphs) == 0


@pytest.mark.parametrize("page", [RawLayer(), RawLayer(problem="the text layer is damaged")])
def test_a_page_without_glyphs_fits(page: RawLayer) -> None:
    """Pictures have neither text nor a grid."""
    require_fitting(page)

    assert not list(layer_of(page).glyphs)


def _ints(*values: int) -> bytes:
    return array("i", values).tobytes()


@pytest.mark.parametrize(
    "changed",
    [
        {"codes": LAYER.codes[:-1]},
        {"codes": LAYER.codes[:-4]},
        {"codes": b""},
        {"places": LAYER.places[: -8 * PLACE]},
        {"places": LAYER.places + b"\0"},
        {"owners": LAYER.owners[:-4]},
        {"owners": b""},
        {"flags": bytes(3)},
        {"flags": bytes(5)},
        {"codes": _ints(65, BLANK, 0xD800, NOTHING)},
        {"codes": _ints(65, BLANK, -3, NOTHING)},
        {"owners": _ints(0, -1, 1, -1)},
        {"owners": _ints(-1, -1, 0, -1)},
        {"owners": _ints(2**31 - 1, -1, 0, -1)},
        {"paints": []},
        {"fonts": []},
        {"width": -1},
        {"height": -1},
        {"dpi": math.nan},
        {"grid": (1.0, 0.0, 0.0, 1.0, math.inf, 0.0)},
        *[
            {"paints": [msgspec.structs.replace(PAINT, **{name: value})]}
            for name, value in [
                ("font", 1), ("font", -1), ("font", 2**63), ("size", math.nan), ("stretch", math.inf),
                ("angle", 1e300), ("luma", 256), ("luma", -1), ("luma", 2**63),
            ]
        ],
    ],
    ids=str,
)  # fmt: skip
def test_columns_that_do_not_fit_are_nonsense(changed: dict[str, Any]) -> None:
    """Of another length, pointing to what is not there, or of values that nothing has: never an error of ours."""
    with pytest.raises(Broken):
        require_fitting(msgspec.structs.replace(LAYER, **changed))
