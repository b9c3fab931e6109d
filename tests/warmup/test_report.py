"""Cold starts drawn: out of logs and /readyz, one or two, in a terminal and as SVG."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import requests

from tests.conftest import ROOT
from tests.server import stub_server
from warmup import report
from warmup.phases import Phase
from warmup.report_chart import chart
from warmup.report_starts import ColdStart, starts
from warmup.report_svg import svg

SLOW: dict[str, Any] = {
    "began": "2026-01-02T03:04:05.000+00:00",
    "ready": 4.0,
    "phases": [
        {"name": "imports", "start": 0.0, "seconds": 1.0, "state": "done"},
        {"name": "weights_read", "start": 1.0, "seconds": 2.0, "state": "done",
         "facts": {"bytes": 2e9, "mb_per_second": 1000.0}},
        {"name": "engine_load.fast", "start": 3.0, "seconds": 1.0, "state": "done"},
    ],
}  # fmt: skip
QUICK: dict[str, Any] = {
    "began": "2026-01-02T03:05:05.000+00:00",
    "ready": 2.0,
    "phases": [
        {"name": "imports", "start": 0.0, "seconds": 1.5, "state": "done"},
        {"name": "engine_load.fast", "start": 1.5, "seconds": 0.5, "state": "done"},
    ],
}


def line(cold_start: object) -> str:
    """As it stands in a log."""
    return json.dumps({"time": "x", "level": "info", "event": "cold_start", "cold_start": cold_start})


def bars(drawn: str, block: str) -> dict[str, tuple[int, int]]:
    """Where each row's bar begins and how long it is, in characters."""
    found = {}
    name = ""
    for row in drawn.splitlines():
        name = (re.match(r"[a-z][\w.]*", row) or [name])[0]
        if block in row:
            found[name] = (row.index(block), row.count(block))
    return found


def test_a_bar_stands_where_and_is_as_long_as_its_phase_was() -> None:
    """Four seconds on forty characters are ten a second; the next begins where the one before ended."""
    [start] = starts(line(SLOW), "pod.log")
    label, numbers, gap = len("engine_load.fast"), 9, 2

    drawn = chart([start], width=label + 12 + 40)
    found = bars(drawn, "█")

    left = label + numbers + gap
    assert found == {"imports": (left, 10), "weights_read": (left + 10, 20), "engine_load.fast": (left + 30, 10)}
    assert "pod.log, 2026-01-02T03:04:05.000+00:00: ready after 4.00 s" in drawn
    assert "weights_read: 2000.0 MB at 1,000 MB/s" in drawn


def test_two_starts_are_drawn_at_one_scale_with_their_differences() -> None:
    """A phase that only one of them has says so."""
    one, other = starts(line(SLOW), "a.log") + starts(line(QUICK), "b.log")

    drawn = chart([one, other], width=100)

    a, b = bars(drawn, "█"), bars(drawn, "▒")
    assert a["imports"][0] == b["imports"][0]
    assert b["imports"][1] == pytest.approx(1.5 * a["imports"][1], abs=1)
    assert re.search(r"imports +1\.00 +1\.50 +\+0\.50 ", drawn)
    assert re.search(r"weights_read +2\.00 +-  ", drawn)
    assert re.search(r"engine_load\.fast +1\.00 +0\.50 +-0\.50 ", drawn)
    assert re.search(r"^ready +4\.00 +2\.00 +-2\.00$", drawn, re.MULTILINE)
    assert drawn.startswith("A  a.log")


def test_the_chart_fits_its_width_and_can_be_plain_ascii() -> None:
    """Terminals without Unicode see the same."""
    pair = starts(line(SLOW), "a") + starts(line(QUICK), "b")

    for width in (60, 80, 200):
        assert max(map(len, chart(pair, width=width, plain=True).splitlines()[3:])) <= width
    assert chart(pair, width=80, plain=True).isascii()


def test_the_wait_before_the_process_counts_where_it_is_known() -> None:
    """The pod's phase begins below zero, and ready counts from there."""
    pod = {"name": "pod", "start": -3.0, "seconds": 3.0, "state": "done"}
    [start] = starts(line({**SLOW, "phases": [pod, *SLOW["phases"]]}), "a")

    drawn = chart([start], width=100)

    assert "ready after 7.00 s" in drawn
    assert re.search(r"^ready +7\.00$", drawn, re.MULTILINE)
    assert "-3.00 s" in drawn


