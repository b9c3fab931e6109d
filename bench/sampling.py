"""Looking at something again and again while a `with` block runs."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self


class Sampling:
    """Calls `look` at once and then after each pause, in a thread of its own, until the block ends.

    Args:
        seconds: between two looks.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds, self._over = seconds, threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampling", daemon=True)

    def look(self) -> bool:
        """One look; False where no more are needed."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while self.look() and not self._over.wait(self._seconds):
            pass
