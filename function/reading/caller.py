"""Who waits for an answer, until when, and whether still."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from function.errors import DeadlineExceeded
from function.telemetry.spans import Span, current


class CallerGone(Exception):
    """Nobody waits for the answer any more; work for it stops, and nothing is answered."""


def _stays() -> bool:
    return False


def _untold(done: int, total: int) -> None:
    """Nobody asks."""


@dataclass(frozen=True, slots=True)
class Caller:
    """One waiting caller.

    Attributes:
        seconds: how long it waits at most.
        gone: cheap; True once nobody listens any more (the HTTP connection was closed, say).
        patience: seconds it waits for a slot before Busy; None waits until the deadline (events, jobs, the terminal).
        recall: an answer that was read before will do.
        keep: the answer may be kept for others.
        request_id: by which logs of several processes are laid side by side; may be empty.
        tenant: whose pages take turns with others'; may be empty.
        degrade: a fast reading, marked, will do where the accurate engine is not available (HTTP, the terminal); what
            is stored is final, so deliveries want all or nothing.
        trace: that its reading belongs to; that of the request in whose thread the caller is made.
        progress: hears how many pages are done, and of how many; cheap.
    """

    seconds: float
    gone: Callable[[], bool] = _stays
    patience: float | None = None
    started: float = field(default_factory=time.monotonic)
    recall: bool = True
    keep: bool = True
    request_id: str = ""
    tenant: str = ""
    degrade: bool = False
    progress: Callable[[int, int], None] = _untold
    trace: Span | None = field(default_factory=current, compare=False)

    @property
    def remaining(self) -> float:
        """Seconds until the deadline; negative past it."""
        return self.started + self.seconds - time.monotonic()

    def check(self) -> None:
        """Raise DeadlineExceeded or CallerGone where going on is pointless."""
        if self.remaining <= 0:
            raise DeadlineExceeded(
                f"the answer was not ready within {self.seconds:g} s (OCR_REQUEST_SECONDS, or less by Prefer: wait)"
            )
        if self.gone():
            raise CallerGone
