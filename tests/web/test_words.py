"""The page's words against the program: sentences of the server that the page says in Chinese are the server's own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

_KEY = re.compile(r'^  "((?:[^"\\]|\\.)+)":', re.MULTILINE)
#: Where the reasons of a page are written.
_REASONS = ("reading/ladder.py", "reading/text_layer/evidence.py", "reading/text_layer/layer_check.py",
            "reading/accurate/need.py", "reading/page_results.py")  # fmt: skip


def _said(path: Path) -> str:
    """A program without its docstrings, broken strings joined, `{}` for what is filled in."""
    text = re.sub(r'""".*?"""', "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"\{[^{}\n]*\}", "{}", re.sub(r'"\s*\n\s*f?"', "", text))


@pytest.fixture(scope="module")
def known() -> list[str]:
    """The sentences that the page knows."""
    text = (ROOT / "function" / "web" / "words" / "zh_told.js").read_text(encoding="utf-8")
    return _KEY.findall(text)


def test_the_page_waits_for_no_sentence_that_nobody_says(known: list[str]) -> None:
    """Each that it translates stands in the program, word for word."""
    said = "\n".join(_said(path) for path in (ROOT / "function").rglob("*.py"))

    assert [sentence for sentence in known if sentence not in said] == []
    assert len(known) > 40


def test_why_a_page_was_read_as_it_was_can_be_told_in_chinese(known: list[str]) -> None:
    """Every reason that the ladder knows, but for those of options that the page does not offer."""
    said = [sentence for name in _REASONS for sentence in re.findall(r'"([^"\n]+)"', _said(ROOT / "function" / name))]
    reasons = [one for one in said if len(one.split()) > 3 and "ocr=never" not in one]

    assert [one for one in reasons if not any(sentence in one for sentence in known)] == []
    assert len(reasons) > 20
