"""What crosses between a child and its parent, where the child cannot be trusted any more."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from function.documents import memory
from function.documents.channel import Broken, Channel
from function.documents.messages import Closed, Drawn, Failed, Reply
from tests.documents.watching import descriptors


@pytest.fixture
def ends() -> Iterator[tuple[Channel[Reply], socket.socket]]:
    """The parent's channel, and the bare socket of a child that does what it likes."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        yield Channel(ours, Reply), theirs


def test_a_message_and_its_descriptor_arrive_together(ends: tuple[Channel[Reply], socket.socket]) -> None:
    """The descriptor is another number for the same file, closed when a program is started."""
    parent, theirs = ends
    child: Channel[Reply] = Channel(theirs, Reply)
    bulk, view = memory.sized("page", 3)
    view[:] = b"abc"

    child.send(Drawn(1, 1, 3, None, []), bulk)
    message, received = parent.receive(60)

    assert message == Drawn(1, 1, 3, None, [])
    assert received is not None
    assert os.pread(received, 10, 0) == b"abc"
    assert not os.get_inheritable(received)
    for descriptor in (bulk, received):
        os.close(descriptor)


@pytest.mark.parametrize("packet", [b"rubbish", b"\x80", b"\xc1", b"x" * (200 << 10)])
def test_nonsense_is_a_broken_channel_and_leaves_no_descriptor(
    ends: tuple[Channel[Reply], socket.socket], packet: bytes
) -> None:
    """Also where the nonsense came with one."""
    parent, theirs = ends
    bulk = memory.create("page")
    before = descriptors()

    socket.send_fds(theirs, [packet], [bulk])
    with pytest.raises(Broken):
        parent.receive(60)

    assert descriptors() == before
    os.close(bulk)


def test_only_one_descriptor_a_packet_is_taken(ends: tuple[Channel[Reply], socket.socket]) -> None:
    """A child cannot fill the server's table."""
    parent, theirs = ends
    bulk = memory.create("page")
    before = descriptors()

    socket.send_fds(theirs, [b"\x81\xa4type\xa6Closed"], [bulk] * 20)
    with pytest.raises(Broken):
        parent.receive(60)

    assert descriptors() == before
    os.close(bulk)


def test_a_hang_up_is_a_broken_channel(ends: tuple[Channel[Reply], socket.socket]) -> None:
    """On both ways."""
    parent, theirs = ends
    theirs.close()

    with pytest.raises(Broken):
        parent.receive(60)
    with pytest.raises(Broken):
        parent.send(Closed())


def test_silence_ends(ends: tuple[Channel[Reply], socket.socket]) -> None:
    """After the time given."""
    with pytest.raises(TimeoutError):
        ends[0].receive(0.01)


def test_messages_keep_what_is_optional(ends: tuple[Channel[Reply], socket.socket]) -> None:
    """A refusal crosses with its remedy."""
    parent, theirs = ends
    child: Channel[Reply] = Channel(theirs, Reply)
    sent = Failed("Corrupt", "broken", "mend it", trace="Traceback", ours=True)

    child.send(sent)

    assert parent.receive(60) == (sent, None)


def test_what_is_mapped_can_no_longer_be_cut_short() -> None:
    """Reading beyond the end of a mapped file is a SIGBUS for the whole server."""
    bulk, _ = memory.sized("page", 10_000)
    with memory.view(bulk, 10_000) as view:
        with pytest.raises(PermissionError):
            os.ftruncate(bulk, 1)
        assert len(view) == 10_000
    os.close(bulk)


@pytest.mark.parametrize("size", [10_001, 0, -1])
def test_a_size_that_does_not_fit_is_refused(size: int) -> None:
    """Whatever the child claims to have drawn."""
    bulk, _ = memory.sized("page", 10_000)
    with pytest.raises(ValueError, match="holds 10000 bytes"):
        memory.view(bulk, size)
    os.close(bulk)


def test_only_memfds_are_mapped() -> None:
    """A pipe, or a file on disk that somebody may cut short, is not."""
    reading, writing = os.pipe()
    with pytest.raises(ValueError, match="no memfd"):
        memory.view(reading, 10)
    os.close(reading)
    os.close(writing)
