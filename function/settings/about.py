"""What stands beside every setting."""

from __future__ import annotations

from msgspec import Meta


def about(
    variable: str,
    meaning: str,
    *,
    unit: str = "",
    ge: float | None = None,
    le: float | None = None,
    secret: bool = False,
) -> Meta:
    """What a variable is, for people and for the check of its value; `ge` and `le` are its bounds, inclusive."""
    return Meta(ge=ge, le=le, description=meaning, extra={"variable": variable, "unit": unit, "secret": secret})
