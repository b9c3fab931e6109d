"""One start of one server, watched from outside: from the process's birth to its first 200 and its first answers."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from bench import processes
from bench.client import Answer, Client
from bench.server import Server, ServerEnded

#: Between two looks: queue-proxy looks every 50 ms; more often would take processor time from what is being timed.
_PAUSE = 0.02
_LONGEST = 180.0


@dataclass(frozen=True)
class Request:
    """What is sent once the server is ready.

    Attributes:
        name: what it is called in the table.
        path: with the query.
        body: its bytes.
        headers: that go with it.
    """

    name: str
    path: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Way:
    """A server that can be started.

    Attributes:
        name: in the table.
        command: to run; PORT tells it its port.
        ready: path that answers 200 when it can work.
        settings: variables on top of the inherited ones.
        request: sent after the start; None where there is none worth timing.
        says: what its log must hold afterwards, lest something that did not work is timed.
    """

    name: str
    command: Sequence[str]
    ready: str
    settings: Mapping[str, str] = field(default_factory=dict)
    request: Request | None = None
    says: str = ""


@dataclass(frozen=True)
class Start:
    """What one start took, in seconds.

    Attributes:
        way: which.
        cache: `warm`, or `cold` where the files had been evicted from the page cache.
        ready: from the birth of the process to the first 200.
        cpu: user and system time of all its processes until then; tells more than the clock on a busy machine.
        answered: from the birth to the end of the first answer; None where nothing was asked.
        first: of the first answer alone.
        following: of the same request again, each.
        first_cpu, following_cpu: processor time of all its processes during these answers.
    """

    way: str
    cache: str
    ready: float
    cpu: float
    answered: float | None = None
    first: float | None = None
    following: tuple[float, ...] = ()
    first_cpu: float = 0.0
    following_cpu: tuple[float, ...] = ()

    @property
    def first_over_warm(self) -> float | None:
        """The first answer against the median of those that followed."""
        return self.first / median(self.following) if self.first is not None and self.following else None

    @property
    def first_over_warm_cpu(self) -> float | None:
        """The same of processor time, which a busy machine changes least."""
        warm = median(self.following_cpu) if self.following_cpu else 0.0
        return self.first_cpu / warm if self.first_cpu and warm else None


def start(way: Way, *, cache: str, following: int) -> Start:
    """Start it, wait, ask, end it.

    Args:
        way: what.
        cache: noted in the result; evicting is the caller's.
        following: how often the request is sent again.

    Raises:
        ServerEnded: it ended, was not ready in time, or answered wrongly.
    """
    began = time.perf_counter()
    with Server(way.settings, command=way.command, wait_until_ready=False) as server:
        try:
            return _watched(server, way, began, cache, following)
        finally:
            server.kill()  # nobody times its end


def _watched(server: Server, way: Way, began: float, cache: str, following: int) -> Start:
    _await(server, way.ready)
    ready = time.perf_counter() - began
    cpu = processes.cpu_seconds(server.pid)
    if way.request is None:
        return Start(way.name, cache, ready, cpu)
    with Client(server.url) as client:
        first, first_cpu = _timed(client, way.request, server)
        answered = time.perf_counter() - began
        warm = [_timed(client, way.request, server) for _ in range(following)]
    if way.says not in server.logs:
        raise ServerEnded(f"{way.name} never said {way.says!r}:\n{server.logs[-2000:]}")
    seconds, seconds_cpu = tuple(one for one, _ in warm), tuple(one for _, one in warm)
    return Start(way.name, cache, ready, cpu, answered, first, seconds, first_cpu, seconds_cpu)


def _timed(client: Client, request: Request, server: Server) -> tuple[float, float]:
    """Wall clock and processor time of one answer."""
    before = processes.cpu_seconds(server.pid)
    seconds = _answer(client, request, server).seconds
    return seconds, processes.cpu_seconds(server.pid) - before


def _await(server: Server, path: str) -> None:
    deadline = time.monotonic() + _LONGEST
    while time.monotonic() < deadline:
        with Client(server.url, timeout=_LONGEST) as client:
            if client.get(path).status == 200:
                return
        if not server.is_alive():
            raise ServerEnded(f"it ended with {server.exit_code()}:\n{server.logs[-4000:]}")
        time.sleep(_PAUSE)
    raise ServerEnded(f"not ready within {_LONGEST:g} s:\n{server.logs[-4000:]}")


def _answer(client: Client, request: Request, server: Server) -> Answer:
    answer = client.request("POST", request.path, request.body, request.headers)
    if answer.status != 200:
        raise ServerEnded(f"{request.name}: {answer.status} {answer.body[:300]!r}\n{server.logs[-2000:]}")
    return answer


def python(*arguments: str) -> list[str]:
    """This very interpreter with arguments."""
    return [sys.executable, *arguments]
