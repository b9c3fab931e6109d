"""Disasters, a class each: how it begins, how it ends, and what it may cost.

    for fault in drawn(random.Random(7), world, 10):
        fault.begin(world)
        time.sleep(fault.seconds)
        fault.end(world)

None of them may cost an upload, or make a result wrong: work that was under way is done again, callers wait.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

from tests.chaos.arrivals import Arrival, Document, bomb, glutton
from tests.chaos.fault import Fault, ServerStruck, signalled
from tests.chaos.world import DISK_BYTES, Pod, World, own_disks


class ServerKilled(ServerStruck):
    """SIGKILL for a server and all that it started, as of a node that fails."""

    longest = 0.5

    @classmethod
    def missing(cls, world: World) -> str:
        """One lives through everything."""
        return "" if len(world.pods) > 1 else "there is only the server that lives through everything"

    def begin(self, world: World) -> None:
        """At any moment of its work."""
        victim = self._victim(world)
        world.gone(victim)
        victim.server.kill()

    def end(self, world: World) -> None:
        """Another one starts."""
        world.start(self._victim(world))

    def _victim(self, world: World) -> Pod:
        return world.pods[1 + self.number % (len(world.pods) - 1)]


class ServerTerminated(ServerKilled):
    """SIGTERM, as for a rollout: what was accepted finishes, the exit code is 0."""

    def begin(self, world: World) -> None:
        """The broker does not know of it yet."""
        victim = self._victim(world)
        victim.remember()
        os.kill(victim.server.pid, signal.SIGTERM)

    def end(self, world: World) -> None:
        """It ended in order, and another one starts."""
        victim = self._victim(world)
        ended = victim.server
        try:
            code = ended.stop()
        finally:
            world.gone(victim)
            super().end(world)
        assert code == 0, f"{victim.name} ended with {code} upon SIGTERM:\n{ended.logs[-3000:]}"


class ServerFrozen(ServerStruck):
    """SIGSTOP, as of a node whose disk hangs; the broker goes on delivering to it."""

    def begin(self, world: World) -> None:
        """All of its processes."""
        signalled(self._victim(world), signal.SIGSTOP)

    def end(self, world: World) -> None:
        """It goes on as if nothing had been."""
        signalled(self._victim(world), signal.SIGCONT)


class RenderersKilled(ServerStruck):
    """SIGKILL for the children that open documents, as of the kernel that wants memory."""

    longest = 0.5
    costs = "a delivery that is told to come again"

    def begin(self, world: World) -> None:
        """All but the two that gunicorn consists of."""
        for pid in self._victim(world).remember()[2:]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def end(self, world: World) -> None:
        """There are new ones when they are needed."""


class ConsumerKilled(Fault):
    """SIGKILL for the queue's consumer."""

    strikes = "consumer"
    longest = 0.5

    @classmethod
    def missing(cls, world: World) -> str:
        """There may be no queue."""
        return "" if world.consumer else "there is no queue in this run"

    def begin(self, world: World) -> None:
        """With messages unacknowledged."""
        assert world.consumer is not None
        world.gone(world.consumer)
        world.consumer.server.kill()

    def end(self, world: World) -> None:
        """Another one starts."""
        assert world.consumer is not None
        world.start(world.consumer)


class QueueKilled(Fault):
    """SIGKILL for RabbitMQ; what it confirmed it has on disk."""

    strikes = "RabbitMQ"
    longest = 1.0
    missing = ConsumerKilled.missing

    def begin(self, world: World) -> None:
        """In the middle of deliveries."""
        assert world.rabbitmq is not None
        world.rabbitmq.kill()

    def end(self, world: World) -> None:
        """It comes back with its messages."""
        assert world.rabbitmq is not None
        world.rabbitmq.start()


class CacheKilled(Fault):
    """SIGKILL for Redis, and all that it kept is gone."""

    strikes = "Redis"
    costs = "pages are read again"

    def begin(self, world: World) -> None:
        """Connections break."""
        world.redis.kill()

    def end(self, world: World) -> None:
        """Empty."""
        world.redis.start()


class CacheFrozen(Fault):
    """SIGSTOP for Redis: it takes connections and says nothing."""

    strikes = "Redis"
    costs = "OCR_CACHE_TIMEOUT, once in a while"

    def begin(self, world: World) -> None:
        """It hangs."""
        os.kill(world.redis.pid, signal.SIGSTOP)

    def end(self, world: World) -> None:
        """It goes on."""
        os.kill(world.redis.pid, signal.SIGCONT)


class CacheCorrupts(Fault):
    """What comes back from Redis is not what was kept."""

    strikes = "the line to Redis"
    costs = "pages are read again"

    def begin(self, world: World) -> None:
        """A byte of every value."""
        world.line.harm("corrupt")

    def end(self, world: World) -> None:
        """As it was."""
        world.line.harm("")


