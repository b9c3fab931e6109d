"""Every metric, in one list: name, labels, unit, and the setting that it tunes.

Labels are bounded: doors, outcomes (the error classes' `outcome`), tiers and rungs are short fixed lists.
"""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

#: Of what `exposition` writes.
MEDIA_TYPE = CONTENT_TYPE_LATEST

_SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300, 600)

requests = Counter(
    "zeropage_requests",
    "Requests answered, by door and outcome (tunes OCR_SLOTS: `busy`; the others' settings: RUNBOOK.md).",
    ["door", "outcome"],
    registry=REGISTRY,
)
request_seconds = Histogram(
    "zeropage_request_seconds", "From the request's head to its last byte, by door (tunes OCR_REQUEST_SECONDS).",
    ["door"], buckets=_SECONDS, registry=REGISTRY,
)  # fmt: skip
documents = Counter(
    "zeropage_documents",
    "Documents read or refused, by outcome and tier asked for "
    "(tunes OCR_MAX_PAGES and other limits).", ["outcome", "tier"],
    registry=REGISTRY,
)  # fmt: skip
document_bytes = Counter(
    "zeropage_document_bytes", "Bytes of the documents opened (tunes OCR_SPOOL_BYTES).", registry=REGISTRY
)
uploads = Counter(
    "zeropage_uploads",
    "Uploads delivered by events, by what came of them (`repeated` tunes OCR_REQUEST_SECONDS).",
    ["outcome"],
    registry=REGISTRY,
)
ranges = Counter(
    "zeropage_ranges", "Ranges of split documents, by what came of them (tunes OCR_SPLIT_PAGES).", ["outcome"],
    registry=REGISTRY,
)  # fmt: skip
ignored_events = Counter(
    "zeropage_ignored_events",
    "Events that asked for nothing, by reason (tunes OCR_SUFFIXES and OCR_INBOX).",
    ["reason"],
    registry=REGISTRY,
)
dead_letters = Counter(
    "zeropage_dead_letters", "Dead letters archived, for replay (tunes the Trigger's delivery).", registry=REGISTRY
)
queue_deliveries = Counter(
    "zeropage_queue_deliveries",
    "Messages of OCR_QUEUE_NAME that `consume` judged, by what came of them (tunes OCR_QUEUE_TRIES).", ["outcome"],
    registry=REGISTRY,
)  # fmt: skip
queue_redelivered = Counter(
    "zeropage_queue_redelivered",
    "Messages that came again, after an outage or the end of a consumer (tunes OCR_QUEUE_TRIES).",
    registry=REGISTRY,
)  # fmt: skip
queue_unsettled = Counter(
    "zeropage_queue_unsettled",
    "Messages judged when their connection was gone, so that they come again (tunes the broker's consumer timeout).",
    registry=REGISTRY,
)  # fmt: skip
queue_reconnects = Counter(
    "zeropage_queue_reconnects", "Connections that failed or were lost (tunes OCR_QUEUE_URL).", registry=REGISTRY
)
pages = Counter(
    "zeropage_pages",
    "Pages answered, by the rung that read them; rung 'error' could not be read "
    "(tunes OCR_LADDER_TEXT and others).", ["rung"],
    registry=REGISTRY,
)  # fmt: skip
slots_held = Gauge("zeropage_slots_held", "Documents being read (tunes OCR_SLOTS, the most).", registry=REGISTRY)
admission_seconds = Histogram(
    "zeropage_admission_seconds", "Wait for a slot (tunes OCR_SLOTS and OCR_ADMISSION_SECONDS).",
    buckets=_SECONDS, registry=REGISTRY,
)  # fmt: skip
phase_seconds = Counter(
    "zeropage_phase_seconds", "Seconds spent, by phase of a document (`draw` tunes OCR_DPI).", ["phase"],
    registry=REGISTRY,
)  # fmt: skip
render_seconds = Histogram(
    "zeropage_render_seconds", "Drawing of a page, at OCR_DPI (tunes OCR_PAGE_SECONDS).",
    buckets=(0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2, 5, 10, 30, 60), registry=REGISTRY,
)  # fmt: skip
retries = Counter(
    "zeropage_retries",
    "Work done once more: a `document` whose render child died (tunes OCR_CHILD_BYTES), a `page` whose batch failed.",
    ["what"], registry=REGISTRY,
)  # fmt: skip
for _what in ("document", "page"):  # so rare that the first one must not go unseen: a series has to begin at zero
    retries.labels(_what)
