"""What a render child does between documents."""

from __future__ import annotations

import socket
import threading

import pytest

from function import heap
from function.documents import child, confine
from function.documents.channel import Broken, Channel
from function.documents.messages import Close, Closed, Reply, Request
from tests.documents.conftest import LIMITS


def test_a_child_that_rests_gives_memory_back_and_serves_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a rest, and nobody waits for it."""
    rested = threading.Semaphore(0)
    monkeypatch.setattr(heap, "REST", 0.01)
    monkeypatch.setattr(heap, "give_back", rested.release)
    monkeypatch.setattr(confine, "allow_cpu", lambda seconds: None)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    parent: Channel[Reply] = Channel(ours, Reply)
    inside: Channel[Request] = Channel(theirs, Request)

    def serve() -> None:
        with pytest.raises(Broken):
            child.serve(inside, LIMITS)

    thread = threading.Thread(target=serve)
    thread.start()
    for _ in range(2):
        parent.send(Close())
        assert parent.receive(30) == (Closed(), None)
        assert rested.acquire(timeout=30)
    assert not rested.acquire(timeout=0.1)
    parent.close()
    thread.join(30)
    inside.close()

    assert not thread.is_alive()
