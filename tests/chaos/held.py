"""What a server holds at rest, so that what leaks shows: processes, threads, descriptors, memory, temporary files."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import astuple, dataclass
from pathlib import Path

from bench import processes
from tests.chaos.world import Pod
from tests.delivery.fleet import SLOTS

#: gunicorn's, see ARCHITECTURE.md.
_THREADS = SLOTS + 24
#: What an allocator may keep of work that was done: half as much again, and a little.
_MEMORY, _MEMORY_BYTES = 1.5, 64 << 20
#: Kept connections to the store and to Redis.
_CONNECTIONS = 16


@dataclass(frozen=True)
class Held:
    """Of a server and its children, at rest.

    Attributes:
        processes: how many.
        threads: of all of them.
        descriptors: of all of them.
        memory: resident, in bytes.
        files: temporary ones that have a name.
    """

    processes: int
    threads: int
    descriptors: int
    memory: int
    files: int

    def within(self, before: Held) -> bool:
        """Whether it is no more than what was held before, but for what does not grow."""
        return (
            self.processes <= before.processes + SLOTS
            and self.threads <= before.threads + SLOTS + 2
            and self.descriptors <= before.descriptors + _CONNECTIONS + 4 * SLOTS
            and self.memory <= before.memory * _MEMORY + _MEMORY_BYTES
            and self.files <= before.files
        )

    def __str__(self) -> str:
        count, threads, descriptors, memory, files = astuple(self)
        return (
            f"{count} processes, {threads} threads, {descriptors} descriptors, {memory >> 20} MiB, {files} named files"
        )


def held(pod: Pod) -> Held:
    """Now."""
    pids = processes.tree(pod.server.pid)
    files = sum(1 for path in _below(pod.temporary) if path.is_file())
    return Held(
        len(pids),
        sum(len(list(_below(Path(f"/proc/{pid}/task")))) for pid in pids),
        processes.descriptors(pod.server.pid),
        processes.rss(pod.server.pid),
        files,
    )


def at_rest(pod: Pod, before: Held, seconds: float = 60.0) -> Held:
    """As soon as it is within what it held before, or after a while in any case."""
    deadline = time.monotonic() + seconds
    while not (now := held(pod)).within(before) and time.monotonic() < deadline:
        time.sleep(0.5)
    return now


def every_thread(pod: Pod) -> None:
    """Have gunicorn start all the threads that it will ever have: each waits for the end of a request's head."""
    with ExitStack() as stack:
        for _ in range(_THREADS):
            caller = stack.enter_context(socket.create_connection(("127.0.0.1", pod.server.port), timeout=10))
            caller.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n")
        before, deadline = -1, time.monotonic() + 5
        while before != (now := held(pod).threads) and time.monotonic() < deadline:
            before = now
            time.sleep(0.2)


def _below(folder: Path) -> Iterator[Path]:
    with suppress(OSError):
        yield from folder.iterdir()