answer_cpu_seconds = Histogram(
    "zeropage_answer_cpu_seconds",
    "Processor seconds of an answer, or of a range of it, as its `cost` tells, by tier (tunes the container's CPU).",
    ["tier"], buckets=_SECONDS, registry=REGISTRY,
)  # fmt: skip
answer_gpu_seconds = Histogram(
    "zeropage_answer_gpu_seconds",
    "GPU seconds of an answer, or of a range of it, as its `cost` tells, by tier (tunes OCR_LADDER_DOUBT and others).",
    ["tier"], buckets=_SECONDS, registry=REGISTRY,
)  # fmt: skip
gpu_busy_ratio = Gauge(
    "zeropage_gpu_busy_ratio",
    "Share of the last moments in which the GPU was at work, where there is one (tunes OCR_BATCH_WINDOW_MS).",
    ["gpu"], registry=REGISTRY,
)  # fmt: skip
gpu_memory_bytes = Gauge(
    "zeropage_gpu_memory_bytes",
    "Memory of the GPU, of whoever holds it, where there is one: `used` or `total` (tunes OCR_BATCH_PIXELS).",
    ["gpu", "part"], registry=REGISTRY,
)  # fmt: skip
queue_pages = Gauge(
    "zeropage_queue_pages", "Drawn pages that wait for the engine (tunes OCR_QUEUE_PAGES).", registry=REGISTRY
)
queue_pixels = Gauge(
    "zeropage_queue_pixels", "Pixels of drawn pages that are set aside or in memory (tunes OCR_QUEUE_PIXELS).",
    registry=REGISTRY,
)  # fmt: skip
queue_seconds = Histogram(
    "zeropage_queue_seconds", "Wait of a drawn page for the engine (tunes OCR_QUEUE_PAGES).",
    buckets=_SECONDS, registry=REGISTRY,
)  # fmt: skip
batch_pages = Histogram(
    "zeropage_batch_pages",
    "Pages the engine was handed at once (tunes OCR_BATCH_WINDOW_MS).",
    buckets=(1, 2, 4, 8, 16, 32),
    registry=REGISTRY,
)
batch_pixels = Histogram(
    "zeropage_batch_pixels", "Pixels the engine was handed at once (tunes OCR_BATCH_PIXELS).",
    buckets=tuple(count * 1e6 for count in (0.5, 1, 2, 4, 8, 16, 32, 64, 128)), registry=REGISTRY,
)  # fmt: skip
batch_wait_seconds = Histogram(
    "zeropage_batch_wait_seconds",
    "Wait of a batch for company, on engines that gain from it (tunes OCR_BATCH_WINDOW_MS).",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.25, 0.5, 1), registry=REGISTRY,
)  # fmt: skip
engine_seconds = Counter(
    "zeropage_engine_seconds", "Seconds the engine was at work (tunes OCR_THREADS).", registry=REGISTRY
)
remote_tries = Counter(
    "zeropage_remote_tries",
    "Tries of pages at OCR_REMOTE_URL, by the answer's status, or unreachable, lost, out-of-time, caller-gone "
    "(tunes OCR_REMOTE_PARALLEL).",
    ["outcome"], registry=REGISTRY,
)  # fmt: skip
remote_circuit_open = Gauge(
    "zeropage_remote_circuit_open",
    "1 while it has failed so often that pages are turned away at once (tunes OCR_REMOTE_URL).",
    registry=REGISTRY,
)
dropped_pages = Counter(
    "zeropage_dropped_pages",
    "Pages not read because their caller had gone or run out of time (tunes OCR_REQUEST_SECONDS).",
    registry=REGISTRY,
)
wasted_pages = Counter(
    "zeropage_wasted_pages",
    "Pages that were in the engine when their caller went or ran out of time: read for nobody "
    "(tunes OCR_BATCH_PIXELS).",
    registry=REGISTRY,
)  # fmt: skip
caller_gone_seconds = Histogram(
    "zeropage_caller_gone_seconds",
    "How long ago a caller who has gone was last seen: so late that was noticed at most, and its pages dropped "
    "(tunes OCR_HEARTBEAT_SECONDS).",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.3, 0.5, 1, 2, 4, 8, 15, 30), registry=REGISTRY,
)  # fmt: skip
cache_lookups = Counter(
    "zeropage_cache_lookups",
    "Documents looked up in the cache, by outcome; `hit` is what it saves (tunes OCR_CACHE_SECONDS).",
    ["outcome"], registry=REGISTRY,
)  # fmt: skip
cache_page_lookups = Counter(
    "zeropage_cache_page_lookups",
    "Pages looked up in the cache, by outcome; `shared` was answered with an equal page that was being read "
    "(tunes OCR_CACHE_PAGES).",
    ["outcome"], registry=REGISTRY,
)  # fmt: skip
cache_stores = Counter(
    "zeropage_cache_stores",
    "Answers and pages handed to the cache, by outcome (too-large tunes OCR_CACHE_VALUE_BYTES).",
    ["outcome"], registry=REGISTRY,
)  # fmt: skip
cache_seconds = Histogram(
    "zeropage_cache_seconds", "Wait for the cache's answer, at each lookup (tunes OCR_CACHE_TIMEOUT).",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5), registry=REGISTRY,
)  # fmt: skip
cache_bytes = Gauge(
    "zeropage_cache_bytes", "Answers in this process's memory, with OCR_CACHE=memory (tunes OCR_CACHE_BYTES).",
    registry=REGISTRY,
)  # fmt: skip
_SHARES = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1)
ladder_doubtful = Histogram(
    "zeropage_ladder_doubtful", "Share of a page's text that was read with doubt (tunes OCR_LADDER_DOUBT).",
    buckets=_SHARES, registry=REGISTRY,
)  # fmt: skip
ladder_unread = Histogram(
    "zeropage_ladder_unread", "Share of what looks like text on a page that was not read (tunes OCR_LADDER_INK).",
    buckets=_SHARES, registry=REGISTRY,
)  # fmt: skip
ladder_cells = Histogram(
    "zeropage_ladder_cells", "Filled cells of a page's tables (tunes OCR_LADDER_CELLS).",
    buckets=(0, 4, 8, 12, 16, 24, 32, 48, 64, 128, 256), registry=REGISTRY,
)  # fmt: skip
ladder_formulas = Histogram(
    "zeropage_ladder_formulas", "Lines of a page that hold a formula (tunes OCR_LADDER_FORMULAS).",
    buckets=(0, 1, 2, 3, 5, 8, 12, 20, 40), registry=REGISTRY,
)  # fmt: skip
ladder_height = Histogram(
    "zeropage_ladder_height", "Height of a page's small print, in pixels (tunes OCR_LADDER_HEIGHT).",
    buckets=(5, 6, 7, 8, 9, 10, 12, 14, 16, 20, 30, 50), registry=REGISTRY,
)  # fmt: skip
ladder_needs = Counter(
    "zeropage_ladder_needs",
    "Reasons for which pages needed the accurate rung, by sign; a page may have several (each tunes its OCR_LADDER_…).",
    ["sign"], registry=REGISTRY,
)  # fmt: skip
ladder_degraded = Counter(
    "zeropage_ladder_degraded",
    "Pages answered as the fast rung read them although they needed the accurate one (tunes OCR_REMOTE_PARALLEL).",
    registry=REGISTRY,
)  # fmt: skip
ladder_seconds = Histogram(
    "zeropage_ladder_seconds", "From handing a page to the accurate engine to its answer (tunes OCR_VL_PARALLEL).",
    buckets=_SECONDS, registry=REGISTRY,
)  # fmt: skip
cold_start_seconds = Gauge(
    "ocr_cold_start_seconds",
    "Seconds that each phase of this process's start took; phase 'ready' is the whole, from the process's beginning "
    "(tunes OCR_COMPILED).",
    ["phase"], registry=REGISTRY,
)  # fmt: skip
ready = Gauge(
    "zeropage_ready", "1 once warmed and until draining (tunes the Service's progress-deadline).", registry=REGISTRY
)

#: Called before each answer to a scrape, for values that somebody else counts; they raise nothing.
before_scrape: list[Callable[[], None]] = []


def exposition() -> bytes:
    """Every metric's present value, as Prometheus reads it."""
    for refresh in before_scrape:
        refresh()
    return generate_latest(REGISTRY)
