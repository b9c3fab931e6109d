"""One run: Locust in an environment of its own, beside it the watch; what came of it as plain values."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.coldstart.peers import environment
from bench.load_test import mix
from bench.load_test.kpi import Sample, Watched
from bench.load_test.stages import Stage
from bench.load_test.watch import Watch

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "load"
#: The newest that was tried; another makes the environment anew.
PACKAGES = ("locust==2.47.0",)
#: How much longer than its plan a run may take: Locust's own start and end.
_GRACE = 120.0


@dataclass(frozen=True)
class Recorded:
    """A run as it was recorded.

    Attributes:
        plan: the stages.
        samples: answers in the order of their ends, `at` in seconds since the first stage began.
        watched: what the server took.
    """

    plan: list[Stage]
    samples: list[Sample]
    watched: list[Watched]

    def told(self) -> dict[str, Any]:
        """As JSON takes it."""
        return {
            "plan": [asdict(stage) for stage in self.plan],
            "samples": self.samples,
            "watched": [asdict(each) for each in self.watched],
        }


def recorded(told: dict[str, Any]) -> Recorded:
    """What `told` wrote."""
    watched = [
        Watched(**{**each, "lookups": tuple(each["lookups"]), "pages": tuple(each["pages"])})
        for each in told["watched"]
    ]
    return Recorded([Stage(**stage) for stage in told["plan"]], told["samples"], watched)


def run(
    url: str,
    plan: Sequence[Stage],
    of: mix.Mix,
    base: Path,
    *,
    think: tuple[float, float] = (1.0, 3.0),
    pid: int | None = None,
    exporter: str = "",
    key: str = "",
    python: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Recorded:
    """Send the mix through all stages.

    Args:
        url: of the server.
        plan: the stages.
        of: what is sent.
        base: what the mix's `files` are relative to.
        think: least and most seconds between an answer and the next document.
        pid: of the server, where it is a child of ours.
        exporter: address of DCGM's exporter, or empty.
        key: an API key, or empty.
        python: an interpreter that has Locust; None makes its environment.
        tell: told what is going on.

    Raises:
        RuntimeError: Locust could not be installed, or ended without having measured.
        ValueError: of the mix.
    """
    python = python or _locust()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kinds = mix.write(of, base, folder)
        tell(f"{sum(len(kind['documents']) for kind in kinds)} documents of {len(kinds)} kinds")  # type: ignore[misc,arg-type]
        told = {"stages": [asdict(stage) for stage in plan], "think": think, "key": key}
        (folder / "plan.json").write_text(json.dumps(told), encoding="utf-8")
        samples = folder / "samples.jsonl"
        with Watch(url, pid, exporter, lambda: _began(samples)) as watch:
            _run_locust(python, url, folder, sum(stage.seconds for stage in plan))
        began, answers = _read(samples)
        for answer in answers:
            answer["at"] -= began
        return Recorded(list(plan), answers, watch.seen)


def _run_locust(python: Path, url: str, folder: Path, seconds: float) -> None:
    locustfile = Path(__file__).with_name("locustfile.py")
    command = [str(python), "-m", "locust", "--locustfile", str(locustfile), "--headless", "--host", url, "--folder",
               str(folder), "--only-summary", "--loglevel", "WARNING", "--exit-code-on-error", "0"]  # fmt: skip
    # The interpreter's path is the repository's root, whence the two files of ours come that Locust's side needs.
    done = subprocess.run(
        ["/usr/bin/env", f"PYTHONPATH={ROOT}", *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        timeout=seconds + _GRACE, check=False, cwd=folder,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"locust ended with {done.returncode}:\n{done.stderr[-3000:]}")


def _locust() -> Path:
    if not FOLDER.is_dir():
        print("Locust is installed into build/load, once", file=sys.stderr)
    try:
        return environment(FOLDER, PACKAGES)
    except (subprocess.CalledProcessError, OSError) as problem:
        raise RuntimeError(f"Locust cannot be installed into {FOLDER}: {problem}") from problem


def _began(samples: Path) -> float | None:
    try:
        with samples.open(encoding="utf-8") as lines:
            first = lines.readline()
    except OSError:
        return None
    return float(json.loads(first)["began"]) if first.endswith("\n") else None


def _read(samples: Path) -> tuple[float, list[Sample]]:
    began = _began(samples)
    if began is None:
        raise RuntimeError(f"locust ended without having begun, at {time.ctime()}; nothing was measured")
    lines = samples.read_text(encoding="utf-8").splitlines()[1:]
    return began, [json.loads(line) for line in lines if line.endswith("}")]
