"""The render children of this process: leased to documents, reused, replaced."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from functools import partial

from function.documents.base import Limits, Source
from function.documents.deaths import ChildDied
from function.documents.document import SandboxedDocument
from function.documents.process import CHILD_MODULE, Child, search_path
from function.errors import DeadlineExceeded, RendererKilled

#: After so many documents a child is replaced: whatever it leaks is then gone. A new one costs 0.2 processor seconds.
MOST_DOCUMENTS = 2000
#: As is one that has kept more memory of its own than this after closing a document.
MOST_KEPT_BYTES = 192 << 20


class Pool:
    """Opens documents in child processes; thread-safe. Make it after forking, not before.

    Args:
        limits: on every document.
        size: documents open at once, each in a child of its own; more wait.
        wait_seconds: how long they wait.
        child_module: what the children run (tests run worse ones).
    """

    def __init__(
        self, limits: Limits, *, size: int, wait_seconds: float = 60.0, child_module: str = CHILD_MODULE
    ) -> None:
        self._limits = limits
        self._size = size
        self._wait_seconds = wait_seconds
        self._new = partial(Child, limits, child_module, search_path())
        self._changed = threading.Condition()
        self._idle: list[Child] = []
        self._leases = 0
        self._closed = False
        self._alone = threading.Lock()

    def start(self, children: int = 1, *, wait: bool = False) -> None:
        """Start children before they are asked for, at most as many as `size`.

        Args:
            children: how many should be there.
            wait: return when they stand, not while they are still loading.

        Raises:
            RendererKilled: they do not come up.
        """
        with self._changed:
            missing = min(children, self._size) - len(self._idle) - self._leases
        started = [self._new() for _ in range(missing)]
        if wait:
            # A first text layer would import it; here it costs nothing, since the children are waited for anyway.
            import function.documents.layer_columns  # noqa: F401
        try:
            for child in started if wait else ():
                child.wait_until_ready()
        finally:
            with self._changed:
                while started and started[-1].is_usable and self._has_room():
                    self._idle.append(started.pop())
            for child in started:
                child.end()

    @contextlib.contextmanager
    def open(self, source: Source) -> Iterator[SandboxedDocument]:
        """Open a document; its child is its own until the end of the block.

        Raises:
            Refusal: it cannot be opened, or is over a limit.
            RendererKilled: the child was killed from outside.
            DeadlineExceeded: no child came free in time.
        """
        with self._lease() as lease:
            yield SandboxedDocument(source, lease, self._limits)

    def close(self) -> None:
        """End the idle children; those of open documents end with them."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
        for child in idle:
            child.end()

    @contextlib.contextmanager
    def _lease(self) -> Iterator[Lease]:
        self._take_turn()
        lease = Lease(self._limits, self._new, self._pop_idle(), self._alone)
        try:
            yield lease
        finally:
            self._give_back(lease.child_to_keep())

    def _take_turn(self) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: self._leases < self._size, self._wait_seconds):
                raise DeadlineExceeded(
                    f"no render child came free within {self._wait_seconds:g} s", remedy="Try again later."
                )
            self._leases += 1

    def _pop_idle(self) -> Child | None:
        """The child used last, whose memory is warm; the dead among them are buried on the way."""
        with self._changed:
            dead = [child for child in self._idle if not child.is_usable]
            self._idle = [child for child in self._idle if child not in dead]
            found = self._idle.pop() if self._idle else None
        for child in dead:
            child.end()
        return found

    def _give_back(self, child: Child | None) -> None:
        wanted = child is not None and _is_fresh(child)
        with self._changed:  # the child is among the idle before its turn is free, or the next would start another
            self._leases -= 1
            if child is not None and wanted and self._has_room():
                self._idle.append(child)
                child = None
            self._changed.notify()
        if child is not None:
            child.end()

    def _has_room(self) -> bool:
        return not self._closed and len(self._idle) + self._leases < self._size


class Lease:
    """A document's right to one child; a dead one is replaced.

    Args:
        limits: of the pool.
        new: starts a child.
        child: an idle one, if there was one.
        alone: held by whoever tries a document a second time.
    """

    def __init__(self, limits: Limits, new: Callable[[], Child], child: Child | None, alone: threading.Lock) -> None:
        self._limits = limits
        self._new = new
        self._child = child
        self._alone = alone

    def child(self) -> Child:
        """A child that stands: the one that it was, or a new one where that has died.

        Raises:
            RendererKilled: it does not come up.
        """
        if self._child is not None and not self._child.is_usable:
            self._child.end()
            self._child = None
        try:
            return self._standing()
        except RendererKilled:  # killed while it started, perhaps: it has seen nothing of the document yet
            return self._standing()

    def _standing(self) -> Child:
        self._child = self._child or self._new()
        try:
            self._child.wait_until_ready()
        except RendererKilled:
            self._child.end()
            self._child = None
            raise
        return self._child

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """One second try at a time; whoever waited for as long as a try may take goes ahead in company."""
        taken = self._alone.acquire(timeout=self._limits.page_seconds)
        try:
            yield
        finally:
            if taken:
                self._alone.release()

    def child_to_keep(self) -> Child | None:
        """End the lease; the child, if it is of further use."""
        child, self._child = self._child, None
        if child is None:
            return None
        with contextlib.suppress(ChildDied):
            child.forget()
        if child.is_usable:
            return child
        child.end()
        return None


def _is_fresh(child: Child) -> bool:
    return child.documents < MOST_DOCUMENTS and child.own_bytes() < MOST_KEPT_BYTES
