"""A real Redis, killed, restarted, slow, full, written to by others: no request ever fails of it or waits for long."""

from __future__ import annotations

import logging
import os
import threading
import zlib

import pytest

from function.caches.base import CacheFailed, CacheResting
from function.caches.redis.breaker import Breaker
from function.caches.redis.values import most_stored, packed, unpacked
from function.telemetry import metrics
from tests import redis_server
from tests.caches.conftest import MAX_BYTES, MakeRedis, eventually
from tests.caches.stalling import stalling
from tests.redis_server import RedisServer

KEY = "k" * 64
STORED = f"space:answer:{KEY}".encode()


def stores(outcome: str) -> float:
    """Puts that ended so."""
    return metrics.REGISTRY.get_sample_value("zeropage_cache_stores_total", {"outcome": outcome}) or 0.0


def test_pods_share_what_one_has_put(redis: RedisServer, make_redis: MakeRedis) -> None:
    """That is what it is for."""
    one, other = (make_redis(redis.url, namespace="shared") for _ in range(2))

    one.put(KEY, b"value")

    eventually(lambda: other.get(KEY) == b"value")


def test_namespaces_do_not_meet(redis: RedisServer, make_redis: MakeRedis) -> None:
    """Two installations in one Redis."""
    one, other = make_redis(redis.url, namespace="one"), make_redis(redis.url, namespace="two")
    one.put(KEY, b"value")
    eventually(lambda: one.get(KEY) == b"value")

    assert other.get(KEY) is None


def test_values_are_compressed_and_end(redis: RedisServer, make_redis: MakeRedis) -> None:
    """A Redis without a limit of its own does not fill up."""
    cache = make_redis(redis.url, namespace="space", seconds=500)
    cache.put(KEY, b"the same words " * 4000)
    eventually(lambda: cache.get(KEY))

    assert int(redis.say(b"STRLEN", STORED)[1:]) < 2000
    assert 490 <= int(redis.say(b"TTL", STORED)[1:]) <= 500


def test_a_server_that_dies_and_comes_back_is_used_again(
    make_redis: MakeRedis, caplog: pytest.LogCaptureFixture
) -> None:
    """Meanwhile every call fails, after three of them at once; the log says both once."""
    caplog.set_level(logging.INFO)
    with redis_server.running() as server:
        cache = make_redis(server.url, breaker=Breaker(seconds=0.05))
        cache.put(KEY, b"value")
        eventually(lambda: cache.get(KEY) == b"value")

        server.kill()
        seen: list[type[CacheFailed]] = []
        while not {CacheFailed, CacheResting} <= set(seen):
            with pytest.raises(CacheFailed) as failure:
                cache.get(KEY)
            seen.append(failure.type)
        before = stores("resting")
        cache.put(KEY, b"while it is down")
        assert stores("resting") == before + 1
        server.start()

        def missing() -> bool:
            try:
                return cache.get(KEY) is None
            except CacheFailed:
                return False

        eventually(missing)
        cache.put(KEY, b"again")
        eventually(lambda: cache.get(KEY) == b"again")

    told = [record.getMessage() for record in caplog.records if record.name.startswith("function.caches")]
    assert seen[:3] == [CacheFailed] * 3
    assert [("left alone" in line, "answers again" in line) for line in told] == [(True, False), (False, True)]


def test_a_restart_between_two_calls_is_not_noticed(make_redis: MakeRedis) -> None:
    """The kept connection is a dead one; the call is tried once more on a new one."""
    with redis_server.running() as server:
        cache = make_redis(server.url)
        assert cache.get(KEY) is None
        server.kill()
        server.start()

        assert cache.get(KEY) is None


def test_a_stalled_server_holds_nobody_up(redis: RedisServer, make_redis: MakeRedis) -> None:
    """The caller has its answer while the call still hangs; nobody waits for a put at all."""
    with stalling(redis.port) as proxy:
        cache = make_redis(proxy.url, timeout=0.3)
        cache.start()
        assert cache.get(KEY) is None
        proxy.flowing.clear()

        with pytest.raises(CacheFailed, match=r"no answer in time|TimeoutError"):
            cache.get(KEY)
        assert proxy.stalled.is_set()
        cache.put(KEY, b"value")

        proxy.flowing.set()


def test_a_call_that_hangs_without_a_socket_holds_nobody_up(make_redis: MakeRedis) -> None:
    """As looking up a name can: no socket's timeout applies to it."""
    cache = make_redis("redis://127.0.0.1:1/0", timeout=0.05)
    gate = threading.Event()

    def hang() -> None:
        assert gate.wait(30)

    cache._connected = hang  # type: ignore[method-assign, assignment]
    try:
        with pytest.raises(CacheFailed, match="no answer in time"):
            cache.get(KEY)
    finally:
        gate.set()


