"""The dashboard as it looks after a real run: `python -m tests.telemetry.screenshots` draws knative/…/screenshots.

One server reads for some minutes, a Prometheus with our rules scrapes it, and each query of dashboard.json is asked for
that time. A picture a row, SVG by hand. Panels without data say whose series they need; a row without any is left out.
"""

from __future__ import annotations

import json
import math
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import requests

from events import ours, writing
from events.uploads import DocumentUploaded
from tests import dashboard
from tests.doors.conftest import stamped_png
from tests.prometheus import Prometheus
from tests.server import stub_server

FOLDER = dashboard.FILE.with_name("screenshots")
LABELS = {
    "namespace": "documents",
    "pod": "zeropage-00001-deployment-1",
    "serving_knative_dev_service": "zeropage",
    "serving_knative_dev_revision": "zeropage-00001",
}
#: Of the run: how long there are few callers, then more than slots, then few again.
_QUIET, _CROWDED, _AFTER = 90.0, 60.0, 60.0
_STEP = 3
_WIDE, _HIGH, _LEFT, _TOP, _PLOT = 410, 262, 62, 34, 130
_COLOURS = (
    "#2a6f97", "#d1495b", "#e9a03b", "#00798c", "#6a4c93", "#8a8d91", "#3d5a3c", "#b5651d", "#2fa8a0", "#5b5b00",
)  # fmt: skip
_GRID, _WORDS = "#d8dee4", "#57606a"
_MOST_LEGENDS = len(_COLOURS)
#: Characters of a legend, where two stand beside each other.
_NARROW = 26

Points = list[tuple[float, float]]
Lines = dict[str, Points]


def picture(title: str, panels: Sequence[tuple[str, str, str, Lines]], start: float, end: float) -> str:
    """One row of the dashboard as an SVG.

    Args:
        title: of the row.
        panels: title, Grafana's unit, whose series are needed where they are not ours, and points by legend.
        start: of the time that is drawn, seconds since 1970.
        end: of that time.
    """
    across, high = 3, 40 + -(-len(panels) // 3) * _HIGH
    drawn = [
        f'<g transform="translate({index % across * _WIDE},{40 + index // across * _HIGH})">'
        f"{''.join(_panel(*panel, start, end))}</g>"
        for index, panel in enumerate(panels)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across * _WIDE + 10} {high}" font-family="sans-serif" '
        f'font-size="11" role="img" aria-label="{escape(title)}">\n<rect width="100%" height="100%" fill="#fff"/>\n'
        f'<text x="10" y="25" font-size="16" font-weight="bold">{escape(title)}</text>\n{chr(10).join(drawn)}\n</svg>\n'
    )


def _panel(title: str, unit: str, needs: str, lines: Lines, start: float, end: float) -> Iterator[str]:
    yield f'<text x="10" y="20" font-size="13" font-weight="bold">{escape(title)}</text>'
    right, bottom = _WIDE - 14, _TOP + _PLOT
    if not lines:
        yield _text(_LEFT, _TOP + _PLOT / 2, f"no data here: needs {needs or 'more'}")
        return
    most = max(value for points in lines.values() for _, value in points) or 1.0
    for share in (0.0, 0.5, 1.0):
        y = bottom - _PLOT * share
        yield f'<line x1="{_LEFT}" y1="{y:.0f}" x2="{right}" y2="{y:.0f}" stroke="{_GRID}"/>'
        yield _text(_LEFT - 6, y + 4, said(most * share, unit), "end")
    yield _text(_LEFT, bottom + 14, "0 s") + _text(right, bottom + 14, f"{end - start:.0f} s", "end")
    columns = 1 if max(map(len, lines)) > _NARROW and len(lines) <= _MOST_LEGENDS / 2 else 2
    for index, (legend, points) in enumerate(list(lines.items())[:_MOST_LEGENDS]):
        colour = _COLOURS[index]
        path = " ".join(
            f"{_LEFT + (right - _LEFT) * (at - start) / (end - start):.0f},{bottom - _PLOT * value / most:.1f}"
            for at, value in points
        )
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>'
        x, y = _LEFT + index % columns * 170, bottom + 30 + index // columns * 15
        words = legend[: _NARROW * (3 - columns)]
        yield f'<rect x="{x}" y="{y - 9}" width="9" height="9" fill="{colour}"/>' + _text(x + 13, y, words)


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" fill="{_WORDS}">{escape(words)}</text>'


