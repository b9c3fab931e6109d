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


def seconds_to_wait(headers: Iterable[str], most: float) -> int | None:
    """How long the answer is waited for: N of `wait=N`; None where that is not what bounds it.

    What is no number of seconds is ignored, and so is what is beyond `most`, and 0, in which nothing can be read: it
    asks for an answer at once, which a job is (`respond-async`), and a document's text is not. A front that asks on
    behalf of a caller says so how much of that caller's time is left.
    """
    told = preferences(headers).get("wait", "")
    seconds = int(told) if told.isascii() and told.isdecimal() and len(told) < 9 else 0
    return seconds if 0 < seconds <= most else None