def test_so_many_calls_hang_and_no_more(make_redis: MakeRedis) -> None:
    """A server that swallows calls does not gather threads without end."""
    cache = make_redis("redis://127.0.0.1:1/0", breaker=Breaker(failures=10_000))
    gate = threading.Event()
    cache._connected = gate.wait  # type: ignore[method-assign, assignment]
    before = threading.active_count()
    try:
        for _ in range(100):
            cache.put(KEY, b"value")
        assert threading.active_count() - before <= 32
        with pytest.raises(CacheFailed):
            cache.get(KEY)
    finally:
        gate.set()


def test_no_server_at_all_is_a_warning_at_start(make_redis: MakeRedis, caplog: pytest.LogCaptureFixture) -> None:
    """The function starts all the same; neither address nor password is in the log."""
    cache = make_redis("redis://user:secret-word@127.0.0.1:1/0")

    cache.start()

    assert "does not answer" in caplog.text
    assert "secret-word" not in caplog.text
    with pytest.raises(CacheFailed):
        cache.get(KEY)


def test_a_full_server_keeps_answering(make_redis: MakeRedis) -> None:
    """What cannot be stored is counted; what is there is still found."""
    with redis_server.running() as server:
        cache = make_redis(server.url)
        cache.put(KEY, b"value")
        eventually(lambda: cache.get(KEY) == b"value")
        server.say(b"CONFIG", b"SET", b"maxmemory-policy", b"noeviction")
        server.say(b"CONFIG", b"SET", b"maxmemory", b"1")
        before = stores("error")

        cache.put("other", b"value")

        eventually(lambda: stores("error") == before + 1)
        assert cache.get(KEY) == b"value"


@pytest.mark.parametrize(
    "foreign",
    [b"hello", b"Z1", b"Z1 no zlib", packed(b"value")[:-1], packed(b"value") + b"\0", packed(b"x" * (MAX_BYTES + 1)),
     os.urandom(3 * MAX_BYTES)],
)  # fmt: skip
def test_a_foreign_value_is_a_failure_and_is_replaced(
    foreign: bytes, redis: RedisServer, make_redis: MakeRedis
) -> None:
    """Nothing that somebody else wrote comes out, however large it is."""
    cache = make_redis(redis.url, namespace="space")
    redis.say(b"SET", STORED, foreign)

    with pytest.raises(CacheFailed):
        cache.get(KEY)

    cache.put(KEY, b"ours")
    eventually(lambda: stored_now(cache) == b"ours")


def test_a_key_of_another_kind_is_a_failure_and_is_replaced(redis: RedisServer, make_redis: MakeRedis) -> None:
    """A list stands where a value should."""
    cache = make_redis(redis.url, namespace="space")
    redis.say(b"DEL", STORED)
    redis.say(b"RPUSH", STORED, b"one")

    with pytest.raises(CacheFailed):
        cache.get(KEY)

    cache.put(KEY, b"ours")
    eventually(lambda: stored_now(cache) == b"ours")


def stored_now(cache: object) -> bytes | None:
    """What is there; None while it is still a foreign value."""
    try:
        return cache.get(KEY)  # type: ignore[attr-defined]
    except CacheFailed:
        return None


def test_a_bomb_is_not_opened() -> None:
    """Megabytes of zeros in a kilobyte: no more is unpacked than a value may have."""
    bomb = b"Z1" + zlib.compress(b"\0" * 10_000_000, 9)

    with pytest.raises(CacheFailed, match="too large"):
        unpacked(bomb, MAX_BYTES)


@pytest.mark.parametrize("size", [0, 1, 1000, MAX_BYTES, 8 << 20])
def test_what_does_not_shrink_fits_all_the_same(size: int) -> None:
    """The limit on what is fetched holds for every value that may be put."""
    value = os.urandom(size)

    assert len(packed(value)) <= most_stored(size)
    assert unpacked(packed(value), size) == value


def test_the_breaker_lets_one_try_after_each_pause() -> None:
    """Three failures in a row, then silence, then one call at a time until one succeeds."""
    now = [0.0]
    breaker = Breaker(failures=3, seconds=5, now=lambda: now[0])
    assert [breaker.failed() for _ in range(3)] == [False, False, True]
    assert not breaker.allows()
    now[0] = 5.0
    assert [breaker.allows() for _ in range(3)] == [True, False, False]
    breaker.failed()
    now[0] = 9.9
    assert not breaker.allows()
    now[0] = 10.0
    assert breaker.allows()

    assert breaker.succeeded()

    assert [breaker.allows() for _ in range(3)] == [True] * 3
    assert not breaker.succeeded()
