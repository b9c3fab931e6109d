"""Every setting, read from the environment once, here and nowhere else.

A field is a variable: its annotation carries the bounds, unit and meaning that `python -m function settings` prints
and that the table of function/README.md is tested against.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Meta, Struct

from function.setting_values import parsed, shown
from function.settings.telling import Telling
from function.spelling import nearest


class SettingsError(ValueError):
    """A variable has a wrong value; the message is one line that names it."""


class Settings(Telling, frozen=True, kw_only=True):
    """One frozen object; parts get the plain values they need, never this.

    Its fields stand in the groups beside this file, one after the other: each extends the one before, because msgspec
    has no mixins.
    """

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read every variable.

        Raises:
            SettingsError: one line naming the first variable that is wrong, its value and what it may be.
        """
        values = os.environ if environment is None else environment
        known: dict[str, Any] = {}
        for entry in describe():
            raw = values.get(entry.variable, "")
            if raw != "":
                known[entry.field] = _parsed(entry, raw)
        return cls(**known)


class Description(Struct, frozen=True):
    """One setting, as `python -m function settings` and the README tell it."""

    field: str
    variable: str
    default: object
    unit: str
    meaning: str
    type: Any
    secret: bool


def describe() -> Iterator[Description]:
    """Every setting, in the order of the class."""
    fields = msgspec.structs.fields(Settings)
    for info in fields:
        metas = [meta for meta in info.type.__metadata__ if isinstance(meta, Meta)]
        extra = metas[0].extra or {}
        yield Description(
            field=info.name,
            variable=extra["variable"],
            default=info.default,
            unit=extra["unit"],
            meaning=metas[0].description or "",
            type=info.type,
            secret=extra["secret"],
        )


def _parsed(entry: Description, raw: str) -> object:
    try:
        return parsed(raw.strip(), entry.type, entry.unit)
    except ValueError as problem:
        raise _wrong(entry, raw, str(problem)) from None


def wrong_value(variable: str, raw: str, problem: str) -> SettingsError:
    """What to raise where the value proves wrong only later, a file that is missing, say; `problem` is a clause."""
    return _wrong(next(entry for entry in describe() if entry.variable == variable), raw, problem)


def _wrong(entry: Description, raw: str, problem: str) -> SettingsError:
    end = "" if problem.endswith("?") else "."
    default = f"the default is {shown(entry.default, entry.unit)}" if entry.default != "" else "there is no default"
    return SettingsError(f"{entry.variable}={raw!r} is wrong: {problem}{end} It means: {entry.meaning}; {default}.")


def unknown_variables(environment: Mapping[str, str] | None = None) -> list[str]:
    """A warning for each OCR_* variable that is no setting, with the name that was probably meant.

    Warnings, not errors: Kubernetes itself adds OCR_SERVICE_HOST, OCR_PORT and the like to every pod beside a
    Service that is called "ocr".
    """
    values = os.environ if environment is None else environment
    names = [entry.variable for entry in describe()]
    warnings = []
    for name in sorted(values):
        if not name.startswith("OCR_") or name in names or re.search(r"_SERVICE_|_PORT(_|$)", name):
            continue
        warnings.append(f"{name} is set but is no setting{nearest(name, names, cutoff=0.8)}")
    return warnings