def said(value: float, unit: str) -> str:
    """A figure with its unit, short."""
    if unit == "percentunit":
        return f"{value * 100:.3g} %"
    if unit == "bytes":
        return f"{value / (1 << 20):.3g} MiB"
    return f"{value:.3g}" + {"s": " s", "reqps": "/s", "ops": "/s", "percent": " %"}.get(unit, "")


def lines_of(prometheus: Prometheus, panel: dict[str, Any], start: float, end: float) -> Lines:
    """What Grafana would draw of a panel: points by legend; values that are no numbers are gaps."""
    found: Lines = {}
    for target in panel["targets"]:
        expression = target["expr"].replace("$namespace", ".*").replace("$__rate_interval", "30s")
        answer = prometheus.ask("query_range", query=expression, start=f"{start}", end=f"{end}", step=f"{_STEP}")
        for series in answer["result"]:
            legend = target["legendFormat"]
            for name, value in series["metric"].items():
                legend = legend.replace(f"{{{{{name}}}}}", value)
            points = [(float(at), float(value)) for at, value in series["values"]]
            found[legend] = [(at, value) for at, value in points if math.isfinite(value)]
    return {legend: points for legend, points in found.items() if points}


def draw(prometheus: Prometheus, start: float, end: float, folder: Path) -> list[Path]:
    """A file for each row that has data."""
    folder.mkdir(parents=True, exist_ok=True)
    rows: dict[str, list[tuple[str, str, str, Lines]]] = {}
    for panel in json.loads(dashboard.FILE.read_text(encoding="utf-8"))["panels"]:
        if panel["type"] == "row":
            row = rows.setdefault(panel["title"], [])
            continue
        needs = panel.get("description", "").removeprefix("Needs ").removesuffix(".")
        unit = panel["fieldConfig"]["defaults"]["unit"]
        row.append((panel["title"], unit, needs, lines_of(prometheus, panel, start, end)))
    written = []
    for title, panels in rows.items():
        if any(lines for *_, lines in panels):
            written.append(folder / (title.lower().replace("'", "").replace(" ", "-") + ".svg"))
            written[-1].write_text(picture(title, panels, start, end), encoding="utf-8")
    return written


def work(url: str, uploads: Path) -> None:
    """Few callers, then more than there are slots, then few again; uploads all the time, some of them twice."""
    began, ended = time.monotonic(), threading.Event()
    whole = _QUIET + _CROWDED + _AFTER

    def caller(number: int, pause: float, until: float) -> None:
        turn = 0
        while time.monotonic() - began < until:
            turn += 1
            # A third is the same for all, which a cache notices; one of twenty is no document.
            text = f"letter {turn}" if turn % 3 == 0 else f"letter {turn} for {number} stub:wait=0.2"
            requests.post(f"{url}/v1/parse", data=b"none" if turn % 20 == 0 else stamped_png(text), timeout=60)
            ended.wait(pause)

    def uploader() -> None:
        turn = 0
        while time.monotonic() - began < whole:
            turn += 1
            (uploads / f"{turn}.png").write_bytes(stamped_png(f"upload {turn} stub:wait=0.1"))
            for key in (f"{turn}.png", f"{turn - turn % 4}.png", "a.exe"):
                headers, body = writing.to_binary(ours.to_event(DocumentUploaded("in", key)))
                requests.post(url, data=body, headers=headers, timeout=60)
            ended.wait(2)

    with ThreadPoolExecutor(16) as pool:
        running = [pool.submit(uploader), *(pool.submit(caller, number, 1.0, whole) for number in range(2))]
        ended.wait(_QUIET)
        running += [pool.submit(caller, number, 0.1, _QUIET + _CROWDED) for number in range(10, 22)]
        for each in running:
            each.result()


def main() -> None:
    """Run, draw, name the files."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for place in ("in", "out", "prometheus"):
            (folder / place).mkdir()
        places = {"OCR_INBOX": f"file://{folder}/in", "OCR_RESULTS": f"file://{folder}/out"}
        with ExitStack() as stack:
            server = stack.enter_context(stub_server(OCR_SLOTS="4", OCR_CACHE="memory", **places))
            target = server.url.removeprefix("http://")
            prometheus = stack.enter_context(Prometheus(folder / "prometheus", [target], LABELS))
            prometheus.wait_for("zeropage_ready == 1")
            start = time.time()
            work(server.url, folder / "in")
            print("\n".join(map(str, draw(prometheus, start, time.time(), FOLDER))))


if __name__ == "__main__":
    main()
