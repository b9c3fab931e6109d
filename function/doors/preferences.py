"""What a request prefers (RFC 7240, the header `Prefer`): how long it waits, whether it wants a reply."""

from __future__ import annotations

from collections.abc import Iterable


def preferences(headers: Iterable[str]) -> dict[str, str]:
    """Every preference, lower-case, with its value, which is empty where none is given; the first of a name counts.

    Args:
        headers: each `Prefer` that came, for it may come more than once.
    """
    found: dict[str, str] = {}
    for part in ",".join(headers).split(","):
        name, _, value = part.partition(";")[0].partition("=")
        found.setdefault(name.strip().lower(), value.strip().strip('"'))
    found.pop("", None)
    return found


def seconds_to_wait(headers: Iterable[str], most: float) -> float:
    """How long the answer is waited for: `wait=N`, but no longer than `most`; what is no number of seconds is ignored.

    A front that asks on behalf of a caller says so how much of that caller's time is left.
    """
    told = preferences(headers).get("wait", "")
    return min(most, max(1.0, float(told))) if told.isascii() and told.isdecimal() and len(told) < 9 else most
