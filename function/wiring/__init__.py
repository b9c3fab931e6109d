"""The one place where parts meet: settings in, a function out. Only here are concrete kinds named."""

from __future__ import annotations

from function import cache_settings, event_settings, hook_tokens, roles, waking
from function.documents.base import Limits, Opener
from function.engines.base import Engine
from function.reading.accurate.need import Thresholds
from function.reading.queue.pixel_budget import PixelBudget
from function.reading.reader import Reader
from function.settings import Settings, wrong_value
from function.url_input import allowed_hosts
from function.wiring.engines import check_engines, engines_of
from function.wiring.events import Archive, EventDoors, ledger
from function.wiring.instance import Function, api_keys_of
from function.wiring.jobs import JobDesk
from function.wiring.sharing import admission_of, batchers_of, tenant_weights
from function.wiring.sinks import sink_of
from function.wiring.stores import open_store
from function.wiring.threads import SPARE_THREADS, WAITING_CALLERS

__all__ = [
    "SPARE_THREADS",
    "WAITING_CALLERS",
    "Archive",
    "EventDoors",
    "Function",
    "JobDesk",
    "build",
    "check",
    "ledger",
    "open_store",
]


def build(settings: Settings, *, fast: Engine | None = None, opener: Opener | None = None) -> Function:
    """Put the parts together; nothing is loaded yet.

    Args:
        settings: the one settings object.
        fast: an engine instead of the one that settings name (tests).
        opener: what opens documents instead of the sandboxed children (tests).
    """
    opener = opener or opener_of(settings)
    engines = engines_of(settings, fast) if roles.reads(roles.open_doors(settings)) else {}
    admission = admission_of(settings)
    remembered = cache_settings.remembered(settings) if engines else None
    reader = Reader(
        opener=opener,
        batchers=batchers_of(settings, engines, admission, remembered),
        admission=admission,
        dpi=settings.dpi,
        samples=settings.text_samples,
        range_pages=settings.split_pages,
        pixels=PixelBudget(settings.queue_pixels, settings.max_pixels),
        remembered=remembered,
        thresholds=thresholds_of(settings),
    )
    return Function(settings, reader, opener)


def check(settings: Settings) -> None:
    """Everything about settings that can be told without starting anything.

    Raises:
        SettingsError: one line naming the variable.
    """
    roles.open_doors(settings)
    check_url_input(settings)
    check_engines(settings)
    cache_settings.check(settings)
    waking.pod_created(settings)
    if settings.inbox:
        event_settings.naming(settings, *event_settings.places(settings))
    elif settings.results:
        event_settings.location("OCR_RESULTS", settings.results)
    event_settings.formats(settings)
    event_settings.result_metadata(settings)
    sink_of(settings)
    hook_tokens.read(settings.hook_tokens_file)
    api_keys_of(settings)
    tenant_weights(settings)


def check_url_input(settings: Settings) -> None:
    """Raises SettingsError where an entry of OCR_URL_INPUT is no host."""
    try:
        allowed_hosts(settings.url_input)
    except ValueError as problem:
        raise wrong_value("OCR_URL_INPUT", settings.url_input, str(problem)) from None


def thresholds_of(settings: Settings) -> Thresholds:
    """Which signs of a page wake the accurate engine."""
    return Thresholds(
        doubtful=settings.ladder_doubt,
        unread=settings.ladder_ink,
        cells=settings.ladder_cells,
        formulas=settings.ladder_formulas,
        height=settings.ladder_height,
        text=settings.ladder_text,
    )


def opener_of(settings: Settings) -> Opener:
    from function.documents.pool import Pool

    limits = Limits(
        settings.max_pages, settings.max_pixels, settings.page_seconds, settings.child_bytes, settings.sandbox
    )
    return Pool(limits, size=settings.slots)
