"""Sample pages through the real server and the accurate tier: compared with their texts, timed, alone and together."""

from __future__ import annotations

import statistics
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import load, processes
from bench.gpu_check import gpu
from bench.server import Server
from bench.synthetic import Synthetic
from function.settings import Settings
from warmup.expected import edit_distance

#: Longest start: weights on a slow volume, a server that compiles.
READY_SECONDS = 1800.0
_TOKENS = "vllm:generation_tokens_total"


@dataclass(frozen=True)
class Stretch:
    """All samples, some times over.

    Attributes:
        callers: at once.
        pages: read.
        seconds: all of them.
        latency: median of a document.
        failed: reasons of those without an answer 200.
        tokens_a_second: None where nobody counts them.
    """

    callers: int
    pages: int
    seconds: float
    latency: float
    failed: list[str]
    tokens_a_second: float | None


@dataclass
class Findings:
    """Everything that was seen.

    Attributes:
        ready: seconds from the process's birth to ready.
        phases: of the start, seconds by name.
        engine: name, version, weights, as answers carry it.
        errors: characters wrong by characters expected, by document; 1 where it was not read.
        rss: peak of the server and its children, bytes.
    """

    ready: float = 0.0
    phases: dict[str, float] = field(default_factory=dict)
    engine: dict[str, str] = field(default_factory=dict)
    errors: dict[str, float] = field(default_factory=dict)
    stretches: list[Stretch] = field(default_factory=list)
    gpu_idle: int | None = None
    gpu_loaded: int | None = None
    gpu_peak: int | None = None
    rss: int = 0


def samples(folder: Path, names: Sequence[str] = ()) -> list[Synthetic]:
    """Documents with their texts: each NAME.txt and the file beside it of that name. Raises ValueError for none."""
    found = []
    for text in sorted(folder.glob("*.txt")):
        beside = [path for path in sorted(folder.glob(f"{text.stem}.*")) if path != text]
        if beside and (not names or beside[0].name in names):
            pages = text.read_text(encoding="utf-8").split("\f")
            found.append(Synthetic(beside[0].name, beside[0].read_bytes(), tuple(pages)))
    if not found:
        raise ValueError(f"{folder} holds no NAME.txt with a document of that NAME beside it")
    return found


def check(
    settings: Settings, documents: Sequence[Synthetic], *, callers: int, rounds: int, tell: Callable[[str], None]
) -> Findings:
    """Start the server, read, measure.

    Args:
        settings: of this process; the server inherits its environment.
        documents: from `samples`.
        callers: at once, in the last stretch.
        rounds: how often each document is sent in each stretch.
        tell: progress, a line at a time.

    Raises:
        ServerEnded: it was not ready in time, or ended; with its last lines.
    """
    seen = Findings(gpu_idle=_used())
    began = time.monotonic()
    tell("loading …")
    with Server(_environment(settings, callers), ready_seconds=READY_SECONDS) as server:
        seen.ready = time.monotonic() - began
        seen.gpu_loaded = _used()
        seen.phases = _phases(server.url)
        with gpu.Peak() as peak, processes.PeakRss(server.pid) as rss:
            tell("reading each sample once, to compare …")
            _compare(server.url, documents, seen)
            for many in dict.fromkeys((1, callers)):
                tell(f"measuring with {many} at once …")
                seen.stretches.append(_stretch(server.url, list(documents) * rounds, many, settings))
        seen.gpu_peak, seen.rss = peak.mib, rss.bytes
    return seen


def _environment(settings: Settings, callers: int) -> dict[str, str]:
    """The accurate rung alone, and nothing that would answer twice without reading twice."""
    return {
        "OCR_FAST_ENGINE": "stub",
        "OCR_ACCURATE_ENGINE": settings.accurate_engine,
        "OCR_DOORS": "parse",
        "OCR_CACHE": "none",
        "OCR_SLOTS": str(callers),
        "OCR_ADMISSION_SECONDS": "600",
        "OCR_REQUEST_SECONDS": "3600",
    }


def _used() -> int | None:
    card = gpu.first()
    return card.used if card else None


def _phases(url: str) -> dict[str, float]:
    import json

    with urllib.request.urlopen(f"{url}/readyz", timeout=30) as answer:
        told: dict[str, Any] = json.load(answer)["cold_start"]
    return {phase["name"]: phase["seconds"] for phase in told["phases"]}


def _compare(url: str, documents: Sequence[Synthetic], seen: Findings) -> None:
    sent = load.send(url, documents, callers=1, format="json", tier="accurate", ocr="always")
    for document, answer in zip(documents, sent.answers, strict=True):
        expected = "".join("".join(document.pages).split())
        found = ""
        if answer.status == 200:
            result = answer.json()
            seen.engine = result["engine"]
            found = "".join(block["text"] for page in result["pages"] for block in page["blocks"])
        distance = edit_distance(expected, "".join(found.split()))
        seen.errors[document.name] = min(1.0, distance / max(1, len(expected)))


def _stretch(url: str, documents: Sequence[Synthetic], callers: int, settings: Settings) -> Stretch:
    before = _tokens(settings)
    sent = load.send(url, documents, callers=callers, format="json", tier="accurate", ocr="always")
    after = _tokens(settings)
    latencies = [answer.seconds for answer in sent.answers if answer.status == 200]
    return Stretch(
        callers,
        sum(len(answer.json()["pages"]) for answer in sent.answers if answer.status == 200),
        sent.seconds,
        statistics.median(latencies) if latencies else 0.0,
        [reason for _, reason in sent.failures],
        (after - before) / sent.seconds if before is not None and after is not None else None,
    )


def _tokens(settings: Settings) -> float | None:
    """What a vLLM server has written so far, by its own count."""
    if settings.vl_backend != "vllm-server" or settings.accurate_engine != "paddle_vl":
        return None
    address = settings.vl_server_url.rstrip("/").removesuffix("/v1") + "/metrics"
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            lines = answer.read().decode(errors="replace").splitlines()
    except OSError:
        return None
    counts = [float(line.split()[-1]) for line in lines if line.startswith(_TOKENS)]
    return sum(counts) if counts else None
