"""What the server takes meanwhile, looked at once a second: its processes, its metrics, the GPU."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from bench import processes
from bench.load_test.kpi import Watched
from bench.sampling import Sampling

_METRIC = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*?)\})? ([-+0-9.eE]+)", re.MULTILINE)
_ASKED = ["nvidia-smi", "--query-gpu=utilization.gpu,memory.used", "--format=csv,noheader,nounits"]
_HITS = ('outcome="hit"', 'outcome="shared"')
Metrics = list[tuple[str, str, float]]


def scrape(url: str, seconds: float = 2.0) -> Metrics:
    """Name, labels and value of each metric there; empty where it does not answer."""
    try:
        with urllib.request.urlopen(url, timeout=seconds) as answer:
            text = answer.read().decode(errors="replace")
    except (urllib.error.URLError, OSError, ValueError):
        return []
    return [(name, labels, float(value)) for name, labels, value in _METRIC.findall(text)]


def gpu_of_exporter(told: Metrics) -> tuple[float | None, float | None]:
    """Per cent busy and bytes used, as DCGM's exporter names them (its memory is in MiB)."""
    busy = [value for name, _, value in told if name == "DCGM_FI_DEV_GPU_UTIL"]
    used = [value for name, _, value in told if name == "DCGM_FI_DEV_FB_USED"]
    return _mean(busy), sum(used) * processes.MIB if used else None


def gpu_of_server(told: Metrics) -> tuple[float | None, float | None]:
    """The same out of the server's own metrics."""
    busy = [value for name, _, value in told if name == "zeropage_gpu_busy_ratio"]
    used = [value for name, labels, value in told if name == "zeropage_gpu_memory_bytes" and 'part="used"' in labels]
    share = _mean(busy)
    return None if share is None else 100 * share, sum(used) if used else None


def gpu_here() -> tuple[float | None, float | None]:
    """The same by NVIDIA's tool, of this machine's cards."""
    if not shutil.which(_ASKED[0]):
        return None, None
    try:
        done = subprocess.run(_ASKED, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None, None
    cells = [line.split(",") for line in done.stdout.splitlines() if done.returncode == 0]
    rows = [(float(busy), float(used)) for busy, used in cells if _is_number(busy) and _is_number(used)]
    return _mean([busy for busy, _ in rows]), sum(used for _, used in rows) * processes.MIB if rows else None


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\s*\d+(\.\d+)?\s*", text) is not None


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


class Watch(Sampling):
    """Looks while the `with` block runs; afterwards `seen`.

    Args:
        url: of the server, whose `/metrics` is read.
        pid: of a server of this machine, whose processes are read instead of what its metrics say of them.
        exporter: address of DCGM's exporter; empty asks the server, then NVIDIA's tool where the server is here.
        began: tells the moment from which on seconds count; None before.
    """

    def __init__(self, url: str, pid: int | None, exporter: str, began: Callable[[], float | None]) -> None:
        super().__init__(1.0)
        self.seen: list[Watched] = []
        self._url, self._pid, self._exporter, self._began = url, pid, exporter, began
        self._before: tuple[float, float] | None = None

    def look(self) -> bool:
        """Look at all of it, once it has begun."""
        if (began := self._began()) is not None:
            self.seen.append(self._once(time.time() - began))
        return True

    def _once(self, at: float) -> Watched:
        told = scrape(f"{self._url}/metrics")
        cpu, rss = self._taken(told)
        gpu, memory = gpu_of_exporter(scrape(self._exporter)) if self._exporter else gpu_of_server(told)
        if gpu is None and not self._exporter and self._pid is not None:
            gpu, memory = gpu_here()
        return Watched(at, self._busy(cpu), rss, gpu, memory, _lookups(told, "zeropage_cache_lookups_total"),
                       _lookups(told, "zeropage_cache_page_lookups_total"))  # fmt: skip

    def _taken(self, told: Metrics) -> tuple[float | None, float | None]:
        """Processor seconds so far, and bytes resident."""
        if self._pid is not None:
            return processes.cpu_seconds(self._pid), processes.rss(self._pid)
        values = {name: value for name, _, value in told}
        return values.get("process_cpu_seconds_total"), values.get("process_resident_memory_bytes")

    def _busy(self, cpu: float | None) -> float | None:
        now, before = time.monotonic(), self._before
        self._before = None if cpu is None else (now, cpu)
        return None if cpu is None or before is None else max(0.0, (cpu - before[1]) / (now - before[0]))


def _lookups(told: Metrics, name: str) -> tuple[float, float]:
    """How many, and how many of them hits."""
    rows = [(labels, value) for metric, labels, value in told if metric == name]
    return sum(value for _, value in rows), sum(value for labels, value in rows if labels in _HITS)
