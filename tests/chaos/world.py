"""The whole system on one machine: servers and a queue's consumer, a broker, S3, Redis and RabbitMQ, all of them real.

with World(s3, redis, rabbitmq) as world:
    world.pods[1].server.kill()

Between the servers and what they depend on stand proxies. Where the kernel lets us, each server has temporary files on
a small disk of its own, which can be filled; where there is a C compiler, one of them believes any time of day.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from types import TracebackType

from bench import processes
from tests.chaos.arrivals import Way
from tests.chaos.proxies import LineProxy, SpoilingStoreProxy
from tests.chaos.uploads import QUEUE, Uploads
from tests.delivery.fleet import SLOTS, FleetBroker
from tests.rabbitmq_server import RabbitServer
from tests.redis_server import RedisServer
from tests.s3_server import ENVIRONMENT, ROOT, S3Server
from tests.server import Server

#: Of a pod's disk for temporary files.
DISK_BYTES = 8 << 20
_SERVE = (sys.executable, "-m", "function", "serve")
_CONSUME = (sys.executable, "-m", "function", "consume")
_CLOCK = Path(__file__).with_name("clock.c")


@cache
def own_disks() -> bool:
    """Whether this user may mount a disk that only one process and its children see."""
    unshare = shutil.which("unshare")
    command = [unshare or "", "--mount", "--propagation", "private", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return bool(unshare) and not subprocess.run(command, capture_output=True, timeout=30, check=False).returncode


class Pod:
    """A server that may be killed, frozen and robbed of its disk.

    Args:
        name: for people.
        command: what runs.
        settings: its variables.
        disk: where its temporary files lie; it sees a disk of its own there, if there are such.
    """

    def __init__(self, name: str, command: tuple[str, ...], settings: dict[str, str], disk: Path) -> None:
        self.name, self.disk = name, disk
        mounted = f'mount -t tmpfs -o size={DISK_BYTES} tmpfs "$TMPDIR" && exec "$@"'
        own = ("unshare", "--mount", "--propagation", "private", "sh", "-c", mounted, "sh")
        self._settings = {**settings, "TMPDIR": str(disk)}
        self._command = (*(own if own_disks() else ()), *command)
        self._servers: list[Server] = []
        self.pids: set[int] = set()

    @property
    def server(self) -> Server:
        """The one that runs, or ran last."""
        return self._servers[-1]

    @property
    def logs(self) -> str:
        """Of all that ran, one after the other."""
        return "".join(server.logs for server in self._servers)

    @property
    def temporary(self) -> Path:
        """Its disk, as seen from here."""
        return Path(f"/proc/{self.server.pid}/root{self.disk}")

    def start(self) -> None:
        """Another server, until it is ready."""
        self._servers.append(Server(self._settings, command=self._command))
        self.server.start()
        self.remember()

    def end(self) -> None:
        """In order; those that are dead already stay so."""
        for server in self._servers:
            server.__exit__(None, None, None)

    def remember(self) -> list[int]:
        """Its processes, which are to be gone in the end."""
        found = processes.tree(self.server.pid) if self.server.is_alive() else []
        self.pids.update(found)
        return found


class World:
    """Use it in a `with`.

    Args:
        s3: the store.
        redis: for answers that are kept.
        rabbitmq: None: there is no queue.
        pods: servers; the first is never killed, so that what leaks shows.
    """

    def __init__(self, s3: S3Server, redis: RedisServer, rabbitmq: RabbitServer | None, *, pods: int) -> None:
        self.s3, self.redis, self.rabbitmq = s3, redis, rabbitmq
        self.inbox, self.results = "chaos-inbox", "chaos-results"
        self.store, self.line = SpoilingStoreProxy(s3.url), LineProxy(redis.port)
        # Pauses grow up to six seconds; together they outlast any disaster here.
        self.broker = FleetBroker(backoff=0.02, policy="linear", retries=300)
        self.folder = Path(tempfile.mkdtemp(prefix="zeropage-chaos-"))
        self._stack = ExitStack()
        self._settings = {
            **ENVIRONMENT,
            "AWS_ENDPOINT_URL": self.store.url,
            "K_SINK": self.broker.url,
            "OCR_CACHE": f"redis://127.0.0.1:{self.line.port}/0",
            # The least that there is: it is easier to exhaust.
            "OCR_CHILD_BYTES": str(256 << 20),
            "OCR_FAST_ENGINE": "stub",
            "OCR_INBOX": f"s3://{self.inbox}/in",
            "OCR_PAGE_SECONDS": "10",
            "OCR_RESULTS": f"s3://{self.results}/out",
            "OCR_S3_READ_SECONDS": "5",
            "OCR_SLOTS": str(SLOTS),
            "OCR_SPLIT_PAGES": "4",
            # Nearly every document goes through the disk, so that a full one is felt.
            "OCR_SPOOL_BYTES": "1024",
        }
        self.clock = self._clock() if pods > 1 else None
        self.pods = [self._pod(number) for number in range(pods)]
        self.consumer = self._consumer()
        self.uploads = Uploads(s3, self.inbox, self.broker, rabbitmq, lambda: self.url)

    @property
    def _all(self) -> list[Pod]:
        return [*self.pods, *filter(None, [self.consumer])]

    @property
    def witness(self) -> Pod:
        """The one that lives through everything."""
        return self.pods[0]

    @property
    def ways(self) -> tuple[Way, ...]:
        """How uploads may be told of."""
        return ("broker", "broker", "job", "queue") if self.rabbitmq else ("broker", "broker", "broker", "job")

    @property
    def url(self) -> str:
        """Of a server that takes jobs."""
        return self.witness.server.url

    def start(self, pod: Pod) -> None:
        """Until it is ready."""
        pod.start()
        if pod in self.pods:
            self.broker.add(pod.server.url)
            self.broker.dead_letters = f"{self.url}/deadletter"

    def gone(self, pod: Pod) -> None:
        """The broker shall not deliver there any more."""
        pod.remember()
        if pod in self.pods:
            self.broker.remove(pod.server.url)

    def events(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`python -m events …`, as an operator calls it."""
        told = [f"{name}={value}" for name, value in self._settings.items() if name != "LD_PRELOAD"]
        command = ["/usr/bin/env", *told, sys.executable, "-m", "events", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1200, check=False)

    def __enter__(self) -> World:
        for each in (self.store, self.line, self.broker, self.uploads):
            self._stack.enter_context(each)
        for bucket in (self.inbox, self.results):
            self.s3.bucket(name=bucket, versioned=True)
        if self.rabbitmq:
            self.rabbitmq.queue(QUEUE)
        # A server ends with the thread that began it (the kernel's parent-death signal), so these threads stay.
        self.threads = self._stack.enter_context(ThreadPoolExecutor(max(2, len(self._all))))
        list(self.threads.map(self.start, self._all))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pod in self._all:
            self.gone(pod)
        list(self.threads.map(Pod.end, self._all))
        self._stack.close()
        self.close()

    def close(self) -> None:
        """What was written and bound for it goes; enough where it never ran."""
        for listener in (self.store._server.socket, self.broker._server.socket, self.line._listener):
            listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _clock(self) -> Path | None:
        """The file that says how wrong the second server's clock is; None where that cannot be built."""
        compiler = shutil.which("cc")
        if compiler is None:
            return None
        clock = self.folder / "clock"
        clock.write_bytes(bytes(8))
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", f"{clock}.so", _CLOCK, "-ldl"], check=True)
        return clock

    def _pod(self, number: int) -> Pod:
        settings = dict(self._settings)
        if self.clock and number == 1:
            settings |= {"LD_PRELOAD": f"{self.clock}.so", "ZEROPAGE_CLOCK": str(self.clock)}
        return Pod(f"server {number}", _SERVE, settings, self._disk(str(number)))

    def _consumer(self) -> Pod | None:
        if self.rabbitmq is None:
            return None
        settings = {**self._settings, "OCR_QUEUE_URL": self.rabbitmq.url, "OCR_QUEUE_NAME": QUEUE}
        return Pod("consumer", _CONSUME, settings, self._disk("consumer"))

    def _disk(self, name: str) -> Path:
        disk = self.folder / f"disk-{name}"
        disk.mkdir()
        return disk
