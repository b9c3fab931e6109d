"""Whatever PaddleOCRVL can be told has a place in our API, or a reason why not: function/README.md's last table."""

from __future__ import annotations

import inspect
import re

import pytest

from function.engines.paddle_vl.wishes import arguments
from function.engines.paddlex import import_paddleocr
from function.reading.options import Options
from function.settings import describe
from tests.conftest import ROOT

pytestmark = pytest.mark.paddle

#: What paddleocr calls these inside.
_OUTSIDE = {"use_pptrt": "use_tensorrt", "pptrt_precision": "precision"}


def _rows() -> list[tuple[str, str]]:
    text = (ROOT / "function/README.md").read_text(encoding="utf-8")
    table = text.partition("| PaddleOCRVL | Here |\n|---|---|\n")[2]
    return [(row[0], row[1]) for row in re.findall(r"^\| (.*?) \| (.*?) \|$", table, re.MULTILINE)]


def _parameters(*of: object) -> set[str]:
    named = (parameter for one in of for parameter in inspect.signature(one).parameters.values())  # type: ignore[arg-type]
    return {one.name for one in named if one.kind is not one.VAR_KEYWORD} - {"self", "res_list"}


def test_every_parameter_of_the_installed_class_has_a_row() -> None:
    """And no row is about one that it has no more; what it takes as keywords counts, too."""
    module = import_paddleocr()
    from paddleocr._common_args import parse_common_args

    told = module.PaddleOCRVL
    common = {_OUTSIDE.get(name, name) for name in parse_common_args({}, default_enable_hpi=None)}
    wrapper = _parameters(told.__mro__[1].__init__) - {"kwargs"}
    known = common | wrapper | _parameters(told.__init__, told.predict, told.restructure_pages)

    listed = {name for cell, _ in _rows() for name in re.findall(r"`(\w+)`", cell)}
    listed |= {name for _, cell in _rows() for name in re.findall(r"`(concatenate_pages)`", cell)}
    assert sorted(known - listed) == []
    assert sorted(listed - known) == []


def test_every_place_that_is_named_is_there() -> None:
    """Options are options, variables are variables."""
    places = " ".join(cell for _, cell in _rows())

    assert set(re.findall(r"option `(\w+)`", places)) <= set(Options.__struct_fields__)
    assert set(re.findall(r"`(OCR_\w+)`", places)) <= {entry.variable for entry in describe()}


def test_what_is_handed_on_is_known_to_the_installed_class() -> None:
    """Under its present names: predict takes any keyword and passes over those that it does not know."""
    wishes = {"charts": "yes", "seals": "yes", "figures": "yes", "unwarp": "yes", "detail": "high", "content": "table"}

    assert set(arguments(wishes)) <= _parameters(import_paddleocr().PaddleOCRVL.predict)
