"""A variable's text as its value, and in the users' own words what it may be."""

from __future__ import annotations

import math
import re
from typing import Any, Literal, get_args, get_origin

import msgspec
from msgspec import Meta

from function.spelling import nearest

MIB = 1 << 20
GIB = 1 << 30
_SIZES = {"": 1, "k": 1 << 10, "m": MIB, "g": GIB}
_BOOLEANS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def parsed(text: str, annotation: Any, unit: str) -> object:
    """The value of a text.

    Args:
        text: without blanks around it.
        annotation: `Annotated[type, Meta]` of its field.
        unit: of its field; sizes in bytes may be written as `64M`.

    Raises:
        ValueError: what it may be, as a clause: `it is one of auto, json, text`.
    """
    kind, meta = get_args(annotation)
    if kind is bool and text.lower() in _BOOLEANS:
        return _BOOLEANS[text.lower()]
    try:
        return msgspec.convert(_as_bytes(text) if unit == "bytes" else text, annotation, strict=False)
    except msgspec.ValidationError:
        pass
    if get_origin(kind) is Literal:
        raise ValueError(f"it is one of {', '.join(get_args(kind))}{nearest(text, get_args(kind))}")
    raise ValueError("it is true or false" if kind is bool else _range(kind, meta, unit))


def shown(value: object, unit: str) -> str:
    """As users write it: sizes in MiB and GiB, whole numbers without a fraction, switches in lower case."""
    if isinstance(value, bool):
        return str(value).lower()
    if unit == "bytes" and isinstance(value, int) and value >= MIB and value % MIB == 0:
        return f"{value // GIB} GiB" if value % GIB == 0 else f"{value // MIB} MiB"
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return str(int(value))
    return str(value)


def _range(kind: Any, meta: Meta, unit: str) -> str:
    if unit == "bytes":
        what = "a size in bytes, or one such as 500K, 64M or 2GiB"
    else:
        what = ("a whole number" if kind is int else "a number") + (f" of {unit}" if unit else "")
    low, high = (shown(bound, unit) if bound is not None else "" for bound in (meta.ge, meta.le))
    if low and high:
        return f"it is {what}, from {low} to {high}"
    return f"it is {what}" + (f", at least {low}" if low else "")


def _as_bytes(text: str) -> str:
    """`50MiB`, `64M` and `1g` as numbers; anything else unchanged, for the bounds check to refuse."""
    match = re.fullmatch(r"(\d+)\s*([kmg]?)(i?b)?", text.lower())
    return str(int(match[1]) * _SIZES[match[2]]) if match else text
