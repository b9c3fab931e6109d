"""Turns: two deliveries of one upload do not read it twice."""

from __future__ import annotations

import threading

import pytest

from function.errors import DeadlineExceeded, NotReady
from function.reading.caller import Caller
from function.reading.uploads.turns import Turns


def test_a_second_delivery_waits_for_the_first() -> None:
    """And goes on when it has ended, however it ended."""
    turns, order = Turns(waiting=4), []
    started = threading.Event()

    def second() -> None:
        started.set()
        with turns.turn("a.pdf", Caller(30)):
            order.append("second")

    thread = threading.Thread(target=second)

    def first() -> None:
        with turns.turn("a.pdf", Caller(30)):
            thread.start()
            assert started.wait(30)
            while not turns._waiting:
                assert thread.is_alive()
            order.append("first")
            raise ValueError("it fails")

    with pytest.raises(ValueError, match="it fails"):
        first()
    thread.join(30)

    assert order == ["first", "second"]


def test_other_uploads_do_not_wait() -> None:
    """A turn is one upload's."""
    turns = Turns(waiting=0)

    with turns.turn("a.pdf", Caller(30)), turns.turn("b.pdf", Caller(30)):
        assert turns._taken == {"a.pdf", "b.pdf"}
    assert turns._taken == set()


def test_who_waits_too_long_or_among_too_many_is_sent_away() -> None:
    """To come again: 504 and 503 are delivered anew."""
    turns = Turns(waiting=1)
    with turns.turn("a.pdf", Caller(30)):
        with pytest.raises(DeadlineExceeded), turns.turn("a.pdf", Caller(0.2)):
            pass
        turns._waiting = 1
        with pytest.raises(NotReady), turns.turn("a.pdf", Caller(30)):
            pass
