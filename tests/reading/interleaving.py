"""Programs that share a store, run step by step in any order one likes, and killed at any step.

Each runs in a thread of its own, but only when told to, and only up to its next call of the store: so an order of
steps, once found to do harm, does it again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from function.errors import OcrError
from function.stores.base import StoreSignal


class Killed(BaseException):
    """SIGKILL: nobody catches it, nothing is cleaned up."""


class Program:
    """One that runs in steps; a step is one call of the store.

    Args:
        run: gets the store as this program sees it.
        store: the shared one.
        dies_at: the step in which it is killed; None lives.
        after: killed when the store has done it, before the answer arrives.
    """

    def __init__(
        self, run: Callable[[Any], object], store: Any, *, dies_at: int | None = None, after: bool = False
    ) -> None:
        self.outcome: object = None
        self.steps = 0
        self._run, self._store, self._dies_at, self._after = run, store, dies_at, after
        self._go, self._paused = threading.Semaphore(0), threading.Semaphore(0)
        self.done = False
        self._thread = threading.Thread(target=self._main, daemon=True)
        self._thread.start()
        self._paused.acquire()

    def step(self) -> None:
        """Up to its next call, or its end."""
        self._go.release()
        self._paused.acquire()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """A method of the store, when it is this program's turn."""
        method = getattr(self._store, name)

        def call(*args: Any, **more: Any) -> Any:
            self._paused.release()
            self._go.acquire()
            self.steps += 1
            dies = self.steps == self._dies_at
            if dies and not self._after:
                raise Killed
            answer = method(*args, **more)
            if dies:
                raise Killed
            return answer

        return call

    def _main(self) -> None:
        try:
            self.outcome = self._run(self)
        except (Killed, OcrError, StoreSignal) as ended:
            self.outcome = ended
        self.done = True
        self._paused.release()


def run_in_order(programs: Sequence[Program], order: Sequence[int]) -> list[int]:
    """Run all to their ends; number `n` of `order` says which living one makes step `n`, later the first one does.

    Returns how many were alive at each step.
    """
    choices: list[int] = []
    while alive := [program for program in programs if not program.done]:
        turn = order[len(choices)] if len(choices) < len(order) else 0
        choices.append(len(alive))
        alive[turn % len(alive)].step()
    return choices


def every_order(run: Callable[[Sequence[int]], list[int]], *, switches: int | None = None) -> Iterator[Sequence[int]]:
    """Every order of steps, depth first, one run each.

    Args:
        run: makes a fresh world, runs it in the order, and tells what `run_in_order` tells.
        switches: at most so many changes from one program to another; most faults need two or three.
    """
    order: list[int] = []
    while True:
        choices = run(order)
        yield order
        order = [*order, *[0] * (len(choices) - len(order))]
        while order:
            order[-1] += 1
            if order[-1] >= choices[len(order) - 1]:
                order.pop()
            elif switches is None or _switches(order) <= switches:
                break
        if not order:
            return


def _switches(order: Sequence[int]) -> int:
    return sum(one != other for one, other in pairwise(order))
