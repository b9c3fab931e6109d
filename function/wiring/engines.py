"""Which engine reads which rung: the only place where kinds of engines are named."""

from __future__ import annotations

from collections.abc import Callable

from function.engines.base import Engine
from function.settings import Settings


def engines_of(settings: Settings, fast: Engine | None) -> dict[str, Engine]:
    """By the rung that they read."""
    engines = {"fast": fast or _fast_engine(settings)}
    if settings.accurate_engine != "none":
        engines["accurate"] = _stub_engine(settings)
    return engines


def _fast_engine(settings: Settings) -> Engine:
    kinds: dict[str, Callable[[Settings], Engine]] = {"rapid": _rapid_engine, "stub": _stub_engine}
    return kinds[settings.fast_engine](settings)


def _rapid_engine(settings: Settings) -> Engine:
    from function.engines.rapid.engine import RapidEngine

    return RapidEngine(
        runtime=settings.runtime,
        precision=settings.precision,
        threads=settings.threads,
        weights=settings.weights,
        compiled=settings.compiled,
    )


def _stub_engine(_: Settings) -> Engine:
    from function.engines.stub import StubEngine

    return StubEngine()
