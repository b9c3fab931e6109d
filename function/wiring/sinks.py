"""Where events go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from function.settings import Settings, SettingsError
from function.wiring.threads import SPARE_THREADS

if TYPE_CHECKING:
    from function.reading.uploads.delivery import Sink


def sink_of(settings: Settings) -> Sink | None:
    """None where K_SINK is not set. Raises SettingsError naming K_CE_OVERRIDES."""
    if not settings.sink:
        return None
    from events.sink import HttpSink, overrides

    try:
        extensions = overrides(settings.ce_overrides)
    except ValueError as problem:
        raise SettingsError(f"K_CE_OVERRIDES is wrong: {problem}.") from None
    return HttpSink(
        settings.sink,
        seconds=settings.sink_timeout,
        ca_certs=settings.ca_certs,
        extensions=extensions,
        token_file=settings.sink_token_file,
        connections=settings.slots + SPARE_THREADS,
    )
