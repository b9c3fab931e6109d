"""The function's own reading of its settings, kept: the same few environments are asked about by many rules."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from function.settings import Settings, SettingsError


def parsed(values: Mapping[str, str]) -> Settings:
    """What the function makes of an environment. Raises SettingsError as it would."""
    told = _parsed(frozenset(values.items()))
    if isinstance(told, SettingsError):
        raise told
    return told


@functools.cache
def _parsed(values: frozenset[tuple[str, str]]) -> Settings | SettingsError:
    try:
        return Settings.from_environment(dict(values))
    except SettingsError as problem:
        return problem
