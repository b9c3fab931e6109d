"""The ladder's report: pages read once, thresholds replayed."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from bench.accuracy.corpus import Sample
from bench.ladder.degraded import versions
from bench.ladder.halves import HALVES, half_of, score, tuned
from bench.ladder.pages import Page, collect, oracle
from bench.ladder.report import markdown, write
from bench.ladder.sweep import sweep
from function.reading.accurate.need import Signs, Thresholds


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


def test_a_document_and_its_degraded_versions_are_in_one_half() -> None:
    """By its name alone, so that nobody chooses; and both halves have some."""
    names = [f"document-{number}" for number in range(40)]

    assert all(half_of(f"{name}.pdf") == half_of(f"{name}.blur2_2.png") for name in names)
    assert {half_of(f"{name}.pdf") for name in names} == set(HALVES)


def test_the_teaching_half_chooses_the_thresholds_that_find_its_bad_pages() -> None:
    """Here doubt tells all from 0.16 on, and unread ink misleads; equally good ones stay as they were set."""
    teaching = [page(n, fast=0.4 if n % 2 else 0.0, doubtful=0.1 + 0.1 * (n % 2), unread=0.3) for n in range(10)]

    chosen = tuned(teaching, Thresholds(), 0.05)

    assert (chosen.doubtful, chosen.unread, chosen.height) == (0.15, 0.4, 9.0)
    assert (score(teaching, chosen, 0.05).precision, score(teaching, chosen, 0.05).recall) == (1.0, 1.0)
    assert (chosen.cells, chosen.formulas) == (Thresholds().cells, Thresholds().formulas)


def test_halves_are_judged_apart() -> None:
    """The report has a row for each half and each way of setting."""
    text = markdown(PAGES, sweep(PAGES, Thresholds(), bad=0.05), "an oracle", 0.05, Thresholds())
    rows = text.partition("## One half teaches, the other judges")[2].partition("## Page by page")[0]

    assert rows.count(f"| {HALVES[0]} ") == rows.count(f"| {HALVES[1]} ") == 3


def test_a_page_is_degraded_in_seven_ways() -> None:
    """Never enlarged; smaller ones have print of the height that they are called by."""
    sound = np.full((300, 200, 3), 255, np.uint8)

    shapes = {name: pixels.shape for name, pixels in versions(sound, height=20.0)}

    assert shapes["to10px"] == (150, 100, 3)
    assert shapes["blur2_2"] == shapes["blur3_2"] == shapes["noise"] == (300, 200, 3)
    assert len(shapes) == 7
