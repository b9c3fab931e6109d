"""What is known of the accurate engine's pace: enough not to promise a page that cannot come."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import pytest

from function.reading.accurate.pace import Pace


class Clock:
    """Moved by hand."""

    now = 1000.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


def handed(pace: Pace, count: int) -> list[Future[Any]]:
    """Pages under way."""
    futures: list[Future[Any]] = [Future() for _ in range(count)]
    for future in futures:
        pace.watch(future)
    return futures


def test_a_page_takes_its_share_of_its_batch_and_waits_for_those_before_it() -> None:
    """Four pages that end together after eight seconds are two seconds each."""
    clock = Clock()
    pace = Pace(clock)
    assert pace.expected() == 0.0

    batch = handed(pace, 4)
    clock.now += 8
    for future in batch:
        future.set_result(None)

    assert 1.5 < pace.expected() < 2.5
    handed(pace, 9)
    assert 15 < pace.expected() < 25


def test_time_without_pages_is_nobodys() -> None:
    """An idle minute does not make the engine slow."""
    clock = Clock()
    pace = Pace(clock)
    for _ in range(3):
        clock.now += 60
        [future] = handed(pace, 1)
        clock.now += 2
        future.set_result(None)

    assert pace.expected() == pytest.approx(2.0)


def test_pages_that_fail_say_nothing_of_the_pace() -> None:
    """Neither do those that were taken back."""
    clock = Clock()
    pace = Pace(clock)
    first, second = handed(pace, 2)
    first.set_exception(ValueError())
    second.cancel()

    assert pace.expected() == 0.0
    [third] = handed(pace, 1)
    clock.now += 5
    third.set_result(None)
    assert pace.expected() == 5.0


def test_what_was_measured_long_ago_is_forgotten() -> None:
    """Or a service that was slow to wake would never be asked again."""
    clock = Clock()
    pace = Pace(clock)
    [future] = handed(pace, 1)
    clock.now += 200
    future.set_result(None)
    assert pace.expected() == 200.0

    clock.now += 300
    assert pace.expected() == 0.0
