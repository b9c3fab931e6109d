"""The seam between the story and wherever answers are kept: bytes by a key that names everything they depend on."""

from __future__ import annotations

from typing import Protocol


class CacheFailed(Exception):
    """The cache did not answer in time, or not with something of ours; the document is read instead."""


class CacheResting(CacheFailed):
    """It failed several times in a row and is left alone for a moment; nobody waited for it."""


class Cache(Protocol):
    """Keeps answers for a while; used from many threads. Forgetting is always allowed, mixing up never."""

    def start(self) -> None:
        """Do beforehand what would make the first `get` slow; may be left out. Never raises."""
        ...

    def get(self, key: str) -> bytes | None:
        """What was put last under the key; None where there is nothing (any more).

        Raises:
            CacheFailed: it could not be told in time.
        """
        ...

    def put(self, key: str, value: bytes) -> None:
        """Keep a value: at once, a little later, or, where there is no room, not at all. Neither waits nor raises."""
        ...

    def close(self) -> None:
        """Finish what `put` began, in a bounded time; nothing is asked any more."""
        ...
