"""How tenants share: `acme=4,trial=0.5` as weights."""

from __future__ import annotations

import math
import re

#: Beyond these a weight is a mistake: who has next to nothing would never be served.
LEAST, MOST = 0.01, 1000.0
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def weights(text: str) -> dict[str, float]:
    """By tenant.

    Raises:
        ValueError: a clause that says what is wrong.
    """
    found: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, number = part.partition("=")
        if not is_name(name.strip()):
            raise ValueError(f"{part[:80]!r} does not begin with a tenant's name and =")
        if name.strip() in found:
            raise ValueError(f"{name.strip()} stands there twice")
        found[name.strip()] = _weight(part, number)
    return found


def is_name(word: str) -> bool:
    """Whether a tenant can be called so."""
    return _NAME.fullmatch(word) is not None


def _weight(part: str, number: str) -> float:
    try:
        weight = float(number)
    except ValueError:
        weight = math.nan
    if not LEAST <= weight <= MOST:
        raise ValueError(f"{part[:80]!r} does not end in a number from {LEAST:g} to {MOST:g}")
    return weight
