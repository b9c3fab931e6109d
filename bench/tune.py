"""`python -m bench.tune FILE…`: tries the two knobs of batches on your own documents, and prints the best.

It reads with the engine that the environment names, as the server would, in this process: first each window with the
size as set, then each size with the best window, several rounds, in random order within each. Best is what reads most
pages a second; of those that differ by less than chance does, what lets documents wait least.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

import msgspec

from function.documents.base import ClosingSource
from function.documents.sources import from_path
from function.errors import OcrError, Refusal
from function.reading.caller import Caller
from function.reading.options import Options
from function.reading.queue.batcher import Batcher
from function.settings import Settings
from function.telemetry import metrics
from function.wiring import Function, build

WINDOWS = (0.0, 10.0, 25.0, 50.0, 100.0, 200.0)
PIXELS = (4e6, 8e6, 16e6, 32e6, 64e6)
#: Speeds that differ by less are the same.
CHANCE = 0.03
_ENDINGS = {".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp"}
_PATIENCE = 3600.0


@dataclass(frozen=True)
class Knobs:
    """What is tried: milliseconds, and millions of pixels."""

    window_ms: float
    pixels: int


@dataclass
class Trial:
    """What came of it.

    Attributes:
        speeds: pages a second, round by round.
        waits: seconds that each document took.
        batches: pages a batch on average, round by round.
        refused: documents that cannot be read.
    """

    knobs: Knobs
    speeds: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    batches: list[float] = field(default_factory=list)
    refused: int = 0

    @property
    def speed(self) -> float:
        """Pages a second, the median of the rounds."""
        return median(self.speeds)

    @property
    def wait(self) -> float:
        """Seconds within which 95 of 100 documents were read."""
        return sorted(self.waits)[int(len(self.waits) * 0.95)] if self.waits else 0.0


def best(trials: Sequence[Trial]) -> Trial:
    """The fastest; of equals, where documents wait least; of equals again, the first."""
    fastest = max(trial.speed for trial in trials)
    return min((trial for trial in trials if trial.speed >= fastest * (1 - CHANCE)), key=lambda trial: trial.wait)


class Tuner:
    """Tries knobs on one engine.

    Args:
        function: started.
        paths: of the documents, each read once a round.
        callers: who ask at the same time.
        rounds: of each knob's setting.
        options: of every document.
        tell: what to do with a line on progress.
    """

    def __init__(
        self,
        function: Function,
        paths: Sequence[Path],
        *,
        callers: int,
        rounds: int,
        options: Options,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._reader, self._paths = function.reader, paths
        self._callers, self._rounds, self._options, self._tell = callers, rounds, options, tell
        self._order = random.Random(1)

    @property
    def batchers(self) -> list[Batcher]:
        """Whose engines gain from batches."""
        return [batcher for batcher in self._reader.batchers.values() if batcher.engine.gains_from_batches]

    def tune(self, now: Knobs, windows: Sequence[float], sizes: Sequence[int]) -> list[Trial]:
        """Every trial; the knobs stand as before afterwards."""
        self._round(Trial(now))  # nobody counts what is compiled at the first page of a shape
        first = self._try([Knobs(window, now.pixels) for window in windows])
        window = best(first).knobs.window_ms
        return first + self._try([Knobs(window, size) for size in sizes if size != now.pixels])

    def _try(self, knobs: Sequence[Knobs]) -> list[Trial]:
        trials = [Trial(one) for one in knobs]
        for number in range(self._rounds):
            for trial in self._order.sample(trials, len(trials)):
                self._round(trial)
                told = (
                    f"{trial.knobs.window_ms:g} ms, {trial.knobs.pixels / 1e6:g} Mpixel: {trial.speeds[-1]:.2f} pages/s"
                )
                self._tell(f"round {number + 1}: {told}")
        return trials

    def _round(self, trial: Trial) -> None:
        before = {batcher: batcher.batching for batcher in self.batchers}
        counted = _batches()
        for batcher, batching in before.items():
            batcher.batching = replace(batching, window=trial.knobs.window_ms / 1000, pixels=trial.knobs.pixels)
        began = time.perf_counter()
        try:
            with ThreadPoolExecutor(self._callers) as pool:
                pages = sum(pool.map(lambda path: self._read(path, trial), self._paths))
        finally:
            for batcher, batching in before.items():
                batcher.batching = batching
        trial.speeds.append(pages / (time.perf_counter() - began))
        batches, read = (now - then for now, then in zip(_batches(), counted, strict=True))
        trial.batches.append(read / batches if batches else 0.0)

    def _read(self, path: Path, trial: Trial) -> int:
        """How many pages it has; 0 where it cannot be read."""
        began = time.perf_counter()
        source: ClosingSource
        with from_path(str(path), max_bytes=sys.maxsize) as source:
            try:
                pages = len(self._reader.read(source, self._options, Caller(_PATIENCE)).pages)
            except Refusal:
                trial.refused += 1
                return 0
        trial.waits.append(time.perf_counter() - began)
        return pages


def _batches() -> tuple[float, float]:
    """How many batches so far, and how many pages in them."""
    name = "zeropage_batch_pages"
    count, total = (metrics.REGISTRY.get_sample_value(f"{name}_{what}") or 0.0 for what in ("count", "sum"))
    return count, total


def table(trials: Sequence[Trial], chosen: Trial) -> str:
    """In Markdown."""
    lines = ["| window, ms | batch, Mpixel | pages/s | slowest 5 %, s | pages a batch | |", "|--:|--:|--:|--:|--:|---|"]
    for trial in sorted(trials, key=lambda trial: (trial.knobs.pixels, trial.knobs.window_ms)):
        knobs, mark = trial.knobs, "best" if trial is chosen else ""
        figures = f"{trial.speed:.2f} | {trial.wait:.2f} | {median(trial.batches):.1f} | {mark} |"
        lines.append(f"| {knobs.window_ms:g} | {knobs.pixels / 1e6:g} | {figures}")
    return "\n".join(lines)


def documents(places: Sequence[Path]) -> list[Path]:
    """The files, and those in the folders."""
    found: list[Path] = []
    for place in places:
        inside = sorted(place.rglob("*")) if place.is_dir() else [place]
        found += [path for path in inside if path.is_file() and (path == place or path.suffix.lower() in _ENDINGS)]
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Try, and print the table and the two variables."""
    options = _parser().parse_args(arguments)
    paths = documents(options.places)
    if not paths:
        sys.stderr.write("no documents: name files, or folders that hold PDFs or images\n")
        return 2
    # An answer from a cache says nothing of the engine, and a slot is not to be waited for.
    own = Settings.from_environment()
    settings = msgspec.structs.replace(own, cache="none", slots=max(own.slots, options.callers))
    function = build(settings)
    function.start()
    try:
        function.wait_until_ready()
        return _tuned(function, settings, paths, options)
    except OcrError as problem:
        sys.stderr.write(f"{problem.detail} {problem.remedy}\n")
        return problem.exit_code
    finally:
        function.stop()


