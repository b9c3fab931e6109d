"""One copy of a split document's bytes a process, on disk, while its ranges come one after the other.

A copy lies in a file without a name, so it goes with the process, however that ends.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from function.documents.base import ClosingSource


@dataclass(slots=True)
class _Copy:
    lock: threading.Lock = field(default_factory=threading.Lock)
    source: ClosingSource | None = None
    users: int = 0


class Copies:
    """Copies by what they are copies of; thread-safe.

    Args:
        max_bytes: of copies that nobody uses; those in use stay however large they are.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._copies: OrderedDict[Hashable, _Copy] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def copy(self, of: Hashable, fetch: Callable[[], ClosingSource]) -> Iterator[ClosingSource]:
        """The copy, fetched by whoever asks first; the others wait for it.

        Args:
            of: names the bytes: bucket, key and version.
            fetch: gets them; what it raises, its caller gets, and the next one tries again.
        """
        with self._lock:
            held = self._copies.setdefault(of, _Copy())
            self._copies.move_to_end(of)
            held.users += 1
        try:
            with held.lock:
                if held.source is None:
                    held.source = fetch()
            yield held.source
        finally:
            with self._lock:
                held.users -= 1
                self._shrink()

    def close(self) -> None:
        """Give back what nobody uses."""
        with self._lock:
            self._max_bytes = 0
            self._shrink()

    def _shrink(self) -> None:
        """Drop the copies used longest ago until the rest fits."""
        sizes = {of: copy.source.size if copy.source else 0 for of, copy in self._copies.items() if not copy.users}
        total = sum(sizes.values())
        for of, size in sizes.items():
            if total <= self._max_bytes and self._copies[of].source is not None:
                continue
            dropped = self._copies.pop(of)
            total -= size
            if dropped.source is not None:
                dropped.source.close()
