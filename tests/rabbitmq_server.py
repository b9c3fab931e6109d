"""A real RabbitMQ for tests: Debian's package, a node of its own on free ports, all it writes in a temporary folder.

    def test_something(rabbitmq: RabbitServer) -> None:        # the fixture stands in tests/delivery/conftest.py
        queue = rabbitmq.queue(**{"x-dead-letter-exchange": ""})

It takes seconds to start, so there is one for all tests of a session, and it is killed with whoever started it. The
register of Erlang's nodes (epmd), which a node would otherwise leave running for ever, is one of its own, too.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import pika
from pika.exceptions import AMQPError

from bench.server import _dies_with_its_parent, _free_port
from events.event import Event
from events.writing import to_structured
from tests.conftest import missing

# Connections that fail while a node starts are no news.
logging.getLogger("pika").setLevel(logging.CRITICAL)
#: Debian's wrapper in /usr/sbin insists on root or the user rabbitmq; the script behind it does not.
PROGRAM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
#: Seconds: a start takes a few, minutes on a machine that is busy with other work.
_HANGS = 600.0
_numbers = count(1)


class RabbitServer:
    """One node; may be killed and started again, and keeps its queues over that.

    Args:
        folder: where it writes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port, self._distribution, self._register_port = _free_port(), _free_port(), _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._register: subprocess.Popen[bytes] | None = None
        self._quorum: set[str] = set()
        folder.joinpath("rabbitmq.conf").write_text(
            f"listeners.tcp.default = 127.0.0.1:{self.port}\nlog.console = true\nlog.console.level = warning\n"
            "log.file = false\ndisk_free_limit.absolute = 10MB\nvm_memory_high_watermark.absolute = 1GiB\n",
            encoding="utf-8",
        )
        folder.joinpath("plugins").write_text("[].\n", encoding="utf-8")

    @property
    def url(self) -> str:
        """For OCR_QUEUE_URL."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}/%2F"

    def start(self) -> None:
        """Until it takes connections."""
        if self._register is None:
            register = ["epmd", "-address", "127.0.0.1", "-port", str(self._register_port)]
            self._register = subprocess.Popen([*_dies_with_its_parent(), *register])
        name = f"zeropage-{self.port}@localhost"
        folder = self._folder
        told = {
            "HOME": str(folder),
            "ERL_EPMD_PORT": str(self._register_port),
            "RABBITMQ_NODENAME": name,
            "RABBITMQ_BASE": str(folder),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_DIST_PORT": str(self._distribution),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            # Two schedulers that sleep instead of spinning: it shares the machine with the tests. A cookie of its own.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none "
            f"-setcookie {secrets.token_hex(8)}",
        }
        environment = [f"{key}={value}" for key, value in told.items()]
        with folder.joinpath("out.log").open("ab") as out:
            self._process = subprocess.Popen(
                [*_dies_with_its_parent(), "/usr/bin/env", *environment, str(PROGRAM)],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + _HANGS
        while True:
            with suppress(AMQPError, OSError):
                self.channel().connection.close()
                return
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError(
                    f"RabbitMQ did not start:\n{(folder / 'out.log').read_text(errors='replace')[-3000:]}"
                )
            time.sleep(0.1)

    def kill(self) -> None:
        """With all that it started; at once, unless a quorum queue was declared a moment ago."""
        deadline = time.monotonic() + _HANGS
        while unwritten := self._not_written_down():
            assert time.monotonic() < deadline, f"never written down: {unwritten}"
            time.sleep(0.05)
        self._end()

    def _not_written_down(self) -> list[str]:
        """Quorum queues that the node knows by heart alone.

        RabbitMQ 3.10 tells a declaration before it stands in the register of its members' files, one second later. A
        node that is killed in between gives the queue a new, empty file, and it has no leader for ever.
        """
        registers = [register.read_bytes() for register in self._folder.glob("mnesia/*/quorum/*/names.dets")]
        return [name for name in self._quorum if not any(name.encode() in register for register in registers)]

    def _end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def close(self) -> None:
        """End all of it."""
        self._end()
        if self._register is not None:
            self._register.kill()
            self._register.wait()

    def channel(self) -> Any:
        """A channel of a connection of its own; close `.connection`."""
        return pika.BlockingConnection(pika.URLParameters(self.url)).channel()

    def queue(self, name: str = "", *, kind: str = "quorum", dead: bool = True) -> str:
        """A new durable queue, whose dead letters go to the queue of its name and `.dead`."""
        name = name or f"queue-{next(_numbers)}"
        arguments: dict[str, Any] = {"x-queue-type": kind}
        if dead:
            arguments |= {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": f"{name}.dead"}
        channel = self.channel()
        channel.queue_declare(name, durable=True, arguments=arguments)
        if kind == "quorum":
            self._quorum.add(name)
        if dead:
            channel.queue_declare(f"{name}.dead", durable=True)
        channel.connection.close()
        return name

    def delete(self, queue: str) -> None:
        """With all that is in it."""
        channel = self.channel()
        channel.queue_delete(queue)
        self._quorum.discard(queue)
        channel.connection.close()

    def publish(self, queue: str, *events: Event) -> None:
        """Structured, persistent and confirmed."""
        bodies = [to_structured(event)[1] for event in events]
        self.send(queue, *bodies, content_type="application/cloudevents+json")

    def send(self, queue: str, *bodies: bytes, **properties: Any) -> None:
        """Any messages, all with these properties."""
        channel = self.channel()
        channel.confirm_delivery()
        for body in bodies:
            channel.basic_publish("", queue, body, pika.BasicProperties(delivery_mode=2, **properties))
        channel.connection.close()

    def ready(self, queue: str) -> int:
        """Messages that wait for a consumer."""
        channel = self.channel()
        waiting = int(channel.queue_declare(queue, passive=True).method.message_count)
        channel.connection.close()
        return waiting

    def taken(self, queue: str) -> list[bytes]:
        """The bodies of all messages that wait, taken out for good."""
        channel = self.channel()
        bodies = []
        while (got := channel.basic_get(queue, auto_ack=True))[0] is not None:
            bodies.append(got[2])
        channel.connection.close()
        return bodies


@contextmanager
def running() -> Iterator[RabbitServer]:
    """Start one, wait until it answers, end it."""
    if not PROGRAM.exists():
        missing("RabbitMQ", "apt-get install rabbitmq-server, without starting its service")
    with tempfile.TemporaryDirectory(prefix="zeropage-rabbitmq-") as name:
        server = RabbitServer(Path(name))
        try:
            server.start()
            yield server
        finally:
            server.close()
            shutil.rmtree(name, ignore_errors=True)