def _tuned(function: Function, settings: Settings, paths: list[Path], options: argparse.Namespace) -> int:
    asked = Options(tier=options.tier, ocr="always")
    tuner = Tuner(
        function, paths, callers=options.callers, rounds=options.rounds, options=asked,
        tell=lambda line: print(line, file=sys.stderr, flush=True),
    )  # fmt: skip
    if not tuner.batchers:
        names = ", ".join(sorted({batcher.engine.info.name for batcher in function.reader.batchers.values()}))
        print(f"Nothing to tune: {names} gains nothing from batches, so that no page ever waits for company.")
        return 0
    now = Knobs(settings.batch_window_ms, settings.batch_pixels)
    trials = tuner.tune(now, options.windows, [int(size * 1e6) for size in options.pixels])
    chosen = best(trials)
    print(f"{len(paths)} documents, {options.callers} callers, {options.rounds} rounds\n\n{table(trials, chosen)}\n")
    if chosen.refused:
        print(f"{chosen.refused // options.rounds} of them cannot be read, and do not count.\n")
    print(f"OCR_BATCH_WINDOW_MS={chosen.knobs.window_ms:g}\nOCR_BATCH_PIXELS={chosen.knobs.pixels}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.tune", description=__doc__)
    parser.add_argument("places", nargs="+", type=Path, metavar="FILE", help="documents, or folders of them")
    parser.add_argument("--callers", type=int, default=8, help="how many ask at the same time (8)")
    parser.add_argument("--rounds", type=int, default=3, help="of each (3)")
    parser.add_argument("--tier", choices=["auto", "fast", "accurate"], default="auto")
    parser.add_argument("--windows", type=_numbers, default=WINDOWS, help="in ms, by commas")
    parser.add_argument(
        "--pixels", type=_numbers, default=tuple(size / 1e6 for size in PIXELS), help="in millions, by commas"
    )
    return parser


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(","))


if __name__ == "__main__":
    raise SystemExit(main())