class CacheCuts(CacheCorrupts):
    """Connections to Redis break in the middle of an answer."""

    def begin(self, world: World) -> None:
        """Of every value."""
        world.line.harm("cut")


class StoreFrozen(Fault):
    """SIGSTOP for S3."""

    strikes = "S3"
    longest = 8.0

    def begin(self, world: World) -> None:
        """Requests wait."""
        os.kill(world.s3.pid, signal.SIGSTOP)

    def end(self, world: World) -> None:
        """They are answered, those whose caller gave up, too."""
        os.kill(world.s3.pid, signal.SIGCONT)


class StoreHarmed(Fault):
    """What all harm to S3's answers has in common."""

    strikes = "the line to S3"

    def end(self, world: World) -> None:
        """As it was."""
        world.store.harm("")

    @property
    def _every(self) -> int:
        return 1 + self.number % 4


class StoreRefuses(StoreHarmed):
    """Connections to S3 are closed without an answer."""

    def begin(self, world: World) -> None:
        """All, or each few."""
        world.store.harm("refuse", every=self._every)


class StoreSlow(StoreHarmed):
    """S3 answers late."""

    def begin(self, world: World) -> None:
        """Up to most of a second."""
        world.store.harm("late", every=self._every, seconds=0.1 + self.number % 700 / 1000)


class StoreCuts(StoreHarmed):
    """Half of an object, or of a listing, and the connection ends."""

    def begin(self, world: World) -> None:
        """Of all, or of each few."""
        world.store.harm("cut", every=self._every)


class StoreCorrupts(StoreHarmed):
    """One byte of an object or of a listing is another one."""

    def begin(self, world: World) -> None:
        """Of all, or of each few."""
        world.store.harm("corrupt", every=self._every)


class DiskFull(ServerStruck):
    """No room for temporary files on a server's disk."""

    costs = "deliveries that are told to come again"

    @classmethod
    def missing(cls, world: World) -> str:
        """Mounting a small disk wants rights."""
        return "" if own_disks() else "a disk of a server's own cannot be mounted here (root can)"

    def begin(self, world: World) -> None:
        """To the last byte."""
        with suppress(OSError), (self._victim(world).temporary / "filler").open("wb", buffering=0) as filler:
            for _ in range(2 * DISK_BYTES >> 16):
                filler.write(bytes(1 << 16))

    def end(self, world: World) -> None:
        """Somebody made room."""
        with suppress(OSError):
            (self._victim(world).temporary / "filler").unlink()


class ClockSkewed(Fault):
    """A server's clock jumps by up to a day, forth or back, and later back again."""

    strikes = "the clock"

    @classmethod
    def missing(cls, world: World) -> str:
        """What makes a clock wrong is built."""
        return "" if world.clock else "there is no second server, or no cc: apt-get install gcc libc6-dev"

    def begin(self, world: World) -> None:
        """While it reads."""
        self._say(world, self.number * 3 % 172_800 - 86_400)

    def end(self, world: World) -> None:
        """Right again."""
        self._say(world, 0)

    def _say(self, world: World, seconds: int) -> None:
        assert world.clock is not None
        with world.clock.open("r+b") as clock:
            clock.write(seconds.to_bytes(8, sys.byteorder, signed=True))


class BombsArrive(Fault):
    """Several documents at once that would take gigabytes; they are refused, or read within the limits."""

    longest = 1.0
    costs = "the children that opened them"

    def begin(self, world: World) -> None:
        """Told by the broker."""
        for number in range(3):
            made = self._document(number)
            name = f"{type(self).__name__}-{self.number}-{number}.{made.ending}"
            world.uploads.bring(Arrival(0, name, made, None, "broker", 1))

    def end(self, world: World) -> None:
        """They are gone by themselves."""

    def _document(self, number: int) -> Document:
        return bomb(number)


class MemoryExhausted(BombsArrive):
    """Several documents at once for which a sandboxed child wants more memory than it may have: each is refused."""

    def _document(self, number: int) -> Document:
        return glutton()


FAULTS: Sequence[type[Fault]] = (
    ServerKilled,
    ServerTerminated,
    ServerFrozen,
    RenderersKilled,
    ConsumerKilled,
    QueueKilled,
    CacheKilled,
    CacheFrozen,
    CacheCorrupts,
    CacheCuts,
    StoreFrozen,
    StoreRefuses,
    StoreSlow,
    StoreCuts,
    StoreCorrupts,
    DiskFull,
    ClockSkewed,
    BombsArrive,
    MemoryExhausted,
)


def drawn(chance: random.Random, world: World, count: int) -> list[Fault]:
    """So many, all kinds that can be tried before any comes again, in an order of chance."""
    kinds = [kind for kind in FAULTS if not kind.missing(world)]
    order: list[type[Fault]] = []
    while len(order) < count:
        order += chance.sample(kinds, len(kinds))
    return [kind(chance) for kind in order[:count]]
