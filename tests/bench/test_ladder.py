"""The ladder's report: pages read once, thresholds replayed."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench.accuracy.corpus import Sample
from bench.ladder.pages import Page, collect, oracle
from bench.ladder.report import markdown, write
from bench.ladder.sweep import sweep
from function.reading.need import Signs, Thresholds


def page(number: int, *, fast: float, **signs: float) -> Page:
    """A page that the accurate rung reads without error, in ten seconds."""
    return Page("a.pdf", number, Signs(**signs), fast, 0.0, 1.0, 10.0)  # type: ignore[arg-type]


PAGES = [
    page(1, fast=0.0),
    page(2, fast=0.4, doubtful=0.5),
    page(3, fast=0.0, cells=20),
    page(4, fast=0.2),
]


def test_the_sweep_tells_what_thresholds_cost_and_bring() -> None:
    """Never and always are its ends; as set, one bad page of two is caught, and one page too many."""
    points = {point.name: point for point in sweep(PAGES, Thresholds(), bad=0.05)}

    never, always, as_set = points["never"], points["always"], points["as set"]
    assert [never.escalated, never.cer, never.seconds] == pytest.approx([0.0, 0.15, 1.0])
    assert (always.escalated, always.cer, always.seconds) == (1.0, 0.0, 11.0)
    assert [as_set.escalated, as_set.cer, as_set.seconds] == pytest.approx([0.5, 0.05, 6.0])
    assert (as_set.precision, as_set.recall) == (0.5, 0.5)
    assert points["OCR_LADDER_CELLS=0"].precision == 1.0
    assert points["OCR_LADDER_CELLS=32"].escalated == 0.25
    assert points["OCR_LADDER_DOUBT=1"].recall == 0.0


def test_pages_are_collected_from_both_rungs_and_what_cannot_be_compared_is_told(tmp_path: Path) -> None:
    """A document that fails, and one whose truth has no page breaks, are left out by name."""
    evidence = {"doubtful": 0.2, "unread": 0.0, "cells": 3, "formulas": 1, "height": 12.5, "foreign": 0}
    good, broken, unaligned = (Sample(tmp_path / f"{name}.pdf", ["the truth", "more"]) for name in "abc")
    answers = {good.name: 2, unaligned.name: 3}
    told: list[str] = []

    def fast(sample: Sample, pages: int) -> object:
        if sample is broken:
            return "HTTP 500: no"
        return [("the tooth", evidence)] * min(pages, answers[sample.name]), 0.5

    found = collect([good, broken, unaligned], fast, oracle(2.0), pages=4, tell=told.append)  # type: ignore[arg-type]

    assert [(one.document, one.number, one.accurate, one.accurate_seconds) for one in found] == [
        ("a.pdf", 1, 0.0, 2.0),
        ("a.pdf", 2, 0.0, 2.0),
    ]
    assert found[0].fast == pytest.approx(2 / 9, abs=0.01)
    assert found[0].signs == Signs(doubtful=0.2, cells=3, formulas=1, height=12.5)
    assert any("b.pdf is left out: HTTP 500" in line for line in told)
    assert any("c.pdf is left out" in line for line in told)


def test_the_report_names_what_stood_on_the_accurate_rung_and_draws_a_picture(tmp_path: Path) -> None:
    """An oracle is never taken for an engine."""
    points = sweep(PAGES, Thresholds(), bad=0.05)
    text = markdown(PAGES, points, "an oracle (the truth), 10 s a page", 0.05, Thresholds())
    write(tmp_path, text, PAGES, points, "a <title>")

    assert "Accurate rung: an oracle" in (tmp_path / "ladder.md").read_text(encoding="utf-8")
    assert "50% of its text was read with doubt" in text
    assert len(ElementTree.parse(tmp_path / "ladder.svg").findall(".//{*}polyline")) == 5
