"""The block to paste: what was checked, on what, how well, how fast."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from datetime import datetime, timezone

from bench.gpu_check.gpu import Gpu
from bench.gpu_check.run import Findings
from function.settings import Settings

MIB = 1 << 20


def wrong(seen: Findings, most_errors: float) -> list[str]:
    """The documents that were read worse than allowed, and stretches in which some were not read at all."""
    poor = [name for name, rate in seen.errors.items() if rate > most_errors]
    return poor + [f"{len(s.failed)} failed with {s.callers} at once" for s in seen.stretches if s.failed]


def block(seen: Findings, settings: Settings, card: Gpu | None, most_errors: float) -> str:
    """Markdown."""
    return "\n".join(
        ["### GPU check", "", *_facts(seen, settings, card), "", *_reading(seen, most_errors), "", *_speed(seen)]
    )


def _facts(seen: Findings, settings: Settings, card: Gpu | None) -> Iterator[str]:
    backend = f", OCR_VL_BACKEND={settings.vl_backend}" if settings.accurate_engine == "paddle_vl" else ""
    engine = seen.engine
    yield f"- {datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC, Python {platform.python_version()}"
    yield f"- {card.name}, {card.total} MiB, driver {card.driver}" if card else "- no GPU"
    yield f"- {engine.get('name', 'no answer')} {engine.get('version', '')}{backend}"
    yield f"- weights {engine.get('weights', '')[:16] or 'none'}"
    phases = ", ".join(f"{name} {seconds:.1f}" for name, seconds in seen.phases.items() if seconds >= 0.05)
    yield f"- ready after {seen.ready:.1f} s ({phases or 'no phase worth telling'})"
    told = [("before", seen.gpu_idle), ("loaded", seen.gpu_loaded), ("peak", seen.gpu_peak)]
    memory = ", ".join(f"{name} {mib} MiB" for name, mib in told if mib is not None)
    yield f"- GPU memory: {memory or 'not known here'}; the function's own: peak {seen.rss / MIB:.0f} MiB"


def _reading(seen: Findings, most_errors: float) -> Iterator[str]:
    yield "| document | characters wrong | |"
    yield "|---|---|---|"
    for name, rate in seen.errors.items():
        yield f"| {name} | {rate:.1%} | {'' if rate <= most_errors else 'MORE THAN ALLOWED'} |"


def _speed(seen: Findings) -> Iterator[str]:
    yield "| at once | pages | pages/s | s a document (median) | tokens/s | failed |"
    yield "|---|---|---|---|---|---|"
    for one in seen.stretches:
        tokens = "not known" if one.tokens_a_second is None else f"{one.tokens_a_second:.0f}"
        speed = one.pages / one.seconds if one.seconds else 0.0
        yield f"| {one.callers} | {one.pages} | {speed:.3f} | {one.latency:.2f} | {tokens} | {len(one.failed)} |"
