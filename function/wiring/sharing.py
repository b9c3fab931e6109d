"""How callers share an engine, out of the settings: batches, turns, pages that were read before."""

from __future__ import annotations

from function import cache_settings
from function.engines.base import Engine
from function.reading.queue import tenants
from function.reading.queue.admission import Admission
from function.reading.queue.batcher import Batcher
from function.reading.queue.batching import Batching
from function.reading.recall.remembered import Remembered
from function.settings import Settings, wrong_value
from function.wiring.threads import WAITING_CALLERS


def admission_of(settings: Settings) -> Admission:
    """The slots. Raises SettingsError naming OCR_TENANT_WEIGHTS."""
    return Admission(settings.slots, WAITING_CALLERS, tenant_weights(settings))


def batchers_of(
    settings: Settings, engines: dict[str, Engine], admission: Admission, remembered: Remembered | None
) -> dict[str, Batcher]:
    """Each engine's only door, by the rung that it reads."""
    known = cache_settings.known_pages(settings, remembered)
    return {
        rung: Batcher(
            engine,
            queue_pages=settings.queue_pages,
            stuck_seconds=settings.request_seconds,
            batching=batching_of(settings, engine, admission),
            weights=tenant_weights(settings),
            known=known,
        )
        for rung, engine in engines.items()
    }


def batching_of(settings: Settings, engine: Engine, admission: Admission) -> Batching:
    """A window and a size in pixels where the engine gains from batches; else neither."""
    if not engine.gains_from_batches:
        return Batching()
    return Batching(settings.batch_window_ms / 1000, settings.batch_pixels, lambda: admission.held)


def tenant_weights(settings: Settings) -> dict[str, float]:
    """By tenant. Raises SettingsError naming OCR_TENANT_WEIGHTS."""
    try:
        return tenants.weights(settings.tenant_weights)
    except ValueError as problem:
        raise wrong_value("OCR_TENANT_WEIGHTS", settings.tenant_weights, str(problem)) from None
