"""What a scrape tells of GPUs, with a driver's library that is made up: what a machine without one can try."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from function.telemetry import gpu, metrics


class NVMLError(Exception):
    """As the library calls its errors."""


def driver(**replaced: Callable[..., Any]) -> Any:
    """The functions of nvidia-ml-py that are used, for two GPUs: a half busy one and an idle one."""
    functions: dict[str, Any] = {
        "NVMLError": NVMLError,
        "nvmlInit": lambda: None,
        "nvmlDeviceGetCount": lambda: 2,
        "nvmlDeviceGetHandleByIndex": lambda index: index,
        "nvmlDeviceGetUtilizationRates": lambda handle: SimpleNamespace(gpu=50 - 50 * handle),
        "nvmlDeviceGetMemoryInfo": lambda handle: SimpleNamespace(used=(handle + 1) << 30, total=80 << 30),
    }
    return SimpleNamespace(**functions | replaced)


def failing(*_: object) -> Any:
    """What the driver does not tell."""
    raise NVMLError("Not Supported")


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(metrics, "before_scrape", [])
    yield
    metrics.gpu_busy_ratio.clear()
    metrics.gpu_memory_bytes.clear()


def told(monkeypatch: pytest.MonkeyPatch, device: Path, library: Any) -> list[str]:
    """The lines about GPUs of a scrape."""
    monkeypatch.setitem(sys.modules, "pynvml", library)
    device.touch()
    watching = gpu.watch(device)
    assert watching is not None
    watching.join(60)
    lines = metrics.exposition().decode().splitlines()
    return sorted(line for line in lines if line.startswith("zeropage_gpu_"))


def test_each_gpu_is_asked_at_each_scrape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use as a share, memory in bytes; the values are those of now."""
    lines = told(monkeypatch, tmp_path / "nvidiactl", library := driver())

    assert lines == [
        'zeropage_gpu_busy_ratio{gpu="0"} 0.5',
        'zeropage_gpu_busy_ratio{gpu="1"} 0.0',
        'zeropage_gpu_memory_bytes{gpu="0",part="total"} 8.589934592e+10',
        'zeropage_gpu_memory_bytes{gpu="0",part="used"} 1.073741824e+09',
        'zeropage_gpu_memory_bytes{gpu="1",part="total"} 8.589934592e+10',
        'zeropage_gpu_memory_bytes{gpu="1",part="used"} 2.147483648e+09',
    ]
    library.nvmlDeviceGetUtilizationRates = lambda _: SimpleNamespace(gpu=75)
    assert 'zeropage_gpu_busy_ratio{gpu="1"} 0.75' in metrics.exposition().decode()


def test_what_the_driver_does_not_tell_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of a GPU has no utilisation of its own, and zero would scale it away."""
    lines = told(monkeypatch, tmp_path / "nvidiactl", driver(nvmlDeviceGetUtilizationRates=failing))

    assert [line.partition("{")[0] for line in lines] == ["zeropage_gpu_memory_bytes"] * 4


def test_without_a_gpu_nothing_is_asked(tmp_path: Path) -> None:
    """No thread, no library, no series."""
    assert gpu.watch(tmp_path / "nvidiactl") is None
    assert b"zeropage_gpu_busy_ratio{" not in metrics.exposition()


@pytest.mark.parametrize("library", [None, driver(nvmlInit=failing)], ids=["not installed", "a driver that fails"])
def test_a_library_that_fails_is_told_and_costs_no_scrape(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, library: Any
) -> None:
    """Metrics without GPUs, and one line that says why."""
    with caplog.at_level("INFO"):
        assert told(monkeypatch, tmp_path / "nvidiactl", library) == []

    assert "no metrics of it" in caplog.text
