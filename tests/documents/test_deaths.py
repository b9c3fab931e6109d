"""Who pays when a render child dies: its own page, after a second try, and nobody else."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from function.documents.base import Limits
from function.documents.pool import Lease, Pool
from function.documents.sources import from_bytes
from function.errors import Corrupt, RendererKilled, TooLarge
from function.telemetry import metrics
from tests.documents.conftest import LIMITS, Opened
from tests.documents.watching import DOCUMENT, child_of, children, descriptors, is_running, shade, wait_until

IMPATIENT = Limits(max_pages=10, max_pixels=4_000_000, page_seconds=0.3, child_memory_bytes=2 << 30)

Worse = Callable[..., Pool]


def test_dead_children_leave_neither_descriptors_nor_zombies(worse: Worse) -> None:
    """Nor do those that were killed for their silence."""
    parentage, before = children(), descriptors()
    for disaster in ("os.abort()", "import time; time.sleep(600)"):
        pool = worse(disaster, IMPATIENT)
        for _ in range(2):
            with from_bytes(DOCUMENT) as source, pool.open(source) as document, pytest.raises(Corrupt):
                document.draw(2, 20)
        pool.close()

    assert descriptors() == before
    assert children() == parentage


@pytest.mark.parametrize(
    "disaster",
    [
        "os.abort()",
        "signal.raise_signal(signal.SIGSEGV)",
        "signal.raise_signal(signal.SIGBUS)",
        "os._exit(3)",
        "os.close(int(sys.argv[1]))",
        "import ctypes; ctypes.string_at(0)",
        "import socket; socket.socket(fileno=int(sys.argv[1])).send(b'rubbish')",
    ],
)
def test_a_page_that_kills_its_child_twice_is_corrupt_and_costs_only_itself(
    worse: Worse, opened: Opened, disaster: str
) -> None:
    """The pages before and after are drawn by children that took its place."""
    document = opened(DOCUMENT, pool=worse(disaster))

    assert shade(document, 1) == 0
    with pytest.raises(Corrupt):
        document.draw(2, 20)
    assert shade(document, 3) == 51
    with pytest.raises(Corrupt):
        document.draw(2, 20)
    assert shade(document, 6) == 128


@pytest.mark.parametrize(
    "answer",
    [
        "Drawn(100, 100, 3, None, []), None",
        "Drawn(10**6, 10**6, 3, None, []), memory.sized('page', 10)[0]",
        "TextRead(10), memory.sized('text', 10)[0]",
    ],
    ids=["without pixels", "more pixels than there are", "nonsense of another kind"],
)
def test_a_page_that_is_answered_with_nonsense_is_corrupt_and_costs_only_itself(
    worse: Worse, opened: Opened, answer: str
) -> None:
    """A child that a document has taken over may send any message; it is ended, and the document pays."""
    document = opened(DOCUMENT, pool=worse(f"return {answer}"))
    before = descriptors()

    with pytest.raises(Corrupt):
        document.draw(2, 20)
    with pytest.raises(Corrupt):
        document.text_layer(2, 20)
    assert shade(document, 3) == 51
    assert descriptors() == before


def test_a_page_that_hangs_is_given_up_naming_the_limit(worse: Worse, opened: Opened) -> None:
    """A child that says nothing at all does not hold its caller for ever."""
    document = opened(DOCUMENT, pool=worse("import time; time.sleep(600)", IMPATIENT))

    with pytest.raises(Corrupt, match=r"0\.3 s, tried twice, the limit \(OCR_PAGE_SECONDS\)"):
        document.draw(2, 20)
    assert shade(document, 3) == 51


def test_a_page_that_used_up_its_time_is_not_tried_again(worse: Worse, opened: Opened) -> None:
    """It would again: its caller waits once, and hears which limit that was."""
    document = opened(DOCUMENT, pool=worse("signal.raise_signal(signal.SIGXCPU)"))
    tried_again = metrics.retries.labels("document")._value.get()

    with pytest.raises(Corrupt, match="OCR_PAGE_SECONDS"):
        document.draw(2, 20)
    assert metrics.retries.labels("document")._value.get() == tried_again
    assert shade(document, 3) == 51


def test_a_page_that_spins_is_ended_by_the_kernel(worse: Worse, opened: Opened) -> None:
    """CPU time is what is limited: a clock on the wall would punish a busy node's healthy pages."""
    limits = Limits(max_pages=10, max_pixels=4_000_000, page_seconds=1, child_memory_bytes=2 << 30)
    document = opened(DOCUMENT, pool=worse("\n        while True: pass", limits))

    with pytest.raises(Corrupt, match="OCR_PAGE_SECONDS"):
        document.draw(2, 20)
    assert shade(document, 3) == 51