def test_a_start_that_is_not_over_shows_what_runs_and_what_waits() -> None:
    """Somebody looks at a pod that does not become ready."""
    phases = (Phase("weights_read", 0.5, 9.0, "running"), Phase("engine_load.fast", state="waiting"))

    drawn = chart([ColdStart("pod", "now", None, phases)], width=80)

    assert "not ready yet" in drawn
    assert "█ running" in drawn
    assert re.search(r"engine_load\.fast .*waits", drawn)


def test_starts_are_found_among_other_lines_and_behind_a_collectors_words() -> None:
    """Logs hold gunicorn's lines, text lines, and prefixes."""
    text = (
        f'{{"message": "Listening"}}\nplain words\n2026-01-01 pod-1 stdout F {line(SLOW)}\n{line(QUICK)}\n{{"cold_start'
    )

    assert [start.ready for start in starts(text, "log")] == [4.0, 2.0]


def test_the_svg_is_xml_without_scripts_and_escapes_what_it_is_given() -> None:
    """It may be shown by a browser that trusts the page around it."""
    evil = {**QUICK, "began": '<script>alert("1")</script>'}
    tree = ElementTree.fromstring(svg(starts(line(SLOW), "a & b") + starts(line(evil), "<b>")))

    names = {element.tag.rpartition("}")[2] for element in tree.iter()}
    bars = [element for element in tree.iter() if element.get("class") in {"bar0", "bar1"} and len(element)]
    widths = [float(bar.get("width")) for bar in bars]
    assert names == {"svg", "title", "style", "rect", "text", "line"}
    assert len(bars) == 5
    assert widths[2] == pytest.approx(2 * widths[0], abs=0.2), "2 s of weights beside 1 s of imports"
    assert "prefers-color-scheme: dark" in "".join(tree.itertext())


def test_the_command_draws_files_standard_input_and_a_running_function(tmp_path: Path) -> None:
    """Whatever of them is there, and an SVG beside it."""
    log, picture = tmp_path / "pod.log", tmp_path / "start.svg"
    log.write_text(line(SLOW) + "\n" + line(QUICK), encoding="utf-8")
    command = [sys.executable, "-m", "warmup", "report"]
    with stub_server() as server:
        done = subprocess.run(
            [*command, str(log), "--url", f"{server.url}/readyz", "--svg", str(picture), "--width", "90"],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        told = requests.get(f"{server.url}/readyz", timeout=30).json()["cold_start"]
    piped = subprocess.run(command, cwd=ROOT, input=line(SLOW), capture_output=True, text=True, timeout=60, check=True)

    assert f"A  {log}, {QUICK['began']}: ready after 2.00 s" in done.stdout
    assert f"/readyz, {told['began']}: ready after {told['ready']:.2f} s" in done.stdout
    assert ElementTree.parse(picture).getroot().tag.endswith("svg")
    assert piped.stdout.startswith("standard input, 2026-01-02T03:04:05.000+00:00: ready after 4.00 s")


def test_nothing_to_draw_is_said_with_where_starts_are_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Text logs hold none; a file that is missing is named."""
    empty = tmp_path / "text.log"
    empty.write_text("12:00:00 INFO ready\n", encoding="utf-8")

    assert report.main([str(empty)]) == 70
    assert "OCR_LOG_FORMAT=json" in capsys.readouterr().err
    assert report.main([str(tmp_path / "none.log")]) == 70
    assert "none.log" in capsys.readouterr().err


def test_a_log_without_a_start_is_named_as_skipped_and_a_missing_one_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else one start of two would be drawn, and nobody told which."""
    empty, log = tmp_path / "empty.log", tmp_path / "pod.log"
    empty.write_text("words\n", encoding="utf-8")
    log.write_text(line(SLOW), encoding="utf-8")

    assert report.main([str(empty), str(log)]) == 0
    assert capsys.readouterr().err == f"{empty}: skipped, for there is no cold start in it.\n"
    assert report.main([str(tmp_path / "nofile")]) == 70
    assert capsys.readouterr().err.startswith(f"{tmp_path}/nofile: No such file or directory. Name a file")
