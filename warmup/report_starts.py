"""Cold starts out of log lines, of /readyz, or of files that hold either."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from warmup.errors import WarmupError
from warmup.phases import Phase


@dataclass(frozen=True, slots=True)
class ColdStart:
    """One start.

    Attributes:
        source: where it was read, for people.
        began: when the process began, as it was told.
        ready: seconds until it was ready; None where it is not, yet.
        phases: in the order in which they were told.
    """

    source: str
    began: str
    ready: float | None
    phases: tuple[Phase, ...]

    @property
    def first(self) -> float:
        """Seconds of the earliest phase's start; below 0 where the pod's own time is known."""
        return min((phase.start for phase in self.phases), default=0.0)

    @property
    def last(self) -> float:
        """Seconds of the latest phase's end."""
        return max((phase.start + phase.seconds for phase in self.phases), default=0.0)

    @property
    def title(self) -> str:
        """One line that says which start it is and how long it took."""
        end = "not ready yet" if self.ready is None else f"ready after {self.ready - min(0.0, self.first):.2f} s"
        return f"{self.source}, {self.began}: {end}"


def starts(text: str, source: str) -> list[ColdStart]:
    """Every cold start in a text: JSON lines among whatever other lines, or one JSON object over several lines.

    Args:
        text: of a log, or of /readyz.
        source: what to call it.
    """
    whole = _object(text)
    objects = [whole] if whole is not None else filter(None, map(_object, text.splitlines()))
    return list(_starts(objects, source))


def fetched(url: str) -> list[ColdStart]:
    """The start of a function that runs, from its /readyz; it answers 503 with the same object while it wakes up.

    Raises:
        WarmupError: nothing there answers so.
    """
    from urllib.error import HTTPError
    from urllib.request import urlopen

    if not url.startswith(("http://", "https://")):
        raise WarmupError(f"{url} is no address of HTTP; write it as http://HOST:PORT/readyz.")
    try:
        with urlopen(url, timeout=10) as answer:  # noqa: S310 - checked above
            body = answer.read()
    except HTTPError as problem:
        body = problem.read()
    except OSError as problem:
        raise WarmupError(f"{url} does not answer: {problem}.") from problem
    return starts(body.decode(errors="replace"), url)


def _object(text: str) -> Mapping[str, Any] | None:
    if "cold_start" not in text:
        return None
    # A log collector may have put its own words before ours.
    _, brace, rest = text.partition("{")
    try:
        found = json.loads(brace + rest)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _starts(objects: Iterable[Mapping[str, Any]], source: str) -> Iterator[ColdStart]:
    for found in objects:
        told = found.get("cold_start")
        try:
            if isinstance(told, dict):
                phases = tuple(_phase(phase) for phase in told["phases"])
                ready = None if told["ready"] is None else float(told["ready"])
                yield ColdStart(source, str(told["began"]), ready, phases)
        except (KeyError, TypeError, ValueError) as problem:
            raise WarmupError(f"{source}: a cold start that cannot be read: {problem!r}.") from problem


def _phase(told: Mapping[str, Any]) -> Phase:
    start, seconds = float(told["start"]), float(told["seconds"])
    return Phase(str(told["name"]), start, seconds, told.get("state", "done"), told.get("facts", {}))
