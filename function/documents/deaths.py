"""What it means that a render child died: its document's fault, or somebody else's."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from function.documents.base import Limits
from function.errors import Corrupt, OcrError, RendererKilled

#: Signals that a process brings upon itself: it crashed, aborted (pdfium does when memory is refused), or used up its
#: CPU time. Any other came from outside.
_OWN = {
    signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV, signal.SIGSYS, signal.SIGTRAP,
    signal.SIGXCPU, signal.SIGXFSZ,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Death:
    """How a child ended in the middle of a request.

    Attributes:
        status: as subprocess gives it: an exit code, or a signal negated.
        timed_out: we killed it, because it was silent for too long.
    """

    status: int
    timed_out: bool = False

    @property
    def from_outside(self) -> bool:
        """Somebody else killed it: the document may be healthy."""
        return self.status < 0 and not self.timed_out and -self.status not in _OWN

    @property
    def used_up_its_time(self) -> bool:
        """The kernel ended it for the processor time that one page had; no other child would take less."""
        return self.status == -signal.SIGXCPU and not self.timed_out

    @property
    def may_go_better(self) -> bool:
        """Whether a second try is worth its time: what crashed in company may have memory enough alone."""
        return not self.from_outside and not self.used_up_its_time

    def refusal(self, limits: Limits) -> OcrError:
        """What the caller hears when a second try is pointless: Corrupt, or RendererKilled."""
        if self.from_outside:
            return RendererKilled(
                f"a render child was killed from outside ({self.how}), most likely by the kernel for want of memory",
                remedy="Try again later; if it stays, give the container more memory or lower OCR_SLOTS.",
            )
        if self.timed_out or self.used_up_its_time:
            tries = ", tried twice" if self.timed_out else " of processor time"
            return Corrupt(
                f"it was not done within {limits.page_seconds:g} s{tries}, the limit (OCR_PAGE_SECONDS)",
                remedy="Print it to a new PDF and send that, or raise OCR_PAGE_SECONDS.",
            )
        return Corrupt(
            f"the renderer crashed on it twice ({self.how}): it is damaged, or needs more memory than the"
            f" {limits.child_memory_bytes} bytes of OCR_CHILD_BYTES",
            remedy="Print it to a new PDF and send that, or raise OCR_CHILD_BYTES.",
        )

    @property
    def how(self) -> str:
        """In a word: the signal's name, or the exit code."""
        if self.timed_out:
            return "silent for too long"
        if self.status >= 0:
            return f"exit code {self.status}"
        try:
            return signal.Signals(-self.status).name
        except ValueError:
            return f"signal {-self.status}"


class ChildDied(Exception):
    """A child ended in the middle of a request; never leaves this room."""

    def __init__(self, death: Death) -> None:
        super().__init__(str(death))
        self.death = death