def test_a_child_that_died_by_chance_gets_a_second_try(worse: Worse, opened: Opened) -> None:
    """Whoever draws the page sees nothing of it; without walls, since a child behind them could leave no mark."""
    disaster = "MARK.exists() or (MARK.touch(), os.abort())"
    document = opened(DOCUMENT, pool=worse(disaster, replace(LIMITS, sandbox="off")))

    assert shade(document, 2) == 26


def test_second_tries_are_made_one_at_a_time() -> None:
    """What ran out of memory in company may have room alone."""
    lock, entered = threading.Lock(), threading.Event()
    first, second = (Lease(LIMITS, "none", None, lock) for _ in range(2))

    def try_second() -> None:
        with second.alone():
            entered.set()

    with first.alone():
        thread = threading.Thread(target=try_second)
        thread.start()
        assert not entered.wait(0.05)
    thread.join()
    assert entered.is_set()


def test_whoever_waited_as_long_as_a_try_may_take_goes_ahead() -> None:
    """Many hanging documents at once must not queue up to minutes."""
    lock = threading.Lock()
    impatient = Limits(max_pages=1, max_pixels=1, page_seconds=0.01, child_memory_bytes=1)

    with lock, Lease(impatient, "none", None, lock).alone():
        assert lock.locked()
    assert not lock.locked()


def test_a_child_killed_from_outside_is_an_outage(worse: Worse, opened: Opened) -> None:
    """The kernel's out-of-memory killer says nothing about the document; the next page is drawn all the same."""
    document = opened(DOCUMENT, pool=worse("signal.raise_signal(signal.SIGKILL)"))

    with pytest.raises(RendererKilled, match="SIGKILL"):
        document.draw(2, 20)
    assert shade(document, 3) == 51


def test_an_idle_child_that_was_killed_is_replaced_unseen(fresh: Pool) -> None:
    """The next caller gets another, and the dead one is buried."""
    before = children()
    with from_bytes(DOCUMENT) as source, fresh.open(source) as document:
        victim = child_of(document)
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: not is_running(victim))

    with from_bytes(DOCUMENT) as source, fresh.open(source) as document:
        assert shade(document, 2) == 26
    assert victim not in children() - before


def test_a_child_killed_between_two_pages_is_replaced_unseen(opened: Opened, fresh: Pool) -> None:
    """It was doing nothing for the document, so nothing is lost."""
    document = opened(DOCUMENT, pool=fresh)
    victim = child_of(document)
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: not is_running(victim))

    assert shade(document, 2) == 26


def test_memory_that_python_is_refused_is_told_by_name(worse: Worse, opened: Opened) -> None:
    """TooLarge, with the variable; the child lives on."""
    document = opened(DOCUMENT, pool=worse("hog = bytearray(4 << 30)"))
    child = child_of(document)

    with pytest.raises(TooLarge, match="OCR_CHILD_BYTES"):
        document.draw(2, 20)
    assert shade(document, 3) == 51
    assert child_of(document) == child


def test_memory_that_is_eaten_bit_by_bit_is_told_by_name(worse: Worse, opened: Opened) -> None:
    """As a decompression bomb does it."""
    limits = Limits(max_pages=10, max_pixels=4_000_000, page_seconds=60, child_memory_bytes=256 << 20)
    document = opened(DOCUMENT, pool=worse("hog = []\n        while True: hog.append(bytes(1 << 20))", limits))

    with pytest.raises(TooLarge, match="OCR_CHILD_BYTES"):
        document.draw(2, 20)
    assert shade(document, 3) == 51


def test_a_mistake_of_ours_is_logged_with_its_traceback(
    worse: Worse, opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    """It must not pass for the document's fault in silence."""
    document = opened(DOCUMENT, pool=worse("raise AttributeError('oops')"))

    with caplog.at_level(logging.WARNING), pytest.raises(Corrupt, match="AttributeError: oops"):
        document.draw(2, 20)
    assert "Traceback" in caplog.text


def test_a_child_that_cannot_start_is_an_outage(caplog: pytest.LogCaptureFixture) -> None:
    """Ours, with its last words in the log."""
    pool = Pool(LIMITS, size=1, child_module="no_such_module")
    with from_bytes(DOCUMENT) as source, pytest.raises(RendererKilled), pool.open(source):
        pass
    pool.close()

    assert "no_such_module" in caplog.text
