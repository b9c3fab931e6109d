"""One line on stderr that tells how far a long work is; only where a person looks at it."""

from __future__ import annotations

import sys
import time

_INTERVAL = 0.1


class Progress:
    """Shown on a terminal and nowhere else.

    Args:
        title: what is going on.
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._began = time.monotonic()
        self._shown_at = 0.0
        self._is_terminal = sys.stderr.isatty()

    def show(self, done: int, words: object) -> None:
        """Renew the line.

        Args:
            done: how many so far, for the speed.
            words: what became of them; made into text only if it is shown.
        """
        now = time.monotonic()
        if self._is_terminal and now - self._shown_at >= _INTERVAL:
            self._shown_at = now
            speed = done / max(now - self._began, 0.001)
            sys.stderr.write(f"\r\033[K{self._title}: {words} ({speed:.1f}/s)")
            sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away, so that others can be written."""
        if self._is_terminal and self._shown_at:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()

    def tell(self, words: str) -> None:
        """Write a line that stays, terminal or not."""
        self.clear()
        sys.stderr.write(f"{words}\n")
        sys.stderr.flush()

    def list(self, words: str) -> None:
        """Write a line of the result, to stdout."""
        self.clear()
        sys.stdout.write(f"{words}\n")
