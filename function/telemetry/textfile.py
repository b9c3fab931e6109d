"""Metrics of what runs and ends, such as a CronJob: a file that node-exporter's textfile collector reads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile


def write(path: Path, gauges: Mapping[str, tuple[str, float]]) -> None:
    """Replace the file as a whole, so that no reader meets half of it.

    Args:
        path: ends in `.prom`, for the collector to take it.
        gauges: help and value by name.

    Raises:
        OSError: it cannot be written.
    """
    registry = CollectorRegistry()
    for name, (meaning, value) in gauges.items():
        Gauge(name, meaning, registry=registry).set(value)
    write_to_textfile(str(path), registry)
