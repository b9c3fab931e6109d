"""What serving costs: the same page to every server, and a table of ratios taken within a round."""

from __future__ import annotations

from bench.overhead import ways
from bench.overhead.measure import Run, measure, table


def _run(way: str, seconds: float, cpu: float) -> Run:
    return Run(way, 1, seconds, cpu, (0.001, 0.002, 0.003), 0)


def test_ratios_are_taken_within_a_round() -> None:
    """A slow minute slows both sides, so it cancels out."""
    rounds = [[_run("ours", 3.0, 0.3), _run("bare", 1.5, 0.1)], [_run("bare", 6.0, 0.2), _run("ours", 12.0, 0.6)]]

    row = table(rounds, {"ours": "all of it", "bare": "next to nothing"}, "ours").splitlines()[-1]

    assert [cell.strip() for cell in row.strip("|").split("|")] == [
        "bare", "1", "1", "2.00 (2.00-2.00)", "2.0", "3.0", "50.00", "0.33 (0.33-0.33)", "0/6", "next to nothing",
    ]  # fmt: skip


def test_our_side_reads_the_page_that_all_are_sent() -> None:
    """The real server with the stub engine answers it, right, with one caller and with two."""
    ((alone, together),) = measure([ways.ours()], ways.page(), callers=(1, 2), rounds=1, requests=4)

    assert (alone.callers, together.callers) == (1, 2)
    assert alone.failed == together.failed == 0
    assert len(alone.latencies) == len(together.latencies) == 4
