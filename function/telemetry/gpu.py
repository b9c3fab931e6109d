"""GPU use and memory, asked of NVIDIA's driver at each scrape: for clusters without DCGM's exporter.

Asked only where the driver's device is there, and in a thread of its own, after the function is ready: loading the
driver's library takes its time. Readings are of whole GPUs, whoever uses them.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any

from function.telemetry import metrics

log = logging.getLogger(__name__)

#: There wherever a container was given a GPU.
DEVICE = Path("/dev/nvidiactl")


def watch(device: Path = DEVICE) -> threading.Thread | None:
    """Tell of the GPUs from now on; None where there are none.

    Args:
        device: of the driver.
    """
    if not device.exists():
        return None
    thread = threading.Thread(target=_begin, name="gpu-metrics", daemon=True)
    thread.start()
    return thread


def _begin() -> None:
    try:
        import pynvml
    except ImportError:
        log.info("there is a GPU, but no metrics of it: nvidia-ml-py is not installed (the extra `gpu` brings it)")
        return
    try:
        pynvml.nvmlInit()
        handles = [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())]
    except pynvml.NVMLError as problem:
        log.warning("there is a GPU, but no metrics of it: its driver answers %s", problem)
        return
    metrics.before_scrape.append(lambda: _tell(pynvml, handles))


def _tell(nvml: Any, handles: list[Any]) -> None:
    """A value that the driver does not tell (utilisation of a part of a GPU, say) is left out, never told as zero."""
    for index, handle in enumerate(handles):
        gpu = str(index)
        try:
            metrics.gpu_busy_ratio.labels(gpu).set(nvml.nvmlDeviceGetUtilizationRates(handle).gpu / 100)
        except nvml.NVMLError:
            _forget(metrics.gpu_busy_ratio, gpu)
        try:
            memory = nvml.nvmlDeviceGetMemoryInfo(handle)
        except nvml.NVMLError:
            _forget(metrics.gpu_memory_bytes, gpu, "used")
            _forget(metrics.gpu_memory_bytes, gpu, "total")
        else:
            metrics.gpu_memory_bytes.labels(gpu, "used").set(memory.used)
            metrics.gpu_memory_bytes.labels(gpu, "total").set(memory.total)


def _forget(gauge: Any, *labels: str) -> None:
    gauge.labels(*labels)
    gauge.remove(*labels)
