"""Tells how far a download is: a bar on a terminal, now and then a plain line elsewhere."""

from __future__ import annotations

import threading
import time
from typing import TextIO

#: Seconds between two looks of the bar, and between two plain lines.
BAR_SECONDS, LINE_SECONDS = 0.1, 10.0
_WIDTH = 24


class Progress:
    """Counts bytes; every method may be called from any thread.

    Args:
        out: where it is told, such as stderr.
    """

    def __init__(self, out: TextIO) -> None:
        self._out, self._bar = out, out.isatty()
        self._lock = threading.Lock()
        self._total: int | None = 0
        self._done = self._files = 0
        self._began = self._shown = time.monotonic()
        self._first: int | None = None

    def begin(self, files: int, total: int | None) -> None:
        """Start to count.

        Args:
            files: how many are to come.
            total: bytes in all; None: nobody knows.
        """
        self._files, self._total = files, total
        self._began = self._shown = time.monotonic()
        size = f", {total / 1e6:,.1f} MB" if total else ""
        self.say(f"fetching {files} file{'s' * (files != 1)}{size}")

    def add(self, count: int) -> None:
        """More bytes are here, or fewer where some had to be thrown away."""
        with self._lock:
            self._done += count
            now = time.monotonic()
            if now - self._shown >= (BAR_SECONDS if self._bar else LINE_SECONDS):
                self._shown = now
                self._out.write(f"\r\033[K{self._words(now)}" if self._bar else f"{self._words(now)}\n")
                self._out.flush()

    def say(self, words: str, out: TextIO | None = None) -> None:
        """Write a line that stays, to `out` where it is given; a file less is to come if it tells of an arrival."""
        with self._lock:
            self._clear()
            (out or self._out).write(f"{words}\n")
            (out or self._out).flush()

    def one_less(self) -> None:
        """A file is in its place."""
        with self._lock:
            self._files -= 1

    def end(self) -> None:
        """Take the bar away."""
        with self._lock:
            self._clear()

    def _clear(self) -> None:
        if self._bar:
            self._out.write("\r\033[K")
            self._out.flush()

    def _words(self, now: float) -> str:
        if self._first is None:  # what an earlier run brought says nothing about the speed of this one
            self._first, self._began = self._done, now
        speed = (self._done - self._first) / 1e6 / max(now - self._began, 0.001)
        left = f"{self._files} file{'s' * (self._files != 1)} to come"
        if not self._total:
            return f"{self._done / 1e6:,.1f} MB, {speed:,.1f} MB/s, {left}"
        share = min(1.0, max(0.0, self._done / self._total))
        told = f"{self._done / 1e6:,.1f} of {self._total / 1e6:,.1f} MB, {speed:,.1f} MB/s, {left}"
        if not self._bar:
            return f"{share:.0%}, {told}"
        full = round(share * _WIDTH)
        return f"[{'#' * full}{'.' * (_WIDTH - full)}] {share:4.0%}  {told}"
